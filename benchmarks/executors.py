"""What executors cost and gain on one day: one pass, buckets one after another, a pool of 2, Dask with 2 workers; folders and URLs.

    python benchmarks/executors.py --prints 500000 --quotes 6000000

CPU seconds are user + system of all processes of a variant, less those of the same variant with a small day alone, so that start, imports
and kernels are left out, but for the pool, which starts its processes for each day. Clock seconds are those of the second day scored, after
the small one. By URL everything goes through a server on this machine, whose own CPU is not counted; that needs moto and its web framework.
All results have to be the same bytes.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any, cast
from urllib.request import Request, urlopen

from distributed import LocalCluster
from synthetic_day import write_day

from smartmoney_pipeline.engine.context import day_context
from smartmoney_pipeline.engine.cut import cut_of
from smartmoney_pipeline.engine.score_buckets import score_buckets
from smartmoney_pipeline.engine.score_day import score_day
from smartmoney_pipeline.store.object_folder import opened_folder, publish_folder
from smartmoney_pipeline.store.objects import Objects
from smartmoney_pipeline.tape.layout import TapeDay

WARM = (20_000, 100_000)
WORKERS, BUCKETS = 2, 4
VARIANTS = ("one pass", "serial", "pool", "dask")


@contextmanager
def scheduler(variant: str) -> Iterator[str | None]:
    """Address of a Dask cluster of this machine, None for other variants."""
    if variant != "dask":
        yield None
        return
    with LocalCluster(n_workers=WORKERS, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1") as cluster:
        yield cluster.scheduler_address


def run(variant: str, days: list[Path], out: str, urls: list[str]) -> float:
    """Score the days one after another; returns the clock seconds of the last."""
    seconds = 0.0
    with scheduler(variant) as address:
        for number, folder in enumerate(days):
            began = time.perf_counter()
            day, where = TapeDay.open(folder), urls[number] if urls else None
            cut = None if variant == "one pass" else cut_of(variant, address, WORKERS if variant == "pool" else None, BUCKETS)
            if cut is None:
                score_day(day_context(day), Path(f"{out}/{number}"))
            else:
                score_buckets(day, None, Path(f"{out}/{number}"), cut.executor, cut.buckets, where=where)
            seconds = time.perf_counter() - began
    return seconds


def measured(variant: str, days: list[Path], out: str, urls: list[str]) -> tuple[float, float]:
    """Clock seconds of the last day, and CPU seconds of the variant's processes, which are waited for."""
    words = [sys.executable, __file__, "--variant", variant, "--out", out, "--day", *map(str, days), "--url", *urls]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    clock = cast(IO[str], process.stdout).read()
    _, code, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(code)
    if process.returncode:
        raise RuntimeError(f"{variant} failed")
    return float(clock.splitlines()[-1]), used.ru_utime + used.ru_stime


def digest(out: str, number: int) -> str:
    """Hash of all files of a result."""
    folder = opened_folder(f"{out}/{number}")
    return hashlib.sha256(b"".join(path.name.encode() + path.read_bytes() for path in sorted(folder.iterdir()))).hexdigest()


def compared(days: list[Path], out: str, urls: list[str], runs: int) -> dict[str, dict[str, Any]]:
    """Figures of each variant: medians of CPU and clock seconds, and the hash of what it wrote."""
    found: dict[str, dict[str, Any]] = {}
    for variant in VARIANTS:
        cpu, clock = [], []
        for _ in range(runs):
            place = f"{out}/{variant.replace(' ', '-')}"
            _, start = measured(variant, days[:1], place, urls[:1])
            seconds, whole = measured(variant, days, place, urls)
            cpu.append(whole - start)
            clock.append(seconds)
        found[variant] = {"cpu_s": statistics.median(cpu), "clock_s": statistics.median(clock), "bytes": digest(place, 1)}
    return found


@contextmanager
def storage() -> Iterator[str | None]:
    """URL of a bucket on a server of this machine in a process of its own, None where there is no moto."""
    if find_spec("moto") is None or find_spec("flask_cors") is None:
        yield None
        return
    port = 20_000 + os.getpid() % 20_000
    address, serve = f"http://127.0.0.1:{port}", f"from moto.server import main; main(['-H', '127.0.0.1', '-p', '{port}'])"
    server = subprocess.Popen([sys.executable, "-c", serve], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.environ.update(AWS_ENDPOINT_URL=address, AWS_ACCESS_KEY_ID="bench", AWS_SECRET_ACCESS_KEY="bench")
    try:
        for _ in range(100):
            try:
                urlopen(Request(f"{address}/bench-bucket", method="PUT")).close()
                break
            except OSError:
                time.sleep(0.2)
        yield "s3://bench-bucket"
    finally:
        server.terminate()
        server.wait()


def report(found: dict[str, dict[str, dict[str, Any]]]) -> list[str]:
    """Lines for a person."""
    lines = [f"{'':<10} {'':<10} {'CPU s':>8} {'clock s':>8} {'gain by the clock':>18}"]
    for place, variants in found.items():
        base = variants["one pass"]["clock_s"]
        for name, one in variants.items():
            lines.append(f"{place:<10} {name:<10} {one['cpu_s']:>8.1f} {one['clock_s']:>8.1f} {base / one['clock_s']:>17.2f}x")
    hashes = {one["bytes"] for variants in found.values() for one in variants.values()}
    lines.append(f"same bytes: {'yes' if len(hashes) == 1 else 'NO'}; load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores")
    return lines


def main() -> int:
    """Parse the arguments, run one variant or the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prints", type=int, default=500_000)
    parser.add_argument("--quotes", type=int, default=6_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    parser.add_argument("--variant", choices=VARIANTS)
    parser.add_argument("--out")
    parser.add_argument("--day", type=Path, nargs="*")
    parser.add_argument("--url", nargs="*")
    asked = parser.parse_args()
    if asked.variant:
        print(run(asked.variant, asked.day, asked.out, asked.url))
        return 0
    with tempfile.TemporaryDirectory(prefix="smartmoney-bench-") as folder, storage() as bucket:
        days = [write_day(Path(folder, str(size[0])), *size) for size in (WARM, (asked.prints, asked.quotes))]
        found = {"folders": compared(days, f"{folder}/out", [], asked.runs)}
        if bucket is not None:
            urls = [f"{bucket}/days/{number}" for number in range(len(days))]
            for day, url in zip(days, urls, strict=True):
                publish_folder(day, Objects(url))
            found["URLs"] = compared(days, f"{bucket}/out", urls, asked.runs)
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1) + "\n")
    print("\n".join(report(found)))
    return 0 if len({one["bytes"] for variants in found.values() for one in variants.values()}) == 1 else 1


if __name__ == "__main__":
    sys.exit(main())
