"""What the stages are handed of one day: sessions, contracts, marks and the corporate events that were known."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from smartmoney_pipeline.calendar.clock import dte_days
from smartmoney_pipeline.calendar.corporate_events import CorporateEvents
from smartmoney_pipeline.calendar.sessions import SessionBounds, session_bounds
from smartmoney_pipeline.engine.given_calendar import GivenCalendar
from smartmoney_pipeline.engine.market_context import contract_arrays, settlement_ns
from smartmoney_pipeline.features.context import underlying_context
from smartmoney_pipeline.features.inputs import ContractTerms as FeatureTerms
from smartmoney_pipeline.features.inputs import UnderlyingContext
from smartmoney_pipeline.features.next_event import NextEvents
from smartmoney_pipeline.market.contracts import ContractArrays
from smartmoney_pipeline.parent_events.terms import ContractTerms
from smartmoney_pipeline.tape.layout import TapeDay


@dataclass(frozen=True)
class DayContext:
    """One day with everything that was known before its first print. Arrays are indexed by dense contract or underlying id."""

    day: TapeDay
    bounds: SessionBounds
    calendar: CorporateEvents
    contracts: ContractArrays
    terms: ContractTerms
    settle_ns: NDArray[np.int64]
    open_interest: NDArray[np.float64]
    calendar_turns: NDArray[np.int64]
    """Instants (UTC ns, rising) after which the calendar may answer otherwise; between two of them every answer of the day holds."""

    given_calendar: GivenCalendar | None = None
    """The file that `calendar` was read from, where it came beside the tape."""

    @cached_property
    def feature_terms(self) -> FeatureTerms:
        """Terms of every contract as the features read them."""
        contracts = self.day.contracts
        expiry = contracts["expiry"].to_numpy().astype("datetime64[D]")
        return FeatureTerms(
            strike=contracts["strike"].to_numpy(dtype=np.float64),
            expiry_day=expiry.astype(np.int64),
            is_call=(contracts["right"] == "C").to_numpy(),
            multiplier=contracts["multiplier"].to_numpy(dtype=np.int64),
            dte_days=dte_days(self.bounds.date, expiry),
            settle_ns=self.settle_ns,
            adjusted=contracts["adjusted"].to_numpy(dtype=np.bool_),
            open_interest=self.open_interest,
        )

    @cached_property
    def past_sessions(self) -> UnderlyingContext:
        """What past sessions of the underlyings, as the tape tells them, say; this session and later ones are left out."""
        table = self.day.table("history")
        rows = None if table is None else table.to_pandas()
        known = None if rows is None else rows[pd.to_datetime(rows["session_date"]) < pd.Timestamp(self.bounds.date)]
        return underlying_context(self.tickers, self.day.underlyings["is_index"].to_numpy(dtype=np.bool_), known)

    @cached_property
    def next_events(self) -> dict[int, NextEvents]:
        """What the calendar answered so far, for every underlying, by turn."""
        return {}

    @cached_property
    def tickers(self) -> list[str]:
        """Tickers by underlying id."""
        return list(self.day.underlyings["underlying"])

    @cached_property
    def ticker_array(self) -> pa.Array:
        """The same as an Arrow column."""
        return pa.array(self.tickers, pa.string())


def day_context(day: TapeDay, calendar: pd.DataFrame | None = None, given_calendar: GivenCalendar | None = None) -> DayContext:
    """Return the context of `day`. `calendar`: canonical event calendar; None takes the one on the tape, if there is one.

    `given_calendar` is what its file holds besides: the result counts and quarantines its bad rows.
    """
    bounds = session_bounds(day.session_date)
    rows = tape_calendar(day) if calendar is None else calendar
    events = CorporateEvents.empty() if rows is None or rows.empty else CorporateEvents(rows)
    known = events.as_known(bounds.open_ns)
    interest = _open_interest(day)
    return DayContext(
        day=day,
        bounds=bounds,
        calendar=events,
        contracts=contract_arrays(day, bounds, known[known["event_type"] == "dividend"]),
        terms=_terms(day, bounds, interest, _ex_dividends(day, events, bounds)),
        settle_ns=settlement_ns(day.contracts),
        open_interest=interest,
        calendar_turns=_turns(rows, bounds),
        given_calendar=given_calendar,
    )


def _turns(rows: pd.DataFrame | None, bounds: SessionBounds) -> NDArray[np.int64]:
    """When a calendar row becomes known, which is also when it replaces another, and when an event of today is over."""
    known = np.empty(0, np.int64) if rows is None else rows["known_at"].dt.as_unit("ns").astype("int64").to_numpy()
    return np.unique(np.concatenate([known, [bounds.open_ns - 1, bounds.close_ns - 1]])).astype(np.int64)


def tape_calendar(day: TapeDay) -> pd.DataFrame | None:
    """Return the event calendar that lies on the tape, every row of it; None where there is none."""
    table = day.table("event_calendar")
    return None if table is None else table.to_pandas()


def _open_interest(day: TapeDay) -> NDArray[np.float64]:
    """Open interest by contract id, NaN unknown."""
    table = day.table("open_interest")
    if table is None:
        return np.full(len(day.contracts), np.nan)
    known = table.to_pandas().drop_duplicates("option_symbol", keep="last").set_index("option_symbol")["open_interest"]
    return known.reindex(day.contracts["option_symbol"]).to_numpy(dtype=np.float64, na_value=np.nan)


def _ex_dividends(day: TapeDay, events: CorporateEvents, bounds: SessionBounds) -> NDArray[np.bool_]:
    """Whether the next session is a known ex-dividend date, by underlying id; unknown counts as no."""
    tickers = list(day.underlyings["underlying"])
    answer = events.next_events(tickers, np.full(len(tickers), bounds.open_ns, dtype=np.int64), bounds.date)
    return answer["ex_dividend_next_session"].fillna(False).to_numpy(dtype=np.bool_)


def _terms(day: TapeDay, bounds: SessionBounds, interest: NDArray[np.float64], ex_dividend: NDArray[np.bool_]) -> ContractTerms:
    contracts = day.contracts
    expiry_day = contracts["expiry"].to_numpy().astype("datetime64[D]").astype(np.int32)
    return ContractTerms(
        underlying=contracts["underlying_id"].to_numpy(dtype=np.int32),
        expiry_day=expiry_day,
        strike=contracts["strike"].to_numpy(dtype=np.float64),
        is_call=(contracts["right"] == "C").to_numpy(),
        dte_days=dte_days(bounds.date, contracts["expiry"].to_numpy()).astype(np.int32),
        open_interest=interest,
        ex_dividend_next_session=ex_dividend,
        symbol_place=_symbol_places(contracts["option_symbol"]),
    )


def _symbol_places(symbols: pd.Series) -> NDArray[np.int64] | None:
    """Place of each symbol among all; None where they stand in order, as those of a stored day do."""
    return None if symbols.is_monotonic_increasing else symbols.rank().to_numpy().astype(np.int64)
