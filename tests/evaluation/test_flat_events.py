"""Nested rows as flat columns."""

import numpy as np
import pyarrow as pa
from judged_examples import FEATURES, SCORES, scores

from smartmoney_pipeline.evaluation.flat import PROBABILITIES, feature, feature_names, flat_events, slim


def table() -> pa.Table:
    return pa.table(
        {
            "event_id": ["a", "b"],
            "profile_scores": pa.array([scores("arbitrage", 0.7), scores("event_driven", 0.4)], SCORES),
            "none_probability": [0.05, 0.1],
            "features": pa.array([{"iv": 0.3}, {"iv": None}], FEATURES),
        }
    )


def test_probabilities_stand_in_the_order_of_the_profiles():
    found = flat_events(table())
    assert found[PROBABILITIES].iloc[0].round(6).tolist() == [0.05, 0.05, 0.05, 0.05, 0.7, 0.05, 0.05]
    assert found.loc[1, "probability.event_driven"] == 0.4


def test_unknown_features_are_not_numbers():
    found = flat_events(table())
    np.testing.assert_array_equal(feature(found, "iv"), [0.3, np.nan])
    assert np.isnan(feature(found, "no such feature")).all()
    assert "premium_usd" in feature_names(found)


def test_events_without_features_or_rows_are_flat_too():
    assert feature_names(flat_events(table().drop_columns(["features"]))) == []
    assert len(flat_events(table().slice(0, 0))) == 0


def test_slim_events_keep_what_figures_over_all_events_read():
    full = flat_events(table())
    kept = slim(full)
    assert feature_names(kept) == [name for name in feature_names(full) if name in {"premium_usd", "dte_days", "abs_delta"}]
    assert [name for name in kept if not name.startswith("feature.")] == [name for name in full if not name.startswith("feature.")]
