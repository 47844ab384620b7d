"""Codes and numbers in words: directions, reasons for abstaining, money, shares, times in New York, contracts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import pandas as pd

from smartmoney_pipeline.schemas.codes import Assembly, Direction, EventKind, Structure
from smartmoney_pipeline.schemas.event_features import EventFeatures

NEW_YORK = "America/New_York"
UNKNOWN = "-"
_OSI_TAIL = 15
"""Characters after the root of a compact OSI symbol: yymmdd, C or P, strike in thousandths with 8 digits."""

GLYPHS: dict[Direction, str] = {
    Direction.BULLISH: "▲",
    Direction.BEARISH: "▼",
    Direction.NEUTRAL: "◆",
    Direction.MIXED: "◇",
    Direction.UNKNOWN: "?",
}

STYLES: dict[Direction, str] = {
    Direction.BULLISH: "green",
    Direction.BEARISH: "red",
    Direction.NEUTRAL: "cyan",
    Direction.MIXED: "yellow",
    Direction.UNKNOWN: "dim",
}


def money(amount: float | None) -> str:
    """Return US dollars with at most three digits: $950, $45.1k, $1.20M."""
    if amount is None:
        return UNKNOWN
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "k")):
        if abs(amount) >= size * 0.9995:
            scaled = amount / size
            return f"${scaled:.{2 if abs(scaled) < 9.995 else 1 if abs(scaled) < 99.95 else 0}f}{letter}"
    return f"${amount:.0f}"


def percent(share: float | None) -> str:
    """Return a share as whole per cent; what is neither 0 nor 1 is not rounded to it."""
    if share is None:
        return UNKNOWN
    whole = f"{share:.0%}"
    if whole == "0%" and share > 0:
        return "<1%"
    return ">99%" if whole == "100%" and share < 1 else whole


def count(number: int | None) -> str:
    """Return a whole number with separators."""
    return UNKNOWN if number is None else f"{number:,}"


def eastern(stamp: datetime) -> str:
    """Return the time of day in New York, to the millisecond."""
    return pd.Timestamp(stamp).tz_convert(NEW_YORK).strftime("%H:%M:%S.%f")[:-3]


def span(milliseconds: int) -> str:
    """Return a duration: one instant, 35 ms, 4.2 s, 3.1 min."""
    if milliseconds < 1_000:
        return f"{milliseconds} ms" if milliseconds else "one instant"
    return f"{milliseconds / 1e3:.1f} s" if milliseconds < 60_000 else f"{milliseconds / 6e4:.1f} min"


def phrase(code: str) -> str:
    """Return a code as words."""
    return code.replace("_", " ")


def listed(counts: Mapping[str, int]) -> str:
    """Return counts with their names, the most frequent first."""
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{phrase(name)} {count(n)}" for name, n in ordered) or "none"


def shape(structure: Structure | None, assembly: Assembly) -> str:
    """Return what was traded and how its prints were joined."""
    return f"{phrase(structure)}, {phrase(assembly)}" if structure else phrase(assembly)


def contract(symbol: str) -> tuple[str, str]:
    """Return an OSI symbol as a trader reads it: root and expiry, strike and right: ("AAPL 17Jan25", "150C")."""
    tail = symbol[-_OSI_TAIL:]
    if len(symbol) <= _OSI_TAIL or not tail[:6].isdigit() or not tail[7:].isdigit():
        return symbol, ""
    day = pd.to_datetime(tail[:6], format="%y%m%d", errors="coerce")
    when = tail[:6] if pd.isna(day) else f"{day.day}{day:%b%y}"
    return f"{symbol[:-_OSI_TAIL]} {when}", f"{int(tail[7:]) / 1000:g}{tail[6]}"


def outline(features: EventFeatures, kind: EventKind) -> str:
    """Return the contracts of an event from its features alone: rights, days to expiry, distance from the money."""
    share = features.call_share
    rights = "" if share is None else "calls" if share == 1.0 else "puts" if share == 0.0 else "calls and puts"
    tenor = "" if features.dte_days is None else f"{features.dte_days} d"
    several = "legs" if kind is EventKind.MULTI_LEG else "strikes or expiries"
    legs = f"{features.leg_count} {several}" if (features.leg_count or 1) > 1 else ""
    return ", ".join(part for part in (rights, tenor, _distance(features.otm_amount), legs) if part)


def _distance(otm: float | None) -> str:
    if otm is None:
        return ""
    if abs(otm) < 0.005:
        return "at the money"
    return f"{abs(otm):.0%} {'out of' if otm > 0 else 'in'} the money"
