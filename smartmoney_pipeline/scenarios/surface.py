"""The implied-volatility surface: SSVI slices (GJ2014), a term structure, and a premium before known earnings."""

import math

import numpy as np
from numba import njit

from smartmoney_pipeline.scenarios.clock import SESSIONS_PER_YEAR, Floats
from smartmoney_pipeline.scenarios.underlyings import Surface

_SHORTEST_DAYS = 5.0


@njit(cache=True, nogil=True)
def ssvi_variance(log_moneyness: Floats, level: Floats, skew: float, curvature: float) -> Floats:
    """Return total implied variance per row.

    `log_moneyness` is ln(strike / forward), `level` the at-the-money total variance, `skew` SSVI's rho, `curvature` its eta with
    phi = eta / sqrt(level), so that the smile is fixed in units of standard deviations. Free of butterflies while
    curvature (1 + |skew|) <= 2.
    """
    out = np.empty(log_moneyness.shape[0])
    for i in range(log_moneyness.shape[0]):
        x = curvature / math.sqrt(level[i]) * log_moneyness[i]
        out[i] = 0.5 * level[i] * (1.0 + skew * x + math.sqrt((x + skew) ** 2 + 1.0 - skew * skew))
    return out


def base_volatility(surface: Surface, variance_years: Floats) -> Floats:
    """Return at-the-money volatility by time to expiry (years of variance): a blend from the short to the long level."""
    weight = np.exp(-np.asarray(variance_years) * SESSIONS_PER_YEAR / surface.blend_days)
    return surface.long_vol + (surface.short_vol - surface.long_vol) * weight


def level_variance(surface: Surface, variance_years: Floats, log_shift: Floats, event_variance: Floats) -> Floats:
    """Return at-the-money total variance: diffusive part scaled by exp(2 log_shift), plus the variance of events before expiry."""
    volatility = base_volatility(surface, variance_years) * np.exp(log_shift)
    return volatility * volatility * variance_years + event_variance


def spot_response(surface: Surface, skew: float, variance_years: Floats) -> Floats:
    """Return d ln(at-the-money volatility) / d ln(spot): stickiness times the slope of the smile, over the volatility.

    SSVI's slope in log moneyness is skew x curvature / (2 root time); below a week it is held, where it would run away.
    """
    time = np.maximum(variance_years, _SHORTEST_DAYS / SESSIONS_PER_YEAR)
    slope = skew * surface.curvature / (2.0 * np.sqrt(time))
    return surface.skew_stickiness * slope / base_volatility(surface, time)
