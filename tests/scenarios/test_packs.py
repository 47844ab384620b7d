from datetime import date

import pytest

from smartmoney_pipeline.scenarios.errors import ScenarioError
from smartmoney_pipeline.scenarios.generate import generate, generate_pack
from smartmoney_pipeline.scenarios.packs import Pack, list_packs, load_pack, parse_source
from smartmoney_pipeline.scenarios.underlyings import underlying


def test_the_packs_are_listed_with_mode_and_templates():
    packs = {info.name: info for info in list_packs()}
    assert packs["demo"].mode == "demo"
    assert packs["test"].mode == "test"
    assert {"arbitrage", "neutral_noise", "vol_seller"} <= set(packs["demo"].templates)


def test_a_source_is_pack_and_seed():
    assert parse_source("demo-7") == ("demo", 7)
    assert parse_source("test-0") == ("test", 0)


@pytest.mark.parametrize("source", ["demo", "demo-", "demo-07", "demo--1", "demo-1.5", "Demo-1", ""])
def test_a_source_of_another_form_is_an_error(source):
    with pytest.raises(ScenarioError, match="PACK-SEED"):
        parse_source(source)


def test_an_unknown_pack_is_an_error_that_lists_the_known():
    with pytest.raises(ScenarioError, match=r"unknown pack 'nope'.*demo, test"):
        parse_source("nope-1")


@pytest.mark.parametrize("seed", [-1, 2**31, True, 1.0, "7"])
def test_a_bad_seed_is_an_error(seed):
    with pytest.raises(ScenarioError, match="seed"):
        generate("test", date(2026, 3, 18), seed)


# 2026-07-03 is the observed holiday of Independence Day, 2026-03-21 a Saturday.
@pytest.mark.parametrize("day", [date(2026, 7, 3), date(2026, 3, 21)])
def test_a_closed_exchange_is_an_error(day):
    with pytest.raises(ScenarioError, match="not an exchange session"):
        generate("test", day, 1)


def test_an_unknown_template_is_an_error():
    pack = load_pack("test").model_copy(update={"templates": {"no_such": (1, 1)}})
    with pytest.raises(ScenarioError, match="no_such"):
        generate_pack(pack, date(2026, 3, 18), 1)


def test_an_unknown_underlying_is_an_error():
    with pytest.raises(ScenarioError, match=r"'XYZ'.*underlyings\.yaml"):
        underlying("XYZ")


def test_a_pack_forbids_unknown_keys():
    with pytest.raises(ValueError, match="noise_ratio"):
        Pack.model_validate({**load_pack("test").model_dump(), "noise_ratio": 1})
