"""Inputs of two events written by hand, one published and one abstained; no test is here."""

import numpy as np
import pandas as pd
import pyarrow as pa

from smartmoney_pipeline.engine.columns import Ragged
from smartmoney_pipeline.engine.events_table import smart_money_events
from smartmoney_pipeline.engine.parent_tables import EventKeys, parent_events_table
from smartmoney_pipeline.engine.score_tables import Edition, EventScores, profile_scores_table
from smartmoney_pipeline.schemas.event_features import FEATURE_NAMES

START = 1_737_124_200_000_000_000
"""2025-01-17 14:30:00 UTC in nanoseconds, by `date -u -d '2025-01-17 14:30' +%s`."""

EVENTS = {
    "underlying": np.array([1, 0], dtype=np.int32),
    "kind": np.array([0, 1], dtype=np.uint8),
    "assembly": np.array([1, 2], dtype=np.uint8),
    "structure": np.array([-1, 0], dtype=np.int8),
    "start_ts": np.array([START + 1, START]),
    "end_ts": np.array([START + 12_999_999, START]),
    "closed_at": np.array([START + 250_000_000, START + 300_000_000]),
    "reconstruction_confidence": np.array([0.97, np.nan]),
    "runner_up": np.array([-1, 1], dtype=np.int8),
    "structure_margin": np.array([np.nan, 0.7]),
    "package_buy_probability": np.array([np.nan, 0.6]),
    "net_price_position": np.array([np.nan, 0.4]),
    "parity_residual_half_spreads": np.array([np.nan, np.nan]),
    "first_order": np.array([0, 3]),
    "stock_tied": np.array([False, False]),
    "print_count": np.array([3, 1]),
}
KEYS = EventKeys(
    event_id=pa.array(["e1", "e2"]),
    packet_ids=Ragged(pa.array(["k1", "k2", "k3"]), np.array([0, 2, 3])),
    member_print_ids=Ragged(pa.array(["p1", "p2", "p3", "p4"]), np.array([0, 3, 4])),
    underlyings=["AAPL", "SPY"],
)
SCORES = EventScores(
    probability=np.array([[0.125, 0.0625, 0.5, 0.0625, 0.125, 0.0, 0.125], [0.0625] * 4 + [0.125, 0.125, 0.5]]),
    low=np.zeros((2, 6)),
    high=np.ones((2, 6)),
    band=np.array([[0, 1, 2, 0, 1, 2], [0] * 6], dtype=np.uint8),
    direction=np.array([[0, 1, 2, 3, 4, 0], [4] * 6], dtype=np.uint8),
    reasons=Ragged(np.array([0, 1, 2, 0]), np.array([0, 1, 1, 3, 3, 3, 3, 3, 3, 3, 3, 4, 4])),
    primary=np.array([2, -1], dtype=np.int8),
    primary_direction=np.array([0, 4], dtype=np.uint8),
    suppressed=Ragged(np.array([3]), np.array([0, 0, 1])),
    abstention=Ragged(np.array([0, 2]), np.array([0, 0, 2])),
    reason_codes=["EVENT_AHEAD", "ASK_LIFT_DOMINANT", "BLOCK_PREMIUM", "PARITY_LIKE_LEGS"],
)
FEATURES = pd.DataFrame({name: [np.nan, np.nan] for name in FEATURE_NAMES}).assign(
    event_id=["e1", "e2"], contracts=[500.0, np.nan], index_or_etf=pd.Series([True, None], dtype="boolean"), premium_usd=[1.5e6, 10.0]
)
FLAGS = np.array([0b1000000000000000, 0b101])


def build(events=None, keys=KEYS, features=FEATURES, scores=SCORES, quality_flags=FLAGS, **statement) -> pa.Table:
    parents = parent_events_table(EVENTS if events is None else events, keys, quality_flags)
    return smart_money_events(parents, features, profile_scores_table(scores, keys.event_id, Edition("r1", "c1")), **statement)
