"""Small parts of the market: ticks, fills, surface, arrivals, quotes at a time. Expected values by hand arithmetic."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from smartmoney_pipeline.scenarios.arrivals import clustered, inherit
from smartmoney_pipeline.scenarios.clock import open_clock, variance_passed, variance_years
from smartmoney_pipeline.scenarios.fills import running_delay, split_orders
from smartmoney_pipeline.scenarios.impulses import Impulse, effect
from smartmoney_pipeline.scenarios.quote_book import make_book
from smartmoney_pipeline.scenarios.streams import StreamKey
from smartmoney_pipeline.scenarios.surface import ssvi_variance
from smartmoney_pipeline.scenarios.ticks import TickClass, ceil_cents, floor_cents, walk_cents

KEY = StreamKey("test", 1, date(2026, 3, 18))


def test_prices_round_to_the_grid_of_their_class():
    dollars = [2.987, 3.02, 3.05]
    assert floor_cents(TickClass.PENNY, dollars).tolist() == [298, 300, 305]
    assert ceil_cents(TickClass.PENNY, dollars).tolist() == [299, 305, 305]
    assert floor_cents(TickClass.NICKEL, dollars).tolist() == [295, 300, 300]
    assert floor_cents(TickClass.ALL_PENNY, dollars).tolist() == [298, 302, 305]


def test_an_offer_is_never_free():
    assert floor_cents(TickClass.NICKEL, [-0.2, 0.04]).tolist() == [0, 0]
    assert ceil_cents(TickClass.NICKEL, [0.0]).tolist() == [5]


def test_walking_the_book_crosses_the_three_dollar_line_on_the_coarser_grid():
    assert walk_cents(TickClass.PENNY, [299, 300, 305], [1, 1, -1]).tolist() == [300, 305, 300]


def test_fills_add_up_to_their_orders():
    size, count = np.array([1, 7, 100, 2_500]), np.array([3, 2, 5, 9])
    fills = split_orders(KEY.stream("X", "fills").random((4, 9)), size, count)
    assert np.bincount(fills.order, fills.size).tolist() == size.tolist()
    # An order of one contract has one fill, whatever is asked for.
    assert np.bincount(fills.order).tolist() == [1, 2, 5, 9]
    assert fills.size.min() >= 1
    assert (fills.before[fills.number == 0] == 0).all()


def test_a_first_fill_can_be_asked_for():
    fills = split_orders(np.ones((3, 9)), np.array([100, 10, 5]), np.array([3, 4, 3]), np.array([40, 9, 0]))
    # 10 contracts in 4 fills leave room for a first fill of 7 at most.
    assert fills.size[fills.number == 0].tolist()[:2] == [40, 7]
    assert np.bincount(fills.order, fills.size).tolist() == [100, 10, 5]
    assert fills.size.min() >= 1


def test_delays_run_within_an_order():
    delay = running_delay(np.array([9.0, 1.0, 2.0, 9.0, 3.0]), np.array([0, 1, 2, 0, 1]), np.array([0, 0, 0, 1, 1]))
    assert delay.tolist() == [0.0, 1.0, 3.0, 0.0, 3.0]


def test_ssvi_at_the_money_is_its_level_and_the_smile_leans_with_rho():
    # At k = 0: w = level / 2 x (1 + sqrt(rho^2 + 1 - rho^2)) = level (Gatheral and Jacquier 2014, equation 4.1).
    level = np.full(3, 0.04)
    variance = ssvi_variance(np.array([-0.1, 0.0, 0.1]), level, -0.6, 0.6)
    assert variance[1] == pytest.approx(0.04)
    assert variance[0] > variance[1] > variance[2]


def test_variance_time_counts_sessions_and_the_rest_of_today():
    clock = open_clock(date(2026, 3, 18))
    assert variance_passed([0.0, 1.0]).tolist() == [0.0, 1.0]
    # At the close nothing of today is left: one session remains, 1/252; AM settlement lacks its three quarters of a day.
    assert variance_years(clock, clock.close_ns, 1, False) == pytest.approx(1.0 / 252)
    assert variance_years(clock, clock.close_ns, 1, True) == pytest.approx(0.25 / 252)


def test_arrivals_hit_their_target_and_stay_inside_the_session():
    clock = open_clock(date(2026, 3, 18))
    ts, parent = clustered(KEY.stream("X", "arrivals"), clock, 20_000)
    # Branching ratio 0.6: immigrants are 40 % and the total is the target, within a few per cent.
    assert len(ts) == pytest.approx(20_000, rel=0.06)
    assert (parent < 0).mean() == pytest.approx(0.4, abs=0.02)
    assert ts.min() > clock.open_ns
    assert ts.max() < clock.close_ns
    assert (ts[parent >= 0] > ts[parent[parent >= 0]]).all()


def test_children_inherit_through_generations():
    own, parent = np.array([1, 2, 3]), np.array([-1, 0, 1])
    assert inherit(KEY.stream("X", "inherit"), own, parent, 1.0).tolist() == [1, 1, 1]


def test_an_impulse_rises_then_fades_to_what_it_keeps():
    impulse = Impulse(0, 10_000_000_000, 0.1, 1.5, 10.0, 0.4, 2, np.log(100.0))
    ts = np.array([0, 5_000_000_000, 10_000_000_000, 20_000_000_000, 10_000_000_000_000])
    log_vol, spread = effect([impulse], 2, float(np.log(100.0)), ts)
    # Half way up; at the top; one half-life later 0.4 + 0.6 / 2 = 0.7 of it; at last 0.4 of it.
    assert log_vol == pytest.approx([0.0, 0.05, 0.1, 0.07, 0.04])
    assert spread[2] == pytest.approx(1.5)
    assert effect([impulse], 3, float(np.log(100.0)), ts)[0].tolist() == [0.0] * 5


def test_the_book_answers_with_the_last_quote_strictly_before():
    rows = {"contract": [4, 4, 9], "ts": [10, 20, 15], "bid": [1, 2, 3], "ask": [2, 3, 4]}
    sizes = {"bid_size": 1, "ask_size": 1, "bid_exchange": 67, "ask_exchange": 67}
    book = make_book(pd.DataFrame({**rows, **sizes}))
    found = book.at(np.array([4, 4, 4, 9, 9]), np.array([20, 21, 5, 99, 10]))
    assert found["bid"].tolist() == [1, 2, 1, 3, 3]


def test_streams_depend_on_every_part_of_their_key():
    draws = {
        float(key.stream(scope, purpose).random())
        for key in (KEY, StreamKey("test", 2, KEY.session), StreamKey("demo", 1, KEY.session))
        for scope, purpose in (("X", "a"), ("X", "b"), ("Y", "a"))
    }
    assert len(draws) == 9
    assert KEY.stream("X", "a").random() == KEY.stream("X", "a").random()
