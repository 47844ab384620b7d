"""Why one event was scored as it was: contributions that add up, the runner-up, what would change it, and the member prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from smartmoney_pipeline.console import words
from smartmoney_pipeline.console.event_table import contracts
from smartmoney_pipeline.console.results import Leg
from smartmoney_pipeline.console.terminal import plain
from smartmoney_pipeline.profiles.explain import Explanation, ExplanationLine
from smartmoney_pipeline.profiles.vocabulary import FAMILY_CAP_NATS, MECHANICAL_FAMILY_CAP_NATS, TOTAL_CAP_NATS, Family
from smartmoney_pipeline.schemas.codes import QualityFlag
from smartmoney_pipeline.schemas.contracts import SmartMoneyEvent

_ROUNDING = 1e-9
_MECHANICAL = " and ".join(family for family in Family if family.cap == MECHANICAL_FAMILY_CAP_NATS)
_CAPS = f"capped at {FAMILY_CAP_NATS:g} nats a family ({_MECHANICAL} {MECHANICAL_FAMILY_CAP_NATS:g}) and {TOTAL_CAP_NATS:g} in all"
_TO_PROBABILITY = "a probability is the exponential of its calibrated figure over the sum of all seven"


def explanation_json(event: SmartMoneyEvent, explanation: Explanation, legs: Sequence[Leg]) -> dict[str, Any]:
    """Return the explanation, the event and its contracts in the form of `--json`."""
    return {"event": event.model_dump(mode="json"), "legs": [asdict(leg) for leg in legs], "explanation": asdict(explanation)}


def explanation_view(event: SmartMoneyEvent, explanation: Explanation, legs: Sequence[Leg]) -> RenderableType:
    """Return the arithmetic of the likeliest class and of the runner-up, the other classes in one line each, and the members."""
    parts: list[RenderableType] = []
    for name in (explanation.likeliest, explanation.runner_up):
        parts += [_sums(explanation, name), *_capped(explanation, name), _calibrated(explanation, name)]
    parts += [_others(explanation), Text(_TO_PROBABILITY, "dim"), Text("\nWhat would change it", "bold")]
    parts += [Text(f"  {change}") for change in explanation.would_change] or [Text("  nothing in the rule tables alone")]
    version = f"rule set {explanation.ruleset_version}, calibration {explanation.calibration_version}"
    return Group(*parts, *_members(event, legs), Text(f"\n{version}; figures in nats (natural log-odds)", "dim"))


def _sums(explanation: Explanation, name: str) -> Table:
    """Prior and contributions of one class, with their sum at the foot."""
    probability, total = explanation.probability[name], explanation.log_odds[name]
    rank = "likeliest" if name == explanation.likeliest else "runner-up"
    table = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False, show_footer=True, title_justify="left")
    table.title = Text.assemble((f"{name}  {words.percent(probability)}", "bold"), f"  {rank}")
    table.add_column("nats", f"{total:+.2f}", justify="right", no_wrap=True)
    table.add_column("evidence", "log-odds", no_wrap=True)
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("because", overflow="fold", ratio=1)
    table.add_row(f"{explanation.log_prior[name]:+.2f}", "prior", "", Text("How common such flow is before anything is seen.", "dim"))
    for line in explanation.lines:
        if line.profile == name and line.observed:
            table.add_row(*_cells(line))
    return table


def _capped(explanation: Explanation, name: str) -> list[Text]:
    """Say which rows count less than their weight says, because a family of evidence or all of it reached its cap."""
    held = [line for line in explanation.lines if line.profile == name and abs(line.uncapped - line.contribution) > _ROUNDING]
    rows = ", ".join(f"{line.code} {line.uncapped:+.2f}" for line in held)
    return [Text(f"{_CAPS}; before that: {rows}", "dim")] if held else []


def _calibrated(explanation: Explanation, name: str) -> Text:
    """The step from the sum of the table to what the probability is made of."""
    of = explanation
    step = f"(log-odds {of.log_odds[name]:+.2f} less bias {of.bias[name]:+.2f}) / temperature {of.temperature:.3f}"
    return Text(f"calibrated {of.calibrated[name]:+.2f} = {step}\n", "dim")


def _cells(line: ExplanationLine) -> tuple[Text, str, str, str]:
    style = "green" if line.contribution > 0 else "red" if line.contribution < 0 else "dim"
    value = "" if line.value is None else f"{line.value:.4g}"
    return Text(f"{line.contribution:+.2f}", style), line.code, value, line.because


def _others(explanation: Explanation) -> Text:
    shown = {explanation.likeliest, explanation.runner_up}
    rest = sorted((name for name in explanation.probability if name not in shown), key=lambda name: -explanation.probability[name])
    parts = [f"{name} {words.percent(explanation.probability[name])} ({explanation.calibrated[name]:+.2f})" for name in rest]
    return Text(f"others, calibrated: {', '.join(parts)}", "dim")


def _members(event: SmartMoneyEvent, legs: Sequence[Leg]) -> list[RenderableType]:
    ids = [plain(name) for name in event.member_print_ids]
    heading = "Minute bar" if QualityFlag.MINUTE_BAR in event.quality_flags else f"Member prints ({len(ids)})"
    lines = [Text(f"\n{heading}", "bold"), Text(f"  {', '.join(ids)}")]
    if legs:
        lines += [Text("\nContracts", "bold"), *(Text(f"  {contracts([leg])}  {words.count(leg.contracts)} contracts") for leg in legs)]
    return list(lines)
