"""Corporate events as they were known at a time: one interval of validity per calendar row, and questions asked of them.

A row is live at `ts` where `known_at < ts <= superseded_at`. It is superseded by the next row, in order of `known_at`, of the
same underlying and type that speaks of the same event: the same `event_date`, and for earnings any date within 45 days, because
a company reports once a quarter (SEC_10Q), so that a nearer date is a move and not a second report. Rows learned at the same
instant contradict each other only on the same date; then a stated time of day wins over `unknown`.
"""

from collections.abc import Collection, Sequence
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smartmoney_pipeline.calendar.errors import CalendarError
from smartmoney_pipeline.calendar.event_columns import (
    CATALYST_TYPES,
    EVENT_COLUMNS,
    EVENT_TIMES,
    EVENT_TYPES,
    OPTIONAL_COLUMNS,
    REQUIRED_COLUMNS,
)
from smartmoney_pipeline.calendar.sessions import (
    last_session_positions,
    next_session,
    session_position,
    session_table,
)

EARNINGS_MOVE_DAYS = 45
"""Half a quarter: a later-learned earnings date nearer than this to an earlier-learned one is the same report, moved."""

DEFAULT_HORIZON_DAYS = 60
FOREVER_NS = np.iinfo(np.int64).max


class CorporateEvents:
    """The event calendar of one tape, immutable once built."""

    def __init__(self, calendar: pd.DataFrame) -> None:
        """Read `calendar` (columns of `event_columns.py`; amount and source may be missing).

        Raises `CalendarError` that names the column where one is missing, holds an unlisted code, or `known_at` is null
        or has no time zone: a row that says not when it was known can never be used.
        """
        self._rows = _with_validity(_ordered(_checked(calendar)))

    @classmethod
    @cache
    def empty(cls) -> "CorporateEvents":
        """Return a calendar that knows nothing: every answer is null."""
        columns: dict[str, Any] = {name: pd.Series(dtype=object) for name in EVENT_COLUMNS}
        return cls(pd.DataFrame(columns | {"known_at": pd.Series(dtype="datetime64[ns, UTC]")}))

    def as_known(self, ts_ns: int) -> pd.DataFrame:
        """Return the live rows at `ts_ns` (UTC ns), canonical columns, ordered by underlying, type and date."""
        live = self._rows[(self._rows["known_ns"] < ts_ns) & (ts_ns <= self._rows["superseded_ns"])]
        ordered = live.sort_values(["underlying", "event_type", "event_date"], kind="stable")
        return ordered[list(EVENT_COLUMNS)].reset_index(drop=True)

    def next_events(
        self,
        underlyings: Sequence[str],
        ts_ns: NDArray[np.int64],
        session_date: date,
        horizon_days: int = DEFAULT_HORIZON_DAYS,
        event_types: Collection[str] = CATALYST_TYPES,
    ) -> pd.DataFrame:
        """Return, per pair of underlying and time (UTC ns, within `session_date`), the next event as then known.

        Columns, all nullable, one row a pair in the order given: `event_type`, `event_date` (datetime64[s]), `event_time`,
        `trading_days_to_event` (sessions, 0 = today), `event_instant_ns` (UTC ns), `ex_dividend_next_session` (bool).

        The instant is the close of the event's session for `amc` and its open for every other time: an event `during` the
        session or at an `unknown` time may already have happened at any moment after the open. An event on a day that is
        no session counts as before the open of the next one. An event whose instant is not after `ts_ns` is not next.
        `ex_dividend_next_session` is null unless some dividend of the name is known. Events lie within `horizon_days`
        calendar days. Raises `CalendarError` where `session_date` is no session.
        """
        if self._rows.empty:
            session_position(session_date)
            return _typed(pd.DataFrame(index=range(len(underlyings)), columns=list(_ANSWER_TYPES)))
        names = pd.Series(list(underlyings), dtype="str")
        asked = pd.DataFrame({"row": np.arange(len(names)), "underlying": names, "ts_ns": np.asarray(ts_ns, np.int64)})
        catalysts = self._located(session_date, horizon_days, event_types)
        upcoming = _live_pairs(asked, catalysts)
        upcoming = upcoming[upcoming["event_instant_ns"] > upcoming["ts_ns"]]
        first = upcoming.sort_values(["row", "event_instant_ns", "type_rank"], kind="stable").drop_duplicates("row")
        answer = first.set_index("row").reindex(asked["row"])
        answer["ex_dividend_next_session"] = self._ex_dividends(asked, session_date).to_numpy()
        return _typed(answer)

    def _located(self, session_date: date, horizon_days: int, event_types: Collection[str]) -> pd.DataFrame:
        """Rows from the session to the horizon, with session, instant and rank."""
        start = np.datetime64(session_date, "D")
        days = self._rows["event_date"].to_numpy().astype("datetime64[D]")
        wanted = (days > _previous_session_day(session_date)) & (days <= start + np.timedelta64(horizon_days, "D"))
        chosen = self._rows[wanted & self._rows["event_type"].isin(list(event_types)).to_numpy()]
        return _located_in_sessions(chosen, session_position(session_date))

    def _ex_dividends(self, asked: pd.DataFrame, session_date: date) -> pd.Series:
        """True or False per row of `asked` where some dividend of the name is known, else null."""
        dividends = self._rows[self._rows["event_type"] == "dividend"]
        earliest = dividends.groupby("underlying")["known_ns"].min().astype("int64")
        first_known = earliest.reindex(asked["underlying"], fill_value=FOREVER_NS).to_numpy()
        tomorrow = dividends[dividends["event_date"] == pd.Timestamp(next_session(session_date))]
        goes_ex = asked["row"].isin(_live_pairs(asked, tomorrow)["row"])
        return goes_ex.astype("boolean").where(asked["ts_ns"] > first_known)


def _checked(calendar: pd.DataFrame) -> pd.DataFrame:
    missing = [name for name in REQUIRED_COLUMNS if name not in calendar.columns]
    if missing:
        raise CalendarError(f"the event calendar has no column {', '.join(missing)}")
    _require_codes(calendar, "event_type", EVENT_TYPES)
    _require_codes(calendar, "event_time", EVENT_TIMES)
    known = calendar["known_at"]
    if not isinstance(known.dtype, pd.DatetimeTZDtype):
        raise CalendarError(f"event calendar, column known_at: expected times with a zone, found {known.dtype}")
    if known.isna().any() or calendar["event_date"].isna().any():
        raise CalendarError("event calendar: known_at and event_date must not be null")
    return calendar.assign(**{name: None for name in OPTIONAL_COLUMNS if name not in calendar.columns})


def _require_codes(calendar: pd.DataFrame, column: str, codes: Sequence[str]) -> None:
    unlisted = calendar.loc[~calendar[column].isin(codes), column]
    if len(unlisted):
        raise CalendarError(f"event calendar, column {column}: {unlisted.iloc[0]!r} is none of {', '.join(codes)}")


def _ordered(calendar: pd.DataFrame) -> pd.DataFrame:
    """Rows in the order in which they were learned, whatever the order in the file; the better row of a tie last."""
    rows = calendar[list(EVENT_COLUMNS)].astype({"underlying": "str"})
    rows["event_date"] = pd.to_datetime(rows["event_date"]).dt.as_unit("s")
    rows["known_ns"] = rows["known_at"].dt.as_unit("ns").astype("int64")
    rows["states_time"] = rows["event_time"] != "unknown"
    rows["type_rank"] = rows["event_type"].map(EVENT_TYPES.index).astype("int64")
    keys = ["underlying", "type_rank", "known_ns", "states_time", "event_date", "event_time", "amount", "source"]
    return rows.sort_values(keys, kind="stable").reset_index(drop=True)


def _with_validity(rows: pd.DataFrame) -> pd.DataFrame:
    """Add `superseded_ns`, the time from which a later row replaces this one."""
    days = rows["event_date"].to_numpy().astype("datetime64[D]").astype(np.int64)
    known = rows["known_ns"].to_numpy()
    until = np.full(len(rows), FOREVER_NS, dtype=np.int64)
    for _, members in rows.groupby(["underlying", "type_rank"], sort=False).indices.items():
        is_earnings = rows["event_type"].iloc[members[0]] == "earnings"
        until[members] = _superseded_at(days[members], known[members], EARNINGS_MOVE_DAYS if is_earnings else 0)
    return rows.assign(superseded_ns=until)


def _superseded_at(days: NDArray[np.int64], known: NDArray[np.int64], reach: int) -> NDArray[np.int64]:
    """First `known` of a later row about the same event, per row; rows in order of `known`, dates as day numbers."""
    order = np.arange(len(days))
    distance = np.abs(days[None, :] - days[:, None])
    moved = (distance <= reach) & (known[None, :] > known[:, None])
    replaces = (order[None, :] > order[:, None]) & (moved | (distance == 0))
    return np.where(replaces, known[None, :], FOREVER_NS).min(axis=1)


def _previous_session_day(session_date: date) -> np.datetime64:
    """The previous session: an event on a closed day after it counts for `session_date`."""
    table = session_table()
    return table.days[max(session_position(session_date) - 1, 0)]


def _located_in_sessions(rows: pd.DataFrame, today: int) -> pd.DataFrame:
    """Add the sessions from today to the event and the instant of the event, UTC ns."""
    table = session_table()
    days = rows["event_date"].to_numpy().astype("datetime64[D]")
    last = last_session_positions(days)
    on_session = table.days[np.maximum(last, 0)] == days
    position = np.where(on_session, last, last + 1)
    at_close = on_session & (rows["event_time"] == "amc").to_numpy()
    instant = np.where(at_close, table.close_ns[position], table.open_ns[position])
    return rows.assign(trading_days_to_event=position - today, event_instant_ns=instant)


def _live_pairs(asked: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Every question paired with the rows of its underlying that were live at its time."""
    pairs = asked.merge(rows.drop(columns=["known_at", "amount", "source"]), on="underlying", how="inner")
    return pairs[(pairs["known_ns"] < pairs["ts_ns"]) & (pairs["ts_ns"] <= pairs["superseded_ns"])]


_ANSWER_TYPES = {
    "event_type": "string",
    "event_date": "datetime64[s]",
    "event_time": "string",
    "trading_days_to_event": "Int64",
    "event_instant_ns": "Int64",
    "ex_dividend_next_session": "boolean",
}


def _typed(answer: pd.DataFrame) -> pd.DataFrame:
    return answer[list(_ANSWER_TYPES)].astype(_ANSWER_TYPES).reset_index(drop=True)
