"""Which packet a print belongs to, in one pass in tape order. Belongs here: joining and closing; the sums are made elsewhere.

A slot stands for one open packet; the slots of a contract form a short list that starts at `head`. A print joins the open packet of
its contract and family (and venue and price, for package families) or opens another. A packet closes by event time alone.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from smartmoney_pipeline.market.arrays import F8, I32, I64, U8, Bool
from smartmoney_pipeline.parent_events.arrival_kernel import add_arrival, local_rate
from smartmoney_pipeline.schemas.units import NS_PER_SECOND

(NEXT, PLACE, ROW, CONTRACT, FAMILY, VENUE, CLOSED_AT, START, LAST_TS, LAST_VENUE, LAST_CONDITION, LAST_PRICE, FIRST_PRICE, TOUCH,
 BUSY, GAP) = range(16)  # fmt: skip
WORK_COLUMNS = 16
NUMBER, OPEN, FREE, NEW_ROWS = range(4)
LEAST_CHANCE = 1e-6


class JoinOdds(NamedTuple):
    """What a gap is multiplied by where the next print looks more, or less, like the same order than like a stranger's; the last two are
    for the odds of a join alone."""

    new_price_there: float
    against_path: float
    both_iso: float
    one_iso: float
    no_iso: float
    atomic: float
    iso_goes_on: float


class Slots(NamedTuple):
    """Open packets: `work` int64[slots, WORK_COLUMNS], the last member's print rate, lists of free and open slots, counts."""

    work: I64
    rate: F8
    free: I64
    open: I64
    head: I32
    counts: I64


@njit(cache=True, nogil=True)
def touch_of(price: int, bid: int, ask: int) -> int:
    """+1 at or above the ask, -1 at or below the bid, 0 inside or without a sound two-sided quote."""
    if not 0 < bid < ask:
        return 0
    if price >= ask:
        return 1
    return -1 if price <= bid else 0


@njit(cache=True, nogil=True)
def adaptive_gap(rate: float, chance: float, least: int, most: int) -> int:
    """Gap in ns at which a stranger has the chance `chance` at `rate` prints a second, within the limits."""
    if not rate > 0.0:
        return most
    return round(min(max(chance / rate * NS_PER_SECOND, float(least)), float(most)))


@njit(cache=True, nogil=True)
def log_chance(rate: float, elapsed: int) -> float:
    """ln of the chance that a stranger prints within `elapsed` ns at `rate` a second, not below one in a million."""
    if not rate > 0.0:
        return math.log(LEAST_CHANCE)
    return math.log(max(-math.expm1(-rate * elapsed / NS_PER_SECOND), LEAST_CHANCE))


@njit(cache=True, nogil=True)
def _consistent(work: I64, slot: int, same_venue: bool, walk: int, codes: int) -> bool:
    """Within the least gap, where even that is too long for chance: sweep codes, one price at another venue, or the same price path."""
    direction = work[slot, TOUCH] if work[slot, TOUCH] != 0 else work[slot, LAST_PRICE] - work[slot, FIRST_PRICE]
    return codes == 2 or (not same_venue and walk == 0) or walk * direction > 0


@njit(cache=True, nogil=True)
def likeness(work: I64, slot: int, venue: int, price: int, codes: int, odds: JoinOdds) -> float:
    """How much likelier one order prints like this after its last print than a stranger does; `codes` of the two are sweep codes."""
    same_venue, walk = venue == work[slot, LAST_VENUE], price - work[slot, LAST_PRICE]
    factor = odds.new_price_there if same_venue and walk != 0 else 1.0
    if walk * work[slot, TOUCH] < 0:
        factor *= odds.against_path
    if codes == 2:
        return factor * odds.both_iso
    if codes == 1:
        return factor * odds.one_iso
    return factor if same_venue else factor * odds.no_iso


@njit(cache=True, nogil=True)
def _log_likeness(work: I64, slot: int, venue: int, price: int, codes: int, at_once: bool, odds: JoinOdds) -> float:
    """Nats by which the print speaks for one order, beside the time; more than the gap heeds, for sweeps that go on and single fills."""
    same_fill = at_once and venue == work[slot, LAST_VENUE]
    factor = odds.atomic if same_fill else likeness(work, slot, venue, price, codes, odds)
    return math.log(factor * odds.iso_goes_on if codes == 2 else factor)


@njit(cache=True, nogil=True)
def _joins(
    work: I64, slot: int, ts: int, price: int, venue: int, condition: int, touch: int, codes: int, odds: JoinOdds,
    least: int, most: int, atomic_ns: int,
) -> bool:  # fmt: skip
    """The rule of one contract, for a print that comes before the packet closes; `codes` of the last two prints are sweep codes."""
    same_venue, elapsed = venue == work[slot, LAST_VENUE], ts - work[slot, LAST_TS]
    walk = price - work[slot, LAST_PRICE]
    atomic = same_venue and condition == work[slot, LAST_CONDITION] and elapsed <= atomic_ns
    if touch * work[slot, TOUCH] < 0 and not (atomic and walk == 0):
        return False
    if atomic:
        return True
    if elapsed <= (atomic_ns if codes == 1 else least):
        return work[slot, BUSY] == 0 or _consistent(work, slot, same_venue, walk, codes)
    return elapsed <= min(work[slot, GAP] * likeness(work, slot, venue, price, codes, odds), float(most))


@njit(cache=True, nogil=True)
def release(work: I64, free: I64, opened: I64, head: I32, counts: I64, slot: int) -> None:
    """Unlink a slot from its contract and from the open ones, and free it."""
    at = head[work[slot, CONTRACT]]
    if at == slot:
        head[work[slot, CONTRACT]] = work[slot, NEXT]
    else:
        while work[at, NEXT] != slot:
            at = work[at, NEXT]
        work[at, NEXT] = work[slot, NEXT]
    last = opened[counts[OPEN] - 1]
    opened[work[slot, PLACE]] = last
    work[last, PLACE] = work[slot, PLACE]
    counts[OPEN] -= 1
    free[counts[FREE]] = slot
    counts[FREE] += 1


@njit(cache=True, nogil=True)
def release_closed(work: I64, free: I64, opened: I64, head: I32, counts: I64, before: int) -> None:
    """Release every packet that closed before `before`."""
    for i in range(counts[OPEN] - 1, -1, -1):
        if work[opened[i], CLOSED_AT] < before:
            release(work, free, opened, head, counts, opened[i])


@njit(cache=True, nogil=True)
def _take(work: I64, free: I64, opened: I64, head: I32, counts: I64, contract: int) -> int:
    counts[FREE] -= 1
    slot = free[counts[FREE]]
    work[slot, NEXT], head[contract] = head[contract], slot
    work[slot, PLACE] = counts[OPEN]
    opened[counts[OPEN]] = slot
    counts[OPEN] += 1
    return slot


@njit(cache=True, nogil=True)
def assign_prints(
    start: int, ts: I64, contract: I32, underlying: I32, family: U8, price: I32, venue: U8, condition: U8, bid: I32, ask: I32,
    hz: F8, u_hz: F8,
    work: I64, rate: F8, free: I64, opened: I64, head: I32, counts: I64, arrived: F8, arrived_at: I64, u_arrived: F8, u_arrived_at: I64,
    iso: Bool, by_venue: Bool, fixed_gap: I64, span: I64, chance: float, gap_min: int, gap_max: int, atomic_ns: int,
    odds: JoinOdds, flow: tuple[int, float, float],
    row_of: I64, elapsed: I64, chance_log: F8, first_print: I64, closed_at: I64, touch_seen: I64,
) -> int:  # fmt: skip
    """Give each print from `start` on the row of its packet; the print to go on with, which is early where the slots ran out.

    Fills by print: `row_of`, `elapsed` (ns since the packet's last print, 0 for the first), `chance_log`; by row: `first_print` of the
    rows opened here (row less the rows carried in), `closed_at` and `touch_seen`.
    """
    carried, tau = len(closed_at) - len(first_print), flow[0]
    for i in range(start, len(ts)):
        t, f, c, v, k = ts[i], family[i], contract[i], np.int64(venue[i]), condition[i]
        cost = np.int64(price[i])
        touch = 0 if by_venue[f] else touch_of(cost, bid[i], ask[i])
        slot = int(head[c])
        while slot >= 0 and (work[slot, FAMILY] != f or (by_venue[f] and work[slot, VENUE] != v)):
            slot = work[slot, NEXT]
        if slot >= 0:
            codes = int(iso[k]) + int(iso[work[slot, LAST_CONDITION]])
            one_fill = by_venue[f] and cost == work[slot, LAST_PRICE]
            own_rule = not by_venue[f] and _joins(work, slot, t, cost, v, k, touch, codes, odds, gap_min, gap_max, atomic_ns)
            joins = t <= work[slot, CLOSED_AT] and (one_fill or own_rule)
            if not joins:
                release(work, free, opened, head, counts, slot)
                slot = -1
        if slot >= 0:
            elapsed[i] = t - work[slot, LAST_TS]
            chance_log[i] = log_chance(rate[slot], elapsed[i])
            if not by_venue[f]:
                chance_log[i] -= _log_likeness(work, slot, v, cost, codes, elapsed[i] <= atomic_ns, odds)
        else:
            if counts[FREE] == 0:
                release_closed(work, free, opened, head, counts, t)
                if counts[FREE] <= len(free) // 4:
                    return i
            slot = _take(work, free, opened, head, counts, c)
            row = carried + counts[NEW_ROWS]
            first_print[counts[NEW_ROWS]] = i
            counts[NEW_ROWS] += 1
            work[slot, ROW], work[slot, CONTRACT], work[slot, FAMILY], work[slot, VENUE] = row, c, f, v
            work[slot, START], work[slot, FIRST_PRICE], work[slot, TOUCH] = t, cost, 0
            elapsed[i], chance_log[i] = 0, 0.0
            if not by_venue[f]:
                add_arrival(arrived, arrived_at, u_arrived, u_arrived_at, c, underlying[i], t, tau)
        if work[slot, TOUCH] == 0:
            work[slot, TOUCH] = touch
        own = 0.0 if by_venue[f] else math.exp((work[slot, START] - t) / tau)
        here = local_rate(arrived, arrived_at, u_arrived, u_arrived_at, c, underlying[i], t, own, hz[i], u_hz[i], *flow)
        gap = fixed_gap[f] if fixed_gap[f] >= 0 else adaptive_gap(here, chance, gap_min, gap_max)
        longest = min(round(gap * odds.both_iso), gap_max) if fixed_gap[f] < 0 and iso[k] else gap
        work[slot, GAP], work[slot, CLOSED_AT] = gap, min(t + longest, work[slot, START] + span[f])
        work[slot, LAST_TS], work[slot, LAST_VENUE], work[slot, LAST_CONDITION], work[slot, LAST_PRICE] = t, v, k, cost
        work[slot, BUSY] = 1 if here * gap_min > chance * NS_PER_SECOND else 0
        rate[slot], row = here, work[slot, ROW]
        row_of[i], closed_at[row], touch_seen[row] = row, max(work[slot, CLOSED_AT], t), work[slot, TOUCH]
    return len(ts)
