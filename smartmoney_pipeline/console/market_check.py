"""Generated days held against published statistics: measured here, shown as a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from smartmoney_pipeline.evaluation.market_check.day import Measured
from smartmoney_pipeline.evaluation.market_check.run import Finding, Verdict, failed, findings, measure_tables, over_days
from smartmoney_pipeline.scenarios.generate import generate

SESSION = date(2026, 3, 18)
"""The session round which the events of the packs are placed."""

_MARKS = {Verdict.PASS: "pass", Verdict.FAIL: "FAIL", Verdict.FEW: "few"}
_STYLES = {Verdict.PASS: "green", Verdict.FAIL: "bold red", Verdict.FEW: "yellow"}


def check_pack(pack: str, seeds: Sequence[int], session: date) -> list[Finding]:
    """Generate one session a seed and return the findings on their medians: one day of a few names says little of a rare thing.

    Raises `ScenarioError` for an unknown pack, a bad seed or a closed exchange.
    """
    return findings(over_days([_measured(pack, seed, session) for seed in seeds]))


def _measured(pack: str, seed: int, session: date) -> dict[str, Measured]:
    day = generate(pack, session, seed)
    return measure_tables(day.tables, day.sides)


def findings_json(pack: str, seeds: Sequence[int], session: date, found: Sequence[Finding]) -> dict[str, Any]:
    """Return the findings in the form of `--json`; a value that could not be measured is null."""
    about = {"pack": pack, "seeds": list(seeds), "session": session}
    return about | {"failed": len(outside(found)), "statistics": [_record(f) for f in found]}


def _record(finding: Finding) -> dict[str, Any]:
    row = finding.row
    return {
        "key": row.key,
        "subject": row.subject,
        "title": row.title,
        "unit": row.unit,
        "generated": finding.measured.value,
        "cases": finding.measured.cases,
        "low": row.low,
        "high": row.high,
        "published": row.published,
        "tolerance": row.tolerance,
        "source": row.source,
        "verdict": str(finding.verdict),
    }


def outside(found: Sequence[Finding]) -> list[Finding]:
    """Return the findings outside their bands."""
    return failed(list(found))


def findings_view(found: Sequence[Finding]) -> RenderableType:
    """Return the findings as one table, subject by subject, and a line that counts them."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("statistic", ratio=5)
    for name in ("generated", "passes in"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("published", ratio=4)
    table.add_column("tolerance", ratio=3)
    table.add_column("source", no_wrap=True)
    table.add_column("", no_wrap=True)
    for subject, members in groupby(found, key=lambda finding: finding.row.subject):
        table.add_row(Text(subject, "bold"))
        for finding in members:
            _add(table, finding)
    counts = Counter(finding.verdict for finding in found)
    return Group(table, Text(f"{counts[Verdict.PASS]} pass, {counts[Verdict.FAIL]} fail, {counts[Verdict.FEW]} with too few cases"))


def _add(table: Table, finding: Finding) -> None:
    row, verdict = finding.row, finding.verdict
    table.add_row(
        f"  {row.title}", number(finding.measured.value, row.unit), f"{number(row.low, row.unit)} to {number(row.high, row.unit)}",
        row.published, row.tolerance, row.source, Text(_MARKS[verdict], _STYLES[verdict]),
    )  # fmt: skip


def number(value: float | None, unit: str) -> str:
    """Return a figure as text: shares in percent, others with three digits that count."""
    if value is None:
        return "-"
    if unit == "share":
        return f"{100 * value:.3g} %" if abs(value) < 0.995 else f"{100 * value:.1f} %"
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
