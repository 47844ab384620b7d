"""Profile scores as a table: six scores an event, `none`, the decision and its reasons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from smartmoney_pipeline.engine.columns import Ragged, check_lengths, codes_array, list_array, named_lists
from smartmoney_pipeline.schemas.arrow import arrow_schema, conform
from smartmoney_pipeline.schemas.codes import AbstentionReason, ConfidenceBand, Direction, ProfileId
from smartmoney_pipeline.schemas.output_tables import ProfileScores

_PROFILES = tuple(ProfileId)


@dataclass(frozen=True, slots=True)
class EventScores:
    """Scores of n events; profile arrays are [n, 6] in ProfileId order, `probability` is [n, 7] with none last.

    `band` and `direction` are codes into ConfidenceBand and Direction. `reasons` holds n * 6 lists, events outermost, and
    `suppressed` n lists, both of indices into `reason_codes`; `abstention` n lists of indices into AbstentionReason.
    `primary` is a profile index, -1 where abstained; `primary_direction` a code into Direction.
    """

    probability: np.ndarray
    low: np.ndarray
    high: np.ndarray
    band: np.ndarray
    direction: np.ndarray
    reasons: Ragged
    primary: np.ndarray
    primary_direction: np.ndarray
    suppressed: Ragged
    abstention: Ragged
    reason_codes: Sequence[str]


@dataclass(frozen=True, slots=True)
class Edition:
    """What the scores were made with."""

    ruleset_version: str
    calibration_version: str


def profile_scores_array(scores: EventScores) -> pa.ListArray:
    """Six structs an event, highest probability first, ties in ProfileId order."""
    count, width = len(scores.probability), len(_PROFILES)
    order = np.argsort(-scores.probability[:, :width], axis=1, kind="stable")
    flat = (order + np.arange(count)[:, None] * width).ravel()
    columns = {
        "profile_id": codes_array(order.ravel(), _PROFILES),
        "probability": pa.array(scores.probability[:, :width].ravel()[flat]),
        "probability_low": pa.array(scores.low.ravel()[flat]),
        "probability_high": pa.array(scores.high.ravel()[flat]),
        "confidence_band": codes_array(scores.band.ravel()[flat], tuple(ConfidenceBand)),
        "direction": codes_array(scores.direction.ravel()[flat], tuple(Direction)),
        "reasons": named_lists(scores.reasons.take(flat), scores.reason_codes),
    }
    structs = pa.StructArray.from_arrays(list(columns.values()), names=list(columns))
    return list_array(structs, np.arange(count + 1, dtype=np.int64) * width)


def profile_scores_table(scores: EventScores, event_id: pa.Array, edition: Edition) -> pa.Table:
    """Table of n events with the columns of ProfileScores, in the order given. Raises `ValueError` that names an odd column."""
    count = len(event_id)
    columns = {
        "event_id": event_id,
        "profile_scores": profile_scores_array(scores),
        "none_probability": pa.array(scores.probability[:, len(_PROFILES)]),
        "primary_profile_id": codes_array(scores.primary, _PROFILES),
        "primary_direction": codes_array(scores.primary_direction, tuple(Direction)),
        "abstained": pa.array(np.asarray(scores.primary) < 0),
        "suppressed_reasons": named_lists(scores.suppressed, scores.reason_codes),
        "abstention_reasons": named_lists(scores.abstention, tuple(AbstentionReason)),
        "ruleset_version": pa.repeat(edition.ruleset_version, count),
        "calibration_version": pa.repeat(edition.calibration_version, count),
    }
    check_lengths(columns, count)
    return conform(pa.table({name: columns[name] for name in arrow_schema(ProfileScores).names}), ProfileScores)
