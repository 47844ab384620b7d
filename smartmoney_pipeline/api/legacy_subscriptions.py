"""What a subscription of `/ws/live` asks for, and records as its messages carry them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from smartmoney_pipeline.api.legacy_prints import PrintFilter
from smartmoney_pipeline.api.legacy_store import LegacyPage, Place
from smartmoney_pipeline.api.wire import json_rows


def print_filter(subscription: Mapping[str, Any]) -> PrintFilter:
    """Filters of a subscription to prints. Raises `ValueError` or `TypeError` for what they cannot be."""
    filters = subscription.get("filters") or {}
    kinds = list(filters.get("securityTypes") or [])
    view = str(filters.get("view", "signal"))
    plain = "stock" if view == "signal" else "all"
    contract = subscription.get("option_contract_id")
    return PrintFilter(
        view,
        plain if not kinds else kinds[0] if len(kinds) == 1 else "all",
        tuple(map(str, filters.get("nbboSides") or ())),
        tuple(map(str, filters.get("optionTypes") or ())),
        float(filters.get("minNotional") or 0.0),
        None,
        tuple(str(ticker).upper() for ticker in subscription.get("underlying_ids") or ()),
        None if contract is None else str(contract),
    )


def passes(text: str, wanted: PrintFilter) -> bool:
    """Whether a print of the feed passes, as far as the feed says: it has not joined quotes."""
    record = json.loads(text)
    return (
        record["notional"] >= wanted.min_notional
        and (wanted.security == "all" or record["is_etf"] == (wanted.security == "etf"))
        and (not wanted.types or record.get("option_type") in wanted.types)
        and (not wanted.underlyings or record.get("underlying_id") in wanted.underlyings)
        and wanted.contract in {None, record.get("option_contract_id")}
    )


def page_texts(page: LegacyPage, absent: frozenset[str], clock: str) -> tuple[list[str], Place | None, Place | None]:
    """Return the records of a page as JSON, the place of the first, and that of the last; `clock` is the column of their time."""
    texts = [text for part in page.records for text in json_rows(part, absent).to_pylist()]
    first = page.records[0] if page.records else None
    newest = None if first is None else Place(int(first[clock][0].as_py()), int(first["seq"][0].as_py()))
    return texts, newest, page.last


def own_place(text: str) -> Place:
    """Return the place of a record that is JSON."""
    record = json.loads(text)
    return Place(int(record.get("ts", record["source_ts"])), int(record["seq"]))


def place_text(place: Place | None) -> str:
    """Return a place as JSON."""
    return "null" if place is None else f'{{"ts":{place.ts},"seq":{place.seq}}}'
