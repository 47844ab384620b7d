"""Prints joined to the option quotes strictly before them. Belongs here: one pass over prints and option quotes, with the forward."""

import math
from typing import NamedTuple

from numba import njit

from smartmoney_pipeline.market.align_params import AlignParams
from smartmoney_pipeline.market.arrays import F8, I32, I64, U8, Bool
from smartmoney_pipeline.market.forward_kernel import FORWARD_NONE, SliceState, needs_refresh, read_forward, refresh_forward
from smartmoney_pipeline.market.quote_kernel import (
    NOTHING,
    PRICES,
    SIZES,
    SPOT,
    TIME,
    TOO_FAR_BACK,
    VENUES,
    apply_quote,
    high_half,
    lagged_prices,
    low_half,
    pack,
    pack_prices,
    reference_quote,
)

COLUMNS = (
    "bid", "ask", "bid_size", "ask_size", "bid_exchange", "ask_exchange", "bid_1ms", "ask_1ms", "bid_10ms", "ask_10ms",
    "bid_100ms", "ask_100ms", "pair_bid", "pair_ask", "ref_bid", "ref_ask", "disagrees", "history_short", "forward_source",
)  # fmt: skip
BID, BID_SIZE, EXCHANGE, LAG_SHORT, LAG_MIDDLE, LAG_LONG, PAIR, REFERENCE = range(0, 16, 2)
DISAGREES, HISTORY_SHORT, FORWARD_SOURCE = range(16, 19)
QUOTE_TIME, REFERENCE_SPOT = range(2)


class QuoteIn(NamedTuple):
    """One chunk of option quotes in time order; the exchange columns have no rows where the tape does not carry them."""

    ts: I64
    contract_id: I32
    bid: I32
    ask: I32
    bid_size: I32
    ask_size: I32
    bid_exchange: U8
    ask_exchange: U8


class QuotePrints(NamedTuple):
    """What this pass reads of each print: `slot` and `pair` are rows of quote state, `growth` is exp(rate years).

    `spot_mid2` is the underlying at the print and `reference_mid2` the one half a minute before; `anchor_mid2` is 0 where spot gives no
    forward. The carried columns have no rows where the tape does not carry them.
    """

    ts: I64
    slot: I32
    pair: I32
    slice_id: I32
    years: F8
    growth: F8
    spot_mid2: I64
    anchor_mid2: I64
    reference_mid2: I64
    takes_carried: Bool
    bid: I32
    ask: I32
    bid_size: I32
    ask_size: I32


@njit(cache=True, nogil=True)
def _put(out: I32, row: int, i: int, packed: int) -> None:
    out[row, i] = high_half(packed)
    out[row + 1, i] = low_half(packed)


@njit(cache=True, nogil=True)
def _join_table_quote(rows: I64, slot: int, ts: int, carried: int, i: int, out: I32, p: AlignParams) -> None:
    """The table's quote before the print, and the quotes a little earlier."""
    prices = rows[slot, PRICES]
    _put(out, BID, i, prices)
    _put(out, BID_SIZE, i, rows[slot, SIZES] if prices != NOTHING else NOTHING)
    _put(out, EXCHANGE, i, rows[slot, VENUES])
    out[DISAGREES, i] = carried not in (NOTHING, prices)
    short, back = lagged_prices(rows, slot, ts - p.lag_short, 1)
    middle, back = lagged_prices(rows, slot, ts - p.lag_middle, back)
    long, back = lagged_prices(rows, slot, ts - p.lag_long, back)
    _put(out, LAG_SHORT, i, max(short, NOTHING))
    _put(out, LAG_MIDDLE, i, max(middle, NOTHING))
    _put(out, LAG_LONG, i, max(long, NOTHING))
    out[HISTORY_SHORT, i] = long == TOO_FAR_BACK


@njit(cache=True, nogil=True)
def _join_carried_quote(carried: int, sizes: int, i: int, out: I32) -> None:
    """The quote on the print itself, of unknown age; nothing where it carries none."""
    _put(out, BID, i, carried)
    _put(out, BID_SIZE, i, sizes if carried != NOTHING else NOTHING)
    _put(out, EXCHANGE, i, 0)
    for row in range(LAG_SHORT, PAIR):
        out[row, i] = -1
    out[DISAGREES, i], out[HISTORY_SHORT, i] = 0, 0


@njit(cache=True, nogil=True)
def _pair_prices(rows: I64, pair: int, ts: int, has_table: bool, spot_mid2: int, p: AlignParams) -> int:
    """Quote of the other right at the same strike, where it is fresh enough to stand beside the print's own."""
    if pair < 0 or rows[pair, TIME] < 0 or ts - rows[pair, TIME] > p.leg_max_age:
        return NOTHING
    near = spot_mid2 > 0 and abs(rows[pair, SPOT] - spot_mid2) <= p.spot_tolerance * spot_mid2
    return rows[pair, PRICES] if has_table or near else NOTHING


@njit(cache=True, nogil=True)
def _reference(rows: I64, slot: int, ts: int, has_table: bool, reference_spot: int, p: AlignParams) -> tuple[int, int]:
    """Quote and underlying of 30 to 60 s before. A carried quote is a snapshot: then the last one before that time, if not too old."""
    prices, time, spot = reference_quote(rows, slot, ts, p.reference_step)
    if has_table:
        return prices, reference_spot
    return (NOTHING, 0) if ts - time > p.carried_memory else (prices, spot)


@njit(cache=True, nogil=True)
def apply_quotes(rows: I64, slots: I32, chunk: QuoteIn, q: int, p: AlignParams) -> None:
    """Apply the quotes of the chunk from row `q` on: where no print waits for them."""
    q_ts, q_contract, q_bid, q_ask, q_bid_size, q_ask_size, q_bid_venue, q_ask_venue = chunk
    with_venues = len(q_bid_venue) > 0
    for k in range(q, len(q_ts)):
        quoted = slots[q_contract[k]]
        if quoted >= 0:
            sizes = pack(q_bid_size[k], q_ask_size[k])
            apply_quote(rows, quoted, q_ts[k], pack_prices(q_bid[k], q_ask[k]), sizes, p.reference_step)
            if with_venues:
                rows[quoted, VENUES] = pack(q_bid_venue[k], q_ask_venue[k])


@njit(cache=True, nogil=True)
def advance_quotes(
    rows: I64, slots: I32, slices: SliceState, prints: QuotePrints, i: int, chunk: QuoteIn, q: int, ended: bool,
    has_table: bool, out: I32, out_times: I64, out_forward: F8, p: AlignParams,
) -> tuple[int, int]:  # fmt: skip
    """Join prints from row `i` until done, or until the chunk is used up and its stream has not ended; rows reached.

    The quote table wins over quotes carried on prints; without a table a carried quote, which is as old as its print, enters
    the state before the forward is read.
    """
    p_ts, p_slot, p_pair, p_slice, p_years, p_growth, p_spot, p_anchor, p_reference, p_takes = prints[:10]
    p_bid, p_ask, p_bid_size, p_ask_size = prints[10:]
    slice_rows, slice_floats, dividends = slices.rows, slices.floats, slices.dividends
    q_ts, q_contract, q_bid, q_ask, q_bid_size, q_ask_size, q_bid_venue, q_ask_venue = chunk
    step, with_venues = p.reference_step, len(q_bid_venue) > 0
    carries, with_sizes = len(p_bid) > 0, len(p_bid_size) > 0
    while i < len(p_ts):
        ts, slot = p_ts[i], p_slot[i]
        while q < len(q_ts) and q_ts[q] < ts:
            quoted = slots[q_contract[q]]
            if quoted >= 0:
                apply_quote(rows, quoted, q_ts[q], pack_prices(q_bid[q], q_ask[q]), pack(q_bid_size[q], q_ask_size[q]), step)
                if with_venues:
                    rows[quoted, VENUES] = pack(q_bid_venue[q], q_ask_venue[q])
            q += 1
        if q == len(q_ts) and not ended:
            return i, q
        carried = pack_prices(p_bid[i], p_ask[i]) if carries else NOTHING
        sizes = pack(p_bid_size[i], p_ask_size[i]) if with_sizes else NOTHING
        out_times[QUOTE_TIME, i] = -1
        if has_table and rows[slot, TIME] >= 0:
            _join_table_quote(rows, slot, ts, carried, i, out, p)
            out_times[QUOTE_TIME, i] = rows[slot, TIME]
        else:
            _join_carried_quote(carried, sizes, i, out)
        _put(out, PAIR, i, _pair_prices(rows, p_pair[i], ts, has_table, p_spot[i], p))
        reference, spot = _reference(rows, slot, ts, has_table, p_reference[i], p)
        _put(out, REFERENCE, i, reference)
        out_times[REFERENCE_SPOT, i] = spot
        if carries and not has_table and p_takes[i] and carried != NOTHING:
            apply_quote(rows, slot, ts, carried, sizes, step)
            rows[slot, SPOT] = p_spot[i]
        sl, growth = p_slice[i], p_growth[i]
        out_forward[i], out[FORWARD_SOURCE, i] = math.nan, FORWARD_NONE
        if p_years[i] > 0.0:
            # Without a table each print brings a quote, and there are few: the level is worked out at each.
            if not has_table or needs_refresh(slice_rows, sl, ts, p):
                refresh_forward(rows, slices, sl, ts, growth, not has_table, p_anchor[i], p)
            out_forward[i], out[FORWARD_SOURCE, i] = read_forward(slice_rows, slice_floats, dividends, sl, ts, growth, p_anchor[i], p)
        i += 1
    return i, q
