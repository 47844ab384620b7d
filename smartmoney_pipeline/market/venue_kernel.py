"""The printing venue's own quote. Belongs here: last quote by contract and venue, and its join; the NBBO is not touched."""

from typing import NamedTuple

import numpy as np
from numba import njit

from smartmoney_pipeline.market.arrays import I32, I64, U8
from smartmoney_pipeline.market.quote_kernel import NOTHING, high_half, low_half, pack, pack_prices

VENUES = 26
"""OPRA participants are capital letters."""

FIRST_VENUE = ord("A")


class VenueQuoteIn(NamedTuple):
    """One chunk of venue quotes in time order; `exchange` is the ASCII of the OPRA letter."""

    ts: I64
    contract_id: I32
    exchange: U8
    bid: I32
    ask: I32
    bid_size: I32
    ask_size: I32


class VenueOut(NamedTuple):
    """Columns that `advance_venues` fills."""

    venue_bid: I32
    venue_ask: I32
    venue_bid_size: I32
    venue_ask_size: I32


def empty_venue_rows(slots: int) -> I64:
    """Last packed prices and sizes by contract slot and venue."""
    return np.full((slots, VENUES, 2), NOTHING, np.int64)


@njit(cache=True, nogil=True)
def apply_venues(rows: I64, slots: I32, quotes: VenueQuoteIn, q: int) -> None:
    """Apply the quotes of the chunk from row `q` on: where no print waits for them."""
    for k in range(q, len(quotes.ts)):
        slot, letter = slots[quotes.contract_id[k]], np.int64(quotes.exchange[k]) - FIRST_VENUE
        if slot >= 0 and 0 <= letter < VENUES:
            rows[slot, letter, 0] = pack_prices(quotes.bid[k], quotes.ask[k])
            rows[slot, letter, 1] = pack(quotes.bid_size[k], quotes.ask_size[k])


@njit(cache=True, nogil=True)
def advance_venues(
    rows: I64, slots: I32, ts: I64, contract: I32, venue: U8, i: int, quotes: VenueQuoteIn, q: int, ended: bool, out: VenueOut
) -> tuple[int, int]:  # fmt: skip
    """Join prints from row `i` until done, or until the chunk is used up and its stream has not ended; rows reached."""
    while i < len(ts):
        while q < len(quotes.ts) and quotes.ts[q] < ts[i]:
            slot, letter = slots[quotes.contract_id[q]], np.int64(quotes.exchange[q]) - FIRST_VENUE
            if slot >= 0 and 0 <= letter < VENUES:
                rows[slot, letter, 0] = pack_prices(quotes.bid[q], quotes.ask[q])
                rows[slot, letter, 1] = pack(quotes.bid_size[q], quotes.ask_size[q])
            q += 1
        if q == len(quotes.ts) and not ended:
            return i, q
        slot, letter = slots[contract[i]], np.int64(venue[i]) - FIRST_VENUE
        prices, sizes = NOTHING, NOTHING
        if 0 <= letter < VENUES and rows[slot, letter, 0] != NOTHING:
            prices, sizes = rows[slot, letter, 0], rows[slot, letter, 1]
        out.venue_bid[i], out.venue_ask[i] = high_half(prices), low_half(prices)
        out.venue_bid_size[i], out.venue_ask_size[i] = high_half(sizes), low_half(sizes)
        i += 1
    return i, q
