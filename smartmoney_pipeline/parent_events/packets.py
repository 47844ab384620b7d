"""Prints of one contract joined into packets, chunk by chunk. Belongs here: the carried state around the kernels."""

from dataclasses import dataclass

import numpy as np

from smartmoney_pipeline.market.aligned import AlignedPrints, SignedPrints
from smartmoney_pipeline.market.arrays import F8, I64
from smartmoney_pipeline.parent_events import packet_sums_kernel as sums
from smartmoney_pipeline.parent_events.arrival_kernel import grown_arrivals, no_arrivals
from smartmoney_pipeline.parent_events.packet_kernel import NEW_ROWS, NUMBER, OPEN, ROW, START, assign_prints, release_closed
from smartmoney_pipeline.parent_events.packet_params import KernelParams, PacketParams, kernel_params
from smartmoney_pipeline.parent_events.packet_slots import empty_slots, grown_slots
from smartmoney_pipeline.schemas.packet_columns import FLOAT_COLUMNS, FLOAT_INDEX, INT_COLUMNS, INT_INDEX
from smartmoney_pipeline.schemas.units import NS_PER_US

END_OF_TIME = np.iinfo(np.int64).max

_INT_FIRSTS: dict[str, str] = {
    "contract": "contract", "underlying": "underlying", "family": "family", "start_ts": "ts", "first_order": "order",
    "price_first": "price", "price_min": "price", "price_max": "price", "size_first": "size", "venue_first": "venue",
    "bid_first": "bid", "ask_first": "ask", "bid_size_first": "bid_size", "ask_size_first": "ask_size",
    "u_bid_first": "u_bid", "u_ask_first": "u_ask", "ref_bid_first": "ref_bid", "ref_ask_first": "ref_ask",
    "forward_source_first": "forward_source", "contract_volume_before": "contract_volume",
    "underlying_volume_before": "underlying_volume", "premium_count_before": "premium_count",
}  # fmt: skip
"""Packet columns that hold a column of the first print."""

_FLOAT_FIRSTS: dict[str, str] = {
    name: name.removesuffix("_first")
    for name in (column.name for column in FLOAT_COLUMNS)
    if name.endswith("_first") and name != "years_first"
}


@dataclass(frozen=True, eq=False)
class PacketRows:
    """Closed packets: `ints` int64[k, len(INT_COLUMNS)], `floats` float64[k, len(FLOAT_COLUMNS)], in no particular order.

    Both are stored column by column, so that `columns` copies nothing.
    """

    ints: I64
    floats: F8

    def __len__(self) -> int:
        return len(self.ints)

    def columns(self) -> dict[str, np.ndarray]:
        """Every column by name, as a contiguous view."""
        named = {column.name: self.ints[:, j] for j, column in enumerate(INT_COLUMNS)}
        return named | {column.name: self.floats[:, j] for j, column in enumerate(FLOAT_COLUMNS)}


@dataclass(frozen=True, eq=False)
class PacketChunk:
    """Result of one chunk: the packet number of each of its prints (int64), and the packets that closed meanwhile."""

    packet_of_print: I64
    rows: PacketRows


def _fill_firsts(ints: I64, floats: F8, aligned: AlignedPrints, years: F8 | None, first: I64, number: int) -> None:
    """Columns that the first print of each new row gives; `ints` and `floats` are the columns of the new rows."""
    for name, source in _INT_FIRSTS.items():
        ints[INT_INDEX[name]] = getattr(aligned, source)[first]
    for name, source in _FLOAT_FIRSTS.items():
        floats[FLOAT_INDEX[name]] = getattr(aligned, source)[first]
    floats[FLOAT_INDEX["years_first"]] = np.nan if years is None else years[first]
    quote_ts = aligned.u_quote_ts[first]
    ints[INT_INDEX["u_age_us_first"]] = np.where(quote_ts >= 0, (aligned.ts[first] - quote_ts) // NS_PER_US, -1)
    ints[INT_INDEX["age_us_max"]] = -1
    ints[INT_INDEX["packet_number"]] = number + np.arange(len(first))


@dataclass(frozen=True, eq=False)
class _Assigned:
    """What the grouping gave out for the prints of a chunk."""

    row_of: I64
    elapsed: I64
    chance: F8


def _add_sums(ints: I64, floats: F8, a: AlignedPrints, s: SignedPrints, given: _Assigned, p: KernelParams) -> None:
    rows = given.row_of
    sums.add_sizes(ints, rows, a.ts, a.price, a.size, p.small_ticket)
    sums.add_routes(ints, floats, rows, a.size, a.venue, a.condition, p.condition_bits, p.iso, given.elapsed, given.chance)
    sums.add_quotes(ints, floats, rows, a.price, a.size, a.bid, a.ask)
    sums.add_signs(ints, floats, rows, a.price, a.size, a.bid, a.ask, s.p_buy, s.sign_stability)
    sums.add_ages(ints, rows, a.ts, a.size, a.quote_ts, a.disagrees, a.history_short, p.stale)


class PacketBuilder:
    """Packets of a day. Results do not depend on how prints are cut into chunks, nor on when `flush` is called."""

    def __init__(self, n_contracts: int, params: PacketParams, condition_bits: I64) -> None:
        """`condition_bits` int64[256]: bit set of each sale condition by ASCII code, bits as in `CONDITION_BITS`."""
        self._params = kernel_params(params, condition_bits)
        self._slots = empty_slots(n_contracts)
        self._arrivals = no_arrivals(n_contracts, 0)
        self._ints = np.empty((len(INT_COLUMNS), 0), np.int64)
        self._floats = np.empty((len(FLOAT_COLUMNS), 0), np.float64)
        self._last_ts = -1

    def push(self, aligned: AlignedPrints, signed: SignedPrints, years: F8 | None = None, watermark_ns: int | None = None) -> PacketChunk:
        """Add the next prints in tape order; `years` to expiry on the pricing clock, nan where left out.

        With `watermark_ns`, packets that closed before it are returned too, as `flush` would return them: rows are moved once.
        Raises `ValueError` where the prints are not in time order or the columns differ in length.
        """
        self._check(aligned, signed)
        carried, prints = self._ints.shape[1], len(aligned.ts)
        closed_at, touch = np.empty(carried + prints, np.int64), np.empty(carried + prints, np.int64)
        closed_at[:carried], touch[:carried] = self._ints[sums.CLOSED_AT], self._ints[sums.TOUCH]
        given = _Assigned(np.empty(prints, np.int64), np.empty(prints, np.int64), np.empty(prints))
        first = np.empty(prints, np.int64)
        number = int(self._slots.counts[NUMBER])
        self._assign(aligned, given, first, closed_at, touch)
        fresh = int(self._slots.counts[NEW_ROWS])
        self._open_rows(fresh)
        self._ints[sums.CLOSED_AT], self._ints[sums.TOUCH] = closed_at[: carried + fresh], touch[: carried + fresh]
        _fill_firsts(self._ints[:, carried:], self._floats[:, carried:], aligned, years, first[:fresh], number)
        _add_sums(self._ints, self._floats, aligned, signed, given, self._params)
        numbers = self._ints[sums.PACKET_NUMBER][given.row_of]
        return PacketChunk(numbers, self._take_closed() if watermark_ns is None else self.flush(watermark_ns))

    def flush(self, watermark_ns: int) -> PacketRows:
        """Packets that closed before the watermark, given that every print before the watermark has been pushed."""
        s = self._slots
        release_closed(s.work, s.free, s.open, s.head, s.counts, watermark_ns)
        return self._take_closed()

    def finish(self) -> PacketRows:
        """Every packet still open, at the end of the day."""
        return self.flush(END_OF_TIME)

    def grow(self, n_contracts: int) -> None:
        """Go on with more contracts; those known so far keep their ids."""
        head = np.full(n_contracts, -1, np.int32)
        head[: len(self._slots.head)] = self._slots.head
        self._slots = self._slots._replace(head=head)

    def oldest_order(self) -> int | None:
        """Place in the day of the first print of the open packets; None where none is open."""
        orders = self._ints[sums.FIRST_ORDER]
        return int(orders.min()) if len(orders) else None

    def open_since(self) -> int | None:
        """Start of the oldest open packet, ns UTC; None where none is open."""
        starts = self._slots.work[self._open_slots(), START]
        return int(starts.min()) if len(starts) else None

    def first_open(self) -> int:
        """Lowest number of a packet that is open or still to come: every packet below it has been returned."""
        return int(self._ints[sums.PACKET_NUMBER].min(initial=int(self._slots.counts[NUMBER])))

    def _open_slots(self) -> I64:
        return self._slots.open[: self._slots.counts[OPEN]]

    def _assign(self, a: AlignedPrints, given: _Assigned, first: I64, closed_at: I64, touch: I64) -> None:
        p, at = self._params, 0
        self._make_room(len(self._slots.head), int(a.underlying.max(initial=-1)) + 1)
        rules = (p.iso, p.by_venue, p.fixed_gap, p.span, p.gap_chance, p.gap_min, p.gap_max, p.atomic, p.odds, p.flow)
        rates = (a.contract_rate_hz, a.underlying_rate_hz)
        market = (a.ts, a.contract, a.underlying, a.family, a.price, a.venue, a.condition, a.bid, a.ask, *rates)
        found = (given.row_of, given.elapsed, given.chance, first, closed_at, touch)
        self._slots.counts[NEW_ROWS] = 0
        while (at := assign_prints(at, *market, *self._slots, *self._arrivals, *rules, *found)) < len(a.ts):
            self._slots = grown_slots(self._slots)
        self._slots.counts[NUMBER] += self._slots.counts[NEW_ROWS]

    def _make_room(self, contracts: int, underlyings: int) -> None:
        if contracts > len(self._arrivals.orders) or underlyings > len(self._arrivals.u_orders):
            self._arrivals = grown_arrivals(self._arrivals, contracts, max(underlyings, len(self._arrivals.u_orders)))

    def _open_rows(self, fresh: int) -> None:
        """Room for new rows after the carried ones."""
        carried = self._ints.shape[1]
        ints, floats = np.zeros((len(INT_COLUMNS), carried + fresh), np.int64), np.zeros((len(FLOAT_COLUMNS), carried + fresh))
        ints[:, :carried], floats[:, :carried] = self._ints, self._floats
        self._ints, self._floats = ints, floats

    def _take_closed(self) -> PacketRows:
        """Part the closed rows from the open ones, which are carried on. The few open rows among the first ones change places."""
        ints, floats, slots = self._ints, self._floats, self._open_slots()
        rows = self._slots.work[slots, ROW]
        closed = ints.shape[1] - len(rows)
        self._ints, self._floats = np.take(ints, rows, axis=1), np.take(floats, rows, axis=1)
        self._slots.work[slots, ROW] = np.arange(len(rows))
        holes = rows[rows < closed]
        tail = np.setdiff1d(np.arange(closed, ints.shape[1]), rows, assume_unique=True)
        ints[:, holes], floats[:, holes] = ints[:, tail], floats[:, tail]
        return PacketRows(ints[:, :closed].T, floats[:, :closed].T)

    def _check(self, aligned: AlignedPrints, signed: SignedPrints) -> None:
        if len(aligned.ts) != len(signed.p_buy):
            raise ValueError(f"{len(aligned.ts)} prints, but {len(signed.p_buy)} signs")
        if len(aligned.ts) and (aligned.ts[0] < self._last_ts or np.any(np.diff(aligned.ts) < 0)):
            raise ValueError("prints are not in time order")
        if len(aligned.ts):
            self._last_ts = int(aligned.ts[-1])
