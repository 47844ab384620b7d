"""Known defects of an earlier project in grouping, look-ahead, corrections and identity, each as a tape by hand that shows it.

The numbers D2 to D17 are those of the list of defects; expected values are hand arithmetic on the rows or the defect's own statement.
Contracts are named by number: 0 C90, 2 C95, 3 P95, 4 C100, 5 P100, 6 C105, 7 P105, 8 C110 of today, and ten more for the later expiry.
"""

from dataclasses import replace

import pandas as pd
import pyarrow as pa
import pytest
from drawn_acts import price_at, quote_row
from drawn_market import FIRST, MS, SECOND, SESSION, Row, calendar_rows, symbol, underlying_rows
from drawn_tapes import STREAMS, Tape, numbered, opening_quotes
from engine_runs import SOURCE, batch

from smartmoney_pipeline.engine.live import LiveEngine
from smartmoney_pipeline.engine.live.views import EventLog

ME, STRANGER = "ABCD", "WXYZ"


def sale(name: str, ms: float, number: int, place: str, size: int = 20, ticker: str = ME, **more: object) -> Row:
    """One print, `ms` after the first instant, at a place of the usual market ten cents wide."""
    row = {"print_id": name, "ts": FIRST + round(ms * MS), "option_symbol": symbol(ticker, number), "underlying": ticker,
           "price": price_at(number, place), "size": size, "exchange": "C", "condition": "I"}  # fmt: skip
    return row | more


def tape(*prints: Row, quotes: list[Row] | None = None, calendar: list[Row] | None = None) -> Tape:
    """The tape of these prints in the usual market."""
    usual = opening_quotes() if quotes is None else quotes
    return Tape(numbered(list(prints)), numbered(usual), underlying_rows(), calendar or [], "by hand")


def events(*prints: Row, **more: list[Row]) -> list[dict]:
    """Events of the tape, in order of their first print."""
    return sorted(batch(tape(*prints, **more).tables()).rows(), key=lambda row: (row["start_ts"], row["member_print_ids"]))


def members(*prints: Row, **more: list[Row]) -> list[list[str]]:
    """Prints of every event."""
    return [row["member_print_ids"] for row in events(*prints, **more)]


@pytest.mark.parametrize(
    ("number", "place", "direction"), [(4, "ask", "bullish"), (4, "bid", "bearish"), (5, "ask", "bearish"), (5, "bid", "bullish")]
)
def test_d2_single_legs_have_the_direction_of_right_and_side(number, place, direction):
    assert [row["primary_direction"] for row in events(sale("a", 0, number, place))] == [direction]


def test_d2_a_call_without_any_quote_is_not_bullish_by_default():
    assert [row["primary_direction"] for row in events(sale("a", 0, 4, "mid"), quotes=[])] == ["unknown"]


def test_d3_premium_counts_the_shares_of_a_contract():
    assert events(sale("a", 0, 4, "ask", 7))[0]["features"]["premium_usd"] == pytest.approx(price_at(4, "ask") * 7 * 100)


SHARES = {
    "f": "complex_share", "n": "stock_tied_share", "D": "late_share", "a": "auction_share",
    "c": "cross_share", "e": "floor_share", "S": "iso_share", "v": "extended_hours_share",
}  # fmt: skip


@pytest.mark.parametrize(("code", "feature"), SHARES.items())
def test_d4_letters_of_the_feed_reach_the_event(code, feature):
    event = events(sale("a", 0, 4, "ask", condition=code))[0]
    assert event["features"][feature] == 1.0
    assert (event["event_kind"] == "multi_leg_event") == (code in "fn")


@pytest.mark.parametrize("named", [True, False])
def test_d4_a_cancelled_print_is_in_no_event(named):
    taken = sale("b", 9_000, 4, "bid")
    cancel = taken | {"print_id": "x", "ts": taken["ts"] + SECOND, "condition": "A"} | ({"cancels_print_id": "b"} if named else {})
    assert members(sale("a", 0, 4, "ask"), taken, cancel) == [["a"]]


def test_d5_a_quote_after_the_print_is_not_used():
    late = [*opening_quotes(), quote_row(FIRST + 900 * MS, ME, 4, 20, 30)]
    assert events(sale("a", 0, 4, "ask"), quotes=late) == events(sale("a", 0, 4, "ask"))
    only_later = events(sale("a", 0, 4, "ask"), quotes=[quote_row(FIRST + 1, ME, 4, 0, 10)])[0]["features"]
    assert (only_later["quote_age_ms"], only_later["aggressor_mix"], only_later["ask_lift_share"]) == (None, None, None)


def test_d5_a_quote_of_the_same_instant_is_not_used():
    same = [*opening_quotes(), quote_row(FIRST, ME, 4, 20, 30)]
    assert events(sale("a", 0, 4, "ask"), quotes=same) == events(sale("a", 0, 4, "ask"))


def test_d5_the_underlying_after_the_event_is_not_used():
    day = tape(sale("a", 0, 4, "ask"), sale("b", 100, 4, "ask"))
    jump = {"ts": FIRST + 101 * MS, "seq": 10**6, "underlying": ME, "bid": 140.0, "ask": 140.02, "bid_size": 300, "ask_size": 200}
    later = replace(day, underlyings=[*day.underlyings, jump])
    assert batch(later.tables()).rows() == batch(day.tables()).rows()


def test_d5_a_print_that_comes_late_sees_the_quotes_of_its_own_time():
    quotes = [*opening_quotes(), quote_row(FIRST + SECOND, ME, 4, 20, 30)]
    assert said_live([sale("b", 5_000, 4, "ask", 11), sale("a", 0, 4, "ask")], quotes)["a"]["features"]["ask_lift_share"] == 1.0


def test_d6_a_print_an_hour_older_does_not_join_the_open_cluster():
    old, new = sale("old", 0, 4, "ask"), sale("new", 3_600_000, 4, "ask")
    said = said_live([new, old], opening_quotes())
    assert [said[name]["member_print_ids"] for name in ("old", "new")] == [["old"], ["new"]]
    assert [pd.Timestamp(said[name]["start_ts"]).value for name in ("old", "new")] == [FIRST, FIRST + 3_600 * SECOND]


def said_live(arrivals: list[Row], quotes: list[Row]) -> dict[str, dict]:
    """Events of a live engine by their first print; the prints come one by one as given, long after the quotes."""
    tables = tape(*arrivals, quotes=quotes).tables()
    engine, log = LiveEngine(SESSION, SOURCE, {}, STREAMS), EventLog()
    log.add(engine.push({name: tables[name] for name in STREAMS[1:]}))
    rows = {row["print_id"]: place for place, row in enumerate(tables["option_prints"].select(["print_id"]).to_pylist())}
    for row in arrivals:
        log.add(engine.push({"option_prints": tables["option_prints"].take(pa.array([rows[row["print_id"]]]))}))
    log.add(engine.finish())
    return {row["member_print_ids"][0]: row for row in log.current()["smart_money_events"].to_pylist()}


def test_d7_the_last_event_of_a_quiet_tape_closes_by_time_alone():
    tables = tape(sale("a", 0, 4, "ask", 400)).tables()
    engine = LiveEngine(SESSION, SOURCE, {}, STREAMS)
    engine.push({name: tables[name] for name in STREAMS})
    final = engine.advance(FIRST + 600 * SECOND).events.to_pylist()
    assert [(row["member_print_ids"], row["provisional"]) for row in final] == [(["a"], False)]


def test_d7_buyer_and_seller_within_half_a_second_are_two_events():
    assert members(sale("a", 0, 4, "ask", 11), sale("b", 30, 4, "bid", 25)) == [["a"], ["b"]]


def test_d7_the_gap_counts_from_the_last_print_and_not_from_the_first():
    # A print brings 0.2 more a second to its quiet contract, where 1 % is reached after 50 ms; the whole may last a second (record 8).
    sizes = zip("abcde", (3, 7, 13, 29, 31), strict=True)
    assert members(*(sale(name, 15 * k, 4, "ask", size) for k, (name, size) in enumerate(sizes))) == [list("abcde")]
    assert members(sale("a", 0, 4, "ask", 11), sale("b", 300, 4, "ask", 25)) == [["a"], ["b"]]


STRUCTURES = [
    ("iron_condor", ((3, 10), (5, 10), (6, 10), (8, 10))),
    ("box", ((2, 10), (3, 10), (6, 10), (7, 10))),
    ("risk_reversal", ((3, 10), (6, 10))),
    ("straddle", ((4, 10), (5, 10))),
    ("synthetic", ((4, 10), (5, 10))),
    ("butterfly", ((2, 10), (4, 20), (6, 10))),
    ("roll", ((4, 10), (14, 10))),
    ("calendar", ((4, 60), (14, 60))),
    ("vertical", ((4, 10), (6, 10))),
]


@pytest.mark.parametrize(("name", "legs"), STRUCTURES)
def test_d8_structures_are_read_from_rights_strikes_and_ratios(name, legs):
    """The touch of each leg says which of two readings it is where the legs alone do not: call and put of one strike both at the ask
    are a straddle bought, call at the ask and put at the bid a synthetic. The near leg of the calendars expires today and has an open
    interest of 80: ten contracts may close a position there, sixty are more than half of it and no roll."""
    sides = {"synthetic": ("ask", "bid"), "risk_reversal": ("bid", "ask"), "straddle": ("ask", "ask")}.get(name, ("mid",) * len(legs))
    prints = [sale(f"{k}", 0, n, sides[k], q, condition="f") for k, (n, q) in enumerate(legs)]
    found = events(*prints)
    assert [(row["structure"], len(row["member_print_ids"])) for row in found] == [(name, len(legs))]


def test_d8_five_hundred_lots_and_a_stray_lot_are_no_vertical():
    assert members(sale("a", 0, 4, "ask", 500), sale("b", 300, 6, "bid", 1)) == [["a"], ["b"]]


def test_d8_floor_legs_that_are_600_ms_apart_are_one_package():
    found = events(sale("a", 0, 4, "mid", condition="i"), sale("b", 600, 6, "mid", condition="i"))
    assert [(row["structure"], row["member_print_ids"]) for row in found] == [("vertical", ["a", "b"])]


def test_d9_an_order_of_four_legs_is_one_event_and_its_premium_counts_once():
    legs = [sale(f"{k}", 0, n, "mid", 10, condition="f") for k, n in enumerate((3, 5, 6, 8))]
    found = events(*legs)
    assert len(found) == 1
    assert found[0]["features"]["premium_usd"] == pytest.approx(sum(row["price"] * row["size"] * 100 for row in legs))


def test_d10_shares_count_contracts_and_times_are_measured():
    # a sweep that buys goes up through the offers
    parts = [sale("a", 0, 4, "over_mid", 90, condition="S")]
    parts += [sale(f"b{k}", 10 + 5 * k, 4, "ask", 1, exchange=venue, condition="S") for k, venue in enumerate("NXA")]
    event = events(*parts)[0]
    assert event["features"]["inside_share"] == pytest.approx(90 / 93)
    assert (event["event_window_ms"], event["features"]["inter_fill_ms"]) == (20, pytest.approx(20 / 3))
    # quoted 996 ms before the first print; ages are weighted by contracts
    assert event["features"]["quote_age_ms"] == pytest.approx((90 * 996 + 1006 + 1011 + 1016) / 93)


def test_d11_what_was_never_filled_is_filled():
    sweep = [sale(f"s{k}", k, 4, "ask", 11, exchange=venue, condition="S") for k, venue in enumerate("CNX")]
    assert events(*sweep)[0]["features"]["venue_count"] == 3
    pair = events(sale("a", 0, 4, "mid", 10, condition="f"), sale("b", 0, 6, "mid", 10, condition="f"))[0]["features"]
    assert pair["same_size_leg_symmetry"] == 1.0
    assert pair["underlying_return_open"] is not None


def test_d12_an_option_of_today_has_its_minutes():
    features = events(sale("a", 0, 4, "ask"))[0]["features"]
    assert (features["dte_days"], features["minutes_to_expiry"]) == (0, 360.0)  # 10:00 to 16:00 New York


def test_d13_what_is_not_known_is_null():
    features = events(sale("a", 0, 4, "mid"), quotes=[])[0]["features"]
    unknown = (
        "quote_age_ms",
        "aggressor_mix",
        "spread_position",
        "relative_spread",
        "iv_shock_points",
        "trading_days_to_event",
        "attention_z",
    )
    assert {name: features[name] for name in unknown} == dict.fromkeys(unknown)


def test_d14_ids_do_not_depend_on_the_order_of_arrival():
    prints = [sale("a", 0, 4, "ask", 11), sale("b", 100, 4, "ask", 25), sale("c", 60_000, 6, "bid", 30)]
    quotes = opening_quotes()
    orders = ([0, 1, 2], [2, 0, 1], [1, 2, 0])
    ids = [sorted(row["event_id"] for row in said_live([prints[k] for k in order], quotes).values()) for order in orders]
    assert ids[0] == ids[1] == ids[2] == sorted(row["event_id"] for row in events(*prints))


def test_d16_a_calendar_row_counts_from_the_time_at_which_it_was_known():
    merger = next(row for row in calendar_rows() if row["event_type"] == "m_and_a")
    known_ms = (merger["known_at"] - FIRST) // MS
    prints = [
        sale(name, known_ms + after, 14, "ask", ticker=STRANGER, size=size) for name, after, size in (("a", -1_000, 11), ("b", 1_000, 25))
    ]
    before, after = events(*prints, calendar=[merger])
    assert before["features"]["trading_days_to_event"] is None
    assert after["features"]["trading_days_to_event"] == 2


def test_d17_no_child_is_too_small_to_be_looked_at():
    # each clip costs less than 10,000 USD, where the earlier project dropped it before grouping
    clips = [sale(f"{k:02d}", 9_000 * k, 8, "ask", 3) for k in range(6)]
    assert all(row["price"] * row["size"] * 100 < 10_000 for row in clips)
    assert sorted(name for names in members(*clips) for name in names) == [row["print_id"] for row in clips]
