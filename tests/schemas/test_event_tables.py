"""SmartMoneyEvents and ParentEvents: a blocking check finds each fault that the contract names. Faults are made by hand, one at a time."""

import pandera.pandas as pa
import pyarrow
import pytest

from smartmoney_pipeline.schemas.arrow import arrow_schema, empty_table, to_frame
from smartmoney_pipeline.schemas.contracts import SmartMoneyEvent
from smartmoney_pipeline.schemas.output_tables import ParentEvents, SmartMoneyEvents


def checks_failed(model, frame) -> set[str]:
    with pytest.raises(pa.errors.SchemaErrors) as caught:
        model.validate(frame, lazy=True)
    return set(caught.value.failure_cases["check"])


def test_good_rows_pass_from_arrow_and_from_python_lists(rows, as_table, as_frame):
    assert len(SmartMoneyEvents.validate(as_frame(rows), lazy=True)) == 2
    assert len(SmartMoneyEvents.validate(as_table(rows).to_pandas(), lazy=True)) == 2


def test_empty_table_passes():
    for model in (SmartMoneyEvents, ParentEvents):
        assert SmartMoneyEvents.validate(to_frame(empty_table(SmartMoneyEvents)), lazy=True).empty
        assert model.validate(to_frame(empty_table(model)), lazy=True).empty


def test_columns_are_the_fields_of_the_contract_in_order():
    assert list(SmartMoneyEvents.to_schema().columns) == list(SmartMoneyEvent.model_fields)


def swap_first_scores(row):
    scores = row["profile_scores"]
    scores[0], scores[1] = scores[1], scores[0]


FAULTS = [
    ("primary_profile_id is null exactly where abstained", 0, lambda row: row.update(primary_profile_id=None)),
    ("primary_profile_id is null exactly where abstained", 1, lambda row: row.update(primary_profile_id="arbitrage")),
    ("abstention_reasons is empty exactly where a profile is published", 0, lambda row: row.update(abstention_reasons=["no_profile"])),
    ("abstention_reasons is empty exactly where a profile is published", 1, lambda row: row.update(abstention_reasons=[])),
    ("abstention_reasons are in their closed list", 1, lambda row: row.update(abstention_reasons=["tired"])),
    ("quality_flags are in their closed list", 0, lambda row: row.update(quality_flags=["opening", "odd"])),
    ("profile_scores holds each of the six profiles once", 0, lambda row: row["profile_scores"].pop()),
    ("profile_scores holds each of the six profiles once", 0, lambda row: row["profile_scores"][5].update(profile_id="arbitrage")),
    ("profile_scores holds each of the six profiles once", 0, lambda row: row["profile_scores"][5].update(profile_id="market_maker")),
    ("profile_scores holds each of the six profiles once", 0, lambda row: row.update(profile_scores=[])),
    ("profile_scores is highest first", 1, swap_first_scores),
    ("the six probabilities and none_probability add up to 1 within 1e-9", 0, lambda row: row.update(none_probability=0.125 + 2e-9)),
    ("a published profile is the first of its scores", 0, lambda row: row.update(primary_profile_id="vol_seller")),
    ("start_ts <= end_ts <= closed_at", 0, lambda row: row.update(closed_at=row["start_ts"])),
    ("event_window_ms is end_ts - start_ts in whole milliseconds", 0, lambda row: row.update(event_window_ms=13)),
    ("an event has members, and a print is a member of one event", 0, lambda row: row.update(member_print_ids=["p1", "p4"])),
    ("an event has members, and a print is a member of one event", 0, lambda row: row.update(member_print_ids=["p1", None])),
    ("an event has members, and a print is a member of one event", 0, lambda row: row.update(member_print_ids=[])),
    ("packet_ids has items", 0, lambda row: row.update(packet_ids=[])),
    ("structure is null for single legs", 0, lambda row: row.update(structure="vertical")),
    ("isin(['bullish', 'bearish', 'neutral', 'mixed', 'unknown'])", 0, lambda row: row.update(primary_direction="up")),
    ("field_uniqueness", 0, lambda row: row.update(event_id="e2")),
]
SCORE_SENTENCE = "each score has a listed band and direction, reasons, and an interval that holds its probability"
SCORE_FAULTS = [
    {"confidence_band": "huge"},
    {"confidence_band": None},
    {"direction": "up"},
    {"reasons": None},
    {"probability_low": 0.51},
    {"probability_high": 0.49},
    {"probability_low": None},
]


@pytest.mark.parametrize(("sentence", "row", "spoil"), FAULTS)
def test_fault_is_found(sentence, row, spoil, rows, as_frame):
    spoil(rows[row])
    assert sentence in checks_failed(SmartMoneyEvents, as_frame(rows))


@pytest.mark.parametrize("spoiled", SCORE_FAULTS, ids=str)
def test_fault_inside_a_score_is_found(spoiled, rows, as_table):
    rows[0]["profile_scores"][0].update(spoiled)
    assert SCORE_SENTENCE in checks_failed(SmartMoneyEvents, to_frame(as_table(rows)))
    assert SCORE_SENTENCE in checks_failed(SmartMoneyEvents, as_table(rows).to_pandas())


def test_failed_rule_names_its_row_and_not_the_others(rows, as_frame):
    rows[1]["abstention_reasons"] = []
    with pytest.raises(pa.errors.SchemaErrors) as caught:
        SmartMoneyEvents.validate(as_frame(rows), lazy=True)
    assert set(caught.value.failure_cases["index"]) == {1}


def test_unknown_and_missing_columns_are_faults_not_crashes(rows, as_frame):
    frame = as_frame(rows)
    assert "column_in_schema" in checks_failed(SmartMoneyEvents, frame.assign(label="x"))
    assert "column_in_dataframe" in checks_failed(SmartMoneyEvents, frame.drop(columns="profile_scores"))


@pytest.fixture
def parent_rows(rows):
    names = set(arrow_schema(ParentEvents).names)
    grouped = {"runner_up": None, "structure_margin": None, "first_order": 0, "stock_tied": False, "package_buy_probability": None}
    priced = {"net_price_position": None, "parity_residual_half_spreads": None}
    kept = [{name: value for name, value in row.items() if name in names} for row in rows]
    return [{**row, **grouped, **priced, "print_count": len(row["member_print_ids"])} for row in kept]


def parents(some_rows):
    return to_frame(pyarrow.Table.from_pylist(some_rows, schema=arrow_schema(ParentEvents)))


def test_parent_events_pass_and_share_the_rules(parent_rows):
    assert len(ParentEvents.validate(parents(parent_rows), lazy=True)) == 2
    parent_rows[0]["structure"] = "box"
    assert "structure is null for single legs" in checks_failed(ParentEvents, parents(parent_rows))


def test_parent_events_count_their_prints(parent_rows):
    parent_rows[0]["print_count"] = 2
    assert "print_count counts member_print_ids" in checks_failed(ParentEvents, parents(parent_rows))
