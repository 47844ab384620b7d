"""The kept results of a session, as `smartmoney restore` shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from smartmoney_pipeline.console.words import count
from smartmoney_pipeline.store.restoring import Kept

SHORT = 12
"""Characters of a hash that the table shows; any unique beginning is taken."""


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
