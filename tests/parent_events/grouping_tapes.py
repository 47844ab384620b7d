"""Small tapes for the tests of grouping: prints by hand or at random, with every column that the builders read."""

from typing import Any

import numpy as np

from smartmoney_pipeline.market.aligned import AlignedPrints, SignedPrints
from smartmoney_pipeline.market.arrays import column_types
from smartmoney_pipeline.parent_events.assembled import ASSEMBLIES, Assembled
from smartmoney_pipeline.parent_events.packet_params import PacketParams
from smartmoney_pipeline.parent_events.packets import END_OF_TIME, PacketBuilder, PacketRows
from smartmoney_pipeline.parent_events.parent_params import ParentParams
from smartmoney_pipeline.parent_events.parents import ParentBuilder
from smartmoney_pipeline.parent_events.structures import STRUCTURES
from smartmoney_pipeline.parent_events.terms import ContractTerms
from smartmoney_pipeline.schemas.codes import ConditionFamily
from smartmoney_pipeline.schemas.packet_columns import CONDITION_BITS, PRICED_COLUMNS

MS = 1_000_000
SECOND = 1_000_000_000
OPEN_NS = 1_700_000_000 * SECOND
FAMILIES = tuple(family for family in ConditionFamily if family not in (ConditionFamily.CANCEL, ConditionFamily.BAR))
"""Families of prints that may stand on one tape: a cancel is no print, and bars have a tape of their own."""


def condition_bits() -> np.ndarray:
    """Bit sets for the letters that the tests use: S is an intermarket sweep, f a multi-leg, n a stock-tied code."""
    bits = np.zeros(256, np.int64)
    bits[ord("S")] = 1 << CONDITION_BITS["iso"]
    bits[ord("f")] = 1 << CONDITION_BITS["multi_leg"]
    bits[ord("n")] = 1 << CONDITION_BITS["stock_tied"]
    return bits


def aligned(columns: dict[str, Any]) -> AlignedPrints:
    """Aligned prints of the given columns; the rest stands for nothing known (-1, nan, 0)."""
    rows = len(columns["ts"])
    full = {}
    for name, dtype in column_types(AlignedPrints).items():
        missing = np.nan if dtype is np.float64 else (0 if dtype in {np.uint8, np.bool_} else -1)
        full[name] = np.asarray(columns[name], dtype) if name in columns else np.full(rows, missing, dtype)
    return AlignedPrints(**full)


def signed(p_buy: Any) -> SignedPrints:
    """Signs by probability alone."""
    probability = np.asarray(p_buy, np.float64)
    return SignedPrints(probability, np.zeros(len(probability), np.uint8), np.where(np.isnan(probability), np.nan, 1.0))


def prints(*rows: dict[str, Any], **common: Any) -> tuple[AlignedPrints, SignedPrints]:
    """A tape of rows by hand. `ms` is the time after the open; venue and condition are letters; the rest as in AlignedPrints."""
    defaults = {
        "ms": 0.0, "contract": 0, "underlying": 0, "price": 10_000, "size": 10, "venue": "C", "condition": "I", "p_buy": np.nan,
        "family": ConditionFamily.SINGLE, "bid": 9_500, "ask": 10_500, "quote_ts": -1, "contract_rate_hz": 0.0, "underlying_rate_hz": 0.0,
    }  # fmt: skip
    table = [defaults | common | row for row in rows]
    columns = {name: [row[name] for row in table] for name in table[0] if name not in {"ms", "p_buy"}}
    columns["ts"] = [OPEN_NS + round(row["ms"] * MS) for row in table]
    columns["venue"] = [ord(row["venue"]) for row in table]
    columns["condition"] = [ord(row["condition"]) for row in table]
    columns["order"] = list(range(len(table)))
    return aligned(columns), signed([row["p_buy"] for row in table])


def random_tape(
    seed: int, rows: int, contracts: int = 40, underlyings: int = 4, span_s: float = 20.0
) -> tuple[AlignedPrints, SignedPrints]:
    """A crowded random tape: few contracts, many families and venues, quotes of every kind, bursts at one instant."""
    draw = np.random.default_rng(seed)
    ts = OPEN_NS + np.sort(draw.integers(0, int(span_s * 1000), rows)) * MS + draw.integers(0, 2, rows) * draw.integers(0, MS, rows)
    contract = draw.integers(0, contracts, rows)
    bid = draw.choice([-1, 0, 9_500, 10_000, 10_500], rows, p=[0.05, 0.05, 0.6, 0.2, 0.1])
    columns = {
        "ts": np.sort(ts),
        "contract": contract,
        "underlying": contract % underlyings,
        "price": draw.choice([9_500, 9_700, 10_000, 10_200, 10_500], rows),
        "size": draw.choice([1, 1, 2, 5, 10, 10, 20, 50], rows),
        "venue": draw.choice([ord(letter) for letter in "ABCXZ"], rows, p=[0.1, 0.2, 0.4, 0.2, 0.1]),
        "condition": draw.choice([ord(letter) for letter in "ISaf"], rows),
        "family": draw.choice([int(family) for family in FAMILIES], rows),
        "order": np.arange(rows),
        "bid": bid,
        "ask": draw.choice([-1, 0, 10_000, 10_500], rows, p=[0.05, 0.05, 0.1, 0.8]),
        "quote_ts": np.where(draw.random(rows) < 0.8, np.sort(ts) - draw.integers(1, 600 * SECOND, rows), -1),
        "disagrees": draw.random(rows) < 0.1,
        "history_short": draw.random(rows) < 0.1,
        "contract_rate_hz": draw.choice([0.0, 0.1, 1.0, 5.0, 50.0], rows),
        "underlying_rate_hz": draw.choice([0.5, 5.0, 50.0], rows),
    }
    p_buy = np.where(draw.random(rows) < 0.7, draw.random(rows), np.nan)
    return aligned(columns), signed(p_buy)


def cut(tape: tuple[AlignedPrints, SignedPrints], start: int, stop: int) -> tuple[AlignedPrints, SignedPrints]:
    """Rows of a tape."""
    return tape[0].slice(start, stop), tape[1].slice(start, stop)


def terms(*contracts: tuple[Any, ...], **more: Any) -> ContractTerms:
    """Terms of contracts given as (strike, right[, days to expiry[, underlying]]); the expiry day is the days to expiry."""
    rows = [(*contract, 30, 0)[:4] if len(contract) == 2 else (*contract, 0)[:4] for contract in contracts]
    strike, right, dte, underlying = zip(*rows, strict=True)
    days = np.array(dte, np.int32)
    rights = np.array([letter == "C" for letter in right])
    return ContractTerms(np.array(underlying, np.int32), days, np.array(strike, np.float64), rights, days, **more)


def packet_arrays(rows: PacketRows) -> dict[str, np.ndarray]:
    """Packet columns with the priced ones, all unknown."""
    named = rows.columns()
    return named | {column.name: np.full(len(rows), np.nan) for column in PRICED_COLUMNS}


def parents_of(tape: tuple[AlignedPrints, SignedPrints], contract_terms: ContractTerms, params: ParentParams | None = None) -> Assembled:
    """All parents of a tape in one push."""
    packets = PacketBuilder(len(contract_terms), PacketParams(), condition_bits())
    chunk = packets.push(*tape)
    rows = [chunk.rows, packets.finish()]
    merged = PacketRows(np.concatenate([part.ints for part in rows]), np.concatenate([part.floats for part in rows]))
    builder = ParentBuilder(contract_terms, params)
    return builder.push(packet_arrays(merged), END_OF_TIME)


def described(a: Assembled) -> list[tuple[str, str | None, list[int]]]:
    """Assembly, structure and contracts of the legs of every event, in the order of the first print."""
    found = []
    for k in np.argsort(a.events["first_order"]):
        rows = slice(a.offsets[k], a.offsets[k + 1])
        code = a.events["structure"][k]
        name = None if code < 0 else str(STRUCTURES[code])
        found.append((str(ASSEMBLIES[a.events["assembly"][k]]), name, a.packets["contract"][rows].tolist()))
    return found


def market_terms(contracts: int = 40) -> ContractTerms:
    """Terms for random tapes: strikes of 5, both rights, two expiries, four underlyings."""
    c = np.arange(contracts)
    listed = [(90 + 5 * (k // 8), "CP"[k // 4 % 2], (0, 30)[k % 8 // 6], k % 4) for k in c]
    return terms(*listed)
