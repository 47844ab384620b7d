"""The goals table of an evaluation on a terminal, with what stands behind it: confusion, look-alike families, background by origin."""

from __future__ import annotations

import pandas as pd
from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from smartmoney_pipeline.console.words import count, phrase
from smartmoney_pipeline.evaluation.background import ORIGINS
from smartmoney_pipeline.evaluation.decisions import ANSWERS
from smartmoney_pipeline.evaluation.report.page import interval, number
from smartmoney_pipeline.evaluation.summary import Summary
from smartmoney_pipeline.evaluation.verdicts import Verdict, missed, verdicts

SHORT = {"institutional_directional": "institutional", "not_found": "not found"}
"""Names of columns where twelve of them stand beside each other."""


def goals_view(summary: Summary) -> RenderableType:
    """Return the goals table, the confusion with an abstain column, the look-alike families and the false alarms by origin."""
    rows = verdicts(summary)
    short = missed(rows)
    asked = sum(row.goal is not None for row in rows)
    last = f"{asked - len(short)} of {asked} goals are met; intervals are 90 %, by {summary.cases.units.meaning}"
    return Group(_goals(rows), _confusion(summary.confusion), _families(summary.look_alikes), Text("\n".join([*_alarms(summary), last])))


def _table(title: str) -> Table:
    return Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)


def _goals(rows: tuple[Verdict, ...]) -> Table:
    table = _table("Goals")
    table.add_column("figure", overflow="fold")
    for name in ("result", "90 % interval", "goal", "n", "95 % of chance"):
        table.add_column(name, justify="right")
    table.add_column("", no_wrap=True)
    for row in rows:
        figure = row.figure
        sign = "" if row.goal is None else ("≥ " if row.goal.at_least else "≤ ")
        goal = "" if row.goal is None else sign + number(row.goal.limit, figure.metric)
        chance = "" if row.chance is None else number(row.chance, figure.metric)
        name = phrase(figure.metric) + (f", {phrase(figure.profile)}" if figure.profile else "")
        table.add_row(name, number(figure.value, figure.metric), interval(figure), goal, count(figure.n), chance, row.said)
    return table


def _confusion(table: pd.DataFrame) -> Table:
    shown = _table("What was said (columns) of labelled parents and of background events (rows)")
    shown.add_column("wanted", overflow="fold")
    for answer in ANSWERS:
        shown.add_column(phrase(SHORT.get(answer, answer)), justify="right")
    for name in table.index:
        if table.loc[name].sum():
            shown.add_row(
                phrase(SHORT.get(name, name)),
                *("·" if not table.loc[name, answer] else count(table.loc[name, answer]) for answer in ANSWERS),
            )
    return shown


def _families(table: pd.DataFrame) -> Table:
    shown = _table("Look-alike families")
    shown.add_column("family", overflow="fold", ratio=1)
    shown.add_column("wanted", overflow="fold")
    for name in ("n", "right", "90 % interval"):
        shown.add_column(name, justify="right")
    shown.add_column("published wrongly", overflow="fold")
    for row in table.sort_values(["right", "template", "variant"], kind="stable").to_dict("records"):
        ends = "" if pd.isna(row["low"]) else f"{row['low']:.2f} – {row['high']:.2f}"
        name = f"{row['template']} {row['variant']}"
        shown.add_row(phrase(name), phrase(row["wanted"]), count(row["n"]), f"{row['right']:.2f}", ends, phrase(row["said"]))
    return shown


def _alarms(summary: Summary) -> list[str]:
    """Background by origin: events and false alarms per 10,000."""
    lines = []
    for origin, words in ORIGINS.items():
        figure = summary.figure(f"false_alarms_{origin}_per_10000")
        if figure is not None:
            lines.append(f"background, {words}: {count(figure.n)} parents, {number(figure.value)} published per 10,000")
    return lines
