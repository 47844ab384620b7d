"""Sums of packets over their prints in tape order. Belongs here: one pass a subject over the rows that the grouping gave out.

The row positions below repeat the order of `schemas.packet_columns`, which a test compares: a kernel's constants stand in its own file.
"""

import math

from numba import njit

from smartmoney_pipeline.market.arrays import F8, I32, I64, U8, Bool

(PACKET_NUMBER, CONTRACT, UNDERLYING, FAMILY, START_TS, END_TS, CLOSED_AT, FIRST_ORDER, PRINT_COUNT, CONTRACTS, PREMIUM_TICKS,
 PRICE_FIRST, PRICE_LAST, PRICE_MIN, PRICE_MAX, SIZE_FIRST, SIZE_MAX, SIZE_SQUARE_SUM, SAME_SIZE_PRINTS, SMALL_TICKET_PRINTS,
 SMALL_TICKET_CONTRACTS, TOUCH, VENUE_MASK, VENUE_FIRST, CONDITION_BITS, ISO_CONTRACTS, SIGNED_CONTRACTS, BUY_CONTRACTS,
 SELL_CONTRACTS, ASK_LIFT_CONTRACTS, BID_HIT_CONTRACTS, MID_CONTRACTS, INSIDE_CONTRACTS, OUTSIDE_CONTRACTS, QUOTED_CONTRACTS,
 LOCKED_CONTRACTS, CROSSED_CONTRACTS, ONE_SIDED_CONTRACTS, UNQUOTED_CONTRACTS, STALE_CONTRACTS, AGE_KNOWN_CONTRACTS, AGE_US_SUM,
 AGE_US_MAX, DISAGREE_CONTRACTS, HISTORY_SHORT_CONTRACTS) = range(45)  # fmt: skip

(LOGIT_SIZE_SUM, AGGRESSOR_SIZE_SUM, STABILITY_SIZE_SUM, SPREAD_POSITION_SIZE_SUM, RELATIVE_SPREAD_SIZE_SUM, GAP_MS_SQUARE_SUM,
 CHANCE_LOG_ODDS) = range(7)  # fmt: skip

LEAST_PROBABILITY = 1e-6
"""Probabilities are kept this far from 0 and 1 before their log-odds are taken."""

LETTER_A, LETTER_Z = 65, 90


@njit(cache=True, nogil=True)
def add_sizes(ints: I64, row_of: I64, ts: I64, price: I32, size: I32, small_ticket: int) -> None:
    """Counts, sizes, premium and the price path; the row's first price and size stand already."""
    for i in range(len(row_of)):
        r, cost, n = row_of[i], int(price[i]), int(size[i])
        ints[END_TS, r] = ts[i]
        ints[PRINT_COUNT, r] += 1
        ints[CONTRACTS, r] += n
        ints[PREMIUM_TICKS, r] += cost * n
        ints[PRICE_LAST, r] = cost
        ints[PRICE_MIN, r] = min(ints[PRICE_MIN, r], cost)
        ints[PRICE_MAX, r] = max(ints[PRICE_MAX, r], cost)
        ints[SIZE_MAX, r] = max(ints[SIZE_MAX, r], n)
        ints[SIZE_SQUARE_SUM, r] += n * n
        if n == ints[SIZE_FIRST, r]:
            ints[SAME_SIZE_PRINTS, r] += 1
        if n <= small_ticket:
            ints[SMALL_TICKET_PRINTS, r] += 1
            ints[SMALL_TICKET_CONTRACTS, r] += n


@njit(cache=True, nogil=True)
def add_routes(
    ints: I64, floats: F8, row_of: I64, size: I32, venue: U8, condition: U8, bits: I64, iso: Bool, elapsed: I64, chance: F8
) -> None:
    """Venues, conditions, sweep codes, times between prints and their chances."""
    for i in range(len(row_of)):
        r, letter = row_of[i], int(venue[i])
        if LETTER_A <= letter <= LETTER_Z:
            ints[VENUE_MASK, r] |= 1 << (letter - LETTER_A)
        ints[CONDITION_BITS, r] |= bits[condition[i]]
        if iso[condition[i]]:
            ints[ISO_CONTRACTS, r] += size[i]
        gap_ms = elapsed[i] * 1e-6
        floats[GAP_MS_SQUARE_SUM, r] += gap_ms * gap_ms
        floats[CHANCE_LOG_ODDS, r] += chance[i]


@njit(cache=True, nogil=True)
def _is_outside(price: int, bid: int, ask: int) -> bool:
    """Beyond every side that is there; a side of 0 or -1 is none."""
    if bid > 0 and ask > 0:
        return price < min(bid, ask) or price > max(bid, ask)
    return price < bid or 0 < ask < price


@njit(cache=True, nogil=True)
def add_quotes(ints: I64, floats: F8, row_of: I64, price: I32, size: I32, bid: I32, ask: I32) -> None:
    """Where each print stood in its quote."""
    for i in range(len(row_of)):
        r, cost, n, low, high = row_of[i], int(price[i]), int(size[i]), int(bid[i]), int(ask[i])
        if low > 0 and high > low:
            ints[QUOTED_CONTRACTS, r] += n
            if 2 * cost == low + high:
                ints[MID_CONTRACTS, r] += n
            elif low < cost < high:
                ints[INSIDE_CONTRACTS, r] += n
            floats[SPREAD_POSITION_SIZE_SUM, r] += n * ((cost - low) / (high - low))
            floats[RELATIVE_SPREAD_SIZE_SUM, r] += n * ((high - low) / (0.5 * (high + low)))
        elif low > 0 and high > 0:
            ints[LOCKED_CONTRACTS if low == high else CROSSED_CONTRACTS, r] += n
        elif low > 0 or high > 0:
            ints[ONE_SIDED_CONTRACTS, r] += n
        else:
            ints[UNQUOTED_CONTRACTS, r] += n
        if _is_outside(cost, low, high):
            ints[OUTSIDE_CONTRACTS, r] += n


@njit(cache=True, nogil=True)
def add_signs(ints: I64, floats: F8, row_of: I64, price: I32, size: I32, bid: I32, ask: I32, p_buy: F8, stability: F8) -> None:
    """Signed contracts and their weighted probabilities; prints without a probability add nothing."""
    for i in range(len(row_of)):
        p = p_buy[i]
        if not p >= 0.0:
            continue
        r, n = row_of[i], int(size[i])
        ints[SIGNED_CONTRACTS, r] += n
        bounded = min(max(p, LEAST_PROBABILITY), 1.0 - LEAST_PROBABILITY)
        floats[LOGIT_SIZE_SUM, r] += n * math.log(bounded / (1.0 - bounded))
        floats[AGGRESSOR_SIZE_SUM, r] += n * (2.0 * p - 1.0)
        if stability[i] >= 0.0:
            floats[STABILITY_SIZE_SUM, r] += n * stability[i]
        if p > 0.5:
            ints[BUY_CONTRACTS, r] += n
            if 0 < ask[i] <= price[i]:
                ints[ASK_LIFT_CONTRACTS, r] += n
        elif p < 0.5:
            ints[SELL_CONTRACTS, r] += n
            if price[i] <= bid[i]:
                ints[BID_HIT_CONTRACTS, r] += n


@njit(cache=True, nogil=True)
def add_ages(ints: I64, row_of: I64, ts: I64, size: I32, quote_ts: I64, disagrees: Bool, history_short: Bool, stale: int) -> None:
    """Age and soundness of the quotes behind the prints."""
    for i in range(len(row_of)):
        r, n = row_of[i], int(size[i])
        if quote_ts[i] >= 0:
            age = ts[i] - quote_ts[i]
            ints[AGE_KNOWN_CONTRACTS, r] += n
            ints[AGE_US_SUM, r] += n * (age // 1000)
            ints[AGE_US_MAX, r] = max(ints[AGE_US_MAX, r], age // 1000)
            if age > stale:
                ints[STALE_CONTRACTS, r] += n
        if disagrees[i]:
            ints[DISAGREE_CONTRACTS, r] += n
        if history_short[i]:
            ints[HISTORY_SHORT_CONTRACTS, r] += n
