"""Each profile's plain example is published, and its near misses are not. Expected answers: section 2 of the taxonomy, by reading."""

from typing import NamedTuple

import pytest
from flows import BOX, CONVERSION, EVENT, GAMMA, HERD, OVERWRITE, PACKAGE, PLAIN, SHORT_STRADDLE, SWEEP, flow

from smartmoney_pipeline.profiles.explain import explain
from smartmoney_pipeline.schemas.codes import Assembly, Direction, Structure

INSTITUTIONAL, RETAIL, EVENT_DRIVEN, VOL_SELLER, ARBITRAGE, HEDGE = (
    "institutional_directional", "retail_whale", "event_driven", "vol_seller", "arbitrage", "hedge_reactive",
)  # fmt: skip


class Case(NamedTuple):
    story: str
    features: dict
    changes: dict
    published: str | None
    direction: Direction
    structure: Structure | None = None
    assembly: Assembly | None = None


S, A, D = Structure, Assembly, Direction
LONG_STRADDLE = SHORT_STRADDLE | {
    "net_vega_ratio": 1.0, "dte_days": 9, "iv_shock_half_spreads": 1.2, "spread_widening": 0.4, "trading_days_to_event": 3,
    "expiry_days_after_event": 4, "expiry_brackets_event": True, "pre_event_concentration": 1.0, "scheduled_earnings": True,
    "attention_z": 2.0,
}  # fmt: skip
VERTICAL = PACKAGE | {
    "contracts": 3_000, "premium_usd": 500_000.0, "delta_notional_usd": 30_000_000.0, "largest_print_contracts": 800, "dte_days": 60,
    "abs_delta": 0.45, "net_delta_ratio": 0.28, "net_vega_ratio": 0.2, "open_interest_share": 1.2, "buy_probability": 0.9,
    "net_price_position": 0.9, "venue_count": 1, "strike_count": 2,
}  # fmt: skip

CASES = [
    Case("swept six-week calls", SWEEP, {}, INSTITUTIONAL, D.BULLISH),
    Case("the same in puts", SWEEP, {"call_share": 0.0, "net_delta_ratio": -1.0}, INSTITUTIONAL, D.BEARISH),
    Case("a large call vertical paid up", VERTICAL, {}, INSTITUTIONAL, D.BULLISH, S.VERTICAL),
    Case("near miss: the sweep is of ten contracts", SWEEP,
         {"contracts": 10, "premium_usd": 4_000.0, "delta_notional_usd": 50_000.0, "small_ticket_share": 1.0, "open_interest_share": 0.01},
         None, D.BULLISH),
    Case("near miss: no side can be told", SWEEP,
         {"aggressor_mix": 0.02, "buy_probability": 0.52, "iso_share": 0.0, "open_interest_share": 0.1,
          "iv_shock_half_spreads": 0.0}, None, D.UNKNOWN),
    Case("a herd of short-dated call tickets", HERD, {}, RETAIL, D.BULLISH, None, A.HERD),
    Case("near miss: the herd is worth 9,500 dollars", HERD, {"premium_usd": 9_500.0}, None, D.BULLISH, None, A.HERD),
    Case("near miss: 95,000 dollars on an index is below its gate", HERD, {"index_or_etf": True}, None, D.BULLISH, None, A.HERD),
    Case("a sweep across earnings in three sessions", EVENT, {}, EVENT_DRIVEN, D.BULLISH),
    Case("a straddle bought across earnings", LONG_STRADDLE, {}, EVENT_DRIVEN, D.NEUTRAL, S.STRADDLE),
    Case("near miss: the event is a month away", EVENT, {"trading_days_to_event": 21, "dte_days": 33}, INSTITUTIONAL, D.BULLISH),
    Case("calls sold a month out in clips", OVERWRITE, {}, VOL_SELLER, D.BEARISH, None, A.WORKED),
    Case("puts sold a month out in clips", OVERWRITE, {"call_share": 0.0, "net_delta_ratio": 1.0}, VOL_SELLER, D.BULLISH, None, A.WORKED),
    Case("a straddle sold", SHORT_STRADDLE, {}, VOL_SELLER, D.NEUTRAL, S.STRADDLE),
    Case("near miss: the straddle may have been bought", SHORT_STRADDLE, {"buy_probability": 0.51}, None, D.UNKNOWN, S.STRADDLE),
    Case("a box at carry", BOX, {}, ARBITRAGE, D.NEUTRAL, S.BOX),
    Case("a conversion tied to stock", CONVERSION, {}, ARBITRAGE, D.NEUTRAL, S.CONVERSION_REVERSAL),
    Case("near miss: the legs differ in size", BOX, {"same_size_leg_symmetry": 0.7}, None, D.NEUTRAL, S.BOX),
    Case("near miss: the box keeps a delta", BOX, {"net_delta_ratio": 0.2}, None, D.NEUTRAL, S.BOX),
    Case("expiring index calls after a move, late", GAMMA, {}, HEDGE, D.BULLISH),
    Case("near miss: the underlying had not moved", GAMMA, {"underlying_move_sigmas": 0.3, "minutes_to_close": 200.0}, None, D.BULLISH),
    Case("five calls at the ask", PLAIN, {}, None, D.BULLISH, None, A.FILL),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.story)
def test_published_profile(case: Case) -> None:
    answer = explain(flow(case.features, case.structure, case.assembly, **case.changes))
    assert (answer.published, answer.direction) == (case.published, case.direction)
    assert bool(answer.abstention_reasons) == (case.published is None)


def test_a_roll_is_ordinary_flow() -> None:
    """Structures are evidence, never outcomes: a roll speaks for none."""
    roll = PACKAGE | {"contracts": 300, "premium_usd": 60_000.0, "delta_notional_usd": 2e6, "net_delta_ratio": 0.05, "net_vega_ratio": 0.3}
    answer = explain(flow(roll, S.ROLL))
    assert answer.likeliest == "none"
    assert "ROLL" in {line.code for line in answer.lines if line.profile == "none"}


def test_gamma_punch_is_evidence() -> None:
    codes = {line.code for line in explain(flow(GAMMA)).lines if line.contribution > 0}
    assert "ZERO_DTE_GAMMA_PUNCH" in codes
