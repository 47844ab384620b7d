"""Prints joined to the underlying strictly before them. Belongs here: one pass over prints and underlying quotes."""

import math
from typing import NamedTuple

from numba import njit

from smartmoney_pipeline.market.align_params import AlignParams
from smartmoney_pipeline.market.arrays import F8, I32, I64, Bool
from smartmoney_pipeline.market.quote_kernel import NOTHING, high_half, low_half, pack_prices
from smartmoney_pipeline.market.underlying_kernel import (
    FIRST_MID2,
    MID2,
    U_PRICES,
    U_TIME,
    apply_underlying,
    mid2_at_second,
    one_second_sigma,
    reference_mid2,
)
from smartmoney_pipeline.schemas.units import NS_PER_SECOND

TIME_OUT, BID_OUT, ASK_OUT, MID2_OUT, REFERENCE_OUT = range(5)
FLOAT_COLUMNS = ("u_return_30s", "u_sigma_1s", "u_return_open")
RETURN_30S, SIGMA_1S, RETURN_OPEN = range(3)


class UnderlyingIn(NamedTuple):
    """One chunk of underlying quotes in time order."""

    ts: I64
    underlying_id: I32
    bid: I32
    ask: I32


@njit(cache=True, nogil=True)
def _log_ratio(mid2: int, base: int) -> float:
    return math.log(mid2 / base) if mid2 > 0 and base > 0 else math.nan


@njit(cache=True, nogil=True)
def apply_underlyings(rows: I64, floats: F8, quotes: UnderlyingIn, q: int, p: AlignParams) -> None:
    """Apply the quotes of the chunk from row `q` on: where no print waits for them."""
    for k in range(q, len(quotes.ts)):
        apply_underlying(rows, floats, quotes.underlying_id[k], quotes.ts[k], quotes.bid[k], quotes.ask[k], p)


@njit(cache=True, nogil=True)
def advance_underlyings(
    rows: I64, floats: F8, ts: I64, u_of: I32, carried_bid: I32, carried_ask: I32, takes_carried: Bool, i: int,
    quotes: UnderlyingIn, q: int, ended: bool, has_table: bool, out: I64, out_floats: F8, p: AlignParams,
) -> tuple[int, int]:  # fmt: skip
    """Join prints from row `i` until done, or until the chunk is used up and its stream has not ended; rows reached.

    Without a table, a print's own carried quote is its underlying, of unknown age, and enters the state after the print. `out` rows: time,
    bid, ask, mid2 (0 none), reference mid2.
    """
    q_ts, q_id, q_bid, q_ask = quotes.ts, quotes.underlying_id, quotes.bid, quotes.ask
    carries = len(carried_bid) > 0 and not has_table
    memory = p.carried_memory // NS_PER_SECOND
    while i < len(ts):
        now, u = ts[i], u_of[i]
        while q < len(q_ts) and q_ts[q] < now:
            apply_underlying(rows, floats, q_id[q], q_ts[q], q_bid[q], q_ask[q], p)
            q += 1
        if q == len(q_ts) and not ended:
            return i, q
        prices, mid2, time = rows[u, U_PRICES], rows[u, MID2], rows[u, U_TIME]
        if not has_table:
            prices = pack_prices(carried_bid[i], carried_ask[i]) if carries else NOTHING
            bid, ask = high_half(prices), low_half(prices)
            mid2, time = (bid + ask if 0 < bid <= ask else 0), -1
        out[TIME_OUT, i], out[BID_OUT, i], out[ASK_OUT, i] = time, high_half(prices), low_half(prices)
        out[MID2_OUT, i] = mid2
        out[REFERENCE_OUT, i] = reference_mid2(rows, u, now, p.reference_step)
        second = now // NS_PER_SECOND
        since = second - p.return_seconds
        then = mid2_at_second(rows, u, since, 0 if has_table else since - memory)
        out_floats[RETURN_30S, i] = _log_ratio(mid2, then)
        out_floats[RETURN_OPEN, i] = _log_ratio(mid2, rows[u, FIRST_MID2])
        out_floats[SIGMA_1S, i] = one_second_sigma(rows, floats, u, second, p)
        if carries and takes_carried[i] and prices != NOTHING:
            apply_underlying(rows, floats, u, now, high_half(prices), low_half(prices), p)
        i += 1
    return i, q
