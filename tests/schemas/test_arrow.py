"""Arrow schemas follow from the models. Expected types are those of the tape format, written here by hand."""

import pandas as pd
import pyarrow as pa
import pytest

from smartmoney_pipeline.schemas.arrow import TIMESTAMP, arrow_schema, arrow_type, column_array, conform, empty_table, to_frame
from smartmoney_pipeline.schemas.bridge_tables import BRIDGE_TABLES
from smartmoney_pipeline.schemas.describe import TAPE_TABLES
from smartmoney_pipeline.schemas.output_tables import OUTPUT_TABLES, Retractions, SmartMoneyEvents

EVENT_TYPES = {
    "event_id": "string",
    "packet_ids": "list<item: string>",
    "start_ts": "timestamp[ns, tz=UTC]",
    "closed_at": "timestamp[ns, tz=UTC]",
    "event_window_ms": "int64",
    "abstained": "bool",
    "none_probability": "double",
    "profile_scores": "list<item: struct<profile_id: string, probability: double, probability_low: double, probability_high: double, "
    "confidence_band: string, direction: string, reasons: list<item: string>>>",
}


def test_types_of_published_events():
    schema = arrow_schema(SmartMoneyEvents)
    assert {name: str(schema.field(name).type) for name in EVENT_TYPES} == EVENT_TYPES


def test_features_are_a_struct_of_whole_real_and_boolean_fields():
    features = arrow_schema(SmartMoneyEvents).field("features").type
    assert [str(features.field(name).type) for name in ("print_count", "premium_usd", "index_or_etf")] == ["int64", "double", "bool"]


def test_only_columns_that_may_be_unknown_are_nullable():
    nullable = {field.name for field in arrow_schema(SmartMoneyEvents) if field.nullable}
    assert nullable == {"primary_profile_id", "structure", "reconstruction_confidence"}


@pytest.mark.parametrize("name", [*TAPE_TABLES, *OUTPUT_TABLES, *BRIDGE_TABLES])
def test_every_table_has_a_schema(name):
    model = {**TAPE_TABLES, **OUTPUT_TABLES, **BRIDGE_TABLES}[name]
    assert arrow_schema(model).names == list(model.to_schema().columns)


@pytest.mark.parametrize("name", OUTPUT_TABLES)
def test_a_table_without_rows_passes_its_own_check(name):
    assert OUTPUT_TABLES[name].validate(to_frame(empty_table(OUTPUT_TABLES[name])), lazy=True).empty


def test_optional_annotation_has_the_type_of_its_value():
    assert arrow_type(int | None) == pa.int64()
    assert arrow_type(tuple[str, ...]) == pa.list_(pa.string())
    assert arrow_type(pd.Timestamp) == TIMESTAMP


RETRACTION = {"event_id": ["e1"], "reason": ["joined"], "replaced_by": [["e2"]], "retracted_at": pa.array([1], TIMESTAMP)}


def test_conform_orders_columns_and_drops_others():
    table = conform(pa.table({**RETRACTION, "session": ["2025-01-17"]}), Retractions)
    assert table.schema == arrow_schema(Retractions)


def test_conform_names_the_missing_column():
    with pytest.raises(KeyError, match="Retractions lacks replaced_by"):
        conform(pa.table({name: values for name, values in RETRACTION.items() if name != "replaced_by"}), Retractions)


def test_conform_refuses_a_null_where_none_may_be():
    with pytest.raises(ValueError, match="reason"):
        conform(pa.table({**RETRACTION, "reason": pa.array([None], pa.string())}), Retractions)


def test_frames_keep_nested_columns_in_arrow(rows, as_table):
    frame = to_frame(as_table(rows))
    assert {name for name in frame if isinstance(frame[name].dtype, pd.ArrowDtype)} >= {"features", "profile_scores", "packet_ids"}
    assert column_array(frame["packet_ids"], pa.list_(pa.string())).to_pylist() == [["k1", "k2"], ["k3"]]


def test_column_of_the_wrong_kind_is_refused():
    with pytest.raises((pa.ArrowInvalid, pa.ArrowTypeError)):
        column_array(pd.Series([3, 4]), pa.list_(pa.string()))


def test_parquet_keeps_the_schema_of_rows_and_of_nothing(tmp_path, rows, as_table):
    import pyarrow.parquet as pq

    for table in (as_table(rows), as_table([])):
        pq.write_table(table, tmp_path / "t.parquet")
        assert pq.read_table(tmp_path / "t.parquet").equals(table)
