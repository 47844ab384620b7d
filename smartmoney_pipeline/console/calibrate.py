"""Fits a calibration on generated sessions, chooses its form by cross-validation, and writes its versioned file."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from smartmoney_pipeline.console.calibration_figures import curves, judged
from smartmoney_pipeline.console.judged import ScoredSource, inputs_of, part_of
from smartmoney_pipeline.console.seeds import SeedJob, score_seeds
from smartmoney_pipeline.console.terminal import CommandError
from smartmoney_pipeline.console.words import count, phrase
from smartmoney_pipeline.evaluation.cases import UNLABELLED, cases_of
from smartmoney_pipeline.evaluation.classes import CLASSES, NONE
from smartmoney_pipeline.profiles.calibration import IDENTITY, NONE_SHARE, Calibration, CalibrationError, content_of, load
from smartmoney_pipeline.profiles.calibration.choosing import FOLDS, Form, Trial, choose
from smartmoney_pipeline.profiles.calibration.design import Labelled
from smartmoney_pipeline.profiles.score import score
from smartmoney_pipeline.profiles.vocabulary import Family
from smartmoney_pipeline.store.atomic import replacing
from smartmoney_pipeline.store.manifest import canonical_json

AUTO = "auto"
"""The form that cross-validation chooses."""


@dataclass(frozen=True, slots=True)
class FitJob:
    """What to fit, and on which sessions; they are kept in `keep` where that is given."""

    pack: str
    seeds: tuple[int, ...]
    session: date
    version: str
    form: str
    none_share: float | None
    processes: int
    quiet: bool
    keep: Path | None = None


@dataclass(frozen=True, slots=True)
class Fitted:
    """The calibration, its form, cases of each class that it rests on, and every form that was tried."""

    calibration: Calibration
    form: Form
    classes: dict[str, int]
    trials: tuple[Trial, ...]


def run(job: FitJob) -> Fitted:
    """Generate and score the sessions, and fit on them. Raises `CommandError` where nothing can be fitted."""
    with ExitStack() as stack:
        folder = job.keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="calibrate.")))
        return fit_sources(score_seeds(SeedJob(job.pack, job.seeds, job.session, folder, job.processes, job.quiet)), job)


def fit_sources(sources: Iterable[ScoredSource], job: FitJob) -> Fitted:
    """Fit on scored sources. Raises `CommandError` where no event, or one class only, is labelled."""
    labelled, hashes, names = [], [], []
    for source in sources:
        labelled.append(labelled_of(source))
        hashes.append(f"{source.name} {source.results.run_hash} {source.labels_hash}")
        names.append(f"{source.name} {source.results.session}")
    weighted = with_share(labelled, job.none_share)
    forms = tuple(Form) if job.form == AUTO else (Form(job.form),)
    try:
        chosen, trials = choose(weighted, job.version, forms)
    except CalibrationError as error:
        raise CommandError(f"calibration: {error}") from error
    data_hash = hashlib.sha256("\n".join(hashes).encode()).hexdigest()
    truth = np.concatenate([one.truth for one in weighted])
    figures = tuple(sorted(_figures(weighted, chosen, trials).items()))
    counts = dict(zip(CLASSES, np.bincount(truth, minlength=len(CLASSES)).tolist(), strict=True))
    found = replace(chosen.fitted, n=len(truth), metrics=figures, data_hash=data_hash, sources=tuple(names))
    return Fitted(found, chosen.form, counts, trials)


def labelled_of(source: ScoredSource) -> Labelled:
    """Return the events that a label owns, with its profile, and events of nobody as `none`; mixed events are left out."""
    cases = cases_of([part_of(source)])
    known = cases.known
    events = cases.events[known].reset_index(drop=True)
    return Labelled(inputs_of(events), cases.truth, np.ones(len(events)), (events["kind"] == UNLABELLED).to_numpy())


def with_share(labelled: list[Labelled], none_share: float | None) -> list[Labelled]:
    """Return the events with `none` weighted to a share of all; without one, every event counts once, as on the tapes."""
    if none_share is None:
        return labelled
    ordinary = CLASSES.index(NONE)
    flow = sum(int((one.truth == ordinary).sum()) for one in labelled)
    others = sum(int((one.truth != ordinary).sum()) for one in labelled)
    if not flow or not others:
        return labelled
    weight = none_share / (1.0 - none_share) * others / flow
    return [replace(one, weight=np.where(one.truth == ordinary, weight, 1.0)) for one in labelled]


def _figures(labelled: list[Labelled], chosen: Trial, trials: tuple[Trial, ...]) -> dict[str, float]:
    """Figures on the very cases that were fitted, before and after, each session under a fit on others, and of every form tried.

    Points of the curves are of sessions under fits on others; a single session has only its own fit.
    """
    before = [score(one.inputs, load(IDENTITY)).probability for one in labelled]
    after = [score(one.inputs, chosen.fitted).probability for one in labelled]
    figures = {f"uncalibrated_{name}": value for name, value in judged(before, labelled).items()} | judged(after, labelled)
    if chosen.folds:
        apart = [score(one.inputs, chosen.folds[i % len(chosen.folds)]).probability for i, one in enumerate(labelled)]
        figures |= {f"held_out_{name}": value for name, value in judged(apart, labelled).items()}
        after = apart
    figures |= curves(after, labelled)
    for trial in trials:
        figures |= {f"{trial.form}_{name}": round(value, 6) for name, value in trial.figures().items()}
    weight, truth = (np.concatenate([getattr(one, name) for one in labelled]) for name in ("weight", "truth"))
    return figures | {NONE_SHARE: round(float(weight[truth == CLASSES.index(NONE)].sum() / weight.sum()), 6)}


def write(fitted: Fitted, out: Path) -> None:
    """Write the versioned file, whole or not at all."""
    with replacing(out) as file:
        file.write(canonical_json(content_of(fitted.calibration)))


def fitted_json(fitted: Fitted, out: Path) -> dict[str, Any]:
    """Return what was fitted in the form of `--json`."""
    return {"file": out, "calibration": content_of(fitted.calibration), "classes": fitted.classes}


def fitted_view(fitted: Fitted, out: Path) -> RenderableType:
    """Return the figures before, under the identity, and after, what was fitted, and how the forms compare."""
    found, figures = fitted.calibration, dict(fitted.calibration.metrics)
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("figure")
    for name in ("before: identity", "after", "each session under a fit on others", "95 % of chance"):
        table.add_column(name, justify="right")
    for name in ("ece_top_label", "ece_class_wise", "brier", "log_loss"):
        keys = (f"uncalibrated_{name}", name, f"held_out_{name}", f"{name}_null_95")
        table.add_row(phrase(name), *("-" if key not in figures else f"{figures[key]:.4f}" for key in keys))
    classes = ", ".join(f"{name} {count(n)}" for name, n in fitted.classes.items())
    lines = [f"{found.version} for rule set {found.ruleset}, {found.basis}, {count(found.n)} events: {classes}"]
    return Group(Text(lines[0]), table, Text("\n".join(_about(fitted, out))))


def _about(fitted: Fitted, out: Path) -> list[str]:
    found = fitted.calibration
    biases = ", ".join(f"{name} {value:+.2f}" for name, value in zip(CLASSES, found.biases, strict=True) if value)
    slopes = ", ".join(f"{phrase(family)} {value:.2f}" for family, value in zip(Family, found.slopes, strict=True) if value != 1.0)
    lines = [f"form {fitted.form}; temperature {found.temperature:.3f}; biases {biases or 'none'}; slopes {slopes or 'all 1'}"]
    for trial in fitted.trials:
        tried = ", ".join(f"{phrase(name)} {value:.4f}" for name, value in trial.figures().items())
        lines.append(f"tried form {trial.form}: {tried or 'one session: no cross-validation'}")
    if any(trial.folds for trial in fitted.trials):
        lines.append(f"up to {FOLDS} folds of whole sessions; slopes are taken where they win by two standard errors")
    return [
        *lines,
        f"written to {out}",
        "calibrated to generated sessions, not to the market; smartmoney evaluate --calibration FILE checks it elsewhere",
    ]
