"""What a command says when it is stopped from outside, by Ctrl-C or SIGTERM. Light imports only."""

from __future__ import annotations

import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import NoReturn

import typer

from smartmoney_pipeline.console.terminal import note
from smartmoney_pipeline.store.urls import place_name

SIGNALLED = 128
"""A shell reports a process that a signal ended as this plus the number of the signal."""


class _Terminated(KeyboardInterrupt):
    """SIGTERM: unwinds like Ctrl-C, so that half-made files are removed."""


@contextmanager
def stoppable(out: Path) -> Iterator[None]:
    """End a stopped command with one line, and 130 or 143; `out` appears whole at the end of the block, so nothing is there yet.

    Belongs into the main thread, where signals arrive.
    """
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    except KeyboardInterrupt as stopped:
        note(f"stopped; nothing was written to {place_name(out)}")
        number = signal.SIGTERM if isinstance(stopped, _Terminated) else signal.SIGINT
        raise typer.Exit(SIGNALLED + number) from stopped
    finally:
        signal.signal(signal.SIGTERM, before)


def told(steps: Iterable[str], words: str) -> Iterator[str]:
    """Go through the steps of a command; one that Ctrl-C stops ends with these words and 130."""
    try:
        yield from steps
    except KeyboardInterrupt as stopped:
        note(words)
        raise typer.Exit(SIGNALLED + signal.SIGINT) from stopped


def _terminate(number: int, frame: FrameType | None) -> NoReturn:
    raise _Terminated
