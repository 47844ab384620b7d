"""Disturbances in the book, reports of prints, venue quotes, hours. Letters from OPRA's message types; hours from the exchanges."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from smartmoney_pipeline.calendar.sessions import option_close_ns, session_bounds
from smartmoney_pipeline.scenarios import underlying_day
from smartmoney_pipeline.scenarios.agents.plan import Plan
from smartmoney_pipeline.scenarios.clock import open_clock
from smartmoney_pipeline.scenarios.corrections import in_extended_hours, joined, reported
from smartmoney_pipeline.scenarios.disturbances import Disturbance, DisturbanceKind
from smartmoney_pipeline.scenarios.generate import generate_pack
from smartmoney_pipeline.scenarios.orders import Report, no_legs, no_singles, single_orders
from smartmoney_pipeline.scenarios.packs import load_pack
from smartmoney_pipeline.scenarios.paths import market_path
from smartmoney_pipeline.scenarios.streams import StreamKey
from smartmoney_pipeline.scenarios.underlying_day import UnderlyingDay, make_underlying_day

SESSION = date(2026, 3, 18)
CLOCK = open_clock(SESSION)
SECOND = 1_000_000_000
NOON = CLOCK.open_ns + 9_000 * SECOND
TEN_MINUTES = NOON + 600 * SECOND
PACK = load_pack("test").model_copy(update={"underlyings": ["DECK"], "templates": {}, "background_prints": 6_000, "quote_scale": 200})
KEY = StreamKey("test", 5, SESSION)


def deck(monkeypatch: pytest.MonkeyPatch, *troubles: Disturbance) -> UnderlyingDay:
    """Return a day of one underlying on which one plan without orders brings these disturbances."""
    plan = Plan(no_singles(), no_legs(), [], list(troubles))
    monkeypatch.setattr(underlying_day, "plan_instances", lambda *_: [(_Nobody(), plan)] if troubles else [])
    return make_underlying_day(KEY, PACK, CLOCK, "DECK", [], market_path(KEY, CLOCK, (0, 0)))


class _Nobody:
    purpose = "nobody 0"


def inside(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[(frame["ts"] >= NOON) & (frame["ts"] < TEN_MINUTES)]


def test_stale_contracts_are_silent_and_others_are_not(monkeypatch):
    busy = deck(monkeypatch).book.table["contract"].value_counts().index[:4].to_numpy()
    made = deck(monkeypatch, Disturbance(DisturbanceKind.STALE, NOON, TEN_MINUTES, np.sort(busy[:2])))
    rows = inside(made.book.table)["contract"]
    assert not rows.isin(busy[:2]).any()
    assert rows.isin(busy[2:]).any()


@pytest.mark.parametrize(("kind", "sign"), [(DisturbanceKind.CROSSED, 1), (DisturbanceKind.LOCKED, 0)])
def test_crossed_and_locked_hold_throughout(monkeypatch, kind, sign):
    busy = deck(monkeypatch).book.table["contract"].value_counts().index[:1].to_numpy()
    made = deck(monkeypatch, Disturbance(kind, NOON, TEN_MINUTES, busy))
    rows = inside(made.book.table)[lambda frame: frame["contract"] == busy[0]]
    assert len(rows) > 0
    assert (np.sign(rows["bid"] - rows["ask"]) == sign).all()
    after = made.book.at(busy, np.array([TEN_MINUTES + SECOND]))
    assert (after["bid"] < after["ask"]).all()


def test_wide_widens_by_its_factor(monkeypatch):
    plain = inside(deck(monkeypatch).book.table)
    wide = inside(deck(monkeypatch, Disturbance(DisturbanceKind.WIDE, NOON, TEN_MINUTES, np.empty(0, np.int64), 4.0)).book.table)
    ratio = (wide["ask"] - wide["bid"]).mean() / (plain["ask"] - plain["bid"]).mean()
    # Ticks round up and bids end at zero, so less than four.
    assert 2.0 < ratio < 4.2


def test_nothing_trades_or_moves_in_a_halt_and_it_reopens_wide(monkeypatch):
    made = deck(monkeypatch, Disturbance(DisturbanceKind.HALT, NOON, TEN_MINUTES, np.empty(0, np.int64)))
    assert inside(made.book.table).empty
    executed = made.prints["executed"]
    assert not ((executed >= NOON) & (executed < TEN_MINUTES)).any()
    # J is OPRA's reopening after a halt.
    first = made.prints[(made.prints["executed"] >= TEN_MINUTES) & (made.prints["condition"] == ord("J"))]
    assert len(first) > 0
    assert first["executed"].max() < TEN_MINUTES + 4 * SECOND
    contract = made.book.numbers
    before, after = (made.book.at(contract, np.full(len(contract), ts)) for ts in (NOON, TEN_MINUTES + SECOND))
    assert (after["ask"] - after["bid"]).mean() > 1.8 * (before["ask"] - before["bid"]).mean()


def prints_of(report: Report, count: int = 4) -> pd.DataFrame:
    columns = {"price": 100, "size": 1, "venue": ord("C"), "condition": ord("I"), "event": 0, "side": 1}
    ts = NOON + np.arange(count) * 1_000 * SECOND
    frame = pd.DataFrame({"ts": ts, "contract": 3, **columns, "report": int(report)})
    return joined([reported(KEY.stream("X", "reports"), frame, 0.0, 0.0, CLOCK.last_ns)])


def letters(frame: pd.DataFrame) -> list[str]:
    return [chr(code) for code in frame["condition"]]


def test_reports_have_their_letters():
    # OPRA: D late, B out of sequence, H and F the same for the opening trade, A, C, E and G cancels, v extended hours.
    assert letters(prints_of(Report.ORDINARY)) == ["I"] * 4
    assert letters(prints_of(Report.LATE)) == ["H", "D", "D", "D"]
    assert letters(prints_of(Report.OUT_OF_SEQUENCE)) == ["F", "B", "B", "B"]
    assert letters(prints_of(Report.EXTENDED)) == ["v"] * 4
    assert set(letters(prints_of(Report.CANCELLED))[4:]) <= {"A", "C", "E"}
    assert letters(prints_of(Report.CANCELLED, 1)) == ["I", "G"]
    late = prints_of(Report.LATE)
    assert (late["ts"] - late["executed"]).between(2 * SECOND, 90 * SECOND).all()


def test_a_duplicate_repeats_its_print():
    frame = prints_of(Report.DUPLICATED)
    again = frame[frame["repeats"] >= 0]
    assert again["repeats"].tolist() == [0, 1, 2, 3]
    assert (again["ts"].to_numpy() > frame["ts"].to_numpy()[:4]).all()


def test_extended_orders_leave_the_session_and_packages_stay_together():
    orders = single_orders(
        ts=[NOON, NOON, NOON + 5], contract=1, side=1, size=1, style=0, sweep=False, event=0, report=int(Report.EXTENDED)
    )
    moved = in_extended_hours(KEY.stream("X", "extended"), orders, CLOCK)["ts"].to_numpy()
    assert moved[0] == moved[1]
    assert ((moved < CLOCK.open_ns) | (moved > CLOCK.last_ns)).all()


@pytest.fixture(scope="module")
def venue_day():
    update = {"underlyings": ["GME", "SPX"], "templates": {}, "background_prints": 900, "quote_scale": 120, "venue_quotes": True}
    return generate_pack(load_pack("test").model_copy(update=update), SESSION, 3)


def test_the_best_of_the_venues_is_the_nbbo(venue_day):
    venues, quotes = (venue_day.tables[name].to_pandas() for name in ("venue_quotes", "option_quotes"))
    assert len(venues) < 6 * len(quotes)
    for symbol, rows in list(venues.groupby("option_symbol"))[::12]:
        nbbo = quotes[quotes["option_symbol"] == symbol].drop_duplicates("ts", keep="last").set_index("ts")
        wide = {
            n: rows.pivot_table(index="ts", columns="exchange", values=n, aggfunc="last").ffill()
            for n in ("bid", "ask", "bid_size", "ask_size")
        }
        best_bid, best_ask = wide["bid"].max(axis=1), wide["ask"].min(axis=1)
        assert best_bid.reindex(nbbo.index, method="ffill").to_list() == nbbo["bid"].to_list()
        assert best_ask.reindex(nbbo.index, method="ffill").to_list() == nbbo["ask"].to_list()
        shown = wide["bid_size"].where(wide["bid"].eq(best_bid, axis=0)).max(axis=1)
        assert shown.reindex(nbbo.index, method="ffill").to_list() == nbbo["bid_size"].to_list()


def test_a_proprietary_product_has_one_venue_and_no_intermarket_code(venue_day):
    prints = venue_day.tables["option_prints"].to_pandas()
    index = prints[prints["underlying"] == "SPX"]
    assert set(index["exchange"]) == {"C"}
    assert not set(index["condition"]) & {"S", "b", "d"}
    assert "S" in set(prints.loc[prints["underlying"] == "GME", "condition"])


def test_index_options_trade_a_quarter_of_an_hour_longer_but_not_on_their_last_day():
    update = {"underlyings": ["SPY", "GME"], "templates": {}, "background_prints": 9_000, "quote_scale": 60}
    prints = generate_pack(load_pack("test").model_copy(update=update), SESSION, 3).tables["option_prints"].to_pandas()
    ts, bounds = prints["ts"].astype("int64"), session_bounds(SESSION)
    late = prints[ts >= bounds.close_ns]
    assert set(late["underlying"]) == {"SPY"}
    assert not late["option_symbol"].str.contains("260318").any()
    assert ts.max() < option_close_ns(bounds, "SPY")


def test_an_instance_more_changes_no_draw_of_the_background():
    pack = load_pack("test").model_copy(update={"underlyings": ["AAPL"], "quote_scale": 120})
    fewer = pack.model_copy(update={"templates": {k: v for k, v in pack.templates.items() if k == "arbitrage"}})
    frames = []
    for one in (pack, fewer):
        day = generate_pack(one, SESSION, 5)
        prints = day.tables["option_prints"].to_pandas()
        mine = prints[~prints["print_id"].isin(day.labels["print_id"])]
        frames.append(set(mine[["ts", "option_symbol", "size"]].itertuples(index=False, name=None)))
    # The market may answer a template with another price or depth, but the background's orders are the same.
    assert len(frames[1] - frames[0]) < 0.03 * len(frames[1])


def test_halts_are_of_the_whole_underlying(monkeypatch):
    halt = Disturbance(DisturbanceKind.HALT, NOON, TEN_MINUTES, np.array([1]))
    assert deck(monkeypatch, replace(halt, factor=2.0)).halts == [replace(halt, factor=2.0)]
