"""Scores of events from their features: hands the rules what they read, and lays scores and evidence out as tables."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from smartmoney_pipeline.engine.columns import Ragged, set_bits
from smartmoney_pipeline.engine.evidence_table import EvidenceRows, evidence_table
from smartmoney_pipeline.engine.score_tables import Edition, EventScores, profile_scores_table
from smartmoney_pipeline.profiles.decision import Decision, decide
from smartmoney_pipeline.profiles.direction import directions, profile_directions
from smartmoney_pipeline.profiles.inputs import USED_FLAGS, FeatureColumns, ScoreInputs
from smartmoney_pipeline.profiles.reasons import reason_lists
from smartmoney_pipeline.profiles.score import score
from smartmoney_pipeline.profiles.scored import Scored
from smartmoney_pipeline.profiles.vocabulary import CLASSES
from smartmoney_pipeline.schemas.codes import QualityFlag

NOTABLE_PROBABILITY = 0.10
"""Evidence is listed for events with a profile at least this likely, twice its prior; `explain` works it out for any other."""

PRIOR_CODE = "PRIOR"
_FLAGS = list(QualityFlag)


@dataclass(frozen=True)
class ScoredTables:
    """Scores and evidence of the same events, as tables."""

    scores: pa.Table
    evidence: pa.Table


def score_inputs(features: FeatureColumns, events: Mapping[str, NDArray], quality_flags: NDArray[np.int64]) -> ScoreInputs:
    """Return what the rules read."""
    flags = {flag: (quality_flags >> _FLAGS.index(flag)) & 1 == 1 for flag in USED_FLAGS}
    return ScoreInputs(features, events["structure"], events["assembly"], flags)


def score_events(inputs: ScoreInputs, event_id: pa.Array) -> ScoredTables:
    """Return the tables of n events; `event_id` names them in the order of `inputs`."""
    scored = score(inputs)
    decision = decide(scored)
    edition = Edition(scored.rules.version, scored.calibration_version)
    scores = event_scores(scored, decision, directions(inputs))
    return ScoredTables(profile_scores_table(scores, event_id, edition), evidence_table(evidence_rows(scored), event_id))


def event_scores(scored: Scored, decision: Decision, of_event: NDArray[np.int8]) -> EventScores:
    """Return scores in the form of the table."""
    reasons = reason_lists(scored)
    return EventScores(
        probability=scored.probability,
        low=scored.low,
        high=scored.high,
        band=decision.confidence_band,
        direction=profile_directions(of_event),
        reasons=Ragged(reasons.codes, reasons.offsets),
        primary=decision.primary,
        primary_direction=_primary_direction(decision, of_event),
        suppressed=_guard_codes(scored),
        abstention=set_bits(decision.reasons.astype(np.uint64)),
        reason_codes=reasons.names,
    )


def _primary_direction(decision: Decision, of_event: NDArray[np.int8]) -> NDArray[np.int8]:
    """Direction beside the published profile; where none is published, that of the event."""
    published = profile_directions(of_event)[np.arange(len(of_event)), np.maximum(decision.primary, 0)]
    return np.where(decision.primary >= 0, published, of_event).astype(np.int8)


def _guard_codes(scored: Scored) -> Ragged:
    """Code indices of the guards that fired: they follow those of the evidence."""
    fired = set_bits(scored.guards)
    return Ragged(np.asarray(fired.flat) + scored.evidence_count, fired.offsets)


def evidence_rows(scored: Scored) -> EvidenceRows:
    """Return the evidence of notable events: every row that moved a score, the prior of each class, and what was not observed.

    The contributions of one event and class add up to its raw log-odds.
    """
    is_notable = scored.probability[:, :-1].max(axis=1, initial=0.0) >= NOTABLE_PROBABILITY
    notable = np.flatnonzero(is_notable)
    n, classes, codes = len(notable), len(CLASSES), (*scored.codes, PRIOR_CODE)
    moved = is_notable[scored.rows.event]
    at, code = _unobserved(scored, notable)
    parts = {
        "event": [scored.rows.event[moved], np.repeat(notable, classes), at],
        "profile": [scored.rows.profile[moved], np.tile(np.arange(classes), n), scored.rules.profile_of[code]],
        "code": [scored.rows.code[moved], np.full(n * classes, len(codes) - 1), code],
        "observed": [np.ones(int(moved.sum()), np.bool_), np.ones(n * classes, np.bool_), np.zeros(len(at), np.bool_)],
        "value": [scored.rows.value[moved], np.full(n * classes, np.nan), np.full(len(at), np.nan)],
        "contribution": [scored.rows.contribution[moved], np.tile(scored.log_prior, n), np.zeros(len(at))],
    }
    whole = {name: np.concatenate(arrays) for name, arrays in parts.items()}
    order = np.argsort(whole["event"], kind="stable")
    return EvidenceRows(**{name: values[order] for name, values in whole.items()}, codes=codes)


def _unobserved(scored: Scored, events: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Event and evidence row of what could not be evaluated."""
    bits = np.unpackbits(scored.unobserved[events], axis=1, count=scored.evidence_count)
    at, code = np.nonzero(bits)
    return events[at], code
