"""Special functions against mpmath at 50 digits."""

import mpmath
import numpy as np
import pytest

from smartmoney_pipeline.market.black_kernel import erfcx, normal_cdf, normalised_price

mpmath.mp.dps = 50


def black(x, s):
    """The normalised price at 50 digits."""
    x, s = mpmath.mpf(float(x)), mpmath.mpf(float(s))
    return mpmath.exp(x / 2) * mpmath.ncdf(x / s + s / 2) - mpmath.exp(-x / 2) * mpmath.ncdf(x / s - s / 2)


@pytest.mark.parametrize("z", [-5.0, -0.3, 0.0, 0.7, 3.0, 9.999, 10.0, 10.001, 25.0, 400.0])
def test_scaled_complementary_error_function(z):
    expected = mpmath.exp(mpmath.mpf(z) ** 2) * mpmath.erfc(mpmath.mpf(z))
    assert erfcx(z) == pytest.approx(float(expected), rel=3e-14)


def test_normal_distribution():
    for z in (-8.0, -1.96, 0.0, 2.5):
        assert normal_cdf(z) == pytest.approx(float(mpmath.ncdf(z)), rel=1e-14)


def test_normalised_price_in_centre_and_tails():
    rng = np.random.default_rng(3)
    for s, deviations in zip(np.exp(rng.uniform(np.log(5e-4), np.log(4), 200)), rng.uniform(0, 6, 200), strict=True):
        assert normalised_price(-deviations * s, s) == pytest.approx(float(black(-deviations * s, s)), rel=2e-11)
