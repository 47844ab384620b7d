"""How the time of a day grows with its prints: `growth.py --prints 500000 1000000 2000000 5000000`, twelve quotes a print.

Every day has the same contracts and is scored in a process of its own. The fixed start is the time of a day of a thousand prints; what
is above it is fitted as prints^exponent by least squares on logarithms. Goal: that of the design budget.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np
from day import WARM, in_own_process, made_day

GOAL = 1.05
QUOTES_A_PRINT = 12
SMALLEST = 1_000
"""Prints of the day whose time is the fixed start."""


def seconds(days: Path, prints: int, per_event: float, runs: int) -> float:
    """Median CPU seconds of scoring a day of this size, warm kernels."""
    day, warm = made_day(days, prints, prints * QUOTES_A_PRINT, per_event), made_day(days, *WARM, per_event)
    with tempfile.TemporaryDirectory(dir=days) as folder:
        words = ("--variant", "score", "--day", str(day), "--out", str(Path(folder, "out")), "--warm", str(warm))
        return statistics.median(in_own_process(*words)["cpu_s"] for _ in range(runs))


def exponent(prints: list[int], above_start: list[float]) -> float:
    """Slope of log seconds over log prints. Raises `ValueError` for fewer than two sizes or a time at or below the fixed start."""
    if len(prints) < 2 or min(above_start) <= 0:
        raise ValueError("growth needs two sizes whose times are above the fixed start")
    return float(np.polyfit(np.log(prints), np.log(above_start), 1)[0])


def report(start: float, times: dict[int, float]) -> list[str]:
    """Lines for a person: seconds by size, the exponent, met or missed."""
    found = exponent(list(times), [spent - start for spent in times.values()])
    lines = [f"fixed start {start:.2f} CPU s (a day of {SMALLEST:,} prints)"]
    lines += [
        f"{size:>12,} prints {spent:8.2f} CPU s   {size / (spent - start):>9,.0f} prints a CPU second" for size, spent in times.items()
    ]
    return [*lines, f"growth: prints^{found:.3f}   goal <= {GOAL}   {'met' if found <= GOAL else 'missed'}"]


def main() -> int:
    """Parse the arguments and print the growth."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prints", type=int, nargs="+", default=[500_000, 1_000_000, 2_000_000, 5_000_000])
    parser.add_argument("--per-event", type=float, default=1.4)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--days", type=Path, help="keep the generated days in this folder, and use those that are there")
    parser.add_argument("--json", type=Path, help="write the seconds by size here too")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="smartmoney-bench-") as folder:
        days = asked.days or Path(folder)
        start = seconds(days, SMALLEST, asked.per_event, 3)
        times = {size: seconds(days, size, asked.per_event, asked.runs) for size in sorted(asked.prints)}
    if asked.json:
        asked.json.write_text(json.dumps({"start": start, "times": times}, indent=1) + "\n")
    print("\n".join(report(start, times)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
