"""Features of grouped events: hands the feature builder contract terms, past sessions and the events known at each start."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from smartmoney_pipeline.engine.context import DayContext
from smartmoney_pipeline.features.arrays import Floats
from smartmoney_pipeline.features.build import feature_arrays
from smartmoney_pipeline.features.inputs import feature_inputs
from smartmoney_pipeline.features.next_event import NextEvents


def build_features(context: DayContext, events: Mapping[str, NDArray], packets: Mapping[str, NDArray]) -> dict[str, Floats]:
    """Return the features of `events`, float64[events] by name, NaN unknown; see `features.inputs` for the arrays."""
    terms = context.feature_terms.take(packets["contract"])
    upcoming = _next_events(context, events["underlying"], events["start_ts"])
    session_ns = (context.bounds.open_ns, context.bounds.close_ns)
    return feature_arrays(feature_inputs(events, packets, terms, context.past_sessions, upcoming, session_ns))


def _next_events(context: DayContext, underlying: NDArray[np.integer], start_ts: NDArray[np.int64]) -> NextEvents:
    """The next known event at each start. The calendar is asked once for each underlying and time between two of its turns."""
    turn = np.searchsorted(context.calendar_turns, start_ts)
    question = turn * len(context.tickers) + underlying
    _, asked, answer = np.unique(question, return_index=True, return_inverse=True)
    tickers = np.array(context.tickers, dtype=object)
    found = context.calendar.next_events(list(tickers[underlying[asked]]), start_ts[asked], context.bounds.date)
    return NextEvents.read(found).take(answer)
