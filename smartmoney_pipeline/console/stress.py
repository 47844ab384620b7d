"""A stress day from the command line: totals, processes, and what was written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from rich.text import Text

from smartmoney_pipeline.console import terminal
from smartmoney_pipeline.console.scenarios import LABELS, TAPE
from smartmoney_pipeline.console.terminal import CommandError
from smartmoney_pipeline.console.words import count
from smartmoney_pipeline.engine.cut import cores
from smartmoney_pipeline.scenarios.packs import parse_source
from smartmoney_pipeline.scenarios.stress import STRESS, StressDay, default_size, generate_stress
from smartmoney_pipeline.scenarios.stress_plan import check_wanted


@dataclass(frozen=True, slots=True)
class Asked:
    """Totals and processes as asked for; None where not."""

    prints: int | None
    quotes: int | None
    processes: int | None


def is_stress(source: str) -> bool:
    """Whether `source` names the stress pack. Raises `ScenarioError` where it names no pack at all."""
    return parse_source(source)[0] == STRESS


def refuse_sizes(source: str, asked: Asked) -> None:
    """Raise `CommandError` where totals or processes are asked of a pack of fixed size."""
    for name in ("prints", "quotes", "processes"):
        if getattr(asked, name) is not None:
            raise CommandError(f"--{name}: only the pack {STRESS} takes it; {source} has a size of its own")


def generate_into(source: str, session: date, out: Path, asked: Asked, quiet: bool) -> StressDay:
    """Write tape and labels below `out`. Without totals the pack's own; with one of the two, the other in the pack's proportion.

    Raises `ScenarioError` for impossible totals or folders that hold files.
    """
    usual = default_size()
    prints = asked.prints or (usual.prints if asked.quotes is None else max(round(asked.quotes * usual.prints / usual.quotes), 1))
    quotes = asked.quotes or round(prints * usual.quotes / usual.prints)
    wanted = check_wanted(prints, quotes)
    with terminal.progress_bar(f"generating {terminal.plain(source)}", prints, quiet) as progress:
        return generate_stress(session, parse_source(source)[1], wanted, out / TAPE, out / LABELS, asked.processes or cores(), progress)


def show(day: StressDay, out: Path, as_json: bool, quiet: bool) -> None:
    """Print what was written, or its JSON."""
    if as_json:
        terminal.show_json(stress_json(day, out))
    elif not quiet:
        rows = ", ".join(f"{name} {count(n)}" for name, n in sorted(day.rows.items()))
        lines = [f"{STRESS}-{day.seed} {day.session}: {count(day.underlyings)} underlyings; {rows}"]
        lines += [f"tape in {out / TAPE}, labels apart in {out / LABELS}", "next:"]
        terminal.show(Text("\n".join([*lines, f"  smartmoney score {out / TAPE} --out {out / 'scored'}"])))


def stress_json(day: StressDay, out: Path) -> dict[str, Any]:
    """Return what was written in the form of `--json`."""
    about = {"pack": STRESS, "seed": day.seed, "session": day.session, "underlyings": day.underlyings}
    return {"tape": out / TAPE, "labels": out / LABELS, **about, "rows": day.rows}
