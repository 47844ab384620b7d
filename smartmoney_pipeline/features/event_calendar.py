"""Alignment with the next corporate event as it was known at the event's first print."""

import numpy as np

from smartmoney_pipeline.features.arrays import Bools, Floats
from smartmoney_pipeline.features.inputs import FeatureInputs
from smartmoney_pipeline.features.reduce import known_total, ratio, smallest, total
from smartmoney_pipeline.features.registry import feature
from smartmoney_pipeline.schemas.units import NS_PER_MINUTE

FIRST_FRIDAY_OFFSET = 1
"""Days since 1970-01-01, a Thursday, until a Friday."""


def _expires_after(inputs: FeatureInputs) -> Bools:
    """Per packet: its contract still lives after the event. On the day itself only where the time of the event is stated."""
    row, event = inputs.event_row, inputs.next_event
    same_day = inputs.terms.expiry_day == event.day[row]
    return (inputs.terms.settle_ns > event.instant_ns[row]) & (event.time_is_stated[row] | ~same_day)


def _first_expiry_after(inputs: FeatureInputs) -> Floats:
    """Day of the first traded expiry after the event, NaN none."""
    return smallest(np.where(_expires_after(inputs), inputs.terms.expiry_day, np.nan), inputs)


@feature(formula="sessions to the next known event", source="ABS2019", needs=("next_events",))
def trading_days_to_event(inputs: FeatureInputs) -> Floats:
    """Sessions to the next known corporate event, 0 today."""
    return inputs.next_event.trading_days


@feature(formula="first traded expiry after the event - event date, calendar days", source="ABS2019", needs=("next_events", "settle_ns"))
def expiry_days_after_event(inputs: FeatureInputs) -> Floats:
    """Calendar days from the event to the first traded expiry after it."""
    return _first_expiry_after(inputs) - inputs.next_event.day


@feature(
    formula="1 where a traded contract settles after the event's instant; null where no event is known",
    source="ABS2019",
    needs=("next_events", "settle_ns"),
)
def expiry_brackets_event(inputs: FeatureInputs) -> Floats:
    """A traded expiry lies after the event."""
    after = total(_expires_after(inputs), inputs) > 0
    return np.where(inputs.next_event.known, after.astype(np.float64), np.nan)


@feature(
    formula="gross vega in the first traded expiry after the event / gross vega; null where no event is known",
    source="ABS2019",
    needs=("next_events", "settle_ns", "vega_first"),
)
def pre_event_concentration(inputs: FeatureInputs) -> Floats:
    """Share of gross vega in the first traded expiry after the event."""
    vega = inputs.packets["vega_first"] * inputs.shares
    chosen = inputs.terms.expiry_day == _first_expiry_after(inputs)[inputs.event_row]
    aligned = known_total(np.where(chosen | np.isnan(vega), vega, 0.0), inputs.contracts, inputs)
    share = ratio(aligned, known_total(vega, inputs.contracts, inputs))
    return np.where(inputs.next_event.known, share, np.nan)


@feature(
    formula="1 where the next known event is an earnings report; null where no event is known", source="DSS2022", needs=("next_events",)
)
def scheduled_earnings(inputs: FeatureInputs) -> Floats:
    """The next known event is an earnings report."""
    return np.where(inputs.next_event.known, inputs.next_event.is_earnings, np.nan)


@feature(
    formula="1 where the next session is an ex-dividend date; null where no dividend is known", source="PSW2008", needs=("next_events",)
)
def ex_dividend_next_session(inputs: FeatureInputs) -> Floats:
    """The next session is an ex-dividend date."""
    return inputs.next_event.ex_dividend_next_session


@feature(
    formula="|session - nearest third Friday of a month|, calendar days",
    source="CBOE-INDEX",
    needs=("session_open_ns",),
)
def days_from_monthly_expiry(inputs: FeatureInputs) -> Floats:
    """Distance from the day on which buy-write and put-write programmes roll; a holiday on that Friday moves it by one."""
    day = inputs.session_open_ns // (24 * 60 * NS_PER_MINUTE)
    return np.full(inputs.size, float(min(abs(day - friday) for friday in _third_fridays(day))))


def _third_fridays(day: int) -> list[int]:
    """Third Fridays of the month of `day` and of the months beside it, days since 1970-01-01."""
    month = np.datetime64(int(day), "D").astype("datetime64[M]")
    starts = [(month + k).astype("datetime64[D]").astype(np.int64) for k in (-1, 0, 1)]
    return [int(start + (FIRST_FRIDAY_OFFSET - start) % 7 + 14) for start in starts]
