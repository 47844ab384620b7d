"""Alignment against a plain search over all quotes, ties, chunk sizes, and quotes that come on the prints."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from market_day import NS, OPEN, contracts, cut, plain_reading, prints, quotes, random_day, spots, ticks

from smartmoney_pipeline.market.align import Aligner
from smartmoney_pipeline.market.aligned import AlignedPrints
from smartmoney_pipeline.market.arrays import column_types
from smartmoney_pipeline.market.contracts import watched_contracts
from smartmoney_pipeline.schemas.codes import ConditionFamily

MS = 1_000_000


def align_day(c, p, q=None, s=None, chunks=((10**9,), (10**9,), (10**9,)), venue_quotes=None) -> AlignedPrints:
    aligner = Aligner(c, with_venue_quotes=venue_quotes is not None)
    streams = [None if table is None else iter(cut(table, size)) for table, size in ((q, chunks[1]), (s, chunks[2]))]
    venues = None if venue_quotes is None else iter(cut(venue_quotes, chunks[1]))
    return AlignedPrints.concat([aligner.align(chunk, *streams, venues) for chunk in cut(p, chunks[0])])


def assert_same(one: AlignedPrints, other: AlignedPrints) -> None:
    for name in column_types(AlignedPrints):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_print_is_told_what_a_plain_search_finds(seed):
    c = contracts()
    p, q, s = random_day(seed)
    aligned = align_day(c, p, q, s)
    for i in range(len(aligned)):
        for name, expected in plain_reading(c, p, q, s, i).items():
            np.testing.assert_allclose(getattr(aligned, name)[i], expected, rtol=1e-10, atol=1e-13, err_msg=f"{name} of {i}")


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 400), min_size=1, max_size=5), st.lists(st.integers(1, 900), min_size=1, max_size=5),
       st.lists(st.integers(1, 900), min_size=1, max_size=5))  # fmt: skip
def test_chunk_sizes_do_not_change_a_bit(of_prints, of_quotes, of_spots):
    c = contracts()
    p, q, s = random_day(7)
    assert_same(align_day(c, p, q, s), align_day(c, p, q, s, (of_prints, of_quotes, of_spots)))


@pytest.mark.parametrize("size", [1, 7, 64])
def test_chunk_sizes_do_not_change_a_bit_of_carried_quotes(size):
    c, (p, q, s) = contracts(), random_day(9)
    told = align_day(c, p, q, s)
    p |= {"nbbo_bid": told.bid, "nbbo_ask": told.ask, "underlying_bid": told.u_bid, "underlying_ask": told.u_ask}
    carried = align_day(c, p)
    assert_same(carried, align_day(c, p, chunks=((size,), (1,), (1,))))
    np.testing.assert_array_equal(carried.bid, told.bid)
    np.testing.assert_array_equal(carried.u_return_open[told.u_bid < 0], np.nan)


def test_a_chunk_without_prints_is_a_table_without_rows():
    assert len(Aligner(contracts()).align(prints([], [], 1.0), iter([]), iter([]))) == 0


def test_one_row_a_chunk_in_every_stream():
    c = contracts()
    p, q, s = random_day(8)
    assert_same(align_day(c, p, q, s), align_day(c, p, q, s, ((1,), (1,), (1,))))


def test_a_quote_at_the_time_of_the_print_does_not_count():
    q = quotes([(NS, 0, 1.00, 1.10), (2 * NS, 0, 1.20, 1.30)])
    s = spots([(NS, 0, 99.99, 100.01), (2 * NS, 0, 101.99, 102.01)])
    aligned = align_day(contracts(), prints([2 * NS], [0], 1.05), q, s)
    assert (aligned.bid[0], aligned.ask[0], aligned.quote_ts[0]) == (10_000, 11_000, OPEN + NS)
    assert (aligned.u_bid[0], aligned.u_quote_ts[0]) == (999_900, OPEN + NS)


def test_a_print_before_any_quote_has_none():
    aligned = align_day(contracts(), prints([NS], [0], 1.0), quotes([(2 * NS, 0, 1.0, 1.1)]), spots([(2 * NS, 0, 100, 100)]))
    assert (aligned.bid[0], aligned.ask[0], aligned.bid_size[0], aligned.quote_ts[0]) == (-1, -1, -1, -1)
    assert aligned.u_bid[0] == -1 and aligned.forward_source[0] == 0
    assert np.isnan(aligned.forward[0]) and np.isnan(aligned.u_return_open[0])


def test_a_withdrawn_quote_is_no_quote_but_has_a_time():
    aligned = align_day(contracts(), prints([3 * NS], [0], 1.0), quotes([(NS, 0, 1.0, 1.1), (2 * NS, 0, 0.0, 0.0)]))
    assert (aligned.bid[0], aligned.ask[0], aligned.quote_ts[0]) == (-1, -1, OPEN + 2 * NS)


def test_lags_of_1_10_and_100_ms():
    moves = [(NS + t * MS, 0, bid, bid + 0.1) for t, bid in ((0, 1.0), (150, 1.1), (195, 1.2), (199, 1.3))]
    aligned = align_day(contracts(), prints([NS + 200 * MS], [0], 1.0), quotes(moves))
    # the change at 199 ms is exactly 1 ms old and so not strictly before the lag
    assert [int(x[0]) for x in (aligned.bid, aligned.bid_1ms, aligned.bid_10ms, aligned.bid_100ms)] == [13_000, 12_000, 11_000, 10_000]
    assert not aligned.history_short[0]


def test_a_ring_that_does_not_reach_back_is_said_so():
    moves = [(NS + k * MS, 0, 1.0 + k / 100, 2.0) for k in range(9)]
    aligned = align_day(contracts(), prints([NS + 9 * MS], [0], 1.0), quotes(moves))
    assert aligned.bid_100ms[0] == -1 and aligned.history_short[0]
    assert aligned.bid_1ms[0] == 10_700


def test_reference_is_the_state_one_half_minute_before_the_current_one():
    q = quotes([(1 * NS, 0, 1.0, 1.1), (35 * NS, 0, 2.0, 2.1), (65 * NS, 0, 3.0, 3.1)])
    s = spots([(1 * NS, 0, 100, 100), (35 * NS, 0, 101, 101), (65 * NS, 0, 102, 102)])
    at = np.array([59, 61, 89, 91, 121, 400]) * NS
    start = OPEN % (30 * NS)
    assert start == 0, "the open lies on a half minute"
    aligned = align_day(contracts(), prints(at, [0] * 6, 1.0), q, s)
    np.testing.assert_array_equal(aligned.ref_bid, ticks([-0.0001, 1, 1, 2, 3, 3]))
    np.testing.assert_array_equal(aligned.ref_mid_u, [np.nan, 100, 100, 101, 102, 102])


def test_an_index_value_is_a_mid_and_a_crossed_quote_is_not():
    s = spots([(NS, 0, 100, 100), (2 * NS, 0, 130, 120)])
    aligned = align_day(contracts(), prints([40 * NS], [0], 1.0), quotes([]), s)
    assert aligned.u_return_open[0] == 0.0
    assert (aligned.u_bid[0], aligned.u_ask[0]) == (1_300_000, 1_200_000)


class TestCarriedQuotes:
    """Tapes that give the quotes on the print."""

    def carried(self, ts, contract, bid, ask, spot, **more):
        n = len(ts)
        columns = {"nbbo_bid": ticks(bid), "nbbo_ask": ticks(ask), "underlying_bid": ticks(spot), "underlying_ask": ticks(spot)}
        columns |= {name: np.full(n, 7, np.int32) for name in ("nbbo_bid_size", "nbbo_ask_size")}
        return prints(ts, contract, 1.0, 1, **(columns | more))

    def test_are_the_prints_own_quotes_of_unknown_age(self):
        aligned = align_day(contracts(), self.carried([NS, 2 * NS], [0, 0], [1.0, 1.2], [1.1, 1.3], [100, 100]))
        np.testing.assert_array_equal(aligned.bid, [10_000, 12_000])
        np.testing.assert_array_equal(aligned.bid_size, [7, 7])
        np.testing.assert_array_equal(aligned.quote_ts, [-1, -1])
        np.testing.assert_array_equal(aligned.bid_1ms, [-1, -1])
        assert not aligned.history_short.any() and not aligned.disagrees.any()

    def test_absent_on_one_print_are_not_taken_from_another(self):
        none = -0.0001
        aligned = align_day(contracts(), self.carried([NS, 2 * NS], [0, 0], [1.0, none], [1.1, none], [100, none]))
        assert (aligned.bid[1], aligned.ask[1], aligned.bid_size[1], aligned.u_bid[1]) == (-1, -1, -1, -1)

    def test_become_the_reference_and_parity_legs_of_later_prints(self):
        # contract 2 is the 100 call and 3 the 100 put: F = 100 + (5.05 - 3.05) exp(0.04 T) by hand, then with 5.25, the print's own quote
        p = self.carried([NS, 2 * NS, 100 * NS], [2, 3, 2], [5.0, 3.0, 5.2], [5.1, 3.1, 5.3], [101, 101, 101])
        aligned = align_day(contracts(), p)
        assert list(aligned.forward_source) == [2, 1, 1]
        assert aligned.forward[1] == pytest.approx(100 + 2.0 * np.exp(0.04 * 0.25), abs=2e-5)
        assert aligned.forward[2] == pytest.approx(100 + 2.2 * np.exp(0.04 * 0.25), abs=2e-5)
        assert (aligned.ref_bid[2], aligned.ref_mid_u[2]) == (50_000, 101.0)
        assert (aligned.pair_bid[2], aligned.pair_ask[2]) == (30_000, 31_000)

    def test_taken_at_different_spots_are_no_pair(self):
        p = self.carried([NS, 2 * NS, 10 * NS], [2, 3, 2], [5.0, 3.0, 5.2], [5.1, 3.1, 5.3], [101, 102, 103])
        aligned = align_day(contracts(), p)
        assert aligned.forward_source[2] == 2 and aligned.pair_bid[2] == -1

    @pytest.mark.parametrize(("spot", "source"), [(101.10, 1), (101.11, 2)])
    def test_pair_where_the_underlying_moved_less_than_their_half_spreads(self, spot, source):
        # each half-spread is 0.05: a move of 0.10 is as much as the pair's own width, one of 0.11 is more
        aligned = align_day(contracts(), self.carried([NS, 60 * NS], [2, 3], [5.0, 3.0], [5.1, 3.1], [101.0, spot]))
        assert aligned.forward_source[1] == source

    def test_pair_on_their_own_forward_though_the_index_moved(self):
        # options on their own forward: F = 100 + (5.05 - 3.05) exp(0.04 T), in USD and not by spot
        own = contracts(underlying_forward_only=[True, False])
        aligned = align_day(own, self.carried([NS, 60 * NS], [2, 3], [5.0, 3.0], [5.1, 3.1], [101.0, 101.08]))
        assert list(aligned.forward_source) == [0, 1]
        assert aligned.forward[1] == pytest.approx(100 + 2 * np.exp(0.04 * 0.25), abs=2e-5)

    def test_on_late_and_cancelled_prints_leave_the_state_alone(self):
        family = np.array([ConditionFamily.LATE, ConditionFamily.CANCEL, ConditionFamily.SINGLE], np.uint8)
        p = self.carried([NS, 2 * NS, 100 * NS], [0] * 3, [5.0, 5.0, 5.2], [5.1, 5.1, 5.3], [101] * 3, family=family)
        aligned = align_day(contracts(), p)
        assert aligned.ref_bid[2] == -1 and aligned.last_price[2] == -1
        assert aligned.contract_volume[2] == 1, "the late print traded, the cancel did not"

    def test_lose_against_the_table_and_disagreement_is_flagged(self):
        q = quotes([(NS, 0, 1.0, 1.1), (NS, 1, 1.0, 1.1)])
        p = self.carried([2 * NS, 2 * NS, 2 * NS], [0, 1, 2], [1.0, 1.2, 5.0], [1.1, 1.3, 5.1], [100] * 3)
        aligned = align_day(contracts(), p, q)
        np.testing.assert_array_equal(aligned.disagrees, [False, True, False])
        np.testing.assert_array_equal(aligned.bid, [10_000, 10_000, 50_000])
        np.testing.assert_array_equal(aligned.quote_ts, [OPEN + NS, OPEN + NS, -1])


VENUE_TABLE = {
    **quotes([(NS, 0, 1.0, 1.2, 3, 4), (2 * NS, 0, 1.1, 1.3, 5, 6), (3 * NS, 0, 1.0, 1.4, 7, 8)]),
    "exchange": np.array([ord("C"), ord("X"), ord("C")], np.uint8),
}


class TestVenueQuotes:
    """The printing venue's own quote."""

    @pytest.mark.parametrize("size", [1, 2, 9])
    def test_is_the_last_strictly_before(self, size):
        p = prints([2 * NS, 3 * NS, 4 * NS], [0] * 3, 1.0)
        aligned = align_day(contracts(), p, venue_quotes=VENUE_TABLE, chunks=((1,), (size,), (1,)))
        np.testing.assert_array_equal(aligned.venue_bid, [10_000, 10_000, 10_000])
        np.testing.assert_array_equal(aligned.venue_ask_size, [4, 4, 8])

    def test_of_a_venue_that_did_not_quote_is_none(self):
        p = prints([4 * NS], [0], 1.0, venue=np.array([ord("Z")], np.uint8))
        assert align_day(contracts(), p, venue_quotes=VENUE_TABLE).venue_bid[0] == -1


def test_unwatched_contracts_cost_no_state_and_may_not_print():
    c = contracts()
    watched = watched_contracts(c, [0])
    np.testing.assert_array_equal(watched, [True] * 6 + [False] * 6)
    p, q, s = random_day(5)
    kept = p["contract_id"] < 6
    p = {name: values[kept] for name, values in p.items()}
    masked = Aligner(c, watched).align(p, iter([q]), iter([s]))
    assert_same(masked, Aligner(c).align(p, iter([q]), iter([s])))
    with pytest.raises(ValueError, match="contract 7 prints but is not watched"):
        Aligner(c, watched).align(prints([NS], [7], 1.0))


def test_family_comes_from_the_map_of_conditions_or_from_the_chunk():
    families = np.full(256, ConditionFamily.UNKNOWN, np.uint8)
    families[32] = ConditionFamily.SINGLE
    chunk = prints([NS], [0], 1.0)
    chunk.pop("family")
    assert Aligner(contracts(), family_of_condition=families).align(chunk).family[0] == ConditionFamily.SINGLE
    with pytest.raises(KeyError, match="family"):
        Aligner(contracts()).align(chunk)


def test_a_stream_that_stops_may_go_on_with_the_next_chunk():
    """Live: each call brings the quotes up to its watermark."""
    aligner = Aligner(contracts())
    first = aligner.align(prints([2 * NS], [0], 1.0), iter([quotes([(NS, 0, 1.0, 1.1)])]))
    second = aligner.align(prints([4 * NS], [0], 1.0), iter([quotes([(3 * NS, 0, 1.2, 1.3)])]))
    assert (first.bid[0], second.bid[0], second.order[0]) == (10_000, 12_000, 1)
