"""How a command ends when something is wrong: one line on stderr and an exit code, never a traceback. Light imports only."""

from __future__ import annotations

import os
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from smartmoney_pipeline.calendar.errors import CalendarError
from smartmoney_pipeline.console import terminal
from smartmoney_pipeline.console.terminal import CommandError, ExitCode
from smartmoney_pipeline.scenarios.errors import ScenarioError
from smartmoney_pipeline.store.errors import StoreError
from smartmoney_pipeline.store.urls import is_foreign, object_url
from smartmoney_pipeline.tape.errors import TapeError

BY_URL = ("score", "check", "replay", "events", "explain", "verify", "publish", "backfill", "retention", "restore")
"""Commands that take s3:// URLs where they take folders."""

TRACEBACK = "SMARTMONEY_TRACEBACK"
"""Set this variable to see the traceback of an internal error."""


class Commands(TyperGroup):
    """Ends a command that meets a known error with one line on stderr."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        try:
            _refuse_urls([*ctx._protected_args, *ctx.args])
            return super().invoke(ctx)
        except CommandError as error:
            terminal.fail(error, error.code)
        except (TapeError, StoreError, CalendarError, ScenarioError) as error:
            terminal.fail(error)
        except BrokenPipeError:
            raise
        except OSError as error:
            terminal.fail(terminal.os_error_line(error))


def _refuse_urls(words: list[str]) -> None:
    """Say at once that a command works with folders alone, where it is given a URL of object storage."""
    values = [word.partition("=")[2] if word.startswith("--") and "=" in word else word for word in words]
    for value in values:
        if is_foreign(value):
            raise CommandError(f"{value}: a place is a path, or a URL s3://bucket/prefix", ExitCode.USAGE)
    urls = [url for value in values if (url := object_url(value)) is not None]
    if urls and words[0] not in BY_URL:
        raise CommandError(f"{urls[0]}: {words[0]} takes folders of this machine; URLs are taken by {', '.join(BY_URL)}", ExitCode.USAGE)


def run(app: typer.Typer) -> None:
    """Run the application: a fault of the program itself ends in one line too, and no character fails on a plain terminal."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    try:
        app(prog_name="smartmoney")
    except Exception as error:
        if os.environ.get(TRACEBACK):
            raise
        terminal.note(f"internal error, {type(error).__name__}: {error}; set {TRACEBACK}=1 for the traceback")
        sys.exit(int(ExitCode.ERROR))
