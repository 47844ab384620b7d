"""Runs that say when their work begins, and are killed at random moments of it."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("SMARTMONEY_KILLS", "30"))
SEED = 20260318


@dataclass
class Tally:
    """Runs that were started, and those of them that were cut short before their end."""

    runs: int = 0
    cut_short: int = 0


def start(words: Sequence[str | Path]) -> subprocess.Popen:
    """Start Python with `words`; it says `started` when its imports are done."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    command = [sys.executable, *map(str, words)]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def run_whole(words: Sequence[str | Path]) -> float:
    """Run to the end; returns the seconds from the start of its work."""
    with start(words) as process:
        assert process.stdout.readline() == "started\n"
        began = time.monotonic()
        assert process.wait(300) == 0
    return time.monotonic() - began


def killed(words: Callable[[int], Sequence[str | Path]], seconds: float, tally: Tally, kills: int = KILLS) -> Iterator[int]:
    """Start run after run and kill each within `seconds` of its work, until `kills` were cut short; yields the number of each, from 1.

    What was there before a run is for the caller to read between two of them.
    """
    moments = random.Random(SEED)
    while tally.cut_short < kills:
        tally.runs += 1
        assert tally.runs <= 4 * kills, "runs end before they are killed"
        with start(words(tally.runs)) as process:
            assert process.stdout.readline() == "started\n"
            time.sleep(moments.uniform(0, seconds))
            process.send_signal(signal.SIGKILL)
            tally.cut_short += process.wait(60) == -signal.SIGKILL
        yield tally.runs
