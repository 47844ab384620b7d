"""Features of grouped events: hands the feature builder contract terms, past sessions and the events known at each start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields

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
    """The next known event at each start. The calendar is asked once for all underlyings and the time between two of its turns."""
    turns, which = np.unique(np.searchsorted(context.calendar_turns, start_ts), return_inverse=True)
    answers = [_answers(context, turn, int(start_ts[np.argmax(which == i)])) for i, turn in enumerate(turns.tolist())]
    if len(answers) == 1:
        return answers[0].take(underlying.astype(np.int64))
    whole = NextEvents(*(np.concatenate([getattr(answer, field.name) for answer in answers]) for field in fields(NextEvents)))
    return whole.take(which * len(context.tickers) + underlying)


def _answers(context: DayContext, turn: int, ts: int) -> NextEvents:
    """The next event of every underlying at a time of this turn; kept with the context."""
    if turn not in context.next_events:
        asked = np.full(len(context.tickers), ts, dtype=np.int64)
        context.next_events[turn] = NextEvents.read(context.calendar.next_events(context.tickers, asked, context.bounds.date))
    return context.next_events[turn]
