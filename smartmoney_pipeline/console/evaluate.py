"""Evaluation over any number of scored sessions, and its report: which sessions, under which calibration, with what beside them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from smartmoney_pipeline.console.evidence import facts_of
from smartmoney_pipeline.console.judged import part_of, strangers
from smartmoney_pipeline.console.market_after import market_of
from smartmoney_pipeline.console.results import EVENTS, Results, open_results
from smartmoney_pipeline.console.seeds import ScoredSource, SeedJob, parse_seeds, score_seeds, with_labels
from smartmoney_pipeline.console.terminal import CommandError
from smartmoney_pipeline.evaluation.cases import Cases, Part, cases_of
from smartmoney_pipeline.evaluation.economic import against_controls, outcomes
from smartmoney_pipeline.evaluation.flat import NONE_COLUMN, flat_events, nested_scores
from smartmoney_pipeline.evaluation.metrics import evaluate
from smartmoney_pipeline.evaluation.probabilities import Thresholds
from smartmoney_pipeline.evaluation.report.page import write_report
from smartmoney_pipeline.evaluation.summary import Summary, summarise
from smartmoney_pipeline.profiles import calibration
from smartmoney_pipeline.profiles.calibration import Calibration, CalibrationError
from smartmoney_pipeline.profiles.decision import MIN_MARGIN, MIN_PROBABILITY
from smartmoney_pipeline.profiles.rules.priors import NONE_PRIOR
from smartmoney_pipeline.profiles.ruleset import ruleset_version

VERSIONS = ("ruleset_version", "calibration_version")
METRIC_COLUMNS = ["event_id", "primary_profile_id", "primary_direction", "abstained", "abstention_reasons", NONE_COLUMN]


@dataclass(frozen=True, slots=True)
class Asked:
    """What `smartmoney evaluate` was given: scored folders with labels and tapes in the same order, or a pack with seeds."""

    folders: tuple[Path, ...] = ()
    labels: tuple[Path, ...] = ()
    tapes: tuple[Path, ...] = ()
    session: date | None = None
    source: str | None = None
    pack: str | None = None
    seeds: str | None = None
    processes: int = 1
    calibration: Path | None = None
    against: Path | None = None
    quiet: bool = False


@dataclass(frozen=True)
class Judged:
    """What came out: the cases, the metrics table of `evaluate`, labelled prints in no event, and what a report needs beside them."""

    cases: Cases
    metrics: pd.DataFrame
    strangers: int
    economic: pd.DataFrame | None
    versions: dict[str, str]
    fitted: Calibration | None


def judge(asked: Asked, with_economics: bool = False) -> Judged:
    """Evaluate what was asked for. Raises `CommandError` that names what does not fit."""
    fitted = _calibration(asked.calibration)
    parts, values, versions = [], [], {}
    with _sources(asked) as sources:
        for source in sources:
            part = part_of(source, fitted)
            parts.append(part)
            versions = dict(source.results.versions)
            if with_economics and source.tape is not None:
                values.append(outcomes(part.events, market_of(source.tape, source.results, part.events)))
    if fitted is not None:
        versions |= {"calibration": fitted.version, "ruleset": fitted.ruleset}
    cases = cases_of(parts)
    economic = None
    if values and len(values) == len(parts):
        units = cases.units
        economic = against_controls(cases.events, pd.concat(values, ignore_index=True), units.events, units.count)
    return Judged(cases, _metrics(parts), sum(map(strangers, parts)), economic, versions, fitted)


def _metrics(parts: Sequence[Part]) -> pd.DataFrame:
    """The metrics table over all parts; ids are made their part's own where there are several."""
    if len(parts) > 1:
        parts = [_apart(part, i) for i, part in enumerate(parts)]
    events = pd.concat([part.events[METRIC_COLUMNS].assign(profile_scores=_scores(part)) for part in parts], ignore_index=True)
    events = events.rename(columns={NONE_COLUMN: "none_probability"})
    members = pd.concat([part.members for part in parts], ignore_index=True)
    return evaluate(events, members, pd.concat([part.labels for part in parts if part.labels is not None], ignore_index=True))


def _scores(part: Part) -> pd.Series:
    """Nested scores of the events that hold a labelled print; the metrics table reads no others."""
    prints: list[str] = [] if part.labels is None else part.labels["print_id"].tolist()
    touched = part.events["event_id"].isin(part.members.loc[part.members["print_id"].isin(prints), "event_id"])
    chosen = part.events[touched]
    return pd.Series(nested_scores(chosen), index=chosen.index, dtype=object).reindex(part.events.index)


def _apart(part: Part, number: int) -> Part:
    def own(frame: pd.DataFrame, *names: str) -> pd.DataFrame:
        return frame.assign(**{name: f"{number}:" + frame[name].astype(str) for name in names})

    labels = None if part.labels is None else own(part.labels, "label_id", "print_id")
    return Part(part.name, own(part.events, "event_id"), own(part.members, "event_id", "print_id"), labels)


def report(judged: Judged, asked: Asked, folder: Path) -> list[Path]:
    """Write the report into `folder`, and return its files."""
    summary = summary_of(judged, asked)
    return write_report(summary, folder, facts_of(summary, judged.fitted))


def summary_of(judged: Judged, asked: Asked) -> Summary:
    """Return everything that the report says."""
    reference = None if asked.against is None else _reference(asked.against)
    notes = tuple(_notes(judged))
    thresholds = Thresholds(MIN_PROBABILITY, MIN_MARGIN, NONE_PRIOR)
    return summarise(judged.cases, thresholds, judged.versions, reference, judged.economic, notes)


def _notes(judged: Judged) -> Iterator[str]:
    """What a reader should know before the figures."""
    if judged.strangers:
        yield f"{judged.strangers:,} labelled prints are in no event."
    explains = ruleset_version(), (judged.fitted or calibration.load()).version
    for rules, fitted in sorted(set(zip(*(judged.cases.events[name] for name in VERSIONS), strict=True))):
        if (rules, fitted) != explains:
            yield (
                f"Some events were scored under rule set {rules} and calibration {fitted}; the evidence below is that of rule set "
                f"{explains[0]} and calibration {explains[1]}, so it may not fit their probabilities."
            )


def _reference(folder: Path) -> pd.DataFrame:
    columns = ["event_id", "features", "profile_scores", "none_probability"]
    return flat_events(open_results(folder).scan(EVENTS, columns))


def _calibration(path: Path | None) -> Calibration | None:
    if path is None:
        return None
    try:
        return calibration.read(path, ruleset_version())
    except CalibrationError as error:
        raise CommandError(str(error)) from error


@contextmanager
def _sources(asked: Asked) -> Iterator[Iterator[ScoredSource]]:
    """The scored sessions one by one; generated ones are gone when the block ends."""
    if asked.pack is None:
        yield _given(asked)
        return
    if asked.folders or asked.labels or asked.tapes:
        raise CommandError(
            "--pack generates and scores sessions itself: give either DIR with --labels, or --pack with --seeds and --session"
        )
    if asked.seeds is None or asked.session is None:
        raise CommandError("--pack needs --seeds and --session")
    with tempfile.TemporaryDirectory(prefix="evaluate.") as folder:
        yield score_seeds(SeedJob(asked.pack, parse_seeds(asked.seeds), asked.session, Path(folder), asked.processes, asked.quiet))


def _given(asked: Asked) -> Iterator[ScoredSource]:
    """Folders with the labels, and the tapes if any, that stand in the same place of their lists."""
    if not asked.folders:
        raise CommandError("give a scored folder or a lake with --labels, or --pack with --seeds and --session")
    for name, given in (("--labels", asked.labels), ("--tape", asked.tapes)):
        if len(given) != len(asked.folders) and (given or name == "--labels"):
            raise CommandError(f"{name}: one a folder is needed, in the same order; found {len(given)} for {len(asked.folders)}")
    opened = [open_results(folder, asked.session, asked.source) for folder in asked.folders]
    tapes: Sequence[Path | None] = asked.tapes or [None] * len(opened)
    names = _names(opened)
    for name, results, labels, tape in zip(names, opened, asked.labels, tapes, strict=True):
        yield replace(with_labels(name, results, labels), tape=tape)


def _names(opened: Sequence[Results]) -> list[str]:
    """Source and session of each, numbered where two are the same."""
    names = [f"{results.source} {results.session}" for results in opened]
    return [name if names.count(name) == 1 else f"{name} ({i})" for i, name in enumerate(names, start=1)]


def report_json(judged: Judged, files: Sequence[Path]) -> dict[str, Any]:
    """Return where the report lies."""
    return {"report": [str(path) for path in files], "sources": list(judged.cases.names)}
