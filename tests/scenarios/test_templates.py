import pytest

from smartmoney_pipeline.citations import SOURCES
from smartmoney_pipeline.scenarios.errors import ScenarioError
from smartmoney_pipeline.scenarios.files import parse, read_text
from smartmoney_pipeline.scenarios.packs import load_pack
from smartmoney_pipeline.scenarios.templates import Template, load_template, template_names
from smartmoney_pipeline.scenarios.underlyings import FILE, UnderlyingsFile
from smartmoney_pipeline.schemas.codes import ProfileId

NAME = "templates/arbitrage.yaml"


def broken(old: str, new: str) -> str:
    text = read_text(NAME)
    assert old in text
    return text.replace(old, new, 1)


def test_every_profile_and_neutral_flow_have_templates_with_two_variants():
    by_profile = {load_template(name).profile: load_template(name) for name in template_names()}
    assert set(by_profile) == {*ProfileId, "none"}
    assert all(len(template.variants) >= 2 for template in by_profile.values())


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("gap_s:", "gap_seconds:", "gap_seconds: unknown key"),
        ("direction: neutral", "direction: upward", "variants.0.direction"),
        ("days: [20, 370]", "days: [370, 20]", "low end 370 is above high end 20"),
        ("structure: box", "structure: boxes", "structure"),
        ("profile: arbitrage", "profile: arb", "profile"),
        ("name: box_sold", "name: box", "variant names repeat"),
    ],
)
def test_a_wrong_template_names_file_and_key(old, new, said):
    with pytest.raises(ScenarioError) as caught:
        parse(Template, broken(old, new), NAME)
    assert NAME in str(caught.value)
    assert said in str(caught.value)


def test_unreadable_yaml_is_a_scenario_error():
    with pytest.raises(ScenarioError, match="not readable as YAML"):
        parse(Template, "template: [", NAME)


def test_every_source_key_is_cited():
    keys = {key for name in template_names() for key in load_template(name).sources}
    keys |= {key for name in ("demo", "test") for key in load_pack(name).sources}
    keys |= set(parse(UnderlyingsFile, read_text(FILE), FILE).sources)
    assert keys <= set(SOURCES)
