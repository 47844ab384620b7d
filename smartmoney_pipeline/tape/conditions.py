"""OPRA sale conditions: code, meaning, family and flags, and the ids that vendors use for them."""

from dataclasses import dataclass
from functools import cache

import numpy as np

from smartmoney_pipeline.schemas.codes import ConditionFamily
from smartmoney_pipeline.tape.packaged import code_table
from smartmoney_pipeline.tape.vendors import Vendor

BLANK = " "
"""The sale was regular: a statement of the feed."""

UNKNOWN = "?"
"""The vendor gave no condition, or one without a row in the table. Never read as regular."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One sale condition. `legacy` codes left the feed on 2019-11-04; `vs_single_leg` met orders of the single-leg book."""

    code: str
    mnemonic: str
    meaning: str
    family: ConditionFamily
    is_cancel: bool
    multi_leg: bool
    vs_single_leg: bool
    iso: bool
    legacy: bool
    sources: tuple[str, ...]


_UNKNOWN = Condition(UNKNOWN, "", "No condition known", ConditionFamily.UNKNOWN, False, False, False, False, False, ("OPRA-DISSECTOR",))


def _condition(row: dict[str, str]) -> Condition:
    return Condition(
        code=row["code"],
        mnemonic=row["mnemonic"],
        meaning=row["meaning"],
        family=ConditionFamily[row["family"]],
        is_cancel=row["is_cancel"] == "1",
        multi_leg=row["multi_leg"] == "1",
        vs_single_leg=row["vs_single_leg"] == "1",
        iso=row["iso"] == "1",
        legacy=row["legacy"] == "1",
        sources=tuple(row["sources"].split()),
    )


@cache
def conditions() -> dict[str, Condition]:
    """Every condition by code, `?` for unknown among them."""
    listed = {row["code"]: _condition(row) for row in code_table("opra_conditions.csv")}
    return {**listed, UNKNOWN: _UNKNOWN}


def condition(code: str) -> Condition:
    """Condition of one code; the empty string is the blank. Raises `KeyError` for a code outside the table."""
    return conditions()[code or BLANK]


def _ascii_table(values: dict[str, int], default: int) -> np.ndarray:
    table = np.full(256, default, dtype=np.uint8)
    for code, value in values.items():
        table[ord(code)] = value
    table.flags.writeable = False
    return table


@cache
def family_table() -> np.ndarray:
    """u8[256], ASCII code to `ConditionFamily`; whatever is not listed is UNKNOWN."""
    return _ascii_table({c.code: int(c.family) for c in conditions().values()}, int(ConditionFamily.UNKNOWN))


@cache
def known_table() -> np.ndarray:
    """bool[256], true for every code that a tape may carry: the listed ones, blank and `?`."""
    return _ascii_table(dict.fromkeys(conditions(), 1), 0).astype(bool)


@cache
def _by_vendor() -> dict[tuple[Vendor, str], str]:
    vendors = [vendor for vendor in Vendor if vendor not in {Vendor.OPRA, Vendor.DATABENTO}]
    rows = code_table("opra_conditions.csv")
    ids = {(vendor, row[vendor]): row["code"] for vendor in vendors for row in rows if row[vendor]}
    return ids | {(Vendor.OPRA, code): code for code in conditions()} | {(Vendor.OPRA, ""): BLANK}


def opra_condition(vendor: Vendor | str, vendor_id: str | int) -> str:
    """OPRA code of a vendor's id; `?` where no row maps it (Databento trades carry none), never the regular blank."""
    return _by_vendor().get((Vendor(vendor), str(vendor_id)), UNKNOWN)
