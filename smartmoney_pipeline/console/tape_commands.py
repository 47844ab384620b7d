"""`smartmoney import`, `check`, `replay` and `verify`: thin commands, as in `cli`. Heavy imports happen inside them."""

# ruff: noqa: PLC0415

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from smartmoney_pipeline.console import options as opt
from smartmoney_pipeline.console import terminal
from smartmoney_pipeline.console.stopping import stoppable
from smartmoney_pipeline.console.terminal import ExitCode
from smartmoney_pipeline.store.urls import place_name


def import_(
    vendor: Annotated[str, typer.Argument(metavar="VENDOR", help="massive, databento, cboe, thetadata, alpaca, unusual_whales or lean.")],
    source: Annotated[Path, typer.Argument(metavar="IN", help="A file of the vendor, or a folder of such files.")],
    out: opt.OutFolder,
    since: Annotated[date | None, typer.Option("--since", parser=opt.parse_day, metavar="DATE", help="First session to take.")] = None,
    until: Annotated[date | None, typer.Option("--until", parser=opt.parse_day, metavar="DATE", help="Last session to take.")] = None,
    underlying: Annotated[list[str] | None, typer.Option("--underlying", metavar="U", help="Only this ticker; may be repeated.")] = None,
    as_json: opt.AsJson = False,
    quiet: opt.Quiet = False,
) -> None:
    """Turn the files of a vendor into a canonical tape; several sessions become one folder each. A stopped import goes on."""
    from smartmoney_pipeline.console import import_tape

    tapes = import_tape.run(import_tape.Job(vendor, source, out, since, until, underlying or (), quiet))
    if as_json:
        terminal.show_json(import_tape.import_json(tapes))
    elif not quiet:
        terminal.show(import_tape.import_view(tapes))
    if note := import_tape.quarantine_note(tapes):
        terminal.note(note)


def check(
    tape: opt.TapePath,
    source_format: opt.FromFormat = "canonical",
    session: opt.SessionDay = None,
    as_json: opt.AsJson = False,
    quiet: opt.Quiet = False,
) -> None:
    """Read a tape without scoring it and show its data quality; exit with 3 if any row is quarantined."""
    from smartmoney_pipeline.console import check as checking
    from smartmoney_pipeline.console.scoring import is_lake_day
    from smartmoney_pipeline.store.object_tape import opened_tape

    opened = opened_tape(tape)
    found = checking.check_day(opened) if is_lake_day(opened) else checking.check_tape(opened, source_format, session)
    checked = replace(found, tape=tape)
    if as_json:
        terminal.show_json(checking.check_json(checked))
    elif not quiet:
        terminal.show(checking.check_view(checked))
    if checked.quarantined:
        terminal.fail(f"{place_name(tape)}: {checked.quarantined} rows are quarantined", ExitCode.DATA_QUALITY)


def replay(
    tape: Annotated[Path, typer.Argument(metavar="TAPE", help="Canonical tape folder, or Cboe file or folder; or its s3:// URL.")],
    out: opt.OutPlace,
    speed: Annotated[str, typer.Option("--speed", metavar="N|max", help="Seconds of the day in one second; max does not wait.")] = "max",
    source_format: opt.FromFormat = "canonical",
    session: opt.SessionDay = None,
    source: opt.SourceName = None,
    chunk_ms: Annotated[int | None, typer.Option("--chunk-ms", min=1, metavar="M", help="Milliseconds of the day in one push.")] = None,
    history: Annotated[
        int | None, typer.Option("--history", min=0, metavar="MIN", help="Minutes that a correction may reach back; 0 = to the open.")
    ] = None,
    as_json: opt.AsJson = False,
    quiet: opt.Quiet = False,
) -> None:
    """Feed a tape to the live engine in order of receipt; the folder gets what score writes, and the log of what was said."""
    with stoppable(out):
        from smartmoney_pipeline.console import replaying

        pace = replaying.parse_speed(speed)
        job = replaying.Job(
            tape, out, source_format, session=session, source=source, quiet=quiet, speed=pace, step_ms=chunk_ms, history_minutes=history
        )
        output = replaying.run(job)
    replaying.show_result(output, as_json, quiet)


def verify(
    first: Annotated[Path, typer.Argument(metavar="A", help="Output of score or replay, or a lake: a folder, or an s3:// URL.")],
    second: Annotated[
        Path | None,
        typer.Argument(metavar="B", help="Another one, the later. Without it A is a lake: each session against the result before it."),
    ] = None,
    session: Annotated[
        date | None, typer.Option("--session", parser=opt.parse_day, metavar="DATE", help="Published session of lakes; default: all.")
    ] = None,
    source: Annotated[str | None, typer.Option("--source", metavar="NAME", help="Published source of lakes; default: all.")] = None,
    kept: Annotated[
        str | None, typer.Option("--kept", metavar="HASH", help="Without B: the former result, as restore lists it; a beginning will do.")
    ] = None,
    as_json: opt.AsJson = False,
    quiet: opt.Quiet = False,
) -> None:
    """Compare two results, the sessions of two lakes, or those of a lake with their former results: by run hash, and what became of events.

    Exits with 1 where something differs, and shows how many events are new, gone, or of another profile or probability.
    """
    from smartmoney_pipeline.console import compared, comparing

    comparing.verify(compared.Asked(first, second, session, source, kept), as_json, quiet)
