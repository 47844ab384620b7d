"""What a print is by its sale condition, and what an underlying is by its calendar; small closed lists of this check."""

from __future__ import annotations

import pandas as pd

PRINT_KINDS: dict[str, str] = {
    "electronic": " IJS",
    "auction": "abR",
    "cross": "cd",
    "floor": "eN",
    "complex_electronic": "fjLMQ",
    "complex_auction": "gl",
    "complex_cross": "h",
    "complex_floor": "imt",
    "stock_tied": "knopqrsP",
    "cancel": "ACEGO",
    "late": "BDFH",
    "extended": "v",
    "compression": "u",
}
"""OPRA sale conditions by kind, as the code lists of vendors describe them; a blank is an ordinary electronic sale."""

NO_TRADES = ("cancel", "late", "extended", "other")
"""Kinds that enter no statistic but their own share: their time or price says nothing about the quote."""

SINGLE = ("electronic", "auction")
"""Kinds of single-contract prints made against a quote."""

ON_SCREEN = ("electronic", "auction", "complex_electronic", "complex_auction")
"""Kinds that trade on an electronic venue without a floor or a cross."""

COMPLEX = ("complex_electronic", "complex_auction", "complex_cross", "complex_floor")

CASH_INDEXES = frozenset({"SPX", "NDX", "RUT", "XSP", "VIX", "DJX"})
"""Underlyings whose listed options are European and settle in cash."""

_KIND_OF = {letter: kind for kind, letters in PRINT_KINDS.items() for letter in letters}


def print_kind(condition: pd.Series) -> pd.Series:
    """Return the kind of each print; a code outside the lists is `other`."""
    codes = condition.astype(object).replace("", " ")
    return codes.map(_KIND_OF).fillna("other")


def underlying_kinds(underlyings: pd.Series, calendar: pd.DataFrame) -> dict[str, str]:
    """Return `index` (cash-settled), `single` (has earnings in the calendar) or `fund` (neither) per ticker."""
    earns = set(calendar.loc[calendar["event_type"] == "earnings", "underlying"]) if len(calendar) else set()
    names = sorted(underlyings.unique())
    return {name: "index" if name in CASH_INDEXES else "single" if name in earns else "fund" for name in names}
