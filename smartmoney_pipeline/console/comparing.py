"""`smartmoney verify` at work: compares what was asked for, shows it, and ends with 1 where results differ."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from smartmoney_pipeline.console.changes import Move, moves_view
from smartmoney_pipeline.console.compared import Asked, Pair, Pairs, Run, sessions_of, two_runs
from smartmoney_pipeline.console.terminal import ExitCode, note, show, show_json
from smartmoney_pipeline.console.verifying import Comparison, compare, comparison_json, comparison_view
from smartmoney_pipeline.console.words import count

COLUMNS = ("before", "after", "new", "gone", "other profile", "other probability", "other columns", "the same")


@dataclass(frozen=True, slots=True)
class Compared:
    """A pair of results and how they compare."""

    pair: Pair
    found: Comparison


def verify(asked: Asked, as_json: bool, quiet: bool) -> None:
    """Compare, print, and end the command with 1 where something differs. Raises `CommandError` or `StoreError` as `compared` does."""
    runs = two_runs(asked)
    equal = _of_sessions(sessions_of(asked), as_json, quiet) if runs is None else _of_two(*runs, as_json, quiet)
    if not equal:
        raise typer.Exit(int(ExitCode.ERROR))


def _of_two(first: Run, second: Run, as_json: bool, quiet: bool) -> bool:
    found = compare(first.events(), second.events())
    if as_json:
        show_json(comparison_json(found))
    elif not quiet:
        show(comparison_view(found, first.name, second.name))
    return found.equal


def _of_sessions(asked: Pairs, as_json: bool, quiet: bool) -> bool:
    """One pair of events is in memory at a time."""
    done = [Compared(pair, compare(pair.first.events(), pair.second.events())) for pair in asked.pairs]
    equal = all(one.found.equal for one in done)
    if as_json:
        show_json({"equal": equal, "sessions": [_session_json(one) for one in done], "alone": asked.alone})
        return equal
    if not quiet:
        for line in asked.alone:
            note(line)
        show(_session_view(done[0]) if len(done) == 1 else _sessions_view(done))
    return equal


def _session_json(one: Compared) -> dict[str, Any]:
    runs = (one.pair.first, one.pair.second)
    named = {"session": one.pair.session, "source": one.pair.source, "runs": [{"name": r.name, "versions": r.versions} for r in runs]}
    return named | comparison_json(one.found)


def _session_view(one: Compared) -> RenderableType:
    pair = one.pair
    head = Text(f"{pair.session}  source {pair.source}", "bold")
    return Group(head, *_made_by([one]), comparison_view(one.found, pair.first.name, pair.second.name))


def _sessions_view(done: list[Compared]) -> RenderableType:
    """A row a session with the counts of its events, and their sum; below it who moved between which profiles in all of them."""
    table = Table("session", "source", box=None, pad_edge=False)
    for name in COLUMNS:
        table.add_column(name, justify="right")
    rows = [_numbers(one.found) for one in done]
    for one, numbers in zip(done, rows, strict=True):
        table.add_row(str(one.pair.session), one.pair.source, *map(count, numbers))
    table.add_row("all", "", *(count(sum(column)) for column in zip(*rows, strict=True)), style="bold")
    alike = sum(one.found.equal for one in done)
    said = Text(f"{count(len(done))} sessions and sources compared, {count(alike)} equal, {count(len(done) - alike)} different")
    moves = _moves(done)
    return Group(*_made_by(done), table, said, *([moves_view(moves)] if moves else []))


def _numbers(found: Comparison) -> list[int]:
    became = found.changes
    if became is None:
        return [*found.events, 0, 0, 0, 0, 0, found.events[1]]
    return [*found.events, became.new, became.gone, became.profile, became.probability, became.other, became.same]


def _moves(done: list[Compared]) -> list[Move]:
    held: Counter[tuple[str, str]] = Counter()
    for one in done:
        for move in one.found.changes.moves if one.found.changes else ():
            held[move.before, move.after] += move.events
    ordered = sorted(held.items(), key=lambda item: (-item[1], item[0]))
    return [Move(*names, events) for names, events in ordered]


def _made_by(done: list[Compared]) -> list[Text]:
    """What made either side, where all sessions of it were made by the same."""
    lines = []
    for label, runs in (("before", [one.pair.first for one in done]), ("after", [one.pair.second for one in done])):
        said = {", ".join(f"{name} {version}" for name, version in sorted(run.versions.items())) for run in runs}
        names = {run.name for run in runs}
        called = min(names) if len(names) == 1 else "of each session the former result"
        lines.append(Text(f"{label} ({called}): {min(said) if len(said) == 1 else f'{len(said)} sets of versions'}"))
    return lines
