"""The kept results of a session, as `smartmoney restore` shows them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from smartmoney_pipeline.console.terminal import CommandError
from smartmoney_pipeline.console.words import count
from smartmoney_pipeline.store.lake import Lake
from smartmoney_pipeline.store.manifest import published_sessions
from smartmoney_pipeline.store.restoring import Kept, kept_results

SHORT = 12
"""Characters of a hash that the table shows; any unique beginning is taken."""

SHOWN = 6
"""Published sessions that an error names."""


def kept_of(lake: Lake, session: date, source: str) -> list[Kept]:
    """Return the kept results of a session. Raises `CommandError` where the lake has nothing of it, kept or published."""
    kept, there = kept_results(lake, session, source), published_sessions(lake)
    if not kept and (session, source) not in there:
        known = ", ".join(f"{day} {name}" for day, name in there[-SHOWN:]) or "nothing"
        more = f" and {count(len(there) - SHOWN)} before" if len(there) > SHOWN else ""
        raise CommandError(f"{session} {source} is not published in this lake; there is {known}{more}")
    return kept


def kept_json(kept: Sequence[Kept]) -> dict[str, Any]:
    """Return the kept results in the form of `--json`."""
    rows = [
        {
            "kept": one.sha256,
            "published_at": one.published_at.isoformat(timespec="seconds"),
            "current": one.current,
            "run_hash": one.manifest.run_hash,
            "versions": one.manifest.versions,
        }
        for one in kept
    ]
    return {"results": rows}


def kept_view(kept: Sequence[Kept]) -> RenderableType:
    """Return a table of them, the one that was published last first."""
    if not kept:
        return Text("no result of that session is kept")
    table = Table("kept", "published", "run", "tables", "code", "rules", "calibration", box=None, pad_edge=False)
    for one in kept:
        versions = (one.manifest.versions.get(name, "-") for name in ("code", "ruleset", "calibration"))
        at = f"{one.published_at:%Y-%m-%d %H:%M:%S} UTC{'  now' if one.current else ''}"
        table.add_row(one.sha256[:SHORT], at, (one.manifest.run_hash or "-")[:SHORT], count(len(one.manifest.tables)), *versions)
    return table
