"""Probability ladders: the six profiles and none as bars, in a table cell and on a card."""

from __future__ import annotations

from rich.table import Table
from rich.text import Text

from smartmoney_pipeline.console import words
from smartmoney_pipeline.schemas.codes import ConfidenceBand, ProfileId
from smartmoney_pipeline.schemas.contracts import ProfileScore, SmartMoneyEvent

NONE = "none"
CELL_HEADER = "IREVAH·"
"""Initials of the profiles in their fixed order, and a dot for none."""

_LEVELS = " ▁▂▃▄▅▆▇█"
_WIDTH = 40
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


def rows(event: SmartMoneyEvent) -> Table:
    """Return one row a class, most probable first: name, probability, bar up to the low end and band to the high end, in figures."""
    table = Table.grid(padding=(0, 2))
    for justify in ("left", "right", "left", "right", "left"):
        table.add_column(justify=justify, no_wrap=True)  # type: ignore[arg-type]
    first = event.profile_scores[0]
    lines = [(score.probability, _profile_row(score, event.primary_profile_id, score is first)) for score in event.profile_scores]
    none = event.none_probability
    lines.append((none, (Text(NONE, "dim"), words.percent(none), _bar(none), "", Text())))
    for _, line in sorted(lines, key=lambda line: -line[0]):
        table.add_row(*line)
    return table


def _profile_row(score: ProfileScore, published: ProfileId | None, is_first: bool) -> tuple[Text, str, Text, str, Text]:
    """One row; only the first profile says how sure its figure is, for it alone can be published."""
    band = f"{words.percent(score.probability_low)} to {words.percent(score.probability_high)}"
    bar = _bar(score.probability, score.probability_low, score.probability_high)
    confidence = Text(f"{score.confidence_band} confidence", _BAND_STYLES[score.confidence_band]) if is_first else Text()
    name = Text(score.profile_id, "bold" if score.profile_id == published else "")
    return name, words.percent(score.probability), bar, band, confidence


def _bar(share: float, low: float | None = None, high: float | None = None) -> Text:
    """Return a bar that is solid up to the low end, shaded from there to the high end, and dotted to 100 %."""
    solid = round((share if low is None else low) * _WIDTH)
    shaded = max(round((share if high is None else high) * _WIDTH) - solid, 0)
    if share >= 0.01 and not solid + shaded:
        shaded = 1
    rest = _WIDTH - solid - shaded
    return Text.assemble((_SURE * solid, "cyan"), (_WITHIN_BAND * shaded, "cyan"), (_REST * rest, "dim"))
