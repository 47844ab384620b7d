"""Leg patterns of packages, and how they land on a chain."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from smartmoney_pipeline.scenarios.chain import Chain
from smartmoney_pipeline.scenarios.clock import Ints
from smartmoney_pipeline.scenarios.errors import ScenarioError


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg for a buyer of one unit: right ('C', 'P', or '=' for the package's own), strike offset in widths, side, ratio, far expiry."""

    right: str
    offset: int
    side: int
    ratio: int = 1
    far: bool = False


PATTERNS: dict[str, tuple[Leg, ...]] = {
    "vertical": (Leg("=", 0, 1), Leg("=", 1, -1)),
    "ratio": (Leg("=", 0, 1), Leg("=", 1, -1, 2)),
    "butterfly": (Leg("=", 0, 1), Leg("=", 1, -1, 2), Leg("=", 2, 1)),
    "calendar": (Leg("=", 0, -1), Leg("=", 0, 1, far=True)),
    "diagonal": (Leg("=", 0, -1), Leg("=", 1, 1, far=True)),
    "straddle": (Leg("C", 0, 1), Leg("P", 0, 1)),
    "strangle": (Leg("C", 1, 1), Leg("P", -1, 1)),
    "risk_reversal": (Leg("C", 1, 1), Leg("P", -1, -1)),
    "iron_condor": (Leg("C", 1, -1), Leg("C", 2, 1), Leg("P", -1, -1), Leg("P", -2, 1)),
    "box": (Leg("C", 0, 1), Leg("C", 1, -1), Leg("P", 0, -1), Leg("P", 1, 1)),
    "iron_fly": (Leg("C", 0, -1), Leg("C", 1, 1), Leg("P", 0, -1), Leg("P", -1, 1)),
    "synthetic": (Leg("C", 0, 1), Leg("P", 0, -1)),
    "jelly_roll": (Leg("C", 0, -1), Leg("P", 0, 1), Leg("C", 0, 1, far=True), Leg("P", 0, -1, far=True)),
    "dividend_spread": (Leg("C", 0, 1), Leg("C", 1, -1)),
    "conversion": (Leg("C", 0, -1), Leg("P", 0, 1)),
    "covered_call": (Leg("C", 1, -1),),
    "married_put": (Leg("P", -1, 1),),
    "delta_neutral": (Leg("=", 0, 1),),
    "lopsided_box": (Leg("C", 0, 1), Leg("C", 1, -1), Leg("P", 0, -1, 2), Leg("P", 1, 1, 2)),
    "double_vertical": (Leg("C", 0, 1), Leg("C", 1, -1), Leg("P", 0, 1), Leg("P", 1, -1)),
    "odd_ratios": (Leg("C", 0, 1, 2), Leg("C", 1, -1, 5), Leg("C", 3, 1), Leg("P", -1, -1, 3), Leg("P", -2, 1, 4)),
    "orphan": (Leg("=", 0, 1),),
}
"""Strike offsets of '=' legs run out of the money: up for calls, down for puts.

`lopsided_box` and `double_vertical` have the legs of a box and not its pay-off; `odd_ratios` is in no catalogue; an `orphan` is one leg
of a package whose other legs printed elsewhere.
"""

STOCK_SHARES = {"conversion": 100, "covered_call": 100, "married_put": 100}
"""Shares that the buyer of one unit buys beside the options."""

DELTA_HEDGED = ("delta_neutral",)
"""Structures whose stock leg offsets the delta of the options."""


@dataclass(frozen=True)
class Placement:
    """Where packages of one structure sit, one entry each: expiry and strike index, width in strikes, own right, far expiry index."""

    expiry_index: Ints
    strike_index: Ints
    width: Ints
    is_call: np.ndarray
    far_index: Ints


def pattern(structure: str) -> tuple[Leg, ...]:
    """Return the legs of a structure. Raises `ScenarioError` for a name that is not in the catalogue."""
    if structure not in PATTERNS:
        raise ScenarioError(f"structure {structure!r} is not known (known: {', '.join(sorted(PATTERNS))})")
    return PATTERNS[structure]


def place_legs(chain: Chain, structure: str, where: Placement) -> pd.DataFrame:
    """Return legs (package, contract, side, ratio, first) of one structure; packages whose legs coincide are dropped."""
    legs = [_place(chain, leg, where, position) for position, leg in enumerate(pattern(structure))]
    table = pd.concat(legs, ignore_index=True).sort_values(["package", "position"], kind="stable")
    clash = table.duplicated(["package", "contract"], keep=False)
    return table[~table["package"].isin(table.loc[clash, "package"])].reset_index(drop=True)


def _place(chain: Chain, leg: Leg, where: Placement, position: int) -> pd.DataFrame:
    is_call = where.is_call if leg.right == "=" else np.full(len(where.is_call), leg.right == "C")
    direction = np.where(where.is_call, 1, -1) if leg.right == "=" else 1
    expiry = where.far_index if leg.far else where.expiry_index
    center = _far_strikes(chain, where) if leg.far else where.strike_index
    contract = chain.number(expiry, center + direction * leg.offset * where.width, is_call)
    rows = np.arange(len(contract))
    return pd.DataFrame({"package": rows, "position": position, "contract": contract, "side": leg.side, "ratio": leg.ratio})


def _far_strikes(chain: Chain, where: Placement) -> Ints:
    strikes = chain.column("strike")[chain.number(where.expiry_index, where.strike_index, where.is_call)]
    out = np.zeros(len(strikes), dtype=np.int64)
    for index in np.unique(where.far_index):
        chosen = where.far_index == index
        out[chosen] = chain.nearest(int(index), strikes[chosen])
    return out


def has_far_leg(structure: str) -> bool:
    """Return whether a structure has legs in two expiries; no structure has none."""
    return any(leg.far for leg in PATTERNS.get(structure, ()))
