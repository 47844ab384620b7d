"""Statistics of prints on hand-made tapes; expected values are counted by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from market_check_tapes import CALL, made_day, print_row, quote_row, spot_row

from smartmoney_pipeline.evaluation.market_check import arrivals, flow, impact, signs, spreads
from smartmoney_pipeline.evaluation.market_check.day import market_day


@pytest.fixture(scope="module")
def five():
    """Quote 1.00 x 1.10 from the first second: prints at bid, ask, middle, inside and outside."""
    prices = (1.00, 1.10, 1.05, 1.08, 1.15)
    return made_day([print_row(2 + n, price, 1 + n, 1) for n, price in enumerate(prices)], [quote_row(1, 1.00, 1.10)])


def test_each_location_holds_one_of_five(five):
    found = flow.measure_location(five)
    assert {found[name].value for name in ("at_bid", "at_ask", "at_mid", "inside", "outside")} == {0.2}
    assert found["at_quotes_any_width"].value == 0.4


def test_a_quote_at_the_time_of_the_print_does_not_count():
    day = made_day([print_row(5, 1.00, 1, 1)], [quote_row(5, 1.00, 1.10)])
    assert len(day.quoted) == 0


def test_narrow_quotes_leave_the_locations_but_not_those_at_any_width():
    day = made_day([print_row(2, 1.00, 1, 1)], [quote_row(1, 1.00, 1.02)])
    found = flow.measure_location(day)
    assert (found["at_bid"].cases, found["at_quotes_any_width"].value) == (0, 1.0)


def test_sizes_are_counted():
    day = made_day([print_row(2 + n, 1.0, size, 1) for n, size in enumerate((1, 1, 2, 10))], [quote_row(1, 1.00, 1.10)])
    found = flow.measure_sizes(day)
    assert (found["size_p50"].value, found["size_p99"].value, found["size_mean"].value) == (1.0, 2.0, 3.5)
    assert found["one_lots"].value == 0.5
    # 1/2 squared, and twice 1/4 squared
    assert found["equal_size_chance"].value == pytest.approx(0.375)
    assert found["quote_size_p50"].value == 10


def test_conditions_are_shares_of_prints_and_of_volume():
    codes = ["I", "S", "a", "f", "i", "c", "k", "A", "D"]
    prints = [print_row(2 + n, 1.0, 10, 1, condition=code) for n, code in enumerate(codes)]
    prints[0]["size"] = 40
    found = flow.measure_conditions(made_day(prints, [quote_row(1, 1.00, 1.10)]))
    # Seven trades of 10, one of them 40: the cancel and the late report are none.
    assert found["electronic_volume"].value == pytest.approx(50 / 100)
    assert found["electronic_prints"].value == pytest.approx(2 / 7)
    assert found["complex_volume"].value == pytest.approx(20 / 100)
    assert found["floor_complex_volume"].value == 1.0
    assert found["sweep_volume"].value == pytest.approx(10 / 50)
    assert (found["cancels"].value, found["late_reports"].value) == (pytest.approx(1 / 9), pytest.approx(1 / 9))


def test_small_tickets_follow_the_rule_of_the_exchange():
    # electronic: at most ten lots, or at most 5 000 dollars; an auction of any size unless it is a sweep
    cases = [(10, 90.0, "I", True), (50, 1.00, "I", True), (51, 1.00, "I", False), (900, 9.0, "a", True), (900, 9.0, "b", False)]
    for size, price, code, small in cases:
        day = made_day([print_row(2, price, size, 1, condition=code)], [quote_row(1, 1.00, 1.10)])
        assert flow.measure_mix(day)["retail_volume"].value == float(small), (size, price, code)


def test_the_quote_rule_counts_an_undecided_print_as_half():
    prints = [print_row(2, 1.10, 3, 1), print_row(3, 1.10, 3, -1), print_row(4, 1.05, 3, 1), print_row(5, 1.00, 3, -1)]
    found = signs.measure_rules(made_day(prints, [quote_row(1, 1.00, 1.10)]))
    assert found["quote_rule"].value == pytest.approx(2.5 / 4)
    assert found["quote_rule_at_quotes"].value == pytest.approx(2 / 3)
    assert found["buys"].value == 0.5


def test_the_size_layers_decide_before_quote_and_depth():
    # 10 is the bid size: a customer bought; 20 the ask size: a customer sold. The largest print is left out of the rule.
    prints = [print_row(2, 1.00, 10, 1), print_row(3, 1.10, 20, -1), print_row(4, 1.05, 3, 1), print_row(5, 1.10, 400, 1)]
    found = signs.measure_rules(made_day(prints, [quote_row(1, 1.00, 1.10)]))
    assert (found["trade_size_rule"].value, found["trade_size_share"].value) == (1.0, 0.5)
    # depth at the middle: 20 offered against 10 bid reads as a purchase
    assert (found["size_stack"].value, found["depth_at_mid"].value) == (1.0, 1.0)
    assert found["quote_rule"].value == pytest.approx(1.5 / 4)


def test_a_venue_that_does_not_set_the_quote_shows_no_size():
    day = made_day([print_row(2, 1.00, 10, 1, exchange="N"), print_row(3, 1.0, 50, 1)], [quote_row(1, 1.00, 1.10)])
    assert signs.measure_rules(day)["trade_size_share"].value == 0.0


def test_autocorrelation_by_hand():
    # +1 -1 +1 -1 about mean 0: products -1, -1, -1 over variance 1; at lag 2 they are +1
    series = [np.array([1.0, -1.0, 1.0, -1.0])]
    assert signs.autocorrelation(series, 1).value == pytest.approx(-1.0)
    assert signs.autocorrelation(series, 2).value == pytest.approx(1.0)
    assert signs.autocorrelation(series, 5).value is None


def test_spreads_auctions_and_updates_by_hand():
    prints = [print_row(2, 1.08, 1, 1, condition="a"), print_row(3, 1.10, 1, -1)]
    day = made_day(prints, [quote_row(1, 1.00, 1.10), quote_row(4, 1.10, 1.10), quote_row(5, 1.12, 1.10), quote_row(6, 0.0, 0.05)])
    found = spreads.measure_spreads(day) | spreads.measure_auctions(day) | spreads.measure_quotes(day)
    assert found["half_spread_usd"].value == pytest.approx(0.05)
    assert found["half_spread_share"].value == pytest.approx(0.05 / 1.05)
    # paid 0.03 and 0.05 away from the middle; the second customer sold above it
    assert found["effective_to_quoted"].value == pytest.approx(0.8)
    assert found["customer_cost_to_effective"].value == pytest.approx(-0.25)
    # the auction beat the ask by 0.02 of a half-spread of 0.05
    assert (found["auctions_improved"].value, found["auction_improvement"].value) == (1.0, pytest.approx(0.4))
    assert found["updates_per_print"].value == 2.0
    assert (found["locked"].value, found["crossed"].value) == (0.25, 0.25)
    assert (found["zero_bid_far"].value, found["zero_bid_at_prints"].value) == (1.0, 0.0)


def test_shape_of_the_day_by_hand():
    day = made_day([print_row(second, 1.0, 1, 1) for second in (10, 1_799, 9_000, 23_390)], [quote_row(1, 1.00, 1.10)])
    found = arrivals.measure_shape(day)
    assert [found[name].value for name in ("first_half_hour", "midday", "last_half_hour")] == [0.5, 0.25, 0.25]


def test_fano_of_even_and_of_doubled_counts():
    # one an hour-half's second: variance 0; counts 0 and 2 in turn: variance 1 x n / (n - 1) over mean 1
    assert arrivals.fano(np.arange(0, 1_800, 1.0), 1_800.0, 120) == 0.0
    twice = np.repeat(np.arange(0, 1_800, 240.0), 2)
    counts = np.array([2, 0] * 7 + [2])
    assert arrivals.fano(twice, 1_800.0, 120) == pytest.approx(counts.var(ddof=1) / counts.mean())


def test_branching_of_independent_arrivals_is_near_none():
    rng = np.random.default_rng(1)
    prints = [print_row(float(second), 1.0, 1, 1) for second in np.sort(rng.uniform(0, 23_400, 4_000))]
    found = arrivals.measure_bursts(made_day(prints, [quote_row(1, 1.00, 1.10)]))
    assert found["branching"].value < 0.15
    assert found["fano_1s"].value == pytest.approx(1.0, abs=0.1)


def test_a_square_root_is_found_and_its_absence_too():
    rng = np.random.default_rng(2)
    size = np.exp(rng.uniform(-3, 3, 2_000))
    error = rng.uniform(0.02, 0.1, 2_000)
    noise = error * rng.standard_normal(2_000)
    assert impact.exponent(size, 0.2 * np.sqrt(size) + noise, error).value == pytest.approx(0.5, abs=0.05)
    assert impact.exponent(size, -0.2 + noise, error).value == 0.0
    assert impact.exponent(size[:50], noise[:50], error[:50]).value is None


def test_a_run_ends_with_a_change_of_side_and_its_move_leaves_the_underlying_out():
    # spot 100 throughout: the mid rises from 2.05 to 2.15 after two purchases, two half-spreads of 0.05
    prints = [print_row(10, 2.10, 4, 1), print_row(12, 2.10, 6, 1), print_row(14, 2.10, 5, -1)]
    day = made_day(prints, [quote_row(1, 2.00, 2.10), quote_row(12.5, 2.10, 2.20)], [spot_row(0, 100.0)])
    table = impact.runs(day)
    assert table["side"].tolist() == [1, -1]
    assert table["move"].iloc[0] == pytest.approx(2.0 * table["error"].iloc[0])
    # vega is nearly the same for all: 4 + 6 of 15 contracts
    assert table["share"].iloc[0] == pytest.approx(10 / 15, abs=0.01)


def test_a_print_without_a_side_is_refused():
    day = [print_row(2, 1.0, 1, 1), print_row(3, 1.0, 1, None)]
    with pytest.raises(ValueError, match="1 prints have no customer side"):
        made_day(day, [quote_row(1, 1.00, 1.10)])


def test_a_print_delivered_twice_counts_once():
    day = made_day([print_row(2, 1.0, 1, 1), print_row(3, 1.0, 5, -1)], [quote_row(1, 1.00, 1.10)])
    tape = day.prints[["print_id", "ts", "seq", "option_symbol", "underlying", "price", "size", "exchange", "condition"]]
    twice = pd.concat([tape, tape.tail(1)])
    tables = {"option_prints": twice, "option_quotes": pd.DataFrame([quote_row(1, 1.0, 1.1)]).assign(seq=0)}
    again = market_day(tables | {"underlying_quotes": pd.DataFrame([spot_row(0, 100.0)]).assign(seq=0)}, day.prints[["print_id", "side"]])
    assert again.prints["size"].tolist() == [1, 5]


def test_a_missing_table_is_named():
    with pytest.raises(KeyError, match="option_prints"):
        market_day({}, pd.DataFrame({"print_id": [], "side": []}))


def test_contract_terms_come_from_the_symbol():
    day = made_day([print_row(2, 1.0, 1, 1)], [quote_row(1, 1.00, 1.10)])
    row = day.contracts.set_index("option_symbol").loc[CALL]
    assert (row["strike"], row["is_call"], row["underlying"]) == (100.0, True, "ACME")
    # 16:00 in New York on 17 April is 20:00 UTC
    assert pd.Timestamp(row["expiry"], tz="UTC") == pd.Timestamp("2026-04-17 20:00", tz="UTC")
