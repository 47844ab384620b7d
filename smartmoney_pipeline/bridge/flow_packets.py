"""Legacy flow packets: the engine's packets, one contract each, with the counts and quotes of their prints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from smartmoney_pipeline.bridge.baselines import PastFigures
from smartmoney_pipeline.bridge.contracts import LegacyContracts, is_fund, legacy_contracts, whole_ms
from smartmoney_pipeline.bridge.sides import AA, BB, MAX_AGE_MS, MID, MISSING, STALE, A, B, nbbo_sides, numbers
from smartmoney_pipeline.bridge.structures import structure_tags
from smartmoney_pipeline.schemas.arrow import arrow_schema, conform, struct_type
from smartmoney_pipeline.schemas.bridge_tables import FlowPackets
from smartmoney_pipeline.schemas.legacy import NBBO_SIDES, FlowPacketFeatures, JoinQuality
from smartmoney_pipeline.schemas.units import DEFAULT_MULTIPLIER, NS_PER_MS, NS_PER_US, TICKS_PER_DOLLAR

WINDOW_MS = 500
"""What the earlier surface wrote as the window of every contract packet."""

Floats = NDArray[np.float64]
Columns = dict[str, pa.Array | np.ndarray | pa.ChunkedArray]


@dataclass(frozen=True)
class PacketPrints:
    """Prints of n packets: `rows` are rows of the quoted prints in tape order, packet i holds rows[offsets[i]:offsets[i + 1]]."""

    rows: NDArray[np.int64]
    offsets: NDArray[np.int64]
    sides: NDArray[np.int64]
    """Prints by packet and place in the quote, int64[n, 7]."""

    @property
    def last(self) -> NDArray[np.int64]:
        """Row of the last print of each packet."""
        return self.rows[self.offsets[1:] - 1]


def flow_packets(packets: pa.Table, prints: pa.Table, parents: pa.Table, past: PastFigures | None = None) -> pa.Table:
    """Return the flow packets of a session in tape order, with the columns of FlowPackets.

    `packets` and `prints` are the tables packets and quoted_prints, `parents` holds event_id, event_kind and structure; `past` are the
    figures of packets that came before, for a session that comes in parts. Raises `ValueError` where a packet has no prints.
    """
    ordered = packets.sort_by("first_order")
    members = packet_prints(ordered["packet_number"].to_numpy(), prints)
    contracts = legacy_contracts(ordered["option_symbol"])
    features = _features(ordered, prints, members, contracts, structure_tags(ordered["event_id"].combine_chunks(), contracts, parents))
    features |= _baselines(features, past or PastFigures())
    ids = ordered["packet_id"]
    columns = {
        "source_ts": features["start_ts"],
        "ingest_ts": features["end_ts"],
        "seq": ordered["first_order"],
        "trace_id": ids,
        "id": ids,
        "members": pa.ListArray.from_arrays(
            pa.array(members.offsets.astype(np.int32)), prints["print_id"].combine_chunks().take(pa.array(members.rows))
        ),
        "features": struct_array(features, struct_type(FlowPacketFeatures)),
        "join_quality": struct_array(_quality(ordered, prints, members), struct_type(JoinQuality)),
        "event_id": ordered["event_id"],
    }
    return conform(pa.table({name: columns[name] for name in arrow_schema(FlowPackets).names}), FlowPackets)


def packet_prints(numbers_of_packets: NDArray[np.int64], prints: pa.Table) -> PacketPrints:
    """Return the prints of the packets with these numbers. Raises `ValueError` where one has none."""
    number = prints["packet_number"].to_numpy()
    by_number = np.argsort(number, kind="stable")
    sorted_numbers = number[by_number]
    start, stop = (np.searchsorted(sorted_numbers, numbers_of_packets, side) for side in ("left", "right"))
    counts = stop - start
    if len(counts) and counts.min() == 0:
        raise ValueError("a packet has no prints among the quoted prints")
    offsets = np.concatenate([[0], np.cumsum(counts)])
    rows = by_number[np.arange(offsets[-1]) + np.repeat(start - offsets[:-1], counts)]
    packet = np.repeat(np.arange(len(counts)), counts)
    cells = packet * len(NBBO_SIDES) + nbbo_sides(prints)[rows]
    sides = np.bincount(cells, minlength=len(counts) * len(NBBO_SIDES)).reshape(len(counts), len(NBBO_SIDES))
    return PacketPrints(rows, offsets, sides)


def struct_array(columns: Columns, kind: pa.StructType) -> pa.StructArray:
    """Return structs of columns by name; NaN is null, and so is a field without a column."""
    arrays = [_typed(columns.get(field.name), field.type, _length(columns)) for field in kind]
    return pa.StructArray.from_arrays(arrays, fields=list(kind))


def _length(columns: Columns) -> int:
    return len(next(iter(columns.values())))


def _typed(column: pa.Array | np.ndarray | pa.ChunkedArray | None, kind: pa.DataType, count: int) -> pa.Array:
    if column is None:
        return pa.nulls(count, kind)
    if isinstance(column, pa.ChunkedArray):
        return column.combine_chunks().cast(kind)
    return (column if isinstance(column, pa.Array) else pa.array(column, from_pandas=True)).cast(kind)


def _features(packets: pa.Table, prints: pa.Table, members: PacketPrints, contracts: LegacyContracts, tags: dict[str, pa.Array]) -> Columns:
    premium = packets["premium_ticks"].to_numpy() / TICKS_PER_DOLLAR
    return {
        "option_contract_id": contracts.option_contract_id,
        "underlying_id": contracts.underlying_id,
        "option_type": contracts.option_type,
        "is_etf": is_fund(contracts.underlying_id),
        "count": packets["print_count"],
        "total_size": packets["contracts"].to_numpy(),
        "total_premium": premium,
        "total_notional": (premium * DEFAULT_MULTIPLIER).round(2),
        "first_price": packets["price_first"].to_numpy() / TICKS_PER_DOLLAR,
        "last_price": packets["price_last"].to_numpy() / TICKS_PER_DOLLAR,
        "start_ts": whole_ms(packets["start_ts"]),
        "end_ts": whole_ms(packets["end_ts"]),
        "window_ms": np.full(len(packets), WINDOW_MS),
        **_side_features(members),
        **_end_quote(packets, prints, members),
        **_underlying(packets),
        **tags,
    }


def _baselines(features: Columns, past: PastFigures) -> Columns:
    """The columns of the three baselines, and what is rounded only after them."""
    names = ("total_premium", "total_size", "nbbo_spread")
    figures = np.column_stack([np.asarray(features[name], np.float64) for name in names])
    found: Columns = {"total_premium": figures[:, 0].round(4)}
    for name, before in zip(names, past.baselines(features["option_contract_id"], figures), strict=True):
        found |= {f"{name}_{part}": getattr(before, part).round(4) for part in ("mean", "std", "z")}
        found[f"{name}_baseline_n"] = before.n
    return found


def _side_features(members: PacketPrints) -> dict[str, np.ndarray]:
    """Counts by place in the quote, and ratios by print count."""
    sides = members.sides
    count = np.diff(members.offsets)
    named = {"aa": AA, "a": A, "b": B, "bb": BB, "mid": MID, "missing": MISSING, "stale": STALE}
    bought, sold = sides[:, AA] + sides[:, A], sides[:, BB] + sides[:, B]
    ratios = {
        "nbbo_coverage_ratio": count - sides[:, MISSING] - sides[:, STALE],
        "nbbo_aggressive_buy_ratio": bought,
        "nbbo_aggressive_sell_ratio": sold,
        "nbbo_inside_ratio": sides[:, MID],
        "nbbo_aggressive_ratio": bought + sold,
    }
    counts = {f"nbbo_{name}_count": sides[:, code] for name, code in named.items()}
    return counts | {name: (part / count).round(4) for name, part in ratios.items()}


def _end_quote(packets: pa.Table, prints: pa.Table, members: PacketPrints) -> dict[str, Floats]:
    """The NBBO at the last print, NaN where it is missing or stale; its sizes are known where that print is the only one."""
    rows = members.last
    bid, ask, age = (numbers(prints[name])[rows] for name in ("bid", "ask", "quote_age_ms"))
    gone = np.isnan(ask) | (age > MAX_AGE_MS)
    bid, ask = np.where(gone, np.nan, np.nan_to_num(bid)), np.where(gone, np.nan, ask)
    unsized = gone | (packets["print_count"].to_numpy() > 1)
    sizes = {side: np.where(unsized, np.nan, numbers(packets[f"{side}_size_first"])) for side in ("bid", "ask")}
    return {
        "nbbo_bid": bid,
        "nbbo_ask": ask,
        "nbbo_mid": ((bid + ask) / 2).round(4),
        "nbbo_spread": (ask - bid).round(4),
        "nbbo_bid_size": sizes["bid"],
        "nbbo_ask_size": sizes["ask"],
    }


def _underlying(packets: pa.Table) -> dict[str, Floats]:
    """The quote of the underlying before the first print, so that no later one is read into the packet."""
    bid, ask = (numbers(packets[name]) / TICKS_PER_DOLLAR for name in ("u_bid_first", "u_ask_first"))
    age = numbers(packets["u_age_us_first"])
    start = packets["start_ts"].cast(pa.int64()).to_numpy()
    known = ~np.isnan(age) & ~np.isnan(ask)
    quoted = (start - np.where(known, age, 0).astype(np.int64) * NS_PER_US) // NS_PER_MS
    return {
        "underlying_quote_ts": np.where(known, quoted, np.nan),
        "underlying_bid": bid,
        "underlying_ask": ask,
        "underlying_mid": ((bid + ask) / 2).round(4),
        "underlying_spread": (ask - bid).round(4),
    }


def _quality(packets: pa.Table, prints: pa.Table, members: PacketPrints) -> Columns:
    rows = members.last
    missing = np.isnan(numbers(prints["ask"])[rows])
    age = numbers(prints["quote_age_ms"])[rows]
    under = pc.is_null(packets["u_ask_first"]).to_numpy()
    flag = pa.array(np.ones(len(rows), np.int64))
    return {
        "nbbo_coverage_ratio": _side_features(members)["nbbo_coverage_ratio"],
        "nbbo_missing": pc.if_else(pa.array(missing), flag, None),
        "nbbo_age_ms": np.where(missing, np.nan, age.round(4)),
        "nbbo_stale": pc.if_else(pa.array(~missing & (age > MAX_AGE_MS)), flag, None),
        "underlying_quote_missing": pc.if_else(pa.array(under), flag, None),
        "underlying_quote_age_ms": np.where(under, np.nan, (numbers(packets["u_age_us_first"]) / 1_000).round(4)),
    }
