"""`smartmoney rules`: every code has a page that says what its table says; expected values are read off the rule tables."""

from __future__ import annotations

import json
import re

import pytest
from command_runs import run

from smartmoney_pipeline.citations import SOURCES
from smartmoney_pipeline.console.rules import listing, page
from smartmoney_pipeline.profiles.rules import QUALITY_GUARDS, TABLES
from smartmoney_pipeline.profiles.vocabulary import Evidence

RULES = [rule for _, _, rule in listing()]


def test_the_list_has_every_code_once_under_its_profile():
    listed = json.loads(run("rules", "--json").out)["rules"]
    wanted = [(t.profile, rule.code) for t in TABLES for rule in (*t.evidence, *t.guards)] + [
        ("all profiles", g.code) for g in QUALITY_GUARDS
    ]
    assert [(row["table"], row["code"]) for row in listed] == wanted


def test_one_profile_is_listed_alone():
    ended = run("rules", "--profile", "arbitrage")
    assert ended.code == 0
    assert all(row.code in ended.out for row in next(t for t in TABLES if t.profile == "arbitrage").evidence)
    assert "ORDINARY_SIZE" not in ended.out


@pytest.mark.parametrize("rule", RULES, ids=[rule.code for rule in RULES])
def test_every_page_is_complete(rule):
    found = page(rule.code)
    source = SOURCES[rule.source]
    assert (found.sentence, found.source) == (rule.because, source)
    read = [column.name for column in found.reads]
    assert all(name in read for condition in rule.when for name in condition.columns())
    assert all(column.meaning and (not column.formula or column.source) for column in found.reads)
    if isinstance(rule, Evidence):
        assert (found.weight, found.grade, found.family) == (rule.weight, rule.grade.value, rule.family.value)
    else:
        assert (found.holds_down, found.reason) == (tuple(map(str, rule.profiles)), None if rule.reason is None else rule.reason.value)


def test_a_page_of_evidence_by_hand():
    """The row ORDINARY_SIZE of the table of none: contracts, 38 to 131, 0.8 nats of grade C, whose cap is 0.8."""
    ended = run("rules", "show", "ordinary_size")
    assert (ended.code, ended.err) == (0, "")
    for part in (
        "contracts from 38 (1) to 131 (0)",
        "+0.8 nats, grade C (at most 0.8), family size",
        "Bilz, thesis",
        "reads     contracts [",
    ):
        assert part in ended.out


def test_a_derived_column_names_the_features_that_it_is_made_from():
    code = next(rule.code for rule in RULES if any("abs_aggressor_mix" in condition.columns() for condition in rule.when))
    names = [column.name for column in page(code).reads]
    assert names[names.index("abs_aggressor_mix") + 1] == "aggressor_mix"


def test_a_guard_shows_the_look_alikes_that_it_should_answer():
    """`scenario_data/templates/one_print_twins.yaml` declares AUCTION_PRINT for auctions at the ask, a twin of a call block."""
    shown = json.loads(run("rules", "show", "AUCTION_PRINT", "--json").out)
    assert "one_print_twins/auctions_at_the_ask, looks like institutional_directional/call_block" in shown["scenarios"]
    assert shown["effect"].split(":")[0] in {"veto", "cap", "abstain"}


@pytest.mark.parametrize(("typed", "near"), [("ORDINARY_SIZ", "ORDINARY_SIZE"), ("auction", "AUCTION_PRINT")])
def test_an_unknown_code_is_an_error_that_names_near_ones(typed, near):
    ended = run("rules", "show", typed)
    assert ended.code == 1
    assert re.search(rf"there is no rule '{typed}'; near it are .*{near}", ended.err)


def test_a_code_like_no_other_points_to_the_list():
    ended = run("rules", "show", "9")
    assert ended.code == 1
    assert "`smartmoney rules` lists the codes" in ended.err
