"""Which cases a pack draws, and that every case can be planned where it fits."""

from datetime import date

import numpy as np
import pytest

from smartmoney_pipeline.scenarios.agents.instances import in_roll_week, plan_instances
from smartmoney_pipeline.scenarios.chain import build_chain
from smartmoney_pipeline.scenarios.clock import open_clock
from smartmoney_pipeline.scenarios.events import dividends_of, place_events, variance_of
from smartmoney_pipeline.scenarios.market_model import MarketModel
from smartmoney_pipeline.scenarios.orders import BACKGROUND, Report
from smartmoney_pipeline.scenarios.packs import Pack, Quota, load_pack
from smartmoney_pipeline.scenarios.paths import market_path, simulate
from smartmoney_pipeline.scenarios.streams import StreamKey
from smartmoney_pipeline.scenarios.templates import load_template, template_names
from smartmoney_pipeline.scenarios.underlyings import underlying

SESSION = date(2026, 3, 18)
ALL = {name: Quota(count=(200, 200)) for name in template_names()}
# A fall of the index is no daily event.
RARE = {"protection_after_a_fall"}


def planned(pack: Pack, ticker: str, seed: int, session: date = SESSION):
    key, clock, terms = StreamKey(pack.pack, seed, session), open_clock(session), underlying(ticker)
    events = place_events(pack.events, session)
    path = simulate(key, ticker, terms, clock, market_path(key, clock, pack.market_jumps), pack.own_jumps)
    chain = build_chain(ticker, terms, clock, float(np.exp(path.log_spot[0])))
    model = MarketModel(terms, clock, chain, path, pack.rate, dividends_of(events, ticker), variance_of(events, ticker))
    return plan_instances(key, pack, model, events)


def everything() -> Pack:
    return load_pack("test").model_copy(update={"templates": ALL})


@pytest.fixture(scope="module")
def plans():
    pack = everything()
    return {ticker: planned(pack, ticker, 3) for ticker in pack.underlyings}


def test_every_case_can_be_planned_on_the_packs_session(plans):
    made = {instance.case.name for listed in plans.values() for instance, _ in listed}
    asked = {case.name for name in template_names() for case in load_template(name).cases() if case.variant.name not in RARE}
    assert asked <= made


def test_orders_bear_their_place_in_the_list_or_that_of_the_background(plans):
    for listed in plans.values():
        for place, (_, plan) in enumerate(listed):
            assert set(plan.singles["event"]) <= {place, BACKGROUND}
            assert set(plan.legs["event"]) <= {place}
            assert plan.likely_prints > 0


def test_reports_and_troubles_are_as_declared(plans):
    for listed in plans.values():
        for instance, plan in listed:
            variant = instance.variant
            reports = {Report(code).name.lower() for frame in (plan.singles, plan.legs) for code in frame["report"]} - {"ordinary"}
            assert reports <= ({variant.reporting.kind} if variant.reporting else set())
            assert [d.kind for d in plan.disturbances] == ([variant.trouble.kind] if variant.trouble else [])
            for trouble in plan.disturbances:
                own = plan.singles.loc[plan.singles["event"] != BACKGROUND, "ts"]
                assert trouble.start < own.min()
                assert own.max() < trouble.end


def test_adjusted_contracts_trade_only_where_they_are_asked_for():
    for instance, plan in planned(everything(), "DECK", 3):
        if instance.variant.contract.adjusted:
            assert plan.singles["contract"].nunique() == 1


def test_a_template_more_changes_no_draw_of_another():
    few = load_pack("test").model_copy(update={"templates": {"vol_seller": Quota(count=(3, 3))}})
    more = few.model_copy(update={"templates": {"vol_seller": Quota(count=(3, 3)), "arbitrage": Quota(count=(3, 3))}})
    alone = {i.purpose: plan for i, plan in planned(few, "AAPL", 5)}
    beside = {i.purpose: plan for i, plan in planned(more, "AAPL", 5)}
    assert len(beside) == 6
    for purpose, plan in alone.items():
        same = beside[purpose]
        assert plan.legs.drop(columns="event").equals(same.legs.drop(columns="event"))
        assert plan.singles.drop(columns="event").equals(same.singles.drop(columns="event"))


def test_an_instance_more_changes_no_draw_of_another():
    few, more = (load_pack("test").model_copy(update={"templates": {"arbitrage": Quota(count=(n, n))}}) for n in (2, 4))
    first = {i.purpose for i, _ in planned(few, "SPY", 5)}
    assert first < {i.purpose for i, _ in planned(more, "SPY", 5)}


def test_over_seeds_all_cases_of_a_template_are_drawn():
    pack = load_pack("test").model_copy(update={"templates": {"vol_seller": Quota(count=(2, 2))}})
    drawn = {i.case.name for seed in range(60) for i, _ in planned(pack, "AAPL", seed)}
    # Of 18 cases, the put-writes, calls, straddles, strangles, condors and overwrites of a mega cap all fit.
    assert drawn == {case.name for case in load_template("vol_seller").cases()}


def test_a_noise_ratio_keeps_cases_within_their_share():
    pack = load_pack("demo")
    for ticker in pack.underlyings:
        taken: dict[str, float] = {}
        for instance, plan in planned(pack, ticker, 1):
            taken[instance.template] = taken.get(instance.template, 0.0) + plan.likely_prints
        share = underlying(ticker).flow.print_share
        assert all(prints <= pack.prints_for(name, share) for name, prints in taken.items())


# Third Friday of March 2026 is the 20th: two sessions on either side are the 18th and the 24th.
@pytest.mark.parametrize(("day", "near"), [(17, False), (18, True), (20, True), (24, True), (25, False)])
def test_the_roll_week_is_about_the_third_friday(day, near):
    assert in_roll_week(open_clock(date(2026, 3, day))) is near
