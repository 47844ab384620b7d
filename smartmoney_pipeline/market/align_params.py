"""Numbers of the alignment, each with its source, and the record that hands them to the kernels."""

import math
from typing import NamedTuple

from smartmoney_pipeline.market.cited import Cited
from smartmoney_pipeline.schemas.units import NS_PER_MS, NS_PER_SECOND, TICKS_PER_DOLLAR

LAGS_MS = (1, 10, 100)
"""Lags at which the NBBO is read again (SEED): no study of the lag of option quotes is known."""

REFERENCE_STEP_S = Cited(30.0, "SEED")
"""Seconds between reference states: a print's reference is the state one step before the current half minute began."""

RATE_HALF_LIFE_S = Cited(300.0, "SEED")
"""Half-life of the print rates, seconds."""

SIGMA_HALF_LIFE_S = Cited(600.0, "SEED")
"""Half-life of the variance of one-second log returns, seconds."""

SIGMA_LEAST_SECONDS = Cited(300, "SEED")
"""Seconds that must have been observed before that variance is reported."""

RATE_LEAST_ELAPSED_S = Cited(1.0, "SEED")
"""Seconds of observation that a print rate assumes at least, so that the first instant divides by no zero."""

FORWARD_REFRESH_S = Cited(5.0, "SEED")
"""Event-time seconds after which a parity forward is computed again."""

FORWARD_RESCAN_S = Cited(60.0, "SEED")
"""Event-time seconds after which all strikes are searched again; also the life of a parity forward while spot is missing."""

FORWARD_WINDOW = Cited(6, "SEED")
"""Strikes to either side of the last best strike that a refresh looks at."""

PARITY_LEG_MAX_AGE_S = Cited(900.0, "SEED")
"""Age beyond which a quote is no leg of a parity pair, and a parity level is no longer carried forward."""

PARITY_SPREAD_SHARE = Cited(0.5, "SEED")
"""Widest spread of a parity leg as a share of its mid (quote hygiene)."""

PARITY_SPREAD_USD = Cited(0.10, "SEED")
"""A spread up to this is narrow enough for a parity leg whatever its share of the mid: ten ticks of 0.01 USD."""

CARRIED_SPOT_TOLERANCE = Cited(1e-4, "SEED")
"""Where quotes come on prints, two are compared if the underlying stood within this share, or their own half-spreads, at both."""

CARRIED_TIME_TOLERANCE_S = Cited(1.0, "SEED")
"""As above where no underlying is known: the two prints must lie this close."""

CARRIED_MEMORY_S = Cited(300.0, "SEED")
"""Oldest carried quote that serves as reference or as the underlying half a minute ago: it is a snapshot, not a state."""

RETURN_WINDOW_S = Cited(30, "SEED")
"""Length of the short move of the underlying, seconds."""


class AlignParams(NamedTuple):
    """Parameters of the alignment kernels: times in ns, prices in ticks."""

    lag_short: int
    lag_middle: int
    lag_long: int
    reference_step: int
    rate_time_constant: float
    rate_least_elapsed: int
    sigma_decay: float
    sigma_least_seconds: int
    return_seconds: int
    forward_refresh: int
    forward_rescan: int
    forward_window: int
    leg_max_age: int
    leg_spread_share: float
    leg_spread_ticks: int
    spot_tolerance: float
    time_tolerance: int
    carried_memory: int
    session_open: int
    session_close: int


def _ns(seconds: Cited) -> int:
    return round(seconds.value * NS_PER_SECOND)


def align_params(session_open_ns: int, session_close_ns: int) -> AlignParams:
    """Parameters of one session that opens and closes at the given instants (ns UTC)."""
    return AlignParams(
        lag_short=LAGS_MS[0] * NS_PER_MS,
        lag_middle=LAGS_MS[1] * NS_PER_MS,
        lag_long=LAGS_MS[2] * NS_PER_MS,
        reference_step=_ns(REFERENCE_STEP_S),
        rate_time_constant=RATE_HALF_LIFE_S.value * NS_PER_SECOND / math.log(2.0),
        rate_least_elapsed=_ns(RATE_LEAST_ELAPSED_S),
        sigma_decay=0.5 ** (1.0 / SIGMA_HALF_LIFE_S.value),
        sigma_least_seconds=round(SIGMA_LEAST_SECONDS.value),
        return_seconds=round(RETURN_WINDOW_S.value),
        forward_refresh=_ns(FORWARD_REFRESH_S),
        forward_rescan=_ns(FORWARD_RESCAN_S),
        forward_window=round(FORWARD_WINDOW.value),
        leg_max_age=_ns(PARITY_LEG_MAX_AGE_S),
        leg_spread_share=PARITY_SPREAD_SHARE.value,
        leg_spread_ticks=round(PARITY_SPREAD_USD.value * TICKS_PER_DOLLAR),
        spot_tolerance=CARRIED_SPOT_TOLERANCE.value,
        time_tolerance=_ns(CARRIED_TIME_TOLERANCE_S),
        carried_memory=_ns(CARRIED_MEMORY_S),
        session_open=session_open_ns,
        session_close=session_close_ns,
    )
