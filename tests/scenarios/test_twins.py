"""Every guard of the rules has flow that it should answer, and that flow has a twin labelled otherwise."""

import pytest

from smartmoney_pipeline.profiles.rules import QUALITY_GUARDS, TABLES
from smartmoney_pipeline.scenarios.templates import Family, load_template, template_names

GUARDS = sorted({guard.code for table in TABLES for guard in table.guards} | {guard.code for guard in QUALITY_GUARDS})
FALSE_POSITIVES = [
    variant
    for name in template_names()
    if load_template(name).family is Family.FALSE_POSITIVE
    for variant in load_template(name).both_ways()
]

WITHOUT_GUARD = {
    # Cancels and second reports are taken out by the reader of the tape, before any guard.
    "cancelled_sweep", "cancelled_put_sweep", "duplicated_sweep", "duplicated_put_sweep",
}  # fmt: skip


@pytest.mark.parametrize("code", GUARDS)
def test_each_guard_is_asked_for_by_a_false_positive(code):
    assert [variant.name for variant in FALSE_POSITIVES if code in variant.guards]


def test_false_positives_name_guards_that_exist():
    assert {code for variant in FALSE_POSITIVES for code in variant.guards} <= set(GUARDS)
    assert {variant.name for variant in FALSE_POSITIVES if not variant.guards} == WITHOUT_GUARD


@pytest.mark.parametrize("variant", FALSE_POSITIVES, ids=lambda variant: variant.name)
def test_each_false_positive_has_a_twin_with_another_answer(variant):
    name, _, chosen = variant.twin_of.partition("/")
    twins = [case for case in load_template(name).cases() if case.variant.name == chosen]
    assert twins
    assert all(twin.expected != variant.expected for twin in twins)


# The cases that must be opposed: one variant at least for each.
@pytest.mark.parametrize(
    ("case", "holds"),
    [
        ("auctions at the ask", lambda v: getattr(v.act, "style", "") == "auction" and v.sign > 0),
        ("crosses at the ask", lambda v: getattr(v.act, "style", "") == "cross" and v.sign > 0),
        ("complex prints outside the NBBO", lambda v: getattr(v.act, "skew", (0, 0))[0] > 1),
        ("late", lambda v: v.reporting and v.reporting.kind == "late"),
        ("out of sequence", lambda v: v.reporting and v.reporting.kind == "out_of_sequence"),
        ("cancelled", lambda v: v.reporting and v.reporting.kind == "cancelled"),
        ("duplicates", lambda v: v.reporting and v.reporting.kind == "duplicated"),
        ("extended hours", lambda v: v.reporting and v.reporting.kind == "extended"),
        ("stale quotes", lambda v: v.trouble and v.trouble.kind == "stale"),
        ("crossed quotes", lambda v: v.trouble and v.trouble.kind == "crossed"),
        ("wide illiquid markets", lambda v: v.trouble and v.trouble.kind == "wide" and "small_cap" in v.kinds),
        ("adjusted contracts", lambda v: v.contract.adjusted),
        ("retail frenzy", lambda v: v.profile == "retail_whale" and v.twin_of.startswith("institutional")),
        ("legged vertical", lambda v: v.act.mechanism == "legged" and v.act.structure == "vertical"),
        ("legged calendar", lambda v: v.act.mechanism == "legged" and v.act.structure == "calendar"),
        ("legged diagonal", lambda v: v.act.mechanism == "legged" and v.act.structure == "diagonal"),
        ("legged risk reversal", lambda v: v.act.mechanism == "legged" and v.act.structure == "risk_reversal"),
        ("legged box", lambda v: v.act.mechanism == "legged" and v.act.structure == "box"),
        ("rolls", lambda v: v.act.mechanism == "package" and v.act.structure == "calendar" and v.contract.days[1] < 7),
        ("dividend plays", lambda v: "dividend" in v.needs),
        ("solicited blocks in the auction code", lambda v: getattr(v.act, "style", "") == "auction" and v.act.size[0] > 500),
        ("pre-earnings herds", lambda v: "event" in v.needs and v.act.mechanism == "herd"),
        ("index overwriting on roll day", lambda v: "roll_week" in v.needs and "cash_index" in v.kinds and v.sign < 0),
        ("protective puts after a drop", lambda v: "fall" in v.needs and v.contract.right == "put" and v.sign > 0),
    ],
)
def test_each_case_of_looking_like_something_else_is_there(case, holds):
    assert any(holds(variant) for variant in FALSE_POSITIVES), case
