from datetime import date

import pytest

from smartmoney_pipeline.scenarios.errors import ScenarioError
from smartmoney_pipeline.scenarios.generate import generate, generate_pack
from smartmoney_pipeline.scenarios.packs import LEAST_NOISE, Pack, Quota, list_packs, list_templates, load_pack, parse_source
from smartmoney_pipeline.scenarios.underlyings import underlying


def test_the_packs_are_listed_with_mode_and_templates():
    packs = {info.name: info for info in list_packs()}
    assert {"demo", "test", "calibration", "validation", "null"} <= set(packs)
    assert packs["demo"].mode == "demo"
    assert packs["test"].mode == "test"
    assert {"arbitrage", "neutral_noise", "vol_seller"} <= set(packs["demo"].templates)


def test_templates_are_listed_by_family_with_their_mirrors():
    listed = list_templates()
    assert [t.family for t in listed] == sorted((t.family for t in listed), key=["profile", "neutral", "false_positive"].index)
    found = next(t for t in listed if t.name == "arbitrage")
    assert {"conversion", "reversal"} <= set(found.variants)
    assert found.cases == 3 * len(found.variants)


@pytest.mark.parametrize("name", ["demo", "calibration", "validation", "null"])
def test_demo_packs_have_a_noise_ratio_and_shares_of_the_rest(name):
    pack = load_pack(name)
    assert pack.noise_ratio >= LEAST_NOISE == 0.85
    assert sum(quota.share for quota in pack.templates.values()) == pytest.approx(1.0)


def test_the_null_pack_has_neutral_flow_alone():
    assert list(load_pack("null").templates) == ["neutral_noise"]


def test_validation_is_calibration_in_another_market():
    first, second = load_pack("calibration"), load_pack("validation")
    differs = {key for key, value in first.model_dump().items() if value != second.model_dump()[key]}
    assert differs == {"pack", "description", "mechanism"}
    multipliers = second.mechanism.model_dump()
    assert multipliers.keys() == first.mechanism.model_dump().keys()
    assert all(value != 1.0 for value in multipliers.values())


def test_all_packs_know_the_same_events():
    assert len({tuple(e.model_dump_json() for e in load_pack(p.name).events) for p in list_packs() if p.name != "stress"}) == 1


def test_a_noise_ratio_leaves_templates_their_share():
    pack = load_pack("demo").model_copy(update={"background_prints": 9_000, "noise_ratio": 0.9})
    # 9,000 background prints at nine in ten leave 1,000 to templates; half the flow, and the template's share of it.
    share = pack.templates["arbitrage"].share
    assert pack.prints_for("arbitrage", 0.5) == pytest.approx(1_000 * 0.5 * share)
    assert load_pack("test").prints_for("arbitrage", 0.5) == float("inf")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"noise_ratio": 0.7}, "greater than or equal to 0.85"),
        ({"mode": "test"}, "noise_ratio goes with mode demo"),
        ({"templates": {"arbitrage": {"count": [1, 2], "share": 0.7}, "vol_seller": {"count": [1, 2], "share": 0.4}}}, "more than 1"),
        ({"templates": {"arbitrage": {"count": [2, 1]}}}, "low end 2 is above high end 1"),
        ({"mechanism": {"resting": 2}}, "resting"),
    ],
)
def test_a_wrong_pack_is_an_error(change, said):
    with pytest.raises(ValueError, match=said):
        Pack.model_validate({**load_pack("demo").model_dump(), **change})


def test_a_source_is_pack_and_seed():
    assert parse_source("demo-7") == ("demo", 7)
    assert parse_source("test-0") == ("test", 0)


@pytest.mark.parametrize("source", ["demo", "demo-", "demo-07", "demo--1", "demo-1.5", "Demo-1", ""])
def test_a_source_of_another_form_is_an_error(source):
    with pytest.raises(ScenarioError, match="PACK-SEED"):
        parse_source(source)


def test_an_unknown_pack_is_an_error_that_lists_the_known():
    with pytest.raises(ScenarioError, match=r"unknown pack 'nope'.*calibration, demo"):
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
    pack = load_pack("test").model_copy(update={"templates": {"no_such": Quota(count=(1, 1))}})
    with pytest.raises(ScenarioError, match="no_such"):
        generate_pack(pack, date(2026, 3, 18), 1)


def test_an_unknown_underlying_is_an_error():
    with pytest.raises(ScenarioError, match=r"'XYZ'.*underlyings\.yaml"):
        underlying("XYZ")


def test_a_pack_forbids_unknown_keys():
    with pytest.raises(ValueError, match="noise_share"):
        Pack.model_validate({**load_pack("test").model_dump(), "noise_share": 1})
