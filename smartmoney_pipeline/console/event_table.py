"""Events as a table, one event two lines: when, what, how much, consistent with which profile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from smartmoney_pipeline.console import ladder, words
from smartmoney_pipeline.console.results import Leg
from smartmoney_pipeline.console.terminal import plain
from smartmoney_pipeline.schemas.contracts import SmartMoneyEvent

SHORT_ID = 8
"""Characters of an event id that a table shows; `explain` takes any unique beginning."""

_MAX_LEGS = 4
LEGEND = (
    "I institutional_directional  R retail_whale  E event_driven  V vol_seller  A arbitrage  H hedge_reactive  · none\n[ ] not published"
)


def event_table(events: Sequence[SmartMoneyEvent], legs: Mapping[str, Sequence[Leg]]) -> RenderableType:
    """Return the table and its legend."""
    table = Table(box=SIMPLE_HEAD, padding=(0, 1), pad_edge=False)
    table.add_column("time ET\nevent", no_wrap=True)
    table.add_column("under", no_wrap=True)
    table.add_column("what\ncontracts", overflow="fold", ratio=1)
    table.add_column("size\npremium", justify="right", no_wrap=True)
    table.add_column("consistent with\ndirection", no_wrap=True)
    table.add_column("", justify="right", no_wrap=True)
    table.add_column(ladder.CELL_HEADER, no_wrap=True)
    for event in events:
        table.add_row(*_row(event, legs.get(event.event_id, ())))
    return Group(table, Text(LEGEND, "dim"))


def _row(event: SmartMoneyEvent, legs: Sequence[Leg]) -> tuple[RenderableType, ...]:
    direction = event.primary_direction
    return (
        Text.assemble(words.eastern(event.start_ts), "\n", (event.event_id[:SHORT_ID], "dim")),
        plain(event.underlying_id),
        Text.assemble(words.shape(event.structure, event.assembly), "\n", (described(event, legs), "dim")),
        f"{words.count(event.features.contracts)}\n{words.money(event.features.premium_usd)}",
        Text.assemble(_profile(event), "\n", (f"{words.GLYPHS[direction]} {direction}", words.STYLES[direction])),
        words.percent(ladder.likeliest(event)[1]),
        ladder.cell(event),
    )


def _profile(event: SmartMoneyEvent) -> Text:
    """Return the published profile; in brackets the likeliest class where nothing is published."""
    if event.primary_profile_id is None:
        return Text(f"[{ladder.likeliest(event)[0]}]", "dim")
    return Text(event.primary_profile_id, "bold")


def described(event: SmartMoneyEvent, legs: Sequence[Leg]) -> str:
    """Return the contracts of the event: by name where the packets were kept, else in outline."""
    if not legs:
        return words.outline(event.features, event.event_kind)
    named = [leg_text(leg) for leg in legs[:_MAX_LEGS]]
    return "  ".join(named) + (f"  and {len(legs) - _MAX_LEGS} more" if len(legs) > _MAX_LEGS else "")


def leg_text(leg: Leg) -> str:
    """Return one leg: side and ratio where they are known, and the contract."""
    side = {1: "+", -1: "-"}.get(leg.sign, "")
    return f"{side}{leg.ratio if side else ''}{' ' if side else ''}{words.contract(leg.option_symbol)}"
