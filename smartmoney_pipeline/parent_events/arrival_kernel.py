"""How fast strangers print at this moment: the trailing rate of a contract, swollen by what its underlying and itself do right now.

Order flow excites itself (HBB2013), so the trailing rate of minutes is too low in a rush, and a gap made from it joins strangers.
The local rate of a contract is its trailing rate times the swell of its underlying (orders of the last seconds over the trailing rate,
never below one), plus what each recent order of the contract excites over seconds, plus what the packet's own first print excites within
the next fractions of a second. Orders are packets as they open: the fills of one sweep are not many orders.
"""

import math
from typing import NamedTuple

import numpy as np
from numba import njit

from smartmoney_pipeline.market.arrays import F8, I64
from smartmoney_pipeline.schemas.units import NS_PER_SECOND


class Arrivals(NamedTuple):
    """Decayed count of packets opened, and when it was brought up to date (ns): by contract, and by underlying."""

    orders: F8
    at: I64
    u_orders: F8
    u_at: I64


def no_arrivals(contracts: int, underlyings: int) -> Arrivals:
    """Counts before the first packet of the day."""
    return Arrivals(np.zeros(contracts), np.zeros(contracts, np.int64), np.zeros(underlyings), np.zeros(underlyings, np.int64))


def grown_arrivals(a: Arrivals, contracts: int, underlyings: int) -> Arrivals:
    """The same counts with room for more contracts and underlyings; those known so far keep their ids."""
    larger = no_arrivals(contracts, underlyings)
    for old, new in zip(a, larger, strict=True):
        new[: len(old)] = old
    return larger


@njit(cache=True, nogil=True)
def _decayed(count: float, at: int, ts: int, tau: int) -> float:
    return count * math.exp((at - ts) / tau) if count > 0.0 else 0.0


@njit(cache=True, nogil=True)
def add_arrival(count: F8, at: I64, u_count: F8, u_at: I64, c: int, u: int, ts: int, tau: int) -> None:
    """One more packet of contract `c` and underlying `u`, opened at `ts`."""
    count[c], at[c] = _decayed(count[c], at[c], ts, tau) + 1.0, ts
    u_count[u], u_at[u] = _decayed(u_count[u], u_at[u], ts, tau) + 1.0, ts


@njit(cache=True, nogil=True)
def local_rate(
    count: F8, at: I64, u_count: F8, u_at: I64, c: int, u: int, ts: int, own: float, hz: float, u_hz: float, tau: int, branching: float,
    answers: float,
) -> float:  # fmt: skip
    """Strangers a second in contract `c` at `ts`, given the trailing rates of contract and underlying (nan or 0: none known).

    `own`: what the packet that asks has left in the counts; it is no stranger to itself, and brings `answers` a second.
    """
    seconds = tau / NS_PER_SECOND
    excited = answers + branching * max(_decayed(count[c], at[c], ts, tau) - own, 0.0) / seconds
    if not hz > 0.0:
        return excited
    fast = max(_decayed(u_count[u], u_at[u], ts, tau) - own, 0.0) / seconds
    return hz * max(1.0, fast / u_hz if u_hz > 0.0 else 1.0) + excited
