"""Scenario packs as a table, and one generated session in a folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from smartmoney_pipeline.console.terminal import CommandError
from smartmoney_pipeline.console.words import count
from smartmoney_pipeline.scenarios.generate import ScenarioDay, generate, write
from smartmoney_pipeline.scenarios.packs import PackInfo, list_packs, parse_source

TAPE, LABELS = "tape", "labels"


def packs_json() -> list[dict[str, Any]]:
    """Return the packs in the form of `--json`."""
    return [asdict(pack) for pack in list_packs()]


def packs_view() -> RenderableType:
    """Return the packs with what they hold."""
    return _packs_table(list_packs())


def _packs_table(packs: Sequence[PackInfo]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("pack", no_wrap=True)
    table.add_column("what it is", ratio=1)
    table.add_column("templates", ratio=1)
    for pack in packs:
        table.add_row(pack.name, pack.description, ", ".join(pack.templates))
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
