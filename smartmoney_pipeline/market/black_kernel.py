"""The normalised Black price and its derivatives. Belongs here: functions of log-moneyness and total volatility, nothing in dollars.

b(x, s) = e^(x/2) N(x/s + s/2) - e^(-x/2) N(x/s - s/2) for an out-of-the-money option: x = -|ln(F/K)| <= 0, s = volatility sqrt(years),
b = undiscounted price / sqrt(F K). Source of the normalisation and of the iteration: JAECKEL2015.
"""

import math

from numba import njit

SQRT_HALF = math.sqrt(0.5)
INV_SQRT_PI = 1.0 / math.sqrt(math.pi)
INV_SQRT_2PI = 1.0 / math.sqrt(2.0 * math.pi)

ERFCX_SERIES_FROM = 10.0
"""From here on the asymptotic series is exact to double precision."""

ERFCX_TERMS = 14


@njit(cache=True, nogil=True)
def erfcx(z: float) -> float:
    """Scaled complementary error function exp(z^2) erfc(z): no underflow in the tail, so differences of it keep their digits."""
    if z < ERFCX_SERIES_FROM:
        return math.exp(z * z) * math.erfc(z)
    inverse, term, total = 0.5 / (z * z), 1.0, 1.0
    for k in range(1, ERFCX_TERMS):
        term *= -(2 * k - 1) * inverse
        total += term
    return total * INV_SQRT_PI / z


@njit(cache=True, nogil=True)
def normal_cdf(z: float) -> float:
    """Standard normal distribution function."""
    return 0.5 * math.erfc(-z * SQRT_HALF)


@njit(cache=True, nogil=True)
def normal_pdf(z: float) -> float:
    """Standard normal density."""
    return INV_SQRT_2PI * math.exp(-0.5 * z * z)


@njit(cache=True, nogil=True)
def scaled_price(x: float, s: float) -> float:
    """b(x, s) exp((h^2 + t^2) / 2) with h = x/s, t = s/2: the part of the price that does not vanish in the tail."""
    h, t = -x / s, 0.5 * s
    return 0.5 * (erfcx((h - t) * SQRT_HALF) - erfcx((h + t) * SQRT_HALF))


@njit(cache=True, nogil=True)
def exponent(x: float, s: float) -> float:
    """-(h^2 + t^2) / 2 with h = x/s, t = s/2."""
    h, t = x / s, 0.5 * s
    return -0.5 * (h * h + t * t)


@njit(cache=True, nogil=True)
def normalised_price(x: float, s: float) -> float:
    """b(x, s) for x <= 0, s > 0."""
    return math.exp(exponent(x, s)) * scaled_price(x, s)


@njit(cache=True, nogil=True)
def householder(f: float, second: float, third: float) -> float:
    """Third-order step from f = value / slope and the ratios of second and third derivative to the slope."""
    return -f * (1.0 - 0.5 * second * f) / (1.0 - f * (second - third * f / 6.0))
