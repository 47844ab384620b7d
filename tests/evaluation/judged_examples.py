"""Small scored sessions whose figures can be counted by hand; no test is here."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from smartmoney_pipeline.evaluation.cases import Cases, Part, cases_of
from smartmoney_pipeline.evaluation.classes import PROFILES
from smartmoney_pipeline.evaluation.flat import flat_events
from smartmoney_pipeline.schemas.event_features import FEATURE_NAMES

SCORES = pa.list_(pa.struct([("profile_id", pa.string()), ("probability", pa.float64())]))
FEATURES = pa.struct([(name, pa.float64()) for name in FEATURE_NAMES])

COLUMNS = ("event_id", "prints", "likeliest", "probability", "published", "direction", "reasons")
EVENTS = [
    ("e1", "abc", "arbitrage", 0.80, "arbitrage", "neutral", []),
    ("e2", "d", "vol_seller", 0.50, None, "bearish", ["low_probability"]),
    ("e3", "ef", "retail_whale", 0.70, "retail_whale", "bullish", []),
    ("e4", "g", "none", 0.90, None, "unknown", ["no_profile"]),
    ("e5", "h", "event_driven", 0.75, "event_driven", "bullish", []),
    ("e6", "i", "none", 0.95, None, "unknown", ["no_profile", "stale_quotes"]),
]
"""e1 and e2 are of one label each, e3 is half a label's, e4 is a neutral event, e5 and e6 are background."""

LABELS = [
    ("L1", "abc", "arbitrage", "arbitrage", "neutral", "profile"),
    ("L2", "d", "vol_seller", "vol_seller", "bearish", "profile"),
    ("L3", "e", "retail_whale", "abstain", "bullish", "false_positive"),
    ("L4", "g", "none", "none", "unknown", "neutral"),
]


def scores(likeliest: str, probability: float) -> list[dict[str, object]]:
    """Ladder of six profiles whose likeliest class has the probability and the others share the rest."""
    rest = (1.0 - probability) / len(PROFILES)
    ladder = [{"profile_id": name, "probability": probability if name == likeliest else rest} for name in PROFILES]
    return sorted(ladder, key=lambda row: -float(str(row["probability"])))


def part(name: str = "test-1", events: list = EVENTS, labels: list | None = LABELS, underlying: str = "SPY") -> Part:
    """One session of rows as in `EVENTS` and `LABELS`."""
    rows = flat_events(
        pa.table(
            {
                "event_id": [row[0] for row in events],
                "underlying_id": [underlying] * len(events),
                "profile_scores": pa.array([scores(row[2], row[3]) for row in events], SCORES),
                "none_probability": pa.array([row[3] if row[2] == "none" else (1 - row[3]) / 6 for row in events], pa.float64()),
                "primary_profile_id": pa.array([row[4] for row in events], pa.string()),
                "primary_direction": [row[5] for row in events],
                "abstained": pa.array([row[4] is None for row in events], pa.bool_()),
                "abstention_reasons": pa.array([row[6] for row in events], pa.list_(pa.string())),
                "features": pa.array([{"premium_usd": 1000.0 * (i + 1)} for i in range(len(events))], FEATURES),
            }
        )
    )
    members = pd.DataFrame([(row[0], letter) for row in events for letter in row[1]], columns=["event_id", "print_id"])
    return Part(name, rows, members, None if labels is None else label_table(labels))


def label_table(labels: list) -> pd.DataFrame:
    """Labels with the columns of the richer label table."""
    names = ["label_id", "print_id", "profile", "expected", "direction", "family"]
    rows = [(row[0], letter, *row[2:]) for row in labels for letter in row[1]]
    return pd.DataFrame(rows, columns=names).assign(template="made", variant="up", difficulty="easy")


def cases(copies: int = 1) -> Cases:
    """The cases of the session, so many times."""
    return cases_of([part(f"test-{i}") for i in range(1, copies + 1)])


def forecasts(n: int, classes: int = 7, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Probabilities [n, classes] and labels drawn from them: a forecast that is calibrated by construction."""
    generator = np.random.default_rng(seed)
    probability = generator.dirichlet(np.full(classes, 0.5), size=n)
    truth = (generator.random(n)[:, None] >= probability.cumsum(axis=1)).sum(axis=1)
    return probability, np.minimum(truth, classes - 1)
