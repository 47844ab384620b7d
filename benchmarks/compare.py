"""The engine's kernels beside pandas, Polars and DuckDB on one day: `compare.py --prints 5000000 --quotes 60000000`.

Two tasks: the last quote strictly before each print, by contract (`asof_join.py`), and packets by a fixed gap (`gap_packets.py`). Inputs
are in memory in the form that each engine reads; what is timed is the call until its result is an array. Every run is a process of its
own, all variants in turn, after one call on the first prints. Results must agree before a figure is printed. Linux only: peak memory
comes from /proc.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from asof_join import VARIANTS as JOINS
from asof_join import Call, JoinInputs, read_inputs
from day import cpu_seconds, made_day
from gap_packets import VARIANTS as PACKETS
from gap_packets import first_prints

WARM_PRINTS = 10_000
THREADED = ("Polars", "DuckDB")
TASKS = {"join": list(JOINS), "packets": list(PACKETS)}


def prepared(task: str, variant: str, inputs: JoinInputs, threads: int) -> Call:
    """The call of one variant."""
    return JOINS[variant](inputs, threads) if task == "join" else PACKETS[variant](inputs.prints, threads)


def checked_form(task: str, result: np.ndarray) -> np.ndarray:
    """The result in the form in which variants must agree."""
    return np.asarray(result, np.int64) if task == "join" else first_prints(result)


def head(inputs: JoinInputs, prints: int) -> JoinInputs:
    """The first prints and the quotes up to them."""
    first = {name: values[:prints] for name, values in inputs.prints.items()}
    until = int(np.searchsorted(inputs.quotes["ts"], first["ts"][-1]))
    return replace(inputs, prints=first, quotes={name: values[: max(until, 1)] for name, values in inputs.quotes.items()})


def memory_mib(field: str) -> float:
    """A figure of this process from /proc, MiB: VmRSS now, VmHWM the highest since it was reset."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) / 1024


def measure(task: str, variant: str, inputs: JoinInputs, threads: int) -> tuple[dict[str, float], np.ndarray]:
    """CPU and wall seconds of one call, and the memory that it took on top of its inputs; the result."""
    prepared(task, variant, head(inputs, WARM_PRINTS), threads)()
    call = prepared(task, variant, inputs, threads)
    Path("/proc/self/clear_refs").write_text("5")
    held, cpu, wall = memory_mib("VmRSS"), cpu_seconds(), time.perf_counter()
    result = call()
    figures = {"cpu_s": cpu_seconds() - cpu, "wall_s": time.perf_counter() - wall}
    return figures | {"mib": memory_mib("VmHWM") - held, "peak_mib": memory_mib("VmHWM")}, result


def in_own_process(task: str, variant: str, threads: int, day: Path, result: Path) -> dict[str, float]:
    """Measure one variant in a fresh process, which leaves its result in a file."""
    words = ["--task", task, "--variant", variant, "--threads", str(threads), "--day", str(day), "--result", str(result)]
    environment = os.environ | {"POLARS_MAX_THREADS": str(threads), "OMP_NUM_THREADS": str(threads)}
    done = subprocess.run([sys.executable, __file__, *words], capture_output=True, text=True, check=False, env=environment)
    if done.returncode:
        raise RuntimeError(done.stderr[-3000:])
    return dict(json.loads(done.stdout.splitlines()[-1]))


def compare(task: str, day: Path, runs: int, run: Callable[..., dict[str, float]] = in_own_process) -> list[dict[str, Any]]:
    """Medians by variant and number of threads. Raises `RuntimeError` where a result differs from that of the first variant."""
    cores = os.cpu_count() or 1
    cases = [(name, threads) for name in TASKS[task] for threads in sorted({1, cores if name.startswith(THREADED) else 1})]
    found: dict[tuple[str, int], list[dict[str, float]]] = {case: [] for case in cases}
    expected: np.ndarray | None = None
    with tempfile.TemporaryDirectory(dir=day.parent) as folder:
        result = Path(folder, "result.npy")
        for _ in range(runs):
            for variant, threads in cases:
                found[variant, threads].append(run(task, variant, threads, day, result))
                answer = checked_form(task, np.load(result))
                expected = answer if expected is None else expected
                if not np.array_equal(answer, expected):
                    raise RuntimeError(f"{variant} differs from {TASKS[task][0]} in {int((answer != expected).sum())} prints")
    medians = {case: {name: statistics.median(one[name] for one in ones) for name in ones[0]} for case, ones in found.items()}
    return [{"variant": variant, "threads": threads, **figures} for (variant, threads), figures in medians.items()]


def table(rows: list[dict[str, Any]]) -> list[str]:
    """A Markdown table; ratios are to the CPU seconds of the first row."""
    lines = [
        "| variant | threads | CPU s | times the first | wall s | memory beside the inputs, MiB |",
        "| --- | --: | --: | --: | --: | --: |",
    ]
    for row in rows:
        ratio = row["cpu_s"] / rows[0]["cpu_s"]
        figures = f"{row['cpu_s']:.2f} | {ratio:.1f} | {row['wall_s']:.2f} | {row['mib']:,.0f}"
        lines.append(f"| {row['variant']} | {row['threads']} | {figures} |")
    return lines


def main() -> int:
    """Parse the arguments; run one variant or the comparison."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prints", type=int, default=1_000_000)
    parser.add_argument("--quotes", type=int, default=12_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--days", type=Path, help="keep the generated day in this folder, and use the one that is there")
    parser.add_argument("--task", choices=list(TASKS))
    parser.add_argument("--variant")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--day", type=Path)
    parser.add_argument("--result", type=Path)
    asked = parser.parse_args()
    if asked.variant:
        figures, result = measure(asked.task, asked.variant, read_inputs(asked.day), asked.threads)
        np.save(asked.result, result)
        print(json.dumps(figures))
        return 0
    with tempfile.TemporaryDirectory(prefix="smartmoney-bench-") as folder:
        day = made_day(asked.days or Path(folder), asked.prints, asked.quotes, 1.4)
        print(f"{asked.prints:,} prints, {asked.quotes:,} quotes, median of {asked.runs} runs, load average {os.getloadavg()[0]:.1f}")
        for task in [asked.task] if asked.task else TASKS:
            print("\n".join(["", f"{task}: results agree", "", *table(compare(task, day, asked.runs))]), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
