"""Pictures of the report, drawn without any global state; each gives SVG for the page and PNG for the folder."""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import PercentFormatter

from smartmoney_pipeline.evaluation import selective
from smartmoney_pipeline.evaluation.cases import Cases
from smartmoney_pipeline.evaluation.classes import CLASSES, PROFILES
from smartmoney_pipeline.evaluation.corp import Reliability, consistency_band
from smartmoney_pipeline.evaluation.decisions import confusion
from smartmoney_pipeline.evaluation.goals import goal_of
from smartmoney_pipeline.evaluation.probabilities import diagrams, parent_confidence, threshold_sweep
from smartmoney_pipeline.evaluation.report.confusion_picture import confusion_canvas
from smartmoney_pipeline.evaluation.report.ink import BLUE, INK, ORANGE, PALE, STYLE
from smartmoney_pipeline.evaluation.summary import Summary

PNG_DPI = 160
FEW_CASES = 30
"""A class with fewer cases is drawn pale: its diagram says little."""

WITHIN = np.linspace(0.0, 1.0, 101)


@dataclass(frozen=True)
class Picture:
    """One picture; `alt` says in words what it shows."""

    name: str
    alt: str
    svg: str
    png: bytes


def pictures(summary: Summary) -> list[Picture]:
    """Return the pictures for which there are cases."""
    with rc_context(STYLE):
        drawn = [_by_profile(summary), _reliability(summary.cases), _risk(summary), _sweep(summary)]
        return [_picture(*one) for one in drawn if one is not None]


def session_pictures(cases: Cases) -> list[Picture]:
    """Return the reliability diagrams and the table of confusion of one session or more; nothing without labels."""
    if not len(cases.parents):
        return []
    with rc_context(STYLE):
        return [_picture(*one) for one in (_reliability(cases), _confusion(cases)) if one is not None]


def _confusion(cases: Cases) -> tuple[str, str, Canvas] | None:
    canvas = confusion_canvas(confusion(cases))
    return None if canvas is None else ("confusion", "What was said of labelled parents and of background, by what was wanted", canvas)


def _picture(name: str, alt: str, canvas: Canvas) -> Picture:
    png, svg = io.BytesIO(), io.StringIO()
    FigureCanvasAgg(canvas)
    canvas.savefig(png, format="png", dpi=PNG_DPI, metadata={"Software": None})
    canvas.savefig(svg, format="svg", metadata={"Date": None, "Creator": None, "Title": alt})
    text = svg.getvalue()
    return Picture(name, alt, text[text.index("<svg") :].replace("<svg ", f'<svg role="img" aria-label="{alt}" ', 1), png.getvalue())


def _words(code: str) -> str:
    return code.replace("_", " ")


def _by_profile(summary: Summary) -> tuple[str, str, Canvas] | None:
    """Precision and recall of each profile with their intervals, beside the goals."""
    if not len(summary.cases.parents):
        return None
    canvas = Canvas(figsize=(7.6, 2.9), layout="constrained")
    left, right = canvas.subplots(1, 2, sharey=True)
    for axes, metric in ((left, "precision"), (right, "recall")):
        for place, profile in enumerate(reversed(PROFILES)):
            _dot(axes, summary, metric, profile, place)
        axes.set(xlim=(-0.03, 1.03), title=metric, yticks=range(len(PROFILES)), yticklabels=[_words(name) for name in reversed(PROFILES)])
        axes.xaxis.set_major_formatter(PercentFormatter(1.0))
        axes.tick_params(axis="y", length=0)
    return "by_profile", "Precision and recall of each profile with 90 % intervals; a short bar marks the goal", canvas


def _dot(axes: Axes, summary: Summary, metric: str, profile: str, place: int) -> None:
    figure, goal = summary.figure(metric, profile), goal_of(metric, profile)
    if goal is not None:
        axes.plot([goal.limit] * 2, [place - 0.33, place + 0.33], color=ORANGE, linewidth=1.4)
    if figure is None or figure.value is None:
        axes.text(0.0, place, "no case", color="#7b8894", fontsize=7.5, va="center")
        return
    if figure.low is not None and figure.high is not None:
        axes.plot([figure.low, figure.high], [place, place], color=BLUE, linewidth=2.2, alpha=0.45, solid_capstyle="round")
    axes.plot(figure.value, place, "o", color=BLUE, markersize=5.5)
    above = figure.value < 0.9
    axes.annotate(
        f"n {figure.n:,}", (figure.value, place), (6 if above else -2, 5), textcoords="offset points", fontsize=6.5, color="#5d6b77",
        ha="left" if above else "right",
    )  # fmt: skip


def _reliability(cases: Cases) -> tuple[str, str, Canvas] | None:
    """CORP diagrams of the top label and of every class, with bands of consistency and where the cases lie."""
    found = diagrams(cases)
    if not found:
        return None
    canvas = Canvas(figsize=(7.6, 4.1), layout="constrained")
    probability, truth = cases.probability[cases.known], cases.truth
    panels = ["top_label", *CLASSES]
    for axes, name in zip(canvas.subplots(2, 4, sharex=True, sharey=True).ravel(), panels, strict=True):
        stated = probability.max(axis=1) if name == "top_label" else probability[:, CLASSES.index(name)]
        count = len(truth) if name == "top_label" else int((truth == CLASSES.index(name)).sum())
        axes.plot([0, 1], [0, 1], color="#9aa7b2", linewidth=0.8, linestyle=(0, (4, 3)))
        axes.set_title(f"{_words(name)}\n{count:,} cases", fontsize=7.5)
        axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal", xticks=[0, 0.5, 1], yticks=[0, 0.5, 1])
        if name in found:
            _diagram(axes, found[name], stated, count)
    canvas.supxlabel("stated probability", fontsize=8.5)
    canvas.supylabel("how often it happened", fontsize=8.5)
    return "reliability", "Reliability diagrams of the top label and of each class, with the 90 % band of a calibrated forecast", canvas


def _diagram(axes: Axes, diagram: Reliability, stated: np.ndarray, count: int) -> None:
    low, high = consistency_band(stated, WITHIN)
    inside = (stated.min() <= WITHIN) & (stated.max() >= WITHIN)
    axes.fill_between(WITHIN[inside], low[inside], high[inside], color=PALE, linewidth=0)
    x = np.column_stack([diagram.low, diagram.high]).ravel()
    axes.plot(x, np.repeat(diagram.frequency, 2), color=BLUE, linewidth=1.6, alpha=1.0 if count >= FEW_CASES else 0.4)
    heights, edges = np.histogram(stated, bins=40, range=(0.0, 1.0))
    tallest = np.log1p(heights.max())
    axes.bar(edges[:-1], 0.14 * np.log1p(heights) / tallest, width=0.025, align="edge", color="#8496a5", alpha=0.55, linewidth=0)


def _risk(summary: Summary) -> tuple[str, str, Canvas] | None:
    """Risk against coverage of labelled parents, and where publishing stands."""
    confidence, wrong, _ = parent_confidence(summary.cases)
    curve = selective.risk_coverage(confidence, wrong)
    if curve is None:
        return None
    canvas = Canvas(figsize=(3.7, 2.9), layout="constrained")
    axes = canvas.subplots()
    axes.plot(curve.coverage, curve.risk, color=BLUE, linewidth=1.8)
    axes.fill_between(curve.coverage, curve.risk, color=PALE, linewidth=0)
    parents = summary.cases.parents[summary.cases.parents["wanted"].isin(PROFILES)]
    said = parents["answer"].isin(PROFILES)
    if said.any():
        spot = (float(said.mean()), float((parents["answer"] != parents["wanted"])[said].mean()))
        axes.plot(*spot, "o", color=ORANGE, markersize=6)
        axes.annotate("as published", spot, (0, 9), textcoords="offset points", ha="center", color=ORANGE)
    axes.set(xlim=(0, 1.02), ylim=(0, max(0.1, float(curve.risk.max()) * 1.15)), title=f"risk and coverage, AURC {curve.aurc:.3f}")
    axes.set(xlabel="share of labelled parents answered, surest first", ylabel="share of wrong answers")
    axes.xaxis.set_major_formatter(PercentFormatter(1.0))
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    return "risk_coverage", "Share of wrong profiles among labelled parents, as more of them are answered, surest first", canvas


def _sweep(summary: Summary) -> tuple[str, str, Canvas] | None:
    """What another threshold of probability would give."""
    if not len(summary.cases.parents):
        return None
    table = threshold_sweep(summary.cases, tuple(np.round(np.arange(0.30, 0.991, 0.02), 2)))
    canvas = Canvas(figsize=(3.7, 2.9), layout="constrained")
    axes = canvas.subplots()
    axes.plot(table["threshold"], table["recall"], color=BLUE, linewidth=1.8, label="recall")
    axes.plot(table["threshold"], table["precision"], color=INK, linewidth=1.4, linestyle=(0, (4, 2)), label="precision")
    axes.axvline(summary.thresholds.probability, color="#9aa7b2", linewidth=1.0)
    axes.set(xlabel="least probability to publish", ylim=(0, 1.02), title="what another threshold would give")
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    other = axes.twinx()
    other.plot(table["threshold"], table["false_alarms_per_10000"], color=ORANGE, linewidth=1.4, label="false alarms (right)")
    other.set(
        ylabel="per 10,000 background events", ylim=(0, max(1.0, float(np.nanmax(table["false_alarms_per_10000"].fillna(0.0)) * 1.3)))
    )
    other.grid(visible=False)
    lines = [*axes.get_lines()[:2], *other.get_lines()]
    axes.legend(lines, [str(line.get_label()) for line in lines], fontsize=7, loc="lower left")
    return "thresholds", "Recall, precision and false alarms for other thresholds of probability", canvas
