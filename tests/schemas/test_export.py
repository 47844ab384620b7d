"""JSON Schema files: valid JSON, complete, and in the words of the models."""

import json

import pytest

from smartmoney_pipeline.schemas.bridge_tables import BRIDGE_TABLES
from smartmoney_pipeline.schemas.codes import ProfileId
from smartmoney_pipeline.schemas.contracts import SmartMoneyEvent
from smartmoney_pipeline.schemas.describe import TAPE_TABLES
from smartmoney_pipeline.schemas.event_features import FEATURE_NAMES
from smartmoney_pipeline.schemas.export import write_json_schemas
from smartmoney_pipeline.schemas.output_tables import OUTPUT_TABLES


@pytest.fixture
def schemas(tmp_path):
    return {str(path.relative_to(tmp_path)): json.loads(path.read_text()) for path in write_json_schemas(tmp_path)}


def test_objects_and_all_tables_are_written(schemas):
    objects = {f"{name}.schema.json" for name in ("smart_money_event", "profile_score", "event_features")}
    tables = {f"tables/{name}.schema.json" for name in {**TAPE_TABLES, **OUTPUT_TABLES, **BRIDGE_TABLES}}
    assert set(schemas) == objects | tables


def test_event_schema_names_its_parts(schemas):
    event = schemas["smart_money_event.schema.json"]
    assert set(event["properties"]) == set(SmartMoneyEvent.model_fields)
    assert event["properties"]["start_ts"]["format"] == "date-time"
    assert set(event["required"]) == set(SmartMoneyEvent.model_fields)
    assert event["$defs"]["ProfileScore"]["properties"]["probability"]["maximum"] == 1.0
    assert event["$defs"]["ProfileId"]["enum"] == list(ProfileId)
    assert set(event["$defs"]["EventFeatures"]["properties"]) == set(FEATURE_NAMES)


def test_features_carry_units(schemas):
    assert schemas["event_features.schema.json"]["properties"]["premium_usd"]["unit"] == "USD"


def test_table_rows_carry_bounds_lists_and_nulls(schemas):
    row = schemas["tables/smart_money_events.schema.json"]
    assert row["additionalProperties"] is False
    assert row["properties"]["none_probability"] == {
        "description": "probability of none of the six profiles",
        "type": "number",
        "minimum": 0,
        "maximum": 1,
    }
    assert row["properties"]["primary_profile_id"]["anyOf"] == [{"type": "string", "enum": list(ProfileId)}, {"type": "null"}]
    assert row["properties"]["profile_scores"]["items"]["properties"]["reasons"]["anyOf"][0]["type"] == "array"
    assert "no_profile" in row["properties"]["abstention_reasons"]["items"]["enum"]


def test_columns_that_may_be_absent_are_not_required(schemas):
    prints = schemas["tables/option_prints.schema.json"]
    assert "price" in prints["required"]
    assert "nbbo_bid" not in prints["required"]
    assert prints["properties"]["price"]["exclusiveMinimum"] == 0


def test_a_second_export_has_the_same_bytes(tmp_path):
    first = [path.read_bytes() for path in write_json_schemas(tmp_path / "a")]
    assert [path.read_bytes() for path in write_json_schemas(tmp_path / "b")] == first
