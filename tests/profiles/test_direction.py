"""Direction: a truth table, and the mirror law."""

import numpy as np
import pytest
from flows import PACKAGE, SWEEP, flow
from hypothesis import given, settings
from hypothesis import strategies as st

from smartmoney_pipeline.profiles.direction import DIRECTIONS, directions, profile_directions
from smartmoney_pipeline.schemas.codes import Direction, ProfileId, Structure

D, S = Direction, Structure
MIRROR = {D.BULLISH: D.BEARISH, D.BEARISH: D.BULLISH}


def _direction(features: dict, structure: Structure | None = None, **changes: object) -> Direction:
    return DIRECTIONS[directions(flow(features, structure, **changes))[0]]


@pytest.mark.parametrize(
    ("structure", "changes", "expected"),
    [
        (None, {"net_delta_ratio": 1.0}, D.BULLISH),
        (None, {"net_delta_ratio": -1.0}, D.BEARISH),
        (None, {"net_delta_ratio": None}, D.UNKNOWN),
        (None, {"buy_probability": 0.54}, D.UNKNOWN),
        (None, {"buy_probability": 0.56}, D.BULLISH),
        (None, {"buy_probability": 0.46}, D.UNKNOWN),
        (None, {"buy_probability": 0.44, "net_delta_ratio": -1.0}, D.BEARISH),
        (None, {"buy_probability": 0.5, "two_sidedness": 1.0}, D.UNKNOWN),
        (None, {"buy_probability": None}, D.UNKNOWN),
        (None, {"two_sidedness": 0.5}, D.MIXED),
        (None, {"two_sidedness": 0.49}, D.BULLISH),
        (S.STRADDLE, {"net_delta_ratio": 0.05}, D.NEUTRAL),
        (S.STRADDLE, {"net_delta_ratio": 0.15}, D.NEUTRAL),
        (S.STRADDLE, {"net_delta_ratio": 0.16}, D.MIXED),
        (S.STRADDLE, {"net_delta_ratio": -0.29}, D.MIXED),
        (S.STRADDLE, {"net_delta_ratio": -0.3}, D.BEARISH),
        (S.STRADDLE, {"net_delta_ratio": 0.05, "buy_probability": 0.5}, D.UNKNOWN),
        (S.CONDOR, {"net_delta_ratio": 0.2, "net_vega_ratio": 0.29}, D.BULLISH),
        (S.CONDOR, {"net_delta_ratio": 0.2, "net_vega_ratio": -0.3}, D.MIXED),
        (S.CONDOR, {"net_delta_ratio": 0.15, "net_vega_ratio": 0.0}, D.NEUTRAL),
        (S.VERTICAL, {"net_delta_ratio": 0.11}, D.BULLISH),
        (S.VERTICAL, {"net_delta_ratio": -0.4, "two_sidedness": 1.0}, D.BEARISH),
        (S.RISK_REVERSAL, {"net_delta_ratio": -1.0}, D.BEARISH),
        (S.BOX, {"net_delta_ratio": 0.0}, D.NEUTRAL),
        (S.CONVERSION_REVERSAL, {"net_delta_ratio": 1.0}, D.NEUTRAL),
        (S.ROLL, {"net_delta_ratio": 0.4}, D.NEUTRAL),
        (S.COVERED_CALL, {"net_delta_ratio": -1.0}, D.UNKNOWN),
        (S.UNMATCHED_LEG, {"net_delta_ratio": 1.0}, D.UNKNOWN),
    ],
)
def test_truth_table(structure: Structure | None, changes: dict, expected: Direction) -> None:
    assert _direction(SWEEP if structure is None else PACKAGE, structure, **changes) is expected


@settings(max_examples=60, deadline=None)
@given(st.floats(-1, 1), st.floats(0, 1), st.none() | st.sampled_from(list(Structure)))
def test_mirror(delta: float, probability: float, structure: Structure | None) -> None:
    """Calls for puts turns the sign of every delta and nothing else: bullish and bearish change places, the rest stays."""
    here = _direction(PACKAGE, structure, net_delta_ratio=delta, buy_probability=probability)
    there = _direction(PACKAGE, structure, net_delta_ratio=-delta, buy_probability=probability)
    assert there is MIRROR.get(here, here) or delta == 0


def test_arbitrage_is_neutral_beside_any_event() -> None:
    table = profile_directions(np.array([DIRECTIONS.index(D.BULLISH)], dtype=np.int8))
    assert [DIRECTIONS[code] for code in table[0]] == [D.NEUTRAL if p is ProfileId.ARBITRAGE else D.BULLISH for p in ProfileId]
