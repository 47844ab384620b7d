"""What a lake without a published session lacks, and the command that makes it."""

from __future__ import annotations

import re
from datetime import date

from smartmoney_pipeline.api.catalog import SessionKey, imported
from smartmoney_pipeline.api.parameters import SOURCE_FORM
from smartmoney_pipeline.store.lake import Lake
from smartmoney_pipeline.store.manifest import EVENTS_TABLE, published_sessions

LAKE = "LAKE"
"""What stands for the lake where its path is not to be said."""

EXAMPLE = SessionKey(date(2026, 3, 18), "demo-7")
"""The generated session of `make demo`."""


def missing(lake: Lake, name: str = LAKE) -> str | None:
    """Return what a lake lacks and the command that makes it, None where a session is published. `name` is the lake in the command."""
    if published_sessions(lake):
        return None
    if scored := _scored(lake):
        key = max(scored)
        words = f"smartmoney publish {name} --session {key.session} --source {key.source}"
        return f"{key.session} {key.source} is scored but not published; publish it with: {words}"
    tapes = _plain(imported(lake))
    if tapes:
        key = max(tapes)
        return f"the tape of {key.session} {key.source} is here but not scored; score and publish it with: {_backfill(name, key)}"
    return f"no session is in this lake; make and publish one with: {_backfill(name, EXAMPLE)}"


def _backfill(name: str, key: SessionKey) -> str:
    return f"smartmoney backfill {name} --source {key.source} --since {key.session} --until {key.session}"


def _scored(lake: Lake) -> set[SessionKey]:
    return _plain(imported(lake, EVENTS_TABLE))


def _plain(keys: set[SessionKey]) -> set[SessionKey]:
    """Those whose source can be said in a command."""
    return {key for key in keys if re.fullmatch(SOURCE_FORM, key.source)}
