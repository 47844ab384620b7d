"""What the stages are handed of one day: sessions, contracts, marks and the corporate events that were known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smartmoney_pipeline.calendar.clock import dte_days
from smartmoney_pipeline.calendar.corporate_events import CorporateEvents
from smartmoney_pipeline.calendar.providers.static_file import StaticFileProvider
from smartmoney_pipeline.calendar.sessions import SessionBounds, session_bounds
from smartmoney_pipeline.engine.market_context import contract_arrays, settlement_ns
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

    @property
    def tickers(self) -> list[str]:
        """Tickers by underlying id."""
        return list(self.day.underlyings["underlying"])


def day_context(day: TapeDay, calendar: pd.DataFrame | None = None) -> DayContext:
    """Return the context of `day`. `calendar`: canonical event calendar; None takes the one on the tape, if there is one."""
    bounds = session_bounds(day.session_date)
    rows = _tape_calendar(day) if calendar is None else calendar
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
    )


def read_calendar(path: Path, bounds: SessionBounds) -> pd.DataFrame:
    """Return the rows of a static calendar file that some print of the session may use."""
    return StaticFileProvider(path).events(bounds.date)


def _tape_calendar(day: TapeDay) -> pd.DataFrame | None:
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
    )
