"""Features of grouped events: hands the feature builder contract terms, past sessions and the events known at each start."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smartmoney_pipeline.calendar.clock import dte_days
from smartmoney_pipeline.engine.context import DayContext
from smartmoney_pipeline.features.build import build
from smartmoney_pipeline.features.context import underlying_context
from smartmoney_pipeline.features.inputs import ContractTerms, feature_inputs


def packet_terms(context: DayContext, contract: NDArray[np.int64]) -> ContractTerms:
    """Return the terms of each packet's contract."""
    contracts = context.day.contracts
    expiry = contracts["expiry"].to_numpy().astype("datetime64[D]")
    return ContractTerms(
        strike=contracts["strike"].to_numpy(dtype=np.float64)[contract],
        expiry_day=expiry.astype(np.int64)[contract],
        is_call=(contracts["right"] == "C").to_numpy()[contract],
        multiplier=contracts["multiplier"].to_numpy(dtype=np.int64)[contract],
        dte_days=dte_days(context.bounds.date, expiry)[contract],
        settle_ns=context.settle_ns[contract],
        adjusted=contracts["adjusted"].to_numpy(dtype=np.bool_)[contract],
        open_interest=context.open_interest[contract],
    )


def history(context: DayContext) -> pd.DataFrame | None:
    """Past sessions of the underlyings as the tape tells them, this session and later ones left out; None where it tells none."""
    table = context.day.table("history")
    if table is None:
        return None
    rows = table.to_pandas()
    return rows[pd.to_datetime(rows["session_date"]) < pd.Timestamp(context.bounds.date)]


def build_features(context: DayContext, events: Mapping[str, NDArray], packets: Mapping[str, NDArray]) -> pd.DataFrame:
    """Return the features of `events`, one row each in their order; see `features.inputs` for the arrays."""
    tickers = np.array(context.tickers, dtype=object)
    underlyings = underlying_context(context.tickers, context.day.underlyings["is_index"].to_numpy(dtype=np.bool_), history(context))
    upcoming = context.calendar.next_events(list(tickers[events["underlying"]]), events["start_ts"], context.bounds.date)
    session_ns = (context.bounds.open_ns, context.bounds.close_ns)
    inputs = feature_inputs(events, packets, packet_terms(context, packets["contract"]), underlyings, upcoming, session_ns)
    return build(inputs)
