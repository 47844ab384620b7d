"""Streams of the command line: where text, JSON, errors and progress go, and with which exit code a command ends. Light imports only."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from enum import IntEnum
from pathlib import Path
from typing import Any, NoReturn

import typer
from rich.console import Console, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from smartmoney_pipeline.store.urls import place_name

PIPE_WIDTH = 120
"""Columns where the output is no terminal and COLUMNS does not say otherwise."""


class ExitCode(IntEnum):
    """How a command ends."""

    OK = 0
    ERROR = 1
    USAGE = 2
    DATA_QUALITY = 3


class CommandError(Exception):
    """Something asked for on the command line that cannot be done; the message names it and says why."""

    def __init__(self, message: str, code: ExitCode = ExitCode.ERROR) -> None:
        super().__init__(message)
        self.code = code


def plain(text: object) -> str:
    """Return text from a tape or a file name on one line, without characters that a terminal would obey."""
    return "".join(char if char.isprintable() else " " if char.isspace() else "?" for char in str(text)).strip()


def show(*parts: RenderableType) -> None:
    """Print to stdout."""
    console = _console()
    for part in parts:
        console.print(part)


def show_json(value: Any) -> None:
    """Print one JSON document to stdout; dates as ISO 8601, folders as text. Raises `ValueError` for NaN."""
    print(json.dumps(value, indent=1, ensure_ascii=False, allow_nan=False, default=_json_value), file=sys.stdout)  # noqa: T201


def note(message: object) -> None:
    """Print one line to stderr."""
    typer.echo(f"smartmoney: {plain(message)}", err=True)


def fail(message: object, code: ExitCode = ExitCode.ERROR) -> NoReturn:
    """Print one line to stderr and end the command."""
    note(message)
    raise typer.Exit(int(code))


def os_error_line(error: OSError) -> str:
    """Return what happened to which file, in words."""
    return f"{error.filename}: {error.strerror}" if error.filename and error.strerror else str(error)


@contextmanager
def working(what: str, quiet: bool) -> Iterator[None]:
    """Show that something without a known length is under way: on a terminal only."""
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield
        return
    with console.status(what):
        yield


@contextmanager
def progress_bar(what: str, total: int | None, quiet: bool) -> Iterator[Callable[..., None] | None]:
    """Yield a function that takes how much is done so far and, if it changes, what is under way; None without a terminal to show it on.

    `total` None: nobody knows how much there is.
    """
    console = Console(stderr=True)
    if quiet or not console.is_terminal:
        yield None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done, now=None: bar.update(task, completed=done, description=now)


def _console() -> Console:
    console = Console(highlight=False, markup=False, emoji=False, file=sys.stdout)
    if not console.is_terminal and not os.environ.get("COLUMNS", "").isdigit():
        console.width = PIPE_WIDTH
    return console


def _json_value(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Path):
        return place_name(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")
