"""Neighbouring strikes by what has printed so far: a contract that appears later never changes an earlier event."""

import numpy as np
from grouping_tapes import aligned, described, market_terms, parents_of, prints, random_tape, signed, terms
from hypothesis import given, settings
from hypothesis import strategies as st

from smartmoney_pipeline.market.aligned import AlignedPrints
from smartmoney_pipeline.market.arrays import column_types
from smartmoney_pipeline.parent_events.ladder_kernel import Ladder, are_neighbours

STRIKES = ((300, "C"), (305, "C"), (302.5, "C"), (310, "C"), (312.5, "C"))
CLIPS = [{"ms": 1_000 * t, "contract": k % 2, "size": 20, "p_buy": 0.8} for k, t in enumerate((0, 8, 16, 24, 32, 40))]
QUIET = {"contract_rate_hz": 0.001, "underlying_rate_hz": 1.0}
BETWEEN = {"contract": 2, "size": 3, "p_buy": 0.5}


def orders(*rows, market=STRIKES):
    found = described(parents_of(prints(*sorted(rows, key=lambda row: row["ms"]), **QUIET), terms(*market)))
    return sorted(sorted(set(legs)) for assembly, _, legs in found if assembly == "worked")


class TestLadders:
    def test_strikes_with_none_between_that_printed_are_neighbours(self):
        assert orders(*CLIPS) == [[0, 1]]
        assert orders(*CLIPS, market=STRIKES[:2]) == [[0, 1]]

    def test_a_strike_between_that_printed_before_parts_them(self):
        assert orders({"ms": -500, **BETWEEN}, *CLIPS) == [[0], [1]]

    def test_one_that_prints_after_them_does_not(self):
        assert orders(*CLIPS, {"ms": 41_000, **BETWEEN}) == [[0, 1]]

    def test_strikes_wider_apart_than_listings_are_never_neighbours(self):
        # 300 and 312.50: more than the interval of 10
        assert orders(*(row | {"contract": 4 * row["contract"]} for row in CLIPS)) == [[0], [4]]


def test_by_hand():
    market = terms((100, "C"), (101, "C"), (105, "C"), (105, "C"), (106, "C"))
    seen = np.array([0, 50, 0, 0, 0])
    ladder = Ladder(market.strike_units, market.strike_reach, market.position, market.listing, seen)
    assert are_neighbours(0, 2, 50, ladder) and are_neighbours(2, 0, 50, ladder), "101 had not printed before 50"
    assert not are_neighbours(0, 2, 51, ladder)
    assert are_neighbours(2, 3, 51, ladder), "one strike of two roots"
    assert not are_neighbours(0, 4, 0, ladder), "six apart where listings are five apart"


def joined(first, second):
    """Two tapes one after the other."""
    columns = {name: np.r_[getattr(first[0], name), getattr(second[0], name)] for name in column_types(AlignedPrints)}
    columns["order"] = np.arange(len(columns["ts"]))
    return aligned(columns), signed(np.r_[first[1].p_buy, second[1].p_buy])


def told(a, until):
    """Events whose first print comes before place `until` of the tape, as plain values without running numbers."""
    rows = []
    for k in np.flatnonzero(a.events["first_order"] < until):
        own = slice(a.offsets[k], a.offsets[k + 1])
        event = tuple(a.events[name][k].tobytes() for name in sorted(a.events) if name != "event")
        rows.append((event, a.packets["packet_number"][own].tolist(), a.packets["leg_sign"][own].tolist()))
    return sorted(rows)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_contracts_that_appear_later_change_nothing_before(seed):
    tape = random_tape(seed, 400, span_s=200.0)
    base = [(float(k), "CP"[not c], int(d), int(u)) for k, c, d, u in
            zip(*(getattr(market_terms(), name) for name in ("strike", "is_call", "dte_days", "underlying")), strict=True)]  # fmt: skip
    later = [(92.5 + 5 * (n // 8), "CP"[n // 4 % 2], (0, 30)[n % 2], n % 4) for n in range(40)]
    rows = [{"ms": 400_000 + 10 * n, "contract": 40 + n, "underlying": n % 4} for n in range(40)]
    alone = told(parents_of(tape, terms(*base)), 400)
    assert told(parents_of(joined(tape, prints(*rows)), terms(*base, *later)), 400) == alone
