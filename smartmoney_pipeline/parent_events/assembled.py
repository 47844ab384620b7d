"""Parents with their packets. Belongs here: the record, and its columns from the packets of each event; no grouping."""

from dataclasses import dataclass

import numpy as np

from smartmoney_pipeline.market.arrays import F8, I64, Bool
from smartmoney_pipeline.parent_events.confidence import event_confidence
from smartmoney_pipeline.parent_events.parent_params import ParentParams
from smartmoney_pipeline.parent_events.structures import Readings, read_all
from smartmoney_pipeline.parent_events.terms import ContractTerms
from smartmoney_pipeline.schemas.codes import Assembly, ConditionFamily

ASSEMBLIES: tuple[Assembly, ...] = tuple(Assembly)
PACKAGES: tuple[int, ...] = (ASSEMBLIES.index(Assembly.PACKAGE), ASSEMBLIES.index(Assembly.LEGGED_PACKAGE))
SINGLE, MULTI = 0, 1


@dataclass(frozen=True, eq=False)
class Assembled:
    """Parent events and their packets, as arrays by name, packets sorted by (event, first_order).

    `packets`: every packet column handed in, `event` int64, `leg` int16 (place of the contract by expiry, strike, right), `leg_sign`
    int8 (+1 bought, -1 sold, 0 unknown or no package), `leg_ratio` int16 (contracts a unit, 1 where no package).
    `events`: event int64 · underlying int32 · kind uint8 (0 single, 1 multi) · assembly uint8 · structure, runner_up int8 (-1 none) ·
    structure_margin, package_buy_probability, net_price_position, parity_residual_half_spreads, reconstruction_confidence float64 (nan
    unknown) · start_ts, end_ts, closed_at, first_order int64 · stock_tied bool · print_count int64.
    `offsets`: packets of the k-th event are rows offsets[k]:offsets[k + 1].
    """

    packets: dict[str, np.ndarray]
    events: dict[str, np.ndarray]
    offsets: I64

    def __len__(self) -> int:
        return len(self.offsets) - 1


@dataclass(frozen=True, eq=False)
class Joined:
    """Packets by event before their columns are made: sorted by (event, first_order), with one entry an event beside them."""

    packets: dict[str, np.ndarray]
    offsets: I64
    assembly: I64
    odds: F8
    settled_at: I64


def assemble(joined: Joined, first_event: int, terms: ContractTerms, params: ParentParams) -> Assembled:
    """Columns of the events, numbered from `first_event`."""
    packets, offsets = joined.packets, joined.offsets
    count = len(offsets) - 1
    of_event = np.repeat(np.arange(count), np.diff(offsets))
    package = np.isin(joined.assembly, PACKAGES)
    events = _spans(packets, offsets, joined.settled_at)
    events["event"] = first_event + np.arange(count)
    events["kind"] = np.where(package, MULTI, SINGLE).astype(np.uint8)
    events["assembly"] = joined.assembly.astype(np.uint8)
    events["stock_tied"] = packets["family"][offsets[:-1]] == int(ConditionFamily.STOCK_OPTION)
    events["reconstruction_confidence"] = event_confidence(packets, offsets, of_event, joined.assembly, joined.odds, params)
    packets["event"] = first_event + of_event
    packets["leg"] = _leg_places(terms.rank[packets["contract"]], of_event, offsets)
    packets["leg_sign"], packets["leg_ratio"] = np.zeros(len(of_event), np.int8), np.ones(len(of_event), np.int16)
    _read_packages(events, packets, offsets, package, terms, params)
    return Assembled(packets, events, offsets)


def _spans(packets: dict[str, np.ndarray], offsets: I64, settled_at: I64) -> dict[str, np.ndarray]:
    first = offsets[:-1]
    if not len(first):
        empty = {name: np.empty(0, np.int64) for name in ("start_ts", "end_ts", "closed_at", "first_order", "print_count")}
        return {"underlying": np.empty(0, np.int32), **empty}
    return {
        "underlying": packets["underlying"][first].astype(np.int32),
        "start_ts": packets["start_ts"][first],
        "end_ts": np.maximum.reduceat(packets["end_ts"], first),
        "closed_at": np.maximum(np.maximum.reduceat(packets["closed_at"], first), settled_at),
        "first_order": packets["first_order"][first],
        "print_count": np.add.reduceat(packets["print_count"], first),
    }


def _leg_places(rank: I64, of_event: I64, offsets: I64) -> np.ndarray:
    """Place of each packet's contract among the contracts of its event, int16."""
    place = np.zeros(len(rank), np.int16)
    several = np.flatnonzero(np.diff(offsets)[of_event] > 1)
    order = several[np.lexsort((rank[several], of_event[several]))]
    if len(order):
        new_event = np.r_[True, np.diff(of_event[order]) != 0]
        new_leg = np.r_[True, np.diff(rank[order]) != 0] | new_event
        legs = np.cumsum(new_leg)
        place[order] = legs - np.maximum.accumulate(np.where(new_event, legs, 0))
    return place


def _read_packages(
    events: dict[str, np.ndarray], packets: dict[str, np.ndarray], offsets: I64, package: Bool, terms: ContractTerms, params: ParentParams
) -> None:
    """Fill the structure columns of events and the sign and ratio of their packets."""
    sizes = np.diff(offsets)
    rows = np.flatnonzero(np.repeat(package, sizes))
    chosen = {name: packets[name][rows] for name in _READ_COLUMNS}
    reading = read_all(np.r_[0, np.cumsum(sizes[package])], chosen, events["stock_tied"][package], terms, params)
    packets["leg_sign"][rows], packets["leg_ratio"][rows] = reading.sign, reading.ratio
    for name, values, missing, dtype in _structure_columns(reading):
        events[name] = np.full(len(package), missing, dtype)
        events[name][package] = values


_READ_COLUMNS = (
    "contract", "underlying", "contracts", "premium_ticks", "bid_first", "ask_first", "contract_volume_before",
    "forward_first", "rate_first", "years_first", "delta_first",
)  # fmt: skip


def _structure_columns(reading: Readings) -> list[tuple[str, np.ndarray, float, type]]:
    return [
        ("structure", reading.structure, -1, np.int8),
        ("runner_up", reading.runner_up, -1, np.int8),
        ("structure_margin", reading.margin, np.nan, np.float64),
        ("package_buy_probability", reading.buy_probability, np.nan, np.float64),
        ("net_price_position", reading.position, np.nan, np.float64),
        ("parity_residual_half_spreads", reading.parity_residual, np.nan, np.float64),
    ]
