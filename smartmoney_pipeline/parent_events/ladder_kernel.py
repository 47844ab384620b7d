"""Neighbouring strikes of one chain. Belongs here: which strikes count as neighbours at a time; which clips make a ladder does not.

Two strikes are neighbours where they lie within one listing interval of each other and no strike between them has printed yet today.
Strikes that are quoted or listed but have not printed play no part, so a contract that appears later changes nothing before it.
"""

from typing import NamedTuple

from numba import njit

from smartmoney_pipeline.market.arrays import I64


class Ladder(NamedTuple):
    """By contract id: `strike` in units, `reach` (longest distance to a neighbour), `position` in `listing`, which holds the contracts by
    chain and strike, and `first_seen`, the time of the first packet (ns; the end of time where there was none)."""

    strike: I64
    reach: I64
    position: I64
    listing: I64
    first_seen: I64


@njit(cache=True, nogil=True)
def are_neighbours(a: int, b: int, at: int, ladder: Ladder) -> bool:
    """Whether contracts `a` and `b` of one chain have neighbouring strikes, by what had printed before the time `at`."""
    low, high = min(ladder.strike[a], ladder.strike[b]), max(ladder.strike[a], ladder.strike[b])
    if high - low > ladder.reach[a]:
        return False
    first, last = min(ladder.position[a], ladder.position[b]), max(ladder.position[a], ladder.position[b])
    for place in range(first + 1, last):
        between = ladder.listing[place]
        if low < ladder.strike[between] < high and ladder.first_seen[between] < at:
            return False
    return True
