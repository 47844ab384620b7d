"""Probability ladders: the six profiles and none as bars, in a table cell and on a card."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

from smartmoney_pipeline.console import words
from smartmoney_pipeline.schemas.codes import ConfidenceBand, ProfileId
from smartmoney_pipeline.schemas.contracts import ProfileScore, SmartMoneyEvent

NONE = "none"
CELL_HEADER = "IREVAH·"
"""Initials of the profiles in their fixed order, and a dot for none."""

_LEVELS = " ▁▂▃▄▅▆▇█"
_WIDTH, _SHORTEST = 40, 10
"""Columns of a bar where there is room, and the fewest that still tell shares apart."""

_GAP = 2
_SURE, _WITHIN_BAND, _REST = "█", "▒", "·"
_BAND_STYLES = {ConfidenceBand.HIGH: "green", ConfidenceBand.MEDIUM: "yellow", ConfidenceBand.LOW: "red"}


def cell(event: SmartMoneyEvent) -> Text:
    """Return seven bars side by side, under `CELL_HEADER`."""
    by_profile = {score.profile_id: score.probability for score in event.profile_scores}
    shares = [*(by_profile[profile] for profile in ProfileId), event.none_probability]
    return Text("".join(_LEVELS[_level(share)] for share in shares), style="cyan")


def likeliest(event: SmartMoneyEvent) -> tuple[str, float]:
    """Return the most probable of the seven classes, and its probability."""
    first = event.profile_scores[0]
    return (NONE, event.none_probability) if event.none_probability > first.probability else (first.profile_id, first.probability)


def _level(share: float) -> int:
    """At least the lowest bar for what is above one per cent."""
    return max(round(share * (len(_LEVELS) - 1)), int(share >= 0.01))


@dataclass(frozen=True, slots=True)
class Ladder:
    """One row a class, most probable first: name, probability, bar up to the low end and band to the high end, in figures, confidence.

    A narrow place takes from the bar first, then the word on confidence, then the band; names and probabilities always stand whole.
    """

    event: SmartMoneyEvent

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = _lines(self.event)
        with_confidence, with_band, bar = _fitting(lines, options.max_width)
        table = Table.grid(padding=(0, _GAP))
        table.add_column(overflow="fold")
        table.add_column(justify="right", no_wrap=True)
        for shown, justify in ((bar > 0, "left"), (with_band, "right"), (with_confidence, "left")):
            if shown:
                table.add_column(justify=justify, no_wrap=True)  # type: ignore[arg-type]
        for line in lines:
            cells = ((bar > 0, _bar(line, bar)), (with_band, line.band), (with_confidence, line.confidence))
            table.add_row(line.name, line.percent, *(cell for shown, cell in cells if shown))
        yield table


@dataclass(frozen=True, slots=True)
class _Line:
    """The cells of one class; `low` and `high` are what its bar is drawn from."""

    name: Text
    share: float
    low: float
    high: float
    band: str = ""
    confidence: Text = field(default_factory=Text)

    @property
    def percent(self) -> str:
        return words.percent(self.share)


def _lines(event: SmartMoneyEvent) -> list[_Line]:
    first, none = event.profile_scores[0], event.none_probability
    lines = [_profile_line(score, event.primary_profile_id, score is first) for score in event.profile_scores]
    return sorted([*lines, _Line(Text(NONE, "dim"), none, none, none)], key=lambda line: -line.share)


def _profile_line(score: ProfileScore, published: ProfileId | None, is_first: bool) -> _Line:
    """One line; only the first profile says how sure its figure is, for it alone can be published."""
    low, high = score.probability_low, score.probability_high
    confidence = Text(f"{score.confidence_band} confidence", _BAND_STYLES[score.confidence_band]) if is_first else Text()
    name = Text(score.profile_id, "bold" if score.profile_id == published else "")
    return _Line(name, score.probability, low, high, f"{words.percent(low)} to {words.percent(high)}", confidence)


def _fitting(lines: Sequence[_Line], width: int) -> tuple[bool, bool, int]:
    """Return what has room in a width: the confidence, the band, and columns of the bar, 0 where it would be too short to read."""
    band, confidence = (_GAP + max(map(len, texts)) for texts in ([line.band for line in lines], [line.confidence for line in lines]))
    left = width - max(len(line.name) for line in lines) - _GAP - max(len(line.percent) for line in lines)
    with_confidence, with_band = left >= band + confidence, left >= band
    bar = min(left - band - confidence - _GAP, _WIDTH)
    return with_confidence, with_band, bar if bar >= _SHORTEST else 0


def _bar(line: _Line, width: int) -> Text:
    """Return a bar that is solid up to the low end, shaded from there to the high end, and dotted to 100 %."""
    solid = round(line.low * width)
    shaded = max(round(line.high * width) - solid, 0)
    if line.share >= 0.01 and not solid + shaded:
        shaded = 1
    rest = width - solid - shaded
    return Text.assemble((_SURE * solid, "cyan"), (_WITHIN_BAND * shaded, "cyan"), (_REST * rest, "dim"))
