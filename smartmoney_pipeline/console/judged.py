"""Scored sessions as evaluation takes them: events, members and labels, under the stored scores or under another calibration."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa

from smartmoney_pipeline.console.results import EVENTS, MEMBERS, Results
from smartmoney_pipeline.console.terminal import CommandError
from smartmoney_pipeline.engine.score_stage import event_scores
from smartmoney_pipeline.engine.score_tables import Edition, profile_scores_table
from smartmoney_pipeline.evaluation.cases import Part
from smartmoney_pipeline.evaluation.flat import FEATURE, PROBABILITIES, feature, flat_events
from smartmoney_pipeline.profiles.calibration import Calibration
from smartmoney_pipeline.profiles.decision import decide
from smartmoney_pipeline.profiles.direction import directions
from smartmoney_pipeline.profiles.inputs import ScoreInputs
from smartmoney_pipeline.profiles.score import score
from smartmoney_pipeline.schemas.event_features import FEATURE_NAMES

DECISION_COLUMNS = ["primary_profile_id", "primary_direction", "abstained", "abstention_reasons", "ruleset_version", "calibration_version"]
NESTED_COLUMNS = ["profile_scores", "none_probability", "features"]
SHAPE_COLUMNS = ["structure", "assembly", "quality_flags"]
ABOUT = ["event_id", "underlying_id", "event_kind", "start_ts", "closed_at"]
EVENT_COLUMNS = [*ABOUT, *DECISION_COLUMNS, *NESTED_COLUMNS, *SHAPE_COLUMNS]


@dataclass(frozen=True, slots=True)
class ScoredSource:
    """One scored session with its labels, and the file of what the market did after each event, where it was worked out."""

    name: str
    results: Results
    labels: pd.DataFrame
    labels_hash: str
    after: Path | None = None


def part_of(source: ScoredSource, fitted: Calibration | None = None) -> Part:
    """Return the part of one scored session, scored again from its features where a calibration is given.

    Raises `CommandError` where there are no events or labels, or where no labelled print is in any event.
    """
    results = source.results
    events = flat_events(results.scan(EVENTS, EVENT_COLUMNS))
    if events.empty:
        raise CommandError(f"{results.place}: there are no events to evaluate")
    if source.labels.empty:
        raise CommandError(f"{source.name}: the labels file holds no rows")
    members = results.scan(MEMBERS, ["event_id", "print_id"]).to_pandas().astype({"event_id": "str"})
    if not source.labels["print_id"].isin(members["print_id"]).any():
        raise CommandError(
            f"{source.name}: none of the labelled prints is in an event of {results.place}: are these labels of another tape?"
        )
    return Part(source.name, events if fitted is None else rescored(events, fitted), members, source.labels)


def strangers(part: Part) -> int:
    """Return how many labelled prints are in no event."""
    return 0 if part.labels is None else int((~part.labels["print_id"].isin(part.members["print_id"])).sum())


def inputs_of(events: pd.DataFrame) -> ScoreInputs:
    """Return what the rules read of flat events. Raises `CommandError` that names features which the events lack."""
    missing = [name for name in FEATURE_NAMES if FEATURE + name not in events]
    if missing:
        raise CommandError(f"the events lack features: {', '.join(missing)}; score the tape again")
    features = pd.DataFrame({name: feature(events, name) for name in FEATURE_NAMES})
    return ScoreInputs.from_stored(features, *(events[name].tolist() for name in SHAPE_COLUMNS))


def rescored(events: pd.DataFrame, fitted: Calibration) -> pd.DataFrame:
    """Return flat events with scores and decisions under `fitted`, from their stored features.

    Raises `CalibrationError` where it was made for another rule set than the packaged one.
    """
    inputs = inputs_of(events)
    scored = score(inputs, fitted)
    scores = event_scores(scored, decide(scored), directions(inputs))
    edition = Edition(scored.rules.version, scored.calibration_version)
    table = profile_scores_table(scores, pa.array(events["event_id"], pa.string()), edition).select(DECISION_COLUMNS).to_pandas()
    probability = dict(zip(PROBABILITIES, scored.probability.T, strict=True))
    return events.assign(**{name: table[name].to_numpy() for name in DECISION_COLUMNS}, **probability)
