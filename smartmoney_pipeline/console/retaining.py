"""What may go from a lake, as `smartmoney retention` shows it."""

from __future__ import annotations

import re
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from smartmoney_pipeline.console.words import count
from smartmoney_pipeline.store.object_retention import RemovableObjects
from smartmoney_pipeline.store.retention import Removable

KINDS = {
    "temporaries": "files of crashed writers",
    "versions": "versions that no manifest lists",
    "tapes": "imported tapes",
}
MOST_LISTED = 20
"""Names of one kind that are shown; `--json` gives all of them."""

SHORT = 12
_HASH = re.compile(r"[0-9a-f]{64}")


def removable_json(found: Removable | RemovableObjects, size: int, removed: bool) -> dict[str, Any]:
    """Return what may go in the form of `--json`, names below the lake; `size` is what they held before anything was removed."""
    return {**found.named(), "bytes": size, "removed": removed}


def removable_view(found: Removable | RemovableObjects, size: int, removed: bool, grace_hours: float) -> RenderableType:
    """Return what may go, or went: counts, and the names of each kind."""
    named = found.named()
    if not any(named.values()):
        return Text(f"nothing may go; versions younger than {grace_hours:g} hours stay (--grace)")
    counted = ", ".join(f"{KINDS[kind]} {count(len(names))}" for kind, names in named.items() if names)
    lines = [f"{'removed' if removed else 'may go, and goes with --apply'}: {counted}; {count(size)} bytes"]
    for names in named.values():
        lines += [f"  {_HASH.sub(_cut, name)}" for name in names[:MOST_LISTED]]
        if len(names) > MOST_LISTED:
            lines.append(f"  and {count(len(names) - MOST_LISTED)} more; --json lists all")
    return Group(*(Text(line) for line in lines))


def _cut(found: re.Match[str]) -> str:
    """The beginning of a hash, as other commands show it."""
    return f"{found[0][:SHORT]}…"
