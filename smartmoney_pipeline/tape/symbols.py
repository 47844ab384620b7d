"""Option symbols: the three written forms, and what a root says about underlying, settlement and exercise."""

from dataclasses import asdict, dataclass
from functools import cache

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from smartmoney_pipeline.schemas.units import STRIKE_SCALE
from smartmoney_pipeline.tape.packaged import code_table

# Compact, padded to 21 characters, or with the `O:` prefix. The last 15 characters have a fixed form, so the root is unambiguous.
_FORM = r"^(?:O:)?(?P<root>[A-Z][A-Z0-9]{0,5}) *(?P<yy>[0-9]{2})(?P<mm>[0-9]{2})(?P<dd>[0-9]{2})(?P<right>[CP])(?P<strike>[0-9]{8})$"
_PADDED_LENGTH = 21


@dataclass(frozen=True, slots=True)
class Root:
    """What a root says. Roots outside the table are equities: PM-settled, American, underlying of the same name."""

    root: str
    underlying: str
    is_index: bool
    settlement: str
    exercise: str


@cache
def roots() -> dict[str, Root]:
    """Roots whose rules differ from those of an equity."""
    return {
        row["root"]: Root(row["root"], row["underlying"], row["is_index"] == "1", row["settlement"], row["exercise"])
        for row in code_table("roots.csv")
    }


@cache
def index_tickers() -> frozenset[str]:
    """Underlyings that are an index: a value, not a traded price."""
    return frozenset(root.underlying for root in roots().values() if root.is_index)


def root_rules(names: pa.Array) -> pd.DataFrame:
    """Underlying, is_index, settlement and exercise of each root or ticker (any spelling: `^VIX`, `BRK/B`, `AAPL1`)."""
    bare = pc.replace_substring_regex(names, r"[^A-Za-z0-9]", "")
    base = pc.replace_substring_regex(bare, r"([A-Za-z])[0-9]$", r"\1").to_pandas()
    table = pd.DataFrame([asdict(root) for root in roots().values()]).set_index("root")
    rules = table.reindex(base)
    known = rules["underlying"].notna().to_numpy()
    rules["underlying"] = np.where(known, rules["underlying"], base)
    rules["is_index"] = np.where(known, rules["is_index"], False).astype(bool)
    rules["settlement"] = np.where(known, rules["settlement"], "pm")
    rules["exercise"] = np.where(known, rules["exercise"], "american")
    return rules.reset_index(drop=True)


def tickers(names: pa.Array) -> pa.Array:
    """One spelling for each underlying: `^VIX` and `VIXW` give `VIX`. Nulls stay null."""
    spelled = pa.array(root_rules(names)["underlying"], pa.string(), from_pandas=True)
    return pc.if_else(names.is_valid(), spelled, pa.scalar(None, pa.string()))


def _expiry(parts: dict[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    month_ok = (parts["mm"] >= 1) & (parts["mm"] <= 12)
    months = (parts["yy"] + 30) * 12 + np.where(month_ok, parts["mm"], 1) - 1
    first = months.astype("datetime64[M]")
    day = first.astype("datetime64[D]") + (parts["dd"] - 1)
    return day, month_ok & (day.astype("datetime64[M]") == first)


def _integer(values: pa.Array) -> np.ndarray:
    return pc.fill_null(values, "0").cast(pa.int64()).to_numpy()


def parse_symbols(symbols: pa.Array) -> pd.DataFrame:
    """Parse option symbols, one row each: valid, option_symbol (compact), root, expiry, right, strike (USD), adjusted.

    `symbols` is a string array, best the distinct values of a column. Where `valid` is false the other columns mean nothing:
    no such form, no such date, or a strike of zero.
    """
    parts = pc.extract_regex(symbols, _FORM)
    numbers = {name: _integer(pc.struct_field(parts, name)) for name in ("yy", "mm", "dd", "strike")}
    expiry, date_ok = _expiry(numbers)
    # Blanks inside are the padding of the 21-character form, and of that alone.
    blank_ok = pc.or_(pc.invert(pc.match_substring(symbols, " ")), pc.equal(pc.utf8_length(symbols), _PADDED_LENGTH))
    formed = pc.fill_null(pc.and_(parts.is_valid(), blank_ok), False).to_numpy(zero_copy_only=False)
    root = pc.struct_field(parts, "root")
    compact = pc.replace_substring_regex(symbols, r"^O:| ", "")
    return pd.DataFrame(
        {
            "valid": formed & date_ok & (numbers["strike"] > 0),
            "option_symbol": compact.to_pandas(),
            "root": root.to_pandas(),
            "expiry": expiry,
            "right": pc.struct_field(parts, "right").to_pandas(),
            "strike": numbers["strike"] / STRIKE_SCALE,
            "adjusted": pc.fill_null(pc.match_substring_regex(root, "[0-9]$"), False).to_numpy(zero_copy_only=False),
        }
    )
