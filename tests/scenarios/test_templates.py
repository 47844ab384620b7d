"""The declarative templates: families, cases and mirrors, and errors that name file, variant and key."""

from datetime import date

import pytest

from smartmoney_pipeline.citations import SOURCES
from smartmoney_pipeline.scenarios.agents import instances
from smartmoney_pipeline.scenarios.errors import ScenarioError
from smartmoney_pipeline.scenarios.files import parse, read_text
from smartmoney_pipeline.scenarios.generate import generate_pack
from smartmoney_pipeline.scenarios.packs import Quota, list_packs, load_pack
from smartmoney_pipeline.scenarios.templates import Difficulty, Family, Template, check_twins, load_template, template_names
from smartmoney_pipeline.scenarios.underlyings import FILE, UnderlyingsFile
from smartmoney_pipeline.schemas.codes import Direction, ProfileId

NAME = "templates/arbitrage.yaml"
SESSION = date(2026, 3, 18)
PROFILES = [name for name in template_names() if load_template(name).family is Family.PROFILE]
FALSE = [name for name in template_names() if load_template(name).family is Family.FALSE_POSITIVE]


def broken(old: str, new: str, name: str = NAME) -> str:
    text = read_text(name)
    assert old in text
    return text.replace(old, new, 1)


def test_every_profile_has_a_template_and_the_two_other_families_too():
    assert sorted(str(load_template(name).profile) for name in PROFILES) == sorted(ProfileId)
    assert {load_template(name).family for name in template_names()} == set(Family)


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_has_four_variants_and_each_three_difficulties(name):
    template = load_template(name)
    assert len(template.variants) >= 4
    levels = {v.name: {c.difficulty for c in template.cases() if c.variant.name == v.name} for v in template.both_ways()}
    assert all(found == set(Difficulty) for found in levels.values())


@pytest.mark.parametrize("name", PROFILES)
def test_where_direction_exists_both_do(name):
    directions = [v.direction for v in load_template(name).both_ways()]
    assert directions.count(Direction.BULLISH) == directions.count(Direction.BEARISH)


@pytest.mark.parametrize("name", PROFILES)
def test_difficulties_differ(name):
    cases = load_template(name).cases()
    for variant in load_template(name).both_ways():
        graded = [c.variant.model_dump_json() for c in cases if c.variant.name == variant.name]
        assert len(set(graded)) == 3, variant.name


def test_a_mirror_has_the_other_right_or_the_other_side():
    of = {v.name: v for v in load_template("institutional_directional").both_ways()}
    assert (of["call_sweep"].contract.right, of["put_sweep"].contract.right) == ("call", "put")
    assert of["put_sweep"].direction is Direction.BEARISH
    assert (of["risk_reversal"].sign, of["bearish_risk_reversal"].sign) == (1, -1)
    assert of["call_sale"].direction is Direction.BEARISH
    assert of["call_sale"].sign == -1


def test_neutral_noise_has_every_size_class_and_kind_of_flow():
    acts = {v.name: v.act for v in load_template("neutral_noise").variants}
    assert {act.mechanism for act in acts.values()} == {"blocks", "sweep", "worked", "herd", "package"}
    assert {getattr(act, "style", None) for act in acts.values()} >= {"take", "auction", "cross", "floor", "middle"}
    codes = {code for act in acts.values() for code in getattr(act, "codes", ())}
    assert codes >= {"f", "g", "h", "i", "j", "n"}
    sizes = [bound for act in acts.values() if hasattr(act, "size") for bound in act.size]
    assert (min(sizes), max(sizes) > 3_000) == (1, True)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("gap_s:", "gap_seconds:", "variants.box.act.package.gap_seconds: unknown key"),
        ("direction: neutral", "direction: upward", "variants.box.direction"),
        ("days: [21, 370]", "days: [370, 21]", "variants.box.contract.days: Value error, low end 370 is above high end 21"),
        ("abs_delta: [0.32, 0.68]", "abs_delta: [0.32, 6.8]", "variants.box.contract.abs_delta"),
        ("clips: [1, 5]", "clips: [0, 5]", "variants.box.act.package.clips"),
        ("clips: [1, 5]", "clips: [1.5, 5]", "variants.box.act.package.clips"),
        ("structure: box", "structure: boxes", "variants.box.act.package.structure"),
        ("codes: {f: 0.6", "codes: {ff: 0.6", "variants.box.act.package.codes"),
        ("profile: arbitrage", "profile: arb", "profile"),
        ("name: financing_box,", "name: box,", "variant names repeat"),
        ("act: {quantity: [300", "act: {quantities: [300", "variants.box: Value error, difficulty.easy: act.package.quantities: unknown"),
        ("      easy: {act", "      simple: {act", "variants.box.difficulty.simple"),
        ("family: profile", "family: neutral", "does not go with profile"),
        ("right: call, days: [21", "right: either, strike: 100, days: [21", "expiry and strike are named together"),
        ("right: call, days: [21", "right: call, strike: 100, expiry: someday, days: [21", "variants.box.contract.expiry"),
    ],
)  # fmt: skip
def test_a_wrong_template_names_file_variant_and_key(old, new, said):
    text = broken(old, new) if "financing" not in old else broken("name: box_sold,", "name: box,")
    with pytest.raises(ScenarioError) as caught:
        parse(Template, text, NAME)
    assert NAME in str(caught.value)
    assert said in str(caught.value)


def test_a_profile_variant_without_a_difficulty_is_an_error():
    with pytest.raises(ScenarioError, match="difficulty must declare easy, medium, hard"):
        parse(Template, broken("      medium: {camouflage: {orders: [0, 5]}}\n", ""), NAME)


@pytest.mark.parametrize("key", ["expected", "guards", "twin_of"])
def test_a_false_positive_without_its_answer_is_an_error(key):
    text = "\n".join(line for line in read_text("templates/one_print_twins.yaml").splitlines() if not line.startswith(f"    {key}:"))
    with pytest.raises(ScenarioError, match="a false positive declares expected, guards and twin_of"):
        parse(Template, text, "templates/one_print_twins.yaml")


@pytest.mark.parametrize(
    ("twin", "said"),
    [
        ("retail/call_chase", "no template 'retail'"),
        ("retail_whale/no_such", "no variant of a profile template"),
        ("neutral_noise/ticket", "no variant of a profile template"),
    ],
)
def test_a_twin_that_does_not_exist_is_an_error(twin, said):
    text = broken("twin_of: institutional_directional/call_block", f"twin_of: {twin}", "templates/one_print_twins.yaml")
    with pytest.raises(ScenarioError, match=said):
        check_twins(parse(Template, text, "templates/one_print_twins.yaml"))


def test_a_twin_with_the_same_answer_is_an_error():
    text = broken("expected: retail_whale", "expected: institutional_directional", "templates/one_print_twins.yaml")
    with pytest.raises(ScenarioError, match="has the same answer"):
        check_twins(parse(Template, text, "templates/one_print_twins.yaml"))


@pytest.mark.parametrize(
    ("contract", "key", "said"),
    [
        ("{right: call, expiry: 2026-03-13, strike: 108}", "contract.expiry", "lies before the session"),
        ("{right: call, expiry: 2026-03-24, strike: 108}", "contract.expiry", "is not listed"),
        ("{right: call, expiry: 2026-04-17, strike: 9000}", "contract.strike", "outside the chain"),
    ],
)
def test_an_impossible_contract_names_file_variant_and_key(monkeypatch, contract, key, said):
    name = "templates/institutional_directional.yaml"
    text = broken("contract: {right: call, days: [15, 190], abs_delta: [0.23, 0.67]}", f"contract: {contract}", name)
    first = parse(Template, text.replace(", contract: {abs_delta: [0.28, 0.62]}", ""), name)
    alone = first.model_copy(update={"variants": first.variants[:1]})
    monkeypatch.setattr(instances, "load_template", lambda _: alone)
    quotas = {"institutional_directional": Quota(count=(1, 1))}
    pack = load_pack("test").model_copy(update={"underlyings": ["DECK"], "templates": quotas, "background_prints": 50})
    with pytest.raises(ScenarioError) as caught:
        generate_pack(pack, SESSION, 1)
    assert f"scenario_data/templates/institutional_directional.yaml: variants.call_sweep.{key}: DECK" in str(caught.value).replace(
        "put_sweep", "call_sweep"
    )
    assert said in str(caught.value)


def test_unreadable_yaml_is_a_scenario_error():
    with pytest.raises(ScenarioError, match="not readable as YAML"):
        parse(Template, "template: [", NAME)


def test_every_source_key_is_cited():
    keys = {key for name in template_names() for key in load_template(name).sources}
    keys |= {key for pack in list_packs() for key in load_pack(pack.name).sources}
    keys |= set(parse(UnderlyingsFile, read_text(FILE), FILE).sources)
    assert keys <= set(SOURCES)
