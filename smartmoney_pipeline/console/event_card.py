"""One event as a card: what was traded, the probability ladder, direction, reasons, suppressions, and why nothing was published."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from smartmoney_pipeline.console import ladder, words
from smartmoney_pipeline.console.event_table import described
from smartmoney_pipeline.console.results import Leg
from smartmoney_pipeline.console.terminal import plain
from smartmoney_pipeline.profiles.ruleset import ruleset
from smartmoney_pipeline.schemas.codes import QualityFlag
from smartmoney_pipeline.schemas.contracts import SmartMoneyEvent
from smartmoney_pipeline.schemas.event_features import EventFeatures
from smartmoney_pipeline.schemas.sentences import ABSTENTION

MIN_SHOWN = 0.05
"""A card does not argue for a profile that is less probable than this."""

_TITLE_EDGES = 6
"""Columns of a panel's border beside its title: two corners with a line each, and a space on either side."""


@dataclass(frozen=True, slots=True)
class Card:
    """The card, laid out for the width at hand: a narrow one has its size below the title, where it stands whole."""

    event: SmartMoneyEvent
    legs: Sequence[Leg] = ()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        event, title = self.event, Text(f" {_when_and_what(self.event)}  {_size(self.event)} ", "bold")
        parts: list[RenderableType] = []
        if title.cell_len > options.max_width - _TITLE_EDGES:
            title, parts = Text(f" {_when_and_what(event)} ", "bold"), [Text(_size(event), "bold")]
        parts += [Text(described(event, self.legs)), Text(_facts(event), "dim"), Text(), _headline(event)]
        parts += [Padding(ladder.Ladder(event), (0, 0, 0, 2)), *_reasons(event), *_suppressed(event), *_quality(event)]
        below = Text(event.event_id, "dim")
        yield Panel(Group(*parts), title=title, title_align="left", subtitle=below, subtitle_align="right")


def _when_and_what(event: SmartMoneyEvent) -> str:
    what = words.shape(event.structure, event.assembly)
    return f"{words.eastern(event.start_ts)} ET  {plain(event.underlying_id)}  {what}"


def _size(event: SmartMoneyEvent) -> str:
    features = event.features
    return f"{words.count(features.contracts)} contracts  {words.money(features.premium_usd)} premium"


def _facts(event: SmartMoneyEvent) -> str:
    """Return what a trader asks first, in two lines: prints, venues, side, place in the spread; then volatility and underlying."""
    return "\n".join(" | ".join(facts) for facts in (_print_facts(event), list(_market_facts(event.features))) if facts)


def _print_facts(event: SmartMoneyEvent) -> list[str]:
    features, several = event.features, len(event.member_print_ids) > 1
    one = "1 minute bar" if QualityFlag.MINUTE_BAR in event.quality_flags else "1 print"
    facts = [f"{len(event.member_print_ids)} prints in {words.span(event.event_window_ms)}" if several else one]
    if features.venue_count is not None and features.venue_count > 1:
        facts.append(f"{features.venue_count} venues")
    if features.premium_per_contract_usd is not None and (features.leg_count or 1) == 1:
        facts.append(f"average price {features.premium_per_contract_usd:,.2f}")
    return [*facts, *_side_facts(features)]


def _market_facts(features: EventFeatures) -> Iterable[str]:
    if features.iv is not None:
        yield f"IV {features.iv:.1%}"
    if features.abs_delta is not None:
        yield f"|delta| {features.abs_delta:.2f}"
    if features.underlying_move_sigmas is not None:
        yield f"underlying {features.underlying_move_sigmas:+.1f} sigma in 30 s"
    if features.trading_days_to_event is not None:
        yield f"corporate event in {features.trading_days_to_event} sessions"


def _side_facts(features: EventFeatures) -> Iterable[str]:
    """Side and place in the spread; of a package the price of the whole, for the sides of its legs are not printed."""
    if (features.leg_count or 1) > 1 and features.net_price_position is not None:
        yield f"package {features.net_price_position:+.2f} half-spreads from its mid"
    elif (features.leg_count or 1) == 1:
        bought = features.buy_probability if features.aggressor_mix is not None else None
        yield "side not signed" if bought is None else f"{words.percent(max(bought, 1 - bought))} {'bought' if bought >= 0.5 else 'sold'}"
        if features.spread_position is not None:
            yield f"at {features.spread_position:.2f} of the spread"


def _headline(event: SmartMoneyEvent) -> Text:
    if event.primary_profile_id is None:
        why = "; ".join(ABSTENTION[reason] for reason in event.abstention_reasons)
        return Text.assemble(("No profile is published: ", "bold yellow"), why + ".")
    direction = event.primary_direction
    exposure = f"{words.GLYPHS[direction]} {direction}"
    return Text.assemble("Consistent with ", (event.primary_profile_id, "bold"), ", ", (exposure, words.STYLES[direction]), ".")


def _reasons(event: SmartMoneyEvent) -> Iterable[RenderableType]:
    """Evidence that speaks for the first profile; guards that held it down come under the suppressions."""
    first = event.profile_scores[0]
    codes = [code for code in first.reasons if code not in event.suppressed_reasons]
    if codes and first.probability >= MIN_SHOWN:
        yield Text.assemble("\nWhat speaks for ", first.profile_id)
        yield _sentences(codes, "+", "green")


def _suppressed(event: SmartMoneyEvent) -> Iterable[RenderableType]:
    if event.suppressed_reasons:
        yield Text("\nGuards that fired")
        yield _sentences(event.suppressed_reasons, "-", "red")


def _quality(event: SmartMoneyEvent) -> Iterable[RenderableType]:
    if event.quality_flags:
        yield Text(f"\nPrints and quotes: {', '.join(words.phrase(flag) for flag in event.quality_flags)}", "dim")


def _sentences(codes: Sequence[str], mark: str, style: str) -> Padding:
    """Return the codes with their sentences; a code of another rule set stands alone."""
    table = Table.grid(padding=(0, 1))
    table.add_column(style=style)
    table.add_column(style="bold", no_wrap=True)
    table.add_column(overflow="fold")
    because = sentences()
    for code in codes:
        table.add_row(mark, code, because.get(code, ""))
    return Padding(table, (0, 0, 0, 2))


def sentences() -> dict[str, str]:
    """Return the sentence of each code of the packaged rule set."""
    rules = ruleset()
    return {row.code: row.because for row in rules.evidence} | {guard.code: guard.because for guard in rules.guards}
