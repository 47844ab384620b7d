"""Small formulas of the kernels against textbook values or plain Python."""

import math

import numpy as np
import pytest
from grouping_tapes import MS, SECOND, terms
from hypothesis import given, settings
from hypothesis import strategies as st

from smartmoney_pipeline.parent_events.burst_kernel import count_evidence, spacing_evidence
from smartmoney_pipeline.parent_events.chain_kernel import chain
from smartmoney_pipeline.parent_events.confidence import packet_log_confidence
from smartmoney_pipeline.parent_events.legged_kernel import chance_in
from smartmoney_pipeline.parent_events.package_price_kernel import side_probability
from smartmoney_pipeline.parent_events.terms import ContractTerms


@settings(deadline=None)
@given(st.lists(st.sampled_from([0, 1, -1, 2**40, 2**40 + 16, 7]), max_size=60))
def test_chains_lead_to_the_next_equal_key(keys):
    expected = [next((j for j in range(i + 1, len(keys)) if keys[j] == key), -1) for i, key in enumerate(keys)]
    assert chain(np.array(keys, np.int64)).tolist() == expected


@pytest.mark.parametrize(("more", "expected"), [(1, 0.5), (5, 1.0), (20, 7.0), (40, 23.0)])
def test_the_count_is_never_said_to_be_rarer_than_it_is(more, expected):
    # exact Poisson tail summed in plain Python; Chernoff's bound lies above it
    tail = 1.0 - sum(math.exp(-expected) * expected**k / math.factorial(k) for k in range(more))
    assert math.exp(-count_evidence(more, expected)) >= tail
    assert count_evidence(3, 5.0) == 0.0


def gamma_log_density(x, shape, mean):
    return shape * math.log(shape / mean) + (shape - 1) * math.log(x) - shape * x / mean - math.lgamma(shape)


@pytest.mark.parametrize("gaps_s", [[10, 10, 10], [1, 40, 2], [5, 7, 6, 4]])
def test_spacing_is_a_likelihood_ratio_of_two_laws(gaps_s):
    starts = np.cumsum([0, *gaps_s]) * SECOND
    mean = sum(gaps_s) / len(gaps_s)
    expected = sum(gamma_log_density(g, 4, mean) + math.log(mean) + g / mean for g in gaps_s)
    found = spacing_evidence(starts.astype(np.int64), np.arange(len(starts)), len(starts), MS)
    assert found == pytest.approx(expected)
    assert (found > 0) == (gaps_s != [1, 40, 2])


def test_the_clock_of_the_tape_bounds_what_a_tie_may_prove():
    assert chance_in(1.0, 0, MS) == pytest.approx(1 - math.exp(-0.001))
    assert chance_in(0.0, 0, MS) == 1e-6


@pytest.mark.parametrize(("position", "p"), [(0.0, 0.5), (1e-12, 0.55), (1.0, 0.72), (3.0, 0.72), (math.nan, 0.5)])
def test_side_probability_between_its_anchors(position, p):
    assert side_probability(position, 0.55, 0.72) == pytest.approx(p)


def test_joins_of_a_packet_multiply():
    # three prints, chances 0.01 % and 0.04 %: geometric mean 0.02 %, against a prior of 1/85 each join is right with 1 / 1.017
    odds = np.array([math.log(0.0001) + math.log(0.0004), 0.0])
    assert np.exp(packet_log_confidence(np.array([3, 1]), odds)) == pytest.approx([1 / 1.017**2, 1.0])


class TestTerms:
    def test_rank_listing_and_tenor_by_hand(self):
        t = terms((105, "C"), (100, "P"), (100, "C"), (95, "C"), (100, "C", 0), (100, "C", 8, 1))
        assert t.rank.tolist() == [5, 4, 3, 2, 0, 1]
        # chains in order of underlying, expiry, put before call; strikes rise within each
        assert t.listing.tolist() == [4, 1, 3, 2, 0, 5]
        assert t.position.tolist() == [4, 1, 3, 2, 0, 5]
        assert t.tenor.tolist() == [2, 2, 2, 2, 0, 2]
        assert t.strike_units.tolist() == [105_000, 100_000, 100_000, 95_000, 100_000, 100_000]

    def test_reach_of_neighbours_by_hand(self):
        # standard intervals: 2.50 up to 25, 5 up to 200, 10 above; 1 % of the strike where that is more
        strikes = (20, 25, 25.5, 200, 201, 5_000)
        assert terms(*((k, "C") for k in strikes)).strike_reach.tolist() == [2_500, 2_500, 5_000, 5_000, 10_000, 50_000]

    def test_columns_must_agree(self):
        one, two = np.zeros(1, np.int32), np.zeros(2, np.int32)
        with pytest.raises(ValueError, match="differ in length"):
            ContractTerms(one, two, np.zeros(1), np.zeros(1, bool), one)
