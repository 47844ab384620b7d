"""Times the import of generated Massive flat files: rows a second, CPU seconds and peak memory, beside the goals.

Rows a second are given twice: by the clock on the wall, and over the CPU seconds of the process, which depend less on what else the
machine does. `stream` reads and checks, `gz` does so from a compressed file, `import` writes as well.

Run as `python benchmarks/vendors.py --trades 10000000 --quotes 10000000`. Files are made in a temporary folder and go at the end.
"""

import argparse
import gzip
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv

OPEN_NS, SESSION_NS = 1739543400 * 10**9, 23_400 * 10**9
VENUES = (300, 301, 302, 308, 309, 312, 316, 325)
GOALS = {"trades": "10 M rows in 60 s and 1024 MiB", "quotes": "2 M rows/s"}

MEASURE = """
import json, sys, time
from pathlib import Path
from smartmoney_pipeline.tape.feeds.checks import checked
from smartmoney_pipeline.tape.feeds.parts import part_counts, write_part
from smartmoney_pipeline.tape.feeds.registry import FEEDS
from smartmoney_pipeline.tape.feeds.selection import Selection, Sessions
file, part, warm, stream = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4] != "import"
write_part(part.with_name("warm"), FEEDS["massive"].read(warm), Selection(), Sessions(lambda day: True))
wall, cpu = time.perf_counter(), time.process_time()
if stream:
    rows = sum(len(checked(chunk)) for chunk in FEEDS["massive"].read(file))
else:
    write_part(part, FEEDS["massive"].read(file), Selection(), Sessions(lambda day: True))
    rows = sum(table["rows"] for table in part_counts(part).values())
facts = {"rows": rows, "wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))  # of this process alone
print(json.dumps(facts | {"mib": int(peak.split()[1]) / 1024}))
"""


def symbols(count: int) -> pa.Array:
    """Distinct option tickers with the prefix of the vendor."""
    return pa.array([f"O:S{chr(65 + n % 26)}{chr(65 + n // 26 % 26)}250321{'CP'[n % 2]}{(n % 4000 + 1) * 500:08d}" for n in range(count)])


def generated(kind: str, rows: int) -> pa.Table:
    """A file's rows, sorted by ticker as the vendor's files are."""
    rng = np.random.default_rng(7)
    names = symbols(60_000 if kind == "trades" else 3000)
    owner = np.sort(rng.integers(0, len(names), rows)).astype(np.int32)
    ticker = pa.DictionaryArray.from_arrays(pa.array(owner), names).cast(pa.string())
    times, cents = OPEN_NS + rng.integers(0, SESSION_NS, rows), rng.integers(1, 2000, rows)
    if kind == "trades":
        codes = {
            "conditions": rng.choice([209, 219, 227, 232, 233], rows),
            "correction": np.zeros(rows, int),
            "exchange": rng.choice(VENUES, rows),
        }
        return pa.table({"ticker": ticker, **codes, "price": cents / 100, "sip_timestamp": times, "size": rng.integers(1, 50, rows)})
    ask = {"ask_exchange": rng.choice(VENUES, rows), "ask_price": (cents + 5) / 100, "ask_size": rng.integers(1, 500, rows)}
    bid = {"bid_exchange": rng.choice(VENUES, rows), "bid_price": cents / 100, "bid_size": rng.integers(1, 500, rows)}
    return pa.table({"ticker": ticker, **ask, **bid, "sequence_number": np.arange(rows), "sip_timestamp": times})


def packed(file: Path) -> Path:
    """The file compressed as the vendor does it."""
    target = file.with_name(f"{file.name}.gz")
    with file.open("rb") as plain, gzip.open(target, "wb", compresslevel=6) as out:
        shutil.copyfileobj(plain, out, 1 << 22)
    return target


def measured(kind: str, rows: int, folder: Path, how: str) -> dict[str, float]:
    """One run in a process of its own, kernels compiled before the clock starts."""
    file, warm = folder / f"{kind}.csv", folder / f"{kind}-warm.csv"
    if not file.exists():
        pa_csv.write_csv(generated(kind, rows), file, pa_csv.WriteOptions(quoting_style="none"))
        pa_csv.write_csv(generated(kind, 1000), warm, pa_csv.WriteOptions(quoting_style="none"))
    if how == "gz":
        file = packed(file)
    with tempfile.TemporaryDirectory(dir=folder) as part:
        call = [sys.executable, "-c", MEASURE, str(file), f"{part}/part", str(warm), how]
        return dict(json.loads(subprocess.run(call, capture_output=True, text=True, check=True).stdout))


def main() -> None:
    """Measure both kinds and print a line each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trades", type=int, default=10_000_000)
    parser.add_argument("--quotes", type=int, default=10_000_000)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        for kind, rows in (("trades", wanted.trades), ("quotes", wanted.quotes)):
            for how in ("import", "stream", "gz"):
                facts = measured(kind, rows, Path(name), how)
                speed = facts["rows"] / facts["wall"] / 1e6
                by_cpu = facts["rows"] / facts["cpu"] / 1e6
                time = f"{facts['wall']:.1f} s wall, {facts['cpu']:.1f} s CPU"
                rates = f"{speed:.2f} M rows/s, {by_cpu:.2f} M rows a CPU second"
                print(f"{kind} {how}: {time}, {rates}, {facts['mib']:.0f} MiB; goal {GOALS[kind]}")


if __name__ == "__main__":
    main()
