"""Columns that rules derive from features. Expected values by hand from the seeds of the evidence base."""

import pytest
from flows import SWEEP, flow

from smartmoney_pipeline.profiles.inputs import columns


def _column(name: str, **changes: object) -> float:
    return float(columns(flow(SWEEP, **changes), (name,))[name][0])


@pytest.mark.parametrize(
    ("usual_volume", "index_or_etf", "delta_dollars", "expected"),
    [
        (60_000, False, 1_000_000, 1.0),
        (10_000, False, 1_000_000, 1.0),
        (9_999, False, 1_000_000, 4.0),
        (9_999, False, 250_000, 1.0),
        (9_999, True, 250_000, 0.25),
        (None, False, 250_000, 0.25),
    ],
    ids=["liquid", "just liquid", "quiet", "quiet at its gate", "index", "unknown takes the higher gate"],
)
def test_delta_dollars_against_the_gate_of_the_name(usual_volume: float, index_or_etf: bool, delta_dollars: float, expected: float) -> None:
    given = {"usual_option_volume": usual_volume, "index_or_etf": index_or_etf, "delta_notional_usd": float(delta_dollars)}
    assert _column("delta_gate_ratio", **given) == expected


@pytest.mark.parametrize(
    ("drift", "old_share", "usual_move", "expected"),
    [
        (0.0, 0.0, 0.1, 0.0),
        (0.5, 0.0, 0.1, 0.0),
        (1.0, 0.0, 0.1, 0.5),
        (1.5, 0.0, 0.1, 1.0),
        (0.0, 1.0, 0.4, 0.0),
        (0.0, 1.0, 1.0, 0.5),
        (0.0, 0.6, 9.0, 0.6),
        (0.0, 0.6, None, 0.6),
        (None, 0.6, None, 0.6),
        (1.2, 0.6, None, 0.7),
        (None, 0.0, None, 0.0),
    ],
)
def test_staleness_by_the_move_or_by_age(drift: float | None, old_share: float, usual_move: float | None, expected: float) -> None:
    """From 0.5 (0) to 1.5 half-spreads (1) of drift; age counts as far as the usual move in it does, in full where that is unknown."""
    given = {"quote_drift_half_spreads": drift, "stale_share": old_share, "quote_age_move_half_spreads": usual_move}
    assert _column("quote_staleness", **given) == pytest.approx(expected)


def test_nothing_known_of_age_and_drift_is_unknown() -> None:
    given = {"quote_drift_half_spreads": None, "stale_share": None, "quote_age_move_half_spreads": None}
    assert _column("quote_staleness", **given) != _column("quote_staleness", **given)
