"""Arguments and options that several commands share, with their help."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import typer

Format = Literal["canonical", "cboe"]


def parse_day(text: str) -> date:
    """Return a session date. Raises `typer.BadParameter` where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no date of the form YYYY-MM-DD") from error


TapePath = Annotated[
    Path,
    typer.Argument(
        metavar="TAPE", help="Canonical tape folder, Cboe file or folder, or a day in the lake layout (day.json); or its s3:// URL."
    ),
]
ResultPath = Annotated[Path, typer.Argument(metavar="DIR", help="Output of score, or a lake: a folder, or an s3:// URL.")]
FromFormat = Annotated[Format, typer.Option("--from", metavar="FORMAT", help="Format of TAPE: canonical or cboe.")]
SessionDay = Annotated[
    date | None, typer.Option("--session", parser=parse_day, metavar="DATE", help="Session; default: the date of most prints.")
]
LakeSession = Annotated[
    date | None, typer.Option("--session", parser=parse_day, metavar="DATE", help="Published session of a lake; default: the only one.")
]
LakeSource = Annotated[str | None, typer.Option("--source", metavar="NAME", help="Published source of a lake; default: the only one.")]
OutFolder = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder to write into.")]
OutPlace = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder or s3:// URL to write into.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout and nothing else.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but errors.")]
ExchangeSession = Annotated[date, typer.Option("--session", parser=parse_day, metavar="DATE", help="An exchange session.")]
SourceName = Annotated[str | None, typer.Option("--source", metavar="NAME", help="Name of the source; part of event ids.")]
CalendarFile = Annotated[
    Path | None, typer.Option("--calendar", metavar="FILE", help="Corporate events (CSV, Parquet, JSON) instead of those on the tape.")
]
ChunkPrints = Annotated[int | None, typer.Option("--chunk", min=1, metavar="N", help="Prints a chunk; results do not depend on it.")]
WantedPrints = Annotated[int | None, typer.Option("--prints", min=1, metavar="N", help="About how many option prints; pack stress only.")]
WantedQuotes = Annotated[int | None, typer.Option("--quotes", min=1, metavar="N", help="About how many option quotes; pack stress only.")]
Processes = Annotated[
    int | None,
    typer.Option("--processes", min=1, metavar="N", help="Processes that work; results do not depend on it. Default: one a core."),
]
Executor = Literal["serial", "pool", "dask"]
ExecutorName = Annotated[
    Executor, typer.Option("--executor", metavar="NAME", help="serial, pool (processes here) or dask; the files are the same.")
]
Scheduler = Annotated[str | None, typer.Option("--scheduler", metavar="ADDR", help="Dask scheduler, such as tcp://host:8786.")]
Buckets = Annotated[
    int | None, typer.Option("--buckets", min=1, metavar="N", help="Parts into which underlyings are cut. Default: by the executor.")
]
TableFile = Annotated[Path | None, typer.Option("--table", metavar="FILE", help="Write the table of cases here too, as CSV.")]
PackSession = Annotated[
    date | None,
    typer.Option("--session", parser=parse_day, metavar="DATE", help="An exchange session; default: that of the demonstration."),
]
