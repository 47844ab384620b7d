"""Context of underlyings from past sessions. Expected values by hand."""

from math import log

import numpy as np
import pandas as pd

from smartmoney_pipeline.features.context import underlying_context


def _history(sessions: int) -> pd.DataFrame:
    """Volumes alternate between 100 and 10,000 contracts: ln has mean ln(1,000) and, with n - 1, a deviation a little over ln(10)."""
    days = pd.date_range("2026-01-05", periods=sessions)
    volume = [100 if i % 2 == 0 else 10_000 for i in range(sessions)]
    return pd.DataFrame(
        {"underlying": "AAA", "session_date": days, "option_volume": volume, "realised_volatility": np.arange(sessions) / 100}
    )


def test_last_realised_volatility_and_mean_log_volume() -> None:
    context = underlying_context(["AAA", "SPY"], np.array([False, False]), _history(10))
    assert context.realised_volatility[0] == 0.09
    np.testing.assert_allclose(context.log_volume_mean[0], log(1_000))
    np.testing.assert_allclose(context.log_volume_deviation[0], log(10) * np.sqrt(10 / 9))
    assert np.isnan(context.realised_volatility[1])


def test_too_few_sessions_give_no_volume_baseline() -> None:
    context = underlying_context(["AAA"], np.array([False]), _history(9))
    assert np.isnan(context.log_volume_mean[0])


def test_order_of_the_history_does_not_matter() -> None:
    shuffled = _history(10).sample(frac=1, random_state=3)
    assert underlying_context(["AAA"], np.array([False]), shuffled).realised_volatility[0] == 0.09


def test_index_and_broad_fund_are_told_from_a_single_name() -> None:
    context = underlying_context(["SPX", "SPY", "AAA"], np.array([True, False, False]), None)
    assert context.index_or_etf.tolist() == [1.0, 1.0, 0.0]
    assert np.isnan(context.realised_volatility).all()


def test_volatility_premium_of_the_last_session_against_those_before_it() -> None:
    """Ten sessions with premiums of 1 and 3 points by turns (mean 2, deviation sqrt(10 / 9) = 1.054), then one of 4 points."""
    premium = [0.01, 0.03] * 5 + [0.04]
    history = _history(11).assign(realised_volatility=0.2, iv30=0.2 + np.array(premium))
    found = underlying_context(["AAA"], np.array([False]), history).volatility_premium_z[0]
    np.testing.assert_allclose(found, 2 / np.sqrt(10 / 9))
    assert np.isnan(underlying_context(["AAA"], np.array([False]), history.tail(10)).volatility_premium_z[0])
    assert np.isnan(underlying_context(["AAA"], np.array([False]), _history(30)).volatility_premium_z[0])
