"""Outcomes after events: planted moves are found, shifted ones are not, and parity is worked out by hand. A test of plumbing alone."""

import numpy as np
import pandas as pd
import pytest

from smartmoney_pipeline.evaluation.economic import (
    SECOND,
    Market,
    Mids,
    against_controls,
    box_gaps,
    matched_means,
    outcomes,
    realised_after,
)

OPEN = int(pd.Timestamp("2026-03-18 13:30", tz="UTC").value)
LEGS = pd.DataFrame({"event_id": pd.Series(dtype=str), "option_symbol": pd.Series(dtype=str), "leg_sign": pd.Series(dtype=int)})
MINUTES = OPEN + 60 * SECOND * np.arange(391)
DAYS = 12


def day(drift_bp: float, seed: int, events: int = 20) -> tuple[pd.DataFrame, Market]:
    """A session in which the underlying gains `drift_bp` in the five minutes after each published event; as many controls between."""
    generator = np.random.default_rng(seed)
    steps = generator.normal(0.0, 2e-4, len(MINUTES))
    places = np.arange(5, 5 + 18 * events, 18)
    for place in places:
        steps[place + 1 : place + 6] += drift_bp / 5e4
    mids = Mids(MINUTES, 100.0 * np.exp(np.cumsum(steps)))
    published, quiet = MINUTES[places], MINUTES[places + 8]
    rows = pd.DataFrame(
        {
            "event_id": [f"e{i}" for i in range(2 * events)],
            "underlying_id": "SPY",
            "closed_at": pd.to_datetime(np.concatenate([published, quiet]), utc=True),
            "primary_direction": "bullish",
            "primary_profile_id": pd.Series(["institutional_directional"] * events + [None] * events, dtype=object),
            "structure": None,
            "feature.premium_usd": 1000.0,
            "feature.dte_days": 30.0,
            "feature.abs_delta": 0.4,
            "feature.iv": 0.2,
        }
    )
    return rows, Market({"SPY": mids}, {}, LEGS)


def difference(days: list[tuple[pd.DataFrame, Market]], outcome: str = "signed_return_bp_300s") -> pd.Series:
    events = pd.concat([rows for rows, _ in days], ignore_index=True)
    values = pd.concat([outcomes(*one) for one in days], ignore_index=True)
    block = np.repeat(np.arange(len(days)), [len(rows) for rows, _ in days])
    table = against_controls(events.assign(block=block), values, block, len(days)).set_index(["profile", "outcome"])
    return table.loc["institutional_directional", outcome]


def test_a_planted_drift_is_found():
    """Mids come once a minute, so the first usable one has gone a fifth of the way: four fifths of 12 basis points are left."""
    found = difference([day(12.0, seed) for seed in range(DAYS)])
    assert found["low"] <= 9.6 <= found["high"]
    assert found["low"] > 0
    assert found["n"] == DAYS * 20


def test_events_of_one_day_on_the_market_of_another_find_nothing():
    """The events lie at other minutes of the other day, so nothing planted follows them."""
    days = [day(12.0, seed) for seed in range(DAYS)]
    late = pd.Timedelta(minutes=9)
    shifted = [(rows.assign(closed_at=rows["closed_at"] + late), days[(i + 1) % DAYS][1]) for i, (rows, _) in enumerate(days)]
    found = difference(shifted)
    assert found["mean"] < 4.0


def test_nothing_planted_is_not_significant():
    found = difference([day(0.0, seed) for seed in range(DAYS)])
    assert found["low"] < 0 < found["high"]


def test_a_bearish_event_gains_from_a_fall_and_an_unsigned_one_has_no_return():
    rows, market = day(-12.0, 1)
    down = outcomes(rows.assign(primary_direction="bearish"), market)["signed_return_bp_300s"]
    assert down[:20].mean() > 0
    assert outcomes(rows.assign(primary_direction="mixed"), market)["signed_return_bp_300s"].isna().all()


def test_the_entry_is_a_second_later_and_an_exit_after_the_close_is_unknown():
    mids = Mids(OPEN + SECOND * np.array([0, 1, 2]), np.array([10.0, 11.0, 12.0]))
    assert mids.entry(np.array([OPEN])).tolist() == [11.0]
    assert np.isnan(mids.entry(np.array([OPEN + 2 * SECOND]))).all()
    np.testing.assert_array_equal(mids.at(np.array([OPEN - 1, OPEN, OPEN + 3 * SECOND])), [np.nan, 10.0, np.nan])


def test_realised_volatility_of_steady_steps():
    """Steps of 0.1 % every five minutes: sqrt(0.001^2 x 78 x 252) a year."""
    steps = np.arange(79)
    mids = Mids(OPEN + 300 * SECOND * steps, 100.0 * np.exp(0.001 * steps))
    assert realised_after(mids, np.array([OPEN - 2 * SECOND]))[0] == pytest.approx(0.001 * np.sqrt(78 * 252))
    assert np.isnan(realised_after(mids, mids.ts[-2:-1])).all()


def test_change_of_implied_volatility_by_hand():
    """Mid +0.50, underlying +1.00, delta 0.4, vega 0.05 a point: (0.50 - 0.40) / 0.05 = 2 points."""
    times = OPEN + SECOND * np.array([0, 1, 400])
    events = pd.DataFrame(
        {
            "event_id": ["e"], "underlying_id": ["SPY"], "closed_at": pd.to_datetime([OPEN], utc=True), "primary_direction": ["bullish"],
            "feature.abs_delta": [0.4], "feature.vega_notional_usd": [50.0], "feature.contracts": [10.0], "feature.call_share": [1.0],
            "feature.leg_count": [1.0], "feature.iv": [0.2],
        }
    )  # fmt: skip
    underlying = Mids(np.append(times[:2], OPEN + SECOND * np.array([250, 400])), np.array([100.0, 100.0, 101.0, 101.0]))
    option = Mids(np.append(times[:2], OPEN + SECOND * np.array([250, 400])), np.array([3.0, 3.0, 3.5, 3.5]))
    legs = pd.DataFrame({"event_id": ["e"], "option_symbol": ["X"], "leg_sign": [1]})
    assert outcomes(events, Market({"SPY": underlying}, {"X": option}, legs))["iv_change_points"][0] == pytest.approx(2.0)


def test_gap_of_a_box_by_hand():
    """Strikes 100 and 110, no interest: a box with a mid of 9.70, then 9.95, lies 0.30, then 0.05 from its value of 10."""
    names = ["ABC260417C00100000", "ABC260417C00110000", "ABC260417P00100000", "ABC260417P00110000"]
    mids = [(12.0, 12.0), (5.0, 5.0), (3.0, 3.0), (5.7, 5.95)]
    times = OPEN + SECOND * np.array([0, 10])
    options = {name: Mids(times, np.array(pair)) for name, pair in zip(names, mids, strict=True)}
    legs = pd.DataFrame({"event_id": "b", "option_symbol": names, "leg_sign": [1, -1, -1, 1]})
    np.testing.assert_allclose(box_gaps(legs, Market({}, options, legs), times), [0.30, 0.05])
    options.pop(names[0])
    assert np.isnan(box_gaps(legs, Market({}, options, legs), times)).all()


def test_controls_come_from_other_blocks_where_there_are_some():
    strata = pd.DataFrame({name: [1, 1, 1] for name in ("underlying_id", "dte", "delta", "hour", "size")})
    values, control = np.array([5.0, 1.0, 3.0]), np.array([False, True, True])
    assert matched_means(values, strata, np.array([0, 0, 1]), control)[0] == 3.0
    assert matched_means(values, strata, np.array([0, 0, 0]), control)[0] == 2.0


def test_one_session_has_controls_though_its_underlyings_are_the_blocks_of_the_bootstrap():
    """Controls share the underlying: looked for in other blocks of the bootstrap, there would be none."""
    rows, market = day(12.0, 1)
    table = against_controls(rows.assign(block=0), outcomes(rows, market), np.arange(len(rows)) % 2, 2)
    assert table.loc[table["outcome"] == "signed_return_bp_300s", "n"].max() > 0


def test_no_published_event_gives_null():
    rows, market = day(0.0, 1)
    quiet = rows.assign(primary_profile_id=pd.Series([None] * len(rows), dtype=object), block=0)
    table = against_controls(quiet, outcomes(quiet, market), np.zeros(len(rows), np.int64), 1)
    assert (table["n"] == 0).all()
    assert table["difference"].isna().all()
