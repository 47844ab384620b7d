"""The smaller output tables: one good frame each, written by hand, and one fault a rule."""

import pandas as pd
import pandera.pandas as pa
import pytest

from smartmoney_pipeline.schemas.output_tables import (
    OUTPUT_TABLES,
    EventEvidence,
    EventLinks,
    ParentEventMembers,
    QuotedPrints,
    Retractions,
)

QUOTED = {
    "print_id": ["p1", "p2", "p3"],
    "ts": pd.to_datetime(["2025-01-17 14:30:00.000000001"] * 3, utc=True).as_unit("ns"),
    "option_symbol": ["AAPL250117C00150000"] * 3,
    "price_usd": [1.25, 1.3, 0.05],
    "size": [10, 1, 5],
    "exchange": ["C", "X", "A"],
    "condition": [" ", "I", "?"],
    "bid": [1.2, 1.3, None],
    "ask": [1.3, 1.3, 0.05],
    "quote_age_ms": [3.5, None, 0.0],
    "spread_position": [0.5, None, None],
    "is_locked": [False, True, False],
    "is_crossed": [False, False, False],
    "is_one_sided": [False, False, True],
    "is_stale": [False, None, True],
    "underlying_bid": [150.0, 150.0, None],
    "underlying_ask": [150.02, 150.02, None],
    "p_buy": [0.5, None, None],
    "sign_layer": ["nbbo_quote", "none", "package"],
    "sign_stability": [1.0, None, None],
    "packet_number": [0, 1, 1],
}
MEMBERS = {"event_id": ["e1", "e1"], "print_id": ["p1", "p2"], "leg": [0, 1]}
EVIDENCE = {
    "event_id": ["e1", "e1"],
    "profile_id": ["arbitrage", "none"],
    "code": ["MATCHED_LEGS", "PRIOR"],
    "observed": [True, False],
    "value": [0.98, None],
    "contribution": [1.5, 0.0],
}
LINKS = {"event_id": ["e2"], "linked_event_id": ["e1"], "kind": ["same_contract"], "gap_ms": [1200]}
RETRACTED = {
    "event_id": ["e1"],
    "retracted_at": pd.to_datetime(["2025-01-17 14:30:02"], utc=True).as_unit("ns"),
    "reason": ["joined"],
    "replaced_by": [["e2"]],
}
GOOD = {
    QuotedPrints: QUOTED,
    ParentEventMembers: MEMBERS,
    EventEvidence: EVIDENCE,
    EventLinks: LINKS,
    Retractions: RETRACTED,
}
FAULTS = [
    (QuotedPrints, "say what bid and ask say", {"is_locked": [True, True, False]}),
    (QuotedPrints, "say what bid and ask say", {"is_one_sided": [False, False, False]}),
    (QuotedPrints, "say what bid and ask say", {"bid": [1.4, 1.3, None]}),
    (QuotedPrints, "no layer signed", {"p_buy": [None, None, None]}),
    (QuotedPrints, "no layer signed", {"p_buy": [0.5, None, 0.9]}),
    (QuotedPrints, "greater_than", {"bid": [-0.0001, 1.3, None]}),
    (QuotedPrints, "isin", {"sign_layer": ["guess", "none", "package"]}),
    (ParentEventMembers, "field_uniqueness", {"print_id": ["p1", "p1"]}),
    (EventEvidence, "adds nothing", {"contribution": [1.5, 0.1]}),
    (EventEvidence, "adds nothing", {"value": [0.98, 0.0]}),
    (EventLinks, "not linked to itself", {"linked_event_id": ["e2"]}),
    (Retractions, "isin", {"reason": ["bored"]}),
]


@pytest.mark.parametrize("model", GOOD)
def test_good_rows_pass(model):
    assert len(model.validate(pd.DataFrame(GOOD[model]), lazy=True)) == len(next(iter(GOOD[model].values())))


@pytest.mark.parametrize(("model", "sentence", "spoiled"), FAULTS)
def test_fault_is_found(model, sentence, spoiled):
    with pytest.raises(pa.errors.SchemaErrors) as caught:
        model.validate(pd.DataFrame({**GOOD[model], **spoiled}), lazy=True)
    assert any(sentence in check for check in caught.value.failure_cases["check"])


def test_every_file_of_the_contract_has_a_model():
    """The files that the tape format lists under what scoring writes."""
    files = {"smart_money_events", "parent_event_members", "event_evidence", "event_links", "retractions", "quarantine"}
    assert files <= set(OUTPUT_TABLES)


def test_columns_of_the_contract_come_first_in_its_order():
    assert list(EventEvidence.to_schema().columns) == ["event_id", "profile_id", "code", "observed", "value", "contribution"]
    assert list(Retractions.to_schema().columns) == ["event_id", "retracted_at", "reason", "replaced_by"]
    assert list(ParentEventMembers.to_schema().columns) == ["event_id", "print_id", "leg"]
