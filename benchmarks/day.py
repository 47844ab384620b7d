"""Time one day from the lake layout to the output folder: `day.py --prints 1000000 --quotes 12000000`.

Each variant runs in a process of its own, in turn; CPU seconds are user + system of that process, warm kernels (a small day runs
first). The limit only decodes the same columns in the same chunks and writes the same tables with the same writer. Goals are those of
the design budget, whatever the size of the day. `growth.py` measures how the time grows with the day.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from synthetic_day import write_day

from smartmoney_pipeline.engine import slice_tables, stages
from smartmoney_pipeline.engine.context import day_context
from smartmoney_pipeline.engine.params import EngineParams
from smartmoney_pipeline.engine.priced_packets import PricedPackets
from smartmoney_pipeline.engine.score_day import score_day, write_table
from smartmoney_pipeline.market.align import Aligner
from smartmoney_pipeline.parent_events.packets import PacketBuilder
from smartmoney_pipeline.parent_events.parents import ParentBuilder
from smartmoney_pipeline.store.lake import PartitionWriter
from smartmoney_pipeline.store.run_hash import RunHasher
from smartmoney_pipeline.tape.layout import TapeDay

GOALS = {"prints_per_cpu_s": 400_000, "ratio_to_limit": 2.0, "peak_mib": 1024}
WARM = (20_000, 100_000)


def cpu_seconds() -> float:
    """User and system seconds of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def timed(spent: dict[str, float], owner: Any, name: str, stage: str) -> None:
    """Replace a function of a module or class by one that adds its CPU seconds to a stage."""
    original: Callable[..., Any] = getattr(owner, name)

    def measured(*args: Any, **kwargs: Any) -> Any:
        started = time.process_time()
        try:
            return original(*args, **kwargs)
        finally:
            spent[stage] += time.process_time() - started

    setattr(owner, name, measured)


def watch_stages() -> dict[str, float]:
    """Time the stages of the engine by name; what is left is building tables and glue."""
    spent: dict[str, float] = defaultdict(float)
    timed(spent, Aligner, "align", "decode and align")
    timed(spent, stages, "sign_prints", "sign")
    timed(spent, PricedPackets, "open", "price")
    timed(spent, PacketBuilder, "push", "packets")
    timed(spent, PacketBuilder, "flush", "packets")
    timed(spent, ParentBuilder, "push", "parents")
    timed(spent, slice_tables, "build_features", "features")
    timed(spent, slice_tables, "score_events", "scores")
    timed(spent, RunHasher, "add", "hash")
    timed(spent, PartitionWriter, "append", "write")
    timed(spent, PartitionWriter, "finish", "write")
    return spent


def score(day: Path, out: Path, warm_day: Path) -> dict[str, Any]:
    """Score the day once with warm kernels; figures by stage."""
    score_day(day_context(TapeDay.open(warm_day)), out.with_name("warm"))
    spent = watch_stages()
    started = cpu_seconds()
    opened = TapeDay.open(day)
    written = score_day(day_context(opened), out)
    total = cpu_seconds() - started
    return {
        "cpu_s": total,
        "stages": {**spent, "tables and the rest": total - sum(spent.values())},
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "prints": opened.rows["option_prints"],
        "events": written.quality["events"]["count"],
        "run_hash": written.manifest["run_hash"],
    }


def limit(day: Path, out: Path) -> dict[str, Any]:
    """Only decode the inputs that the engine reads, and write the outputs that it wrote."""
    outputs = {path.name: pq.read_table(path) for path in sorted(out.glob("*.parquet"))}
    opened, sizes = TapeDay.open(day), EngineParams()
    started = cpu_seconds()
    prints = opened.print_batches(rows=sizes.chunk_prints)
    quotes = (opened.quote_batches(sizes.chunk_quotes), opened.underlying_quote_batches(sizes.chunk_underlying_quotes))
    for batches in (prints, *quotes):
        for batch in batches:
            assert batch
    opened.print_ids()
    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        for name, table in outputs.items():
            write_table(Path(folder), name.removesuffix(".parquet"), table)
    return {"cpu_s": cpu_seconds() - started}


def in_own_process(*words: str) -> dict[str, Any]:
    """Run one variant in a fresh process."""
    done = subprocess.run([sys.executable, __file__, *words], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    return json.loads(done.stdout.splitlines()[-1])


def made_day(days: Path, prints: int, quotes: int, per_event: float) -> Path:
    """Return the day of this size under `days`, written if it is not there yet."""
    day = days / f"{prints}-{quotes}-{per_event:g}"
    return day if (day / "day.json").is_file() else write_day(day, prints, quotes, per_event=per_event)


def compare(days: Path, prints: int, quotes: int, per_event: float, runs: int) -> dict[str, Any]:
    """Run score and limit in turn; medians."""
    day, warm = str(made_day(days, prints, quotes, per_event)), str(made_day(days, *WARM, per_event))
    scored, limits = [], []
    with tempfile.TemporaryDirectory(dir=days) as folder:
        out = str(Path(folder, "out"))
        for _ in range(runs):
            scored.append(in_own_process("--variant", "score", "--day", day, "--out", out, "--warm", warm))
            limits.append(in_own_process("--variant", "limit", "--day", day, "--out", out))
    if len({run["run_hash"] for run in scored}) != 1:
        raise RuntimeError("runs differ")
    cpu, floor = statistics.median(run["cpu_s"] for run in scored), statistics.median(run["cpu_s"] for run in limits)
    return {
        "prints": prints,
        "quotes": quotes,
        "runs": runs,
        "events": scored[0]["events"],
        "cpu_s": cpu,
        "cpu_s_range": [min(run["cpu_s"] for run in scored), max(run["cpu_s"] for run in scored)],
        "prints_per_cpu_s": prints / cpu,
        "limit_cpu_s": floor,
        "ratio_to_limit": cpu / floor,
        "peak_mib": max(run["peak_mib"] for run in scored),
        "stages": {name: statistics.median(run["stages"].get(name, 0.0) for run in scored) for name in scored[0]["stages"]},
    }


def report(found: dict[str, Any]) -> list[str]:
    """Lines for a person: figure, goal, met or missed."""
    lines = [f"{found['prints']:,} prints, {found['quotes']:,} quotes, {found['events']:,} events"]
    for name, goal in GOALS.items():
        value = found[name]
        met = value >= goal if name == "prints_per_cpu_s" else value <= goal
        lines.append(f"{name:<18} {value:>12,.1f}   goal {goal:>9,.0f}   {'met' if met else 'missed'}")
    lines.append(f"{'load average':<18} {os.getloadavg()[0]:>12.1f}   {os.cpu_count()} cores, {found['runs']} runs, medians")
    low, high = found["cpu_s_range"]
    lines.append(f"{'cpu_s':<18} {found['cpu_s']:>12.2f}   ({low:.2f} to {high:.2f}); only reading and writing {found['limit_cpu_s']:.2f}")
    lines += [f"  {stage:<24} {seconds:6.2f} CPU s" for stage, seconds in found["stages"].items()]
    return lines


def main() -> int:
    """Parse the arguments, run one variant or the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prints", type=int, default=1_000_000)
    parser.add_argument("--quotes", type=int, default=12_000_000)
    parser.add_argument("--per-event", type=float, default=1.4, help="prints an event, about; 1.4 is what the real Cboe morning has")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write the figures here too")
    parser.add_argument("--days", type=Path, help="keep the generated days in this folder, and use those that are there")
    parser.add_argument("--variant", choices=["score", "limit"])
    for name in ("day", "out", "warm"):
        parser.add_argument(f"--{name}", type=Path)
    asked = parser.parse_args()
    if asked.variant:
        found = score(asked.day, asked.out, asked.warm) if asked.variant == "score" else limit(asked.day, asked.out)
        print(json.dumps(found))
        return 0
    with tempfile.TemporaryDirectory(prefix="smartmoney-bench-") as folder:
        found = compare(asked.days or Path(folder), asked.prints, asked.quotes, asked.per_event, asked.runs)
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1) + "\n")
    print("\n".join(report(found)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
