"""Evaluation over any number of scored sessions, and its report: which sessions, under which calibration, with what beside them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pandas as pd

from smartmoney_pipeline.console.evidence import facts_of
from smartmoney_pipeline.console.judged import ScoredSource, part_of, strangers
from smartmoney_pipeline.console.market_after import market_of
from smartmoney_pipeline.console.results import Results, open_results
from smartmoney_pipeline.console.samples import SAMPLE, drift_reference, sample_of
from smartmoney_pipeline.console.seeds import SeedJob, parse_seeds, score_seeds, with_labels
from smartmoney_pipeline.console.terminal import CommandError
from smartmoney_pipeline.evaluation.cases import Cases, Part, cases_of
from smartmoney_pipeline.evaluation.drift import drift
from smartmoney_pipeline.evaluation.economic import against_controls, outcomes
from smartmoney_pipeline.evaluation.flat import slim
from smartmoney_pipeline.evaluation.metrics import grouping_figures, metrics_table, reason_figures
from smartmoney_pipeline.evaluation.probabilities import Thresholds
from smartmoney_pipeline.evaluation.report.page import EventFacts, write_report
from smartmoney_pipeline.evaluation.summary import Summary, summarise
from smartmoney_pipeline.profiles import calibration
from smartmoney_pipeline.profiles.calibration import Calibration, CalibrationError
from smartmoney_pipeline.profiles.decision import MIN_MARGIN, MIN_PROBABILITY
from smartmoney_pipeline.profiles.rules.priors import NONE_PRIOR
from smartmoney_pipeline.profiles.ruleset import ruleset_version
from smartmoney_pipeline.store.atomic import replacing

VERSIONS = ("ruleset_version", "calibration_version")
NULL_PACK = "null"


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
    null_seeds: str | None = None
    keep: Path | None = None
    processes: int = 1
    calibration: Path | None = None
    against: Path | None = None
    quiet: bool = False


@dataclass(frozen=True)
class Judged:
    """What came out: the summary, the metrics table, facts of the notable events, labelled prints in no event, and a sample of events."""

    summary: Summary
    metrics: pd.DataFrame
    facts: Mapping[str, EventFacts]
    strangers: int
    sample: pd.DataFrame


@dataclass
class _Taken:
    """What is kept of the sessions read so far: parts without most features, outcomes, a sample with all features, where each lies."""

    parts: list[Part]
    outcomes: list[pd.DataFrame]
    samples: list[pd.DataFrame]
    results: dict[str, Results]
    strangers: int = 0


def judge(asked: Asked, with_facts: bool = False) -> Judged:
    """Evaluate what was asked for; `with_facts` looks up the evidence of notable events. Raises `CommandError` that names what is wrong."""
    fitted = _calibration(asked.calibration)
    reference = None if asked.against is None else drift_reference(asked.against)
    with _folder(asked) as folder:
        taken = _read(_sources(asked, folder), fitted)
        null = _null_cases(asked, folder, fitted)
        cases = cases_of(taken.parts)
        sample = pd.concat(taken.samples, ignore_index=True)
        assumed = dict((fitted or calibration.load()).metrics).get(calibration.NONE_SHARE, NONE_PRIOR)
        thresholds = Thresholds(MIN_PROBABILITY, MIN_MARGIN, assumed)
        summary = summarise(
            cases,
            thresholds,
            _versions(taken, fitted),
            null,
            _economic(cases, taken),
            None if reference is None else drift(reference, sample),
            tuple(_notes(cases, taken.strangers, fitted)),
        )
        facts = facts_of(summary, taken.results, fitted) if with_facts else {}
    table = metrics_table([*summary.figures, *reason_figures(cases), *grouping_figures(taken.parts)])
    return Judged(summary, table, facts, taken.strangers, sample)


def report(judged: Judged, folder: Path) -> list[Path]:
    """Write the report into `folder`, and return its files; a sample of the events lies there for the drift of the next run."""
    written = write_report(judged.summary, folder, judged.facts)
    with replacing(folder / SAMPLE) as file:
        judged.sample.to_parquet(file)
    return [*written, folder / SAMPLE]


def _read(sources: Iterator[tuple[ScoredSource, Path | None]], fitted: Calibration | None) -> _Taken:
    """Read the sessions one by one, and let go of what no figure needs."""
    taken = _Taken([], [], [], {})
    for source, tape in sources:
        part = part_of(source, fitted)
        taken.strangers += strangers(part)
        if tape is not None:
            taken.outcomes.append(outcomes(part.events, market_of(tape, source.results, part.events)))
        elif source.after is not None:
            taken.outcomes.append(pd.read_parquet(source.after))
        taken.samples.append(sample_of(part.events))
        taken.results[part.name] = source.results
        taken.parts.append(Part(part.name, slim(part.events), part.members, part.labels))
    return taken


def _economic(cases: Cases, taken: _Taken) -> pd.DataFrame | None:
    """Outcomes against matched controls; None unless every session has outcomes."""
    if len(taken.outcomes) < len(taken.parts):
        return None
    units = cases.units
    return against_controls(cases.events, pd.concat(taken.outcomes, ignore_index=True), units.events, units.count)


def _null_cases(asked: Asked, folder: Path, fitted: Calibration | None) -> Cases | None:
    """Sessions without any profile; None where none were asked for."""
    if asked.null_seeds is None:
        return None
    if asked.pack is None or asked.session is None:
        raise CommandError("--null-seeds goes with --pack, --seeds and --session")
    job = SeedJob(NULL_PACK, parse_seeds(asked.null_seeds), asked.session, folder, asked.processes, asked.quiet)
    return cases_of(_read(((source, None) for source in score_seeds(job)), fitted).parts)


def _versions(taken: _Taken, fitted: Calibration | None) -> dict[str, str]:
    versions = dict(list(taken.results.values())[-1].versions)
    return versions if fitted is None else versions | {"calibration": fitted.version, "ruleset": fitted.ruleset}


def _notes(cases: Cases, lost: int, fitted: Calibration | None) -> Iterator[str]:
    """What a reader should know before the figures."""
    if lost:
        yield f"{lost:,} labelled prints are in no event."
    explains = ruleset_version(), (fitted or calibration.load()).version
    for rules, stated in sorted(set(zip(*(cases.events[name] for name in VERSIONS), strict=True))):
        if (rules, stated) != explains:
            yield (
                f"Some events were scored under rule set {rules} and calibration {stated}; the evidence below is that of rule set "
                f"{explains[0]} and calibration {explains[1]}, so it may not fit their probabilities."
            )


def _calibration(path: Path | None) -> Calibration | None:
    if path is None:
        return None
    try:
        return calibration.read(path, ruleset_version())
    except CalibrationError as error:
        raise CommandError(str(error)) from error


@contextmanager
def _folder(asked: Asked) -> Iterator[Path]:
    """Where generated sessions lie: kept where that was asked for, else gone when the block ends."""
    if asked.keep is not None:
        yield asked.keep
        return
    with tempfile.TemporaryDirectory(prefix="evaluate.") as folder:
        yield Path(folder)


def _sources(asked: Asked, folder: Path) -> Iterator[tuple[ScoredSource, Path | None]]:
    """The scored sessions one by one, each with its tape where one was given."""
    if asked.pack is None:
        return _given(asked)
    if asked.folders or asked.labels or asked.tapes:
        raise CommandError(
            "--pack generates and scores sessions itself: give either DIR with --labels, or --pack with --seeds and --session"
        )
    if asked.seeds is None or asked.session is None:
        raise CommandError("--pack needs --seeds and --session")
    job = SeedJob(asked.pack, parse_seeds(asked.seeds), asked.session, folder, asked.processes, asked.quiet)
    return ((source, None) for source in score_seeds(job))


def _given(asked: Asked) -> Iterator[tuple[ScoredSource, Path | None]]:
    """Folders with the labels, and the tapes if any, that stand in the same place of their lists."""
    if not asked.folders:
        raise CommandError("give a scored folder or a lake with --labels, or --pack with --seeds and --session")
    for name, given in (("--labels", asked.labels), ("--tape", asked.tapes)):
        if len(given) != len(asked.folders) and (given or name == "--labels"):
            raise CommandError(f"{name}: one a folder is needed, in the same order; found {len(given)} for {len(asked.folders)}")
    opened = [open_results(folder, asked.session, asked.source) for folder in asked.folders]
    tapes: Sequence[Path | None] = asked.tapes or [None] * len(opened)
    for name, results, labels, tape in zip(_names(opened), opened, asked.labels, tapes, strict=True):
        yield with_labels(name, results, labels), tape


def _names(opened: Sequence[Results]) -> list[str]:
    """Source and session of each, numbered where two are the same."""
    names = [f"{results.source} {results.session}" for results in opened]
    return [name if names.count(name) == 1 else f"{name} ({i})" for i, name in enumerate(names, start=1)]
