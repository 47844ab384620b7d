"""Events as a table, one event two lines: when, what, how much, consistent with which profile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.box import SIMPLE_HEAD
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from smartmoney_pipeline.console import ladder, words
from smartmoney_pipeline.console.results import Leg
from smartmoney_pipeline.console.terminal import plain
from smartmoney_pipeline.schemas.contracts import SmartMoneyEvent

SHORT_ID = 8
"""Characters of an event id that a table shows; `explain` takes any unique beginning."""

_MAX_LEGS = 4
LEGEND = "I institutional_directional  R retail_whale  E event_driven  V vol_seller  A arbitrage  H hedge_reactive  · none"
NOT_PUBLISHED = "[ ] likeliest class of an event for which nothing is published"

LADDER_WIDTH = 92
"""Columns from which the ladder has room beside what was traded."""

WHAT_WIDTH = 72
"""Columns from which what was traded has a column of its own; below, it stands under the event's id and goes without contracts."""

WIDER = f"contracts show from {WHAT_WIDTH} columns, all classes from {LADDER_WIDTH}"


@dataclass(frozen=True, slots=True)
class EventTable:
    """The table and its legend, laid out for the width at hand: a narrow one goes without the ladder, and then without contracts."""

    events: Sequence[SmartMoneyEvent]
    legs: Mapping[str, Sequence[Leg]]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        with_ladder, with_what = options.max_width >= LADDER_WIDTH, options.max_width >= WHAT_WIDTH
        table = _columns(with_ladder, with_what)
        for event in self.events:
            table.add_row(*_row(event, self.legs.get(event.event_id, ()), with_ladder, with_what))
        yield table
        yield Text(LEGEND if with_ladder else WIDER, "dim")
        yield Text(NOT_PUBLISHED, "dim")


def _columns(with_ladder: bool, with_what: bool) -> Table:
    table = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    if with_what:
        table.add_column("time ET\nevent", no_wrap=True)
        table.add_column("what\ncontracts", overflow="fold", ratio=1)
    else:
        table.add_column("time ET\nevent, what", overflow="fold", ratio=1)
    table.add_column("size\npremium", justify="right", no_wrap=True)
    table.add_column("consistent with\ndirection", no_wrap=True)
    table.add_column("", justify="right", no_wrap=True)
    if with_ladder:
        table.add_column(ladder.CELL_HEADER, no_wrap=True)
    return table


def _row(event: SmartMoneyEvent, legs: Sequence[Leg], with_ladder: bool, with_what: bool) -> list[RenderableType]:
    direction = event.primary_direction
    what = f"{plain(event.underlying_id)}  {words.shape(event.structure, event.assembly)}"
    when = Text.assemble(words.eastern(event.start_ts), "\n", (event.event_id[:SHORT_ID], "dim"))
    wide: list[RenderableType] = [when, Text.assemble(what, "\n", (described(event, legs), "dim"))]
    return [
        *(wide if with_what else [Text.assemble(when, "\n", what)]),
        f"{words.count(event.features.contracts)}\n{words.money(event.features.premium_usd)}",
        Text.assemble(_profile(event), "\n", (f"{words.GLYPHS[direction]} {direction}", words.STYLES[direction])),
        words.percent(ladder.likeliest(event)[1]),
        *([ladder.cell(event)] if with_ladder else []),
    ]


def _profile(event: SmartMoneyEvent) -> Text:
    """Return the published profile; in brackets the likeliest class where nothing is published."""
    if event.primary_profile_id is None:
        return Text(f"[{ladder.likeliest(event)[0]}]", "dim")
    return Text(event.primary_profile_id, "bold")


def described(event: SmartMoneyEvent, legs: Sequence[Leg]) -> str:
    """Return the contracts of the event: by name where the packets were kept, else in outline."""
    if not legs:
        return words.outline(event.features, event.event_kind)
    rest = f"  and {len(legs) - _MAX_LEGS} more" if len(legs) > _MAX_LEGS else ""
    return contracts(legs[:_MAX_LEGS]) + rest


def contracts(legs: Sequence[Leg]) -> str:
    """Return the legs by expiry: `SPXW 21Feb25 -1 6640P +1 6800C`; without side and ratio where they were not found."""
    parts: list[str] = []
    shown = ""
    for leg in legs:
        series, strike = words.contract(plain(leg.option_symbol))
        side = {1: f"+{leg.ratio} ", -1: f"-{leg.ratio} "}.get(leg.sign, "")
        parts.append(f"{side}{strike}" if series == shown else f"{', ' if shown else ''}{series} {side}{strike}")
        shown = series
    return " ".join(parts).replace(" , ", ", ")
