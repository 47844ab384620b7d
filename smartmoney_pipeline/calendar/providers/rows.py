"""Rows of providers in canonical form: every row of an answer becomes an event or is rejected with its reason."""

import json
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import pandas as pd

from smartmoney_pipeline.calendar.event_columns import EVENT_COLUMNS
from smartmoney_pipeline.calendar.providers.errors import ProviderError
from smartmoney_pipeline.calendar.rejected import WHOLE_ROW, rejected_frame
from smartmoney_pipeline.calendar.sessions import covers
from smartmoney_pipeline.schemas.codes import QuarantineReason

TIMES_OF_DAY = {
    "bmo": "bmo",
    "time-pre-market": "bmo",
    "pre-market": "bmo",
    "amc": "amc",
    "post-market": "amc",
}
"""Words of the providers that say when; whatever else stands there is unknown."""


@dataclass(eq=False)
class BadRowError(ValueError):
    """One row of an answer that cannot be used: why, in which column, and what stands there."""

    reason: QuarantineReason
    column: str
    value: str | None


@dataclass(frozen=True, slots=True)
class Fetched:
    """What one call to a provider gave. `covers` is the span of dates that the answer speaks of, both included; None is no such span.

    `events` has the canonical columns; `rejected` those of the quarantine, with the answer in the place of the file.
    """

    provider: str
    retrieved_at: datetime
    events: pd.DataFrame
    rejected: pd.DataFrame
    covers: tuple[date, date] | None = None

    @property
    def row_count(self) -> int:
        """Rows of the answer."""
        return len(self.events) + len(self.rejected)


def time_of_day(word: Any) -> str:
    """`bmo`, `amc`, or `unknown` for anything that says neither."""
    return TIMES_OF_DAY.get(str(word or "").strip().lower(), "unknown")


def event(ticker: Any, kind: str, day: date, when: str, known_at: datetime, source: str, amount: float | None = None) -> dict[str, Any]:
    """One canonical row. Raises `BadRowError` where there is no ticker or the date is outside the calendar."""
    name = str(ticker or "").strip().upper()
    if not name:
        raise BadRowError(QuarantineReason.MISSING_VALUE, "symbol", None)
    if not covers(day):
        raise BadRowError(QuarantineReason.UNREADABLE_VALUE, "event_date", day.isoformat())
    if amount is not None and amount < 0:
        raise BadRowError(QuarantineReason.NEGATIVE_PRICE, "amount", str(amount))
    cells = (name, kind, day, when, known_at, amount, source)
    return dict(zip(EVENT_COLUMNS, cells, strict=True))


def unusable(row: Mapping[str, Any], column: str) -> BadRowError:
    """The error for a cell that is missing or cannot be read."""
    value = row.get(column)
    if value is None or str(value).strip() == "":
        return BadRowError(QuarantineReason.MISSING_VALUE, column, None)
    return BadRowError(QuarantineReason.UNREADABLE_VALUE, column, str(value))


def iso_day(row: Mapping[str, Any], column: str) -> date:
    """A date of the form YYYY-MM-DD. Raises `BadRowError`."""
    try:
        return date.fromisoformat(str(row.get(column))[:10])
    except ValueError as fault:
        raise unusable(row, column) from fault


def american_day(row: Mapping[str, Any], column: str) -> date:
    """A date of the form M/D/YYYY. Raises `BadRowError`."""
    try:
        month, day, year = (int(part) for part in str(row.get(column)).split("/"))
        return date(year, month, day)
    except ValueError as fault:
        raise unusable(row, column) from fault


def money(row: Mapping[str, Any], column: str) -> float | None:
    """Dollars of a text: `$0.46`, `($0.14)` is negative, empty and `N/A` are none. Raises `BadRowError`."""
    value = row.get(column)
    text = str("" if value is None else value).strip()
    if text in {"", "N/A", "--"}:
        return None
    sign = -1.0 if text.startswith("(") and text.endswith(")") else 1.0
    try:
        amount = sign * float(text.strip("()").replace("$", "").replace(",", ""))
    except ValueError as fault:
        raise unusable(row, column) from fault
    if not math.isfinite(amount):
        raise BadRowError(QuarantineReason.NOT_A_NUMBER, column, text)
    return amount


def collected(
    provider: str,
    retrieved_at: datetime,
    rows: Iterable[Any],
    to_event: Callable[[Mapping[str, Any]], dict[str, Any] | None],
    covered: tuple[date, date] | None,
    about: str = "",
) -> Fetched:
    """Events of all rows, one each, and the rows that cannot be used; a row of which `to_event` makes None holds no event.

    The quarantine names the answer by the provider and by what it is about: the span that it covers where nothing is given.
    """
    good, bad = [], []
    for number, row in enumerate(rows):
        try:
            if not isinstance(row, Mapping):
                raise BadRowError(QuarantineReason.RAGGED_ROW, WHOLE_ROW, str(row))
            made = to_event(row)
        except BadRowError as fault:
            bad.append({"row": number, "reason": fault.reason.value, "value": fault.value, "column": fault.column})
        else:
            good += [] if made is None else [made]
    span = about or " to ".join(dict.fromkeys(day.isoformat() for day in covered or ()))
    return Fetched(provider, retrieved_at, canonical(good), rejected_frame(bad, f"{provider} {span}".strip()), covered)


def canonical(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """A frame of canonical rows, in their types even when there are none."""
    frame = pd.DataFrame(rows, columns=list(EVENT_COLUMNS))
    text = dict.fromkeys(("underlying", "event_type", "event_time", "source"), "str")
    frame = frame.astype({**text, "amount": "float64"})
    frame["event_date"] = pd.to_datetime(frame["event_date"]).dt.as_unit("s")
    frame["known_at"] = pd.to_datetime(frame["known_at"], utc=True).dt.as_unit("ns")
    return frame


def parsed_json(provider: str, text: str) -> Any:
    """The JSON of an answer. Raises `ProviderError` where it is none."""
    try:
        return json.loads(text)
    except ValueError as fault:
        raise ProviderError(f"{provider} sends no JSON: {text[:80]!r}") from fault
