"""The page: figures in words and numbers for the template, and the files of the report folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import jinja2
import pandas as pd

from smartmoney_pipeline.evaluation.background import BACKGROUND, ORIGINS
from smartmoney_pipeline.evaluation.classes import CLASSES, PROFILES
from smartmoney_pipeline.evaluation.decisions import ANSWERS, Figure
from smartmoney_pipeline.evaluation.goals import goal_of
from smartmoney_pipeline.evaluation.notable import GROUPS, Notable
from smartmoney_pipeline.evaluation.report.pictures import Picture, pictures
from smartmoney_pipeline.evaluation.summary import Summary, metrics_content, records
from smartmoney_pipeline.store.atomic import replacing
from smartmoney_pipeline.store.manifest import canonical_json

PAGE, METRICS = "report.html", "metrics.json"
TEMPLATE = "page.html.j2"

HEADLINES = (
    ("macro_f1", "Macro F1, five profiles"),
    ("precision_published", "Precision of all that is published"),
    ("precision_at_coverage", "Precision where 70 % of labelled parents are answered"),
    ("coverage", "Labelled parents with a published profile"),
    ("ece_top_label", "Calibration error, top label"),
    ("ece_class_wise", "Calibration error, mean of classes"),
    ("false_positives_handled", "Look-alikes handled rightly"),
    ("false_positives_worst_family", "The worst look-alike family of 20 parents and more"),
    ("false_alarms_per_10000", "False alarms per 10,000 background parents"),
    *((f"false_alarms_{origin}_per_10000", f"of these, {words}") for origin, words in ORIGINS.items()),
    ("null_published_per_10000", "Published per 10,000 parents of sessions without any profile"),
    ("direction_accuracy", "Direction right, where both say one"),
    ("parents_found", "Labelled parents found as one event"),
    ("abstention_rate", "Events for which nothing is published"),
)
FAINTEST = 0.15
"""Shade of a cell with few of its row's cases: one wrong answer in thousands is still seen."""

SHARES = ("precision", "recall", "coverage", "abstention", "direction", "parents", "false_positives")
SCORES = ("f1", "macro_f1")


@dataclass(frozen=True)
class EvidenceLine:
    """One line of evidence of an event: what it added to which class, nats, and why."""

    profile: str
    code: str
    contribution: float
    because: str


@dataclass(frozen=True)
class EventFacts:
    """What the page shows of one notable event: what was traded, in words, and the evidence on the classes that matter."""

    outline: str
    evidence: tuple[EvidenceLine, ...]


def number(value: float | None, metric: str = "") -> str:
    """Return a figure as text: shares in per cent, the rest with three digits; a dash for null."""
    if value is None or pd.isna(value):
        return "–"
    if metric.startswith(SHARES):
        return f"{value:.1%}"
    if metric in SCORES:
        return f"{value:.3f}"
    if metric.startswith(("ece", "brier", "log_loss", "aurc")):
        return f"{value:.4f}"
    if float(value).is_integer() and abs(value) >= 10:
        return f"{value:,.0f}"
    return f"{value:.3g}" if abs(value) < 10 else f"{value:,.1f}"


def interval(figure: Figure) -> str:
    """Return the 90 % interval as text; empty where there is none."""
    if figure.low is None or figure.high is None:
        return ""
    low, high = number(figure.low, figure.metric), number(figure.high, figure.metric)
    return f"{low.removesuffix('%')} – {high}"


def _row(figure: Figure | None, label: str) -> dict[str, Any]:
    """One row of a table of figures, with its goal and whether it is met."""
    if figure is None:
        return {"label": label, "value": "–", "interval": "", "n": "0", "untold": "", "goal": "", "met": None, "why": ""}
    goal = goal_of(figure.metric, figure.profile)
    sign = "" if goal is None else ("≥ " if goal.at_least else "≤ ")
    return {
        "label": label,
        "value": number(figure.value, figure.metric),
        "interval": interval(figure),
        "n": f"{figure.n:,}",
        "untold": "" if goal is None else goal.untold(figure.n),
        "goal": "" if goal is None else sign + number(goal.limit, figure.metric),
        "met": None if goal is None else goal.met(figure.value, figure.n),
        "asked": goal is not None,
        "why": "" if goal is None else goal.reason,
    }


def _headlines(summary: Summary) -> list[dict[str, Any]]:
    rows = []
    for metric, label in HEADLINES:
        row = _row(summary.figure(metric), label)
        null = summary.figure(f"{metric}_null_95")
        row["null"] = "" if null is None or null.value is None else f"chance alone up to {number(null.value, metric)}"
        rows.append(row)
    return rows


def _profiles(summary: Summary) -> list[dict[str, Any]]:
    rows = []
    for profile in PROFILES:
        cells = {metric: _row(summary.figure(metric, profile), metric) for metric in ("precision", "recall", "f1")}
        ece = summary.figure("ece_of_class", profile)
        published = summary.figure("published", profile)
        rows.append(
            {"profile": profile, "published": "–" if published is None else number(published.value), "ece": _row(ece, "ece"), **cells}
        )
    return rows


def _proper(summary: Summary) -> list[dict[str, Any]]:
    rows = []
    for label, suffix in (("as scored", ""), ("class shares alone", "_prior_only"), ("premium alone", "_premium_only")):
        cells = {name: _row(summary.figure(name + suffix), label) for name in ("brier", "log_loss")}
        rows.append({"label": label, **cells})
    return rows


def _confusion(summary: Summary) -> dict[str, Any]:
    """Rows with counts and the shade of each cell by its share of the row; a right cell is marked."""
    rows = []
    for name in summary.confusion.index:
        counts = summary.confusion.loc[name]
        total = int(counts.sum())
        if total:
            silent = name in {"none", "abstain", BACKGROUND}
            cells = [_cell(int(counts[answer]), total, answer == name or (silent and answer in ANSWERS[-2:])) for answer in ANSWERS]
            rows.append({"name": name, "total": f"{total:,}", "cells": cells})
    return {"columns": ANSWERS, "rows": rows}


def _cell(count: int, total: int, right: bool) -> dict[str, Any]:
    shade = max(count / total, FAINTEST) if count else 0.0
    return {"count": f"{count:,}" if count else "·", "shade": round(shade, 3), "right": right, "share": f"{count / total:.0%}"}


def _bars(summary: Summary) -> list[dict[str, Any]]:
    rows = records(summary.abstentions)
    largest = max((row["events"] for row in rows), default=1)
    return [{**row, "width": round(100.0 * row["events"] / largest, 1)} for row in rows]


def _chosen(summary: Summary, facts: Mapping[str, EventFacts]) -> list[dict[str, Any]]:
    groups = []
    for key, title in GROUPS.items():
        members = [one for one in summary.notable if one.group == key]
        groups.append({"key": key, "title": title, "events": [_shown(one, facts) for one in members]})
    return groups


def _shown(one: Notable, facts: Mapping[str, EventFacts]) -> dict[str, Any]:
    known = facts.get(anchor(one))
    return {"event": one, "anchor": anchor(one), "facts": known, "probability": f"{one.probability:.2f}"}


def anchor(one: Notable) -> str:
    """Return the name by which an event's evidence is linked to: an event id is unique in its part only."""
    return f"{one.part}-{one.event_id}".replace(" ", "-")


def render(summary: Summary, drawn: Sequence[Picture], facts: Mapping[str, EventFacts]) -> str:
    """Return the page: one HTML text without scripts or outside references. Texts are escaped; pictures are inline."""
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters["words"] = lambda text: str(text).replace("_", " ")
    environment.filters["number"] = number
    template = environment.from_string(resources.files(__package__).joinpath(TEMPLATE).read_text(encoding="utf-8"))
    units = summary.cases.units
    return template.render(
        names=summary.cases.names,
        versions=dict(summary.versions),
        events=f"{len(summary.cases.events):,}",
        parents=f"{len(summary.cases.parents):,}",
        labelled=bool(len(summary.cases.parents)),
        known=f"{int(summary.cases.known.sum()):,}",
        background=f"{int(summary.cases.events['background'].sum()):,}",
        blocks=f"{units.count} ({units.meaning})",
        headlines=_headlines(summary),
        profiles=_profiles(summary),
        proper=_proper(summary),
        confusion=_confusion(summary),
        bars=_bars(summary),
        alikes=records(summary.look_alikes),
        priors=records(summary.priors),
        economic=None if summary.economic is None else [row for row in records(summary.economic) if row["n"]],
        drift=None if summary.drift is None else records(summary.drift)[:20],
        groups=_chosen(summary, facts),
        pictures={one.name: one for one in drawn},
        thresholds=summary.thresholds,
        notes=summary.notes,
        classes=CLASSES,
    )


def write_report(summary: Summary, folder: Path, facts: Mapping[str, EventFacts]) -> list[Path]:
    """Write page, pictures and metrics.json into `folder`, each file whole or not at all, and return them."""
    drawn = pictures(summary)
    files = {f"{one.name}.png": one.png for one in drawn}
    files[PAGE] = render(summary, drawn, facts).encode()
    files[METRICS] = canonical_json(metrics_content(summary))
    for name, content in files.items():
        with replacing(folder / name) as file:
            file.write(content)
    return [folder / name for name in files]
