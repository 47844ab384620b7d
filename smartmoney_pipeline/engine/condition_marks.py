"""Families and marks of the sale conditions as the stages read them, by what the rows of the tape are."""

from __future__ import annotations

import numpy as np

from smartmoney_pipeline.schemas.codes import ConditionFamily, TapeNature
from smartmoney_pipeline.schemas.packet_columns import CONDITION_BITS
from smartmoney_pipeline.tape.conditions import Condition, conditions, family_table

UNKNOWN = "?"

FAMILY_MARKS: dict[ConditionFamily, tuple[str, ...]] = {
    ConditionFamily.SINGLE_AUCTION: ("auction",),
    ConditionFamily.SINGLE_CROSS: ("cross",),
    ConditionFamily.FLOOR: ("floor",),
    ConditionFamily.MULTI_AUTO: ("multi_leg",),
    ConditionFamily.MULTI_AUCTION: ("multi_leg", "auction"),
    ConditionFamily.MULTI_CROSS: ("multi_leg", "cross"),
    ConditionFamily.MULTI_FLOOR: ("multi_leg", "floor"),
    ConditionFamily.STOCK_OPTION: ("multi_leg", "stock_tied"),
    ConditionFamily.COMPRESSION: ("compression",),
    ConditionFamily.EXTENDED: ("extended_hours",),
}

LETTER_MARKS: dict[str, str] = {"D": "late", "B": "out_of_sequence", "F": "opening", "H": "opening", "J": "reopen", UNKNOWN: "unknown"}


def condition_families(nature: TapeNature) -> np.ndarray:
    """Return u8[256], ASCII code to `ConditionFamily`; bars have a family of their own whatever their condition."""
    return family_table() if nature is TapeNature.PRINTS else np.full(256, int(ConditionFamily.BAR), dtype=np.uint8)


def condition_bits(nature: TapeNature = TapeNature.PRINTS) -> np.ndarray:
    """Return int64[256]: the bits of CONDITION_BITS that each sale condition sets, by ASCII code; bars set one more."""
    bits = np.zeros(256, dtype=np.int64)
    families = family_table()
    for letter, entry in conditions().items():
        marks = (*FAMILY_MARKS.get(ConditionFamily(int(families[ord(letter)])), ()), *_own_marks(letter, entry))
        bits[ord(letter)] = sum(1 << CONDITION_BITS[mark] for mark in set(marks))
    bits[ord(UNKNOWN)] = 1 << CONDITION_BITS["unknown"]
    return bits if nature is TapeNature.PRINTS else bits | (1 << CONDITION_BITS["minute_bar"])


def _own_marks(letter: str, entry: Condition) -> tuple[str, ...]:
    """Marks that depend on the code itself."""
    stated = {"iso": entry.iso, "versus_single_leg": entry.vs_single_leg, "legacy": entry.legacy}
    by_letter = (LETTER_MARKS[letter],) if letter in LETTER_MARKS else ()
    return (*(mark for mark, holds in stated.items() if holds), *by_letter)
