"""Scenario packs and templates as tables, and one generated session in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from smartmoney_pipeline.console.terminal import CommandError
from smartmoney_pipeline.console.words import count
from smartmoney_pipeline.scenarios.generate import ScenarioDay, generate, write
from smartmoney_pipeline.scenarios.packs import PackInfo, TemplateInfo, list_packs, list_templates, parse_source

TAPE, LABELS = "tape", "labels"


def scenarios_json() -> dict[str, Any]:
    """Return packs and templates in the form of `--json`."""
    return {"packs": [asdict(pack) for pack in list_packs()], "templates": [asdict(template) for template in list_templates()]}


def scenarios_view() -> RenderableType:
    """Return the packs with what they hold, and the templates by family."""
    return Group(_packs_table(list_packs()), _templates_table(list_templates()))


def _packs_table(packs: Sequence[PackInfo]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("pack", no_wrap=True)
    table.add_column("mode", no_wrap=True)
    table.add_column("what it is", ratio=2)
    table.add_column("templates", ratio=1)
    for pack in packs:
        table.add_row(pack.name, pack.mode, pack.description, ", ".join(pack.templates))
    return table


def _templates_table(templates: Sequence[TemplateInfo]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("template", no_wrap=True)
    table.add_column("family", no_wrap=True)
    table.add_column("cases", justify="right", no_wrap=True)
    table.add_column("variants", ratio=1)
    for template in templates:
        table.add_row(template.name, template.family.replace("_", " "), count(template.cases), ", ".join(template.variants))
    return table


def generate_into(source: str, session: date, out: Path) -> ScenarioDay:
    """Write the tape and the labels of one session below `out`. Raises `CommandError` where one of the two is there already."""
    pack, seed = parse_source(source)
    for name in (TAPE, LABELS):
        if (out / name).exists() and (not (out / name).is_dir() or any((out / name).iterdir())):
            raise CommandError(f"{out / name}: holds files already; choose an empty or new folder")
    day = generate(pack, session, seed)
    write(day, out / TAPE, out / LABELS)
    return day


def generated_json(day: ScenarioDay, out: Path) -> dict[str, Any]:
    """Return what was written in the form of `--json`."""
    rows = {name: len(table) for name, table in sorted(day.tables.items())}
    return {"tape": out / TAPE, "labels": out / LABELS, "pack": day.pack, "seed": day.seed, "session": day.session, "rows": rows}


def generated_view(day: ScenarioDay, out: Path) -> RenderableType:
    """Return what was written and the two commands that come next."""
    rows = ", ".join(f"{name} {count(len(table))}" for name, table in sorted(day.tables.items()))
    lines = [f"{day.pack}-{day.seed} {day.session}: {rows}", f"tape in {out / TAPE}, labels apart in {out / LABELS}"]
    lines += ["next:", f"  smartmoney score {out / TAPE} --out {out / 'scored'}"]
    return Text("\n".join([*lines, f"  smartmoney evaluate {out / 'scored'} --labels {out / LABELS}"]))
