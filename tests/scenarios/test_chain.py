"""Dates from the 2026 exchange calendar: third Friday of March is the 20th, Good Friday is 3 April."""

from datetime import date

import pytest

from smartmoney_pipeline.scenarios.chain import build_chain
from smartmoney_pipeline.scenarios.clock import open_clock
from smartmoney_pipeline.scenarios.errors import ScenarioError
from smartmoney_pipeline.scenarios.expiries import Expiry, listed_expiries, third_friday
from smartmoney_pipeline.scenarios.underlyings import underlying

SESSION = date(2026, 3, 18)


def days(ticker: str) -> list[Expiry]:
    return listed_expiries(ticker, underlying(ticker), SESSION)


@pytest.fixture(scope="module")
def chain():
    terms = underlying("AAPL")
    return build_chain("AAPL", terms, open_clock(SESSION), terms.spot)


def test_third_fridays():
    assert third_friday(2026, 3) == date(2026, 3, 20)
    assert third_friday(2026, 5) == date(2026, 5, 15)


def test_the_fund_lists_todays_expiry_and_the_stock_does_not():
    assert days("SPY")[0].day == SESSION
    assert days("AAPL")[0].day == date(2026, 3, 20)


def test_a_weekly_on_good_friday_moves_to_thursday():
    listed = [expiry.day for expiry in days("AAPL")]
    assert date(2026, 4, 2) in listed
    assert date(2026, 4, 3) not in listed


def test_the_index_lists_both_settlements_on_a_third_friday():
    third = [expiry for expiry in days("SPX") if expiry.day == date(2026, 3, 20)]
    assert third == [Expiry(date(2026, 3, 20), "SPX", "am"), Expiry(date(2026, 3, 20), "SPXW", "pm")]


def test_the_small_cap_lists_third_fridays_only():
    assert [expiry.day.isoformat() for expiry in days("ZUMZ")][:3] == ["2026-03-20", "2026-04-17", "2026-05-15"]


def test_symbols_are_in_compact_osi_form(chain):
    number = chain.find(date(2026, 3, 20), 250.0, True)
    assert chain.column("option_symbol")[number] == "AAPL260320C00250000"
    assert chain.column("option_symbol")[chain.partner(number)] == "AAPL260320P00250000"


def test_contracts_that_are_not_listed_are_errors(chain):
    with pytest.raises(ScenarioError, match="before the session"):
        chain.find(date(2026, 3, 13), 250.0, True)
    with pytest.raises(ScenarioError, match="is not listed"):
        chain.find(date(2026, 3, 24), 250.0, True)
    with pytest.raises(ScenarioError, match=r"strike 9000 is outside the chain of 2026-03-20"):
        chain.find(date(2026, 3, 20), 9000.0, True)


@pytest.fixture(scope="module")
def split_chain():
    terms = underlying("DECK")
    return build_chain("DECK", terms, open_clock(SESSION), terms.spot)


def test_an_adjusted_root_stands_behind_all_others(split_chain):
    adjusted = [expiry.adjusted for expiry in split_chain.expiries]
    assert adjusted == sorted(adjusted)
    assert adjusted.index(True) == split_chain.regular_expiries
    assert {expiry.root for expiry in split_chain.expiries if expiry.adjusted} == {"DECK1"}


def test_adjusted_contracts_deliver_150_shares_at_two_thirds_of_listed_strikes(split_chain):
    table = split_chain.table
    own = table[table["adjusted"]]
    # A split of three for two: 100 shares become 150, and strikes of whole dollars become two thirds of that.
    assert set(own["multiplier"]) == {150}
    assert set(table.loc[~table["adjusted"], "multiplier"]) == {100}
    assert (abs(own["strike"] * 1.5 - (own["strike"] * 1.5).round()) < 0.01).all()
    assert own["option_symbol"].str.startswith("DECK126").all()
    assert own["strike"].min() < underlying("DECK").spot < own["strike"].max()


def test_a_contract_asked_for_by_name_is_never_an_adjusted_one(split_chain):
    number = split_chain.find(date(2026, 4, 17), 108.0, True)
    assert split_chain.column("option_symbol")[number] == "DECK260417C00108000"
