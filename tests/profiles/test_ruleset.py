"""Rule tables that break a rule for rule tables do not load."""

from dataclasses import replace

import pytest

from smartmoney_pipeline.citations import SOURCES
from smartmoney_pipeline.profiles.conditions import at_least
from smartmoney_pipeline.profiles.rules import QUALITY_GUARDS, TABLES
from smartmoney_pipeline.profiles.ruleset import RuleError, RuleSet, compile_rules, ruleset, ruleset_version
from smartmoney_pipeline.profiles.vocabulary import Evidence, Family, Grade, Rests


def _with_first(table: int, **changes: object) -> RuleSet:
    """The rule set with the first row of one table changed."""
    rules = TABLES[table]
    changed = replace(rules, evidence=(replace(rules.evidence[0], **changes), *rules.evidence[1:]))  # type: ignore[arg-type]
    return compile_rules((*TABLES[:table], changed, *TABLES[table + 1 :]), QUALITY_GUARDS)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"weight": 0.41}, "outside the cap of grade D"),
        ({"weight": -0.41}, "outside the cap of grade D"),
        ({"grade": Grade.C, "source": "SEED"}, "a seed has grade D"),
        ({"source": "NOWHERE-1999"}, "no source is listed"),
        ({"when": (at_least("moon_phase", 0, 1),)}, "no column moon_phase"),
        ({"when": ()}, "no column at all"),
        ({"code": "BOX"}, "used twice"),
        ({"code": "box2"}, "UPPER_SNAKE"),
        ({"confusable": "insider"}, "no class"),
        ({"guard": "NO_SUCH_GUARD"}, "no guard"),
        ({"because": ""}, "sentence is missing"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_broken_row_does_not_load(changes: dict, message: str) -> None:
    with pytest.raises(RuleError, match=message):
        _with_first(0, **changes)


def test_background_evidence_may_not_rest_on_quality() -> None:
    with pytest.raises(RuleError, match="rests on no quality"):
        _with_first(6, rests=(Rests.SIGN,))


def test_a_missing_table_does_not_load() -> None:
    with pytest.raises(RuleError, match="one table a class"):
        compile_rules(TABLES[:-1], QUALITY_GUARDS)


@pytest.mark.parametrize(("grade", "cap"), [("A", 3.0), ("B", 1.5), ("C", 0.8), ("D", 0.4)])
def test_caps_by_grade(grade: str, cap: float) -> None:
    """Design decision D9."""
    assert Grade(grade).cap == cap


def test_mechanical_families_have_the_wider_cap() -> None:
    """Design decision D9."""
    assert {family for family in Family if family.cap == 3.0} == {Family.STRUCTURE, Family.CONDITION}
    assert {family.cap for family in Family} == {2.0, 3.0}
    assert len(Family) == 10


def test_grade_of_a_source_read_from_memory_is_an_identity_or_a_seed() -> None:
    """A source that was not read again may carry a definition (A) or a seed (D), not a measured effect."""
    weak = [row.code for row in ruleset().evidence if SOURCES[row.source].checked == "memory" and row.grade.value in "BC"]
    assert weak == []


def test_version_changes_with_a_weight_and_only_then() -> None:
    assert compile_rules(TABLES, QUALITY_GUARDS).version == ruleset_version()
    assert _with_first(0, weight=0.3).version != ruleset_version()


def test_every_row_is_laid_out_once() -> None:
    listed = [row.code for table in TABLES for row in table.evidence]
    assert sorted(listed) == sorted(row.code for row in ruleset().evidence)
    assert isinstance(ruleset().evidence[0], Evidence)
