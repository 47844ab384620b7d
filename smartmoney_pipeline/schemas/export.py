"""JSON Schema of the public objects and of a row of every table, from the same models that check them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandera.pandas as pan
import pyarrow as pa
from pydantic import BaseModel

from smartmoney_pipeline.schemas.arrow import arrow_schema, metadata
from smartmoney_pipeline.schemas.bridge_tables import BRIDGE_TABLES
from smartmoney_pipeline.schemas.contracts import ProfileScore, SmartMoneyEvent
from smartmoney_pipeline.schemas.describe import TAPE_TABLES, summary
from smartmoney_pipeline.schemas.event_features import EventFeatures
from smartmoney_pipeline.schemas.output_tables import OUTPUT_TABLES

DIALECT = "https://json-schema.org/draft/2020-12/schema"

OBJECTS: dict[str, type[BaseModel]] = {
    "smart_money_event": SmartMoneyEvent,
    "profile_score": ProfileScore,
    "event_features": EventFeatures,
}
"""File name to public object."""

_TYPES: tuple[tuple[Callable[[pa.DataType], bool], dict[str, str]], ...] = (
    (pa.types.is_boolean, {"type": "boolean"}),
    (pa.types.is_integer, {"type": "integer"}),
    (pa.types.is_floating, {"type": "number"}),
    (pa.types.is_timestamp, {"type": "string", "format": "date-time"}),
    (pa.types.is_date, {"type": "string", "format": "date"}),
    (pa.types.is_string, {"type": "string"}),
)
_BOUNDS = {
    "greater_than_or_equal_to": ("minimum", "min_value"),
    "greater_than": ("exclusiveMinimum", "min_value"),
    "less_than_or_equal_to": ("maximum", "max_value"),
    "less_than": ("exclusiveMaximum", "max_value"),
    "isin": ("enum", "allowed_values"),
}


def object_schema(contract: type[BaseModel]) -> dict[str, Any]:
    """JSON Schema of a public object as it is written."""
    return {"$schema": DIALECT, **contract.model_json_schema(mode="serialization")}


def row_schema(name: str, model: type[pan.DataFrameModel]) -> dict[str, Any]:
    """JSON Schema of one row of a table as JSON: times in ISO 8601, lists as arrays, structs as objects."""
    kinds, schema = arrow_schema(model), model.to_schema()
    return {
        "$schema": DIALECT,
        "title": name,
        "description": summary(model),
        "type": "object",
        "properties": {column: _property(kinds.field(column).type, field) for column, field in schema.columns.items()},
        "required": [column for column, field in schema.columns.items() if field.required],
        "additionalProperties": not schema.strict,
    }


def write_json_schemas(folder: Path) -> list[Path]:
    """Write one file an object into `folder` and one a table into `folder/tables`; return the paths in the order written."""
    written = [_write(folder / f"{name}.schema.json", object_schema(contract)) for name, contract in OBJECTS.items()]
    tables = {**TAPE_TABLES, **OUTPUT_TABLES, **BRIDGE_TABLES}
    return written + [_write(folder / "tables" / f"{name}.schema.json", row_schema(name, model)) for name, model in tables.items()]


def _property(kind: pa.DataType, column: pan.Column) -> dict[str, Any]:
    """JSON Schema of one column."""
    stated = metadata(column)
    value = _json_type(kind)
    if "items" in stated:
        value["items"]["enum"] = stated["items"]
    bounds = [(_BOUNDS[check.name], check.statistics) for check in column.checks if check.name in _BOUNDS]
    value |= {key: _listed(statistics[name]) for (key, name), statistics in bounds}
    unit = {"unit": stated["unit"]} if "unit" in stated else {}
    return {"description": column.description or "", **unit, **(_or_null(value) if column.nullable else value)}


def _json_type(kind: pa.DataType) -> dict[str, Any]:
    """JSON Schema of an Arrow type. Fields of a struct may be null, as in every nested contract."""
    if pa.types.is_dictionary(kind):
        return _json_type(kind.value_type)
    if pa.types.is_list(kind):
        return {"type": "array", "items": _json_type(kind.value_type)}
    if pa.types.is_struct(kind):
        return {"type": "object", "properties": {field.name: _or_null(_json_type(field.type)) for field in kind}}
    return next(dict(schema) for holds, schema in _TYPES if holds(kind))


def _or_null(value: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [value, {"type": "null"}]}


def _listed(statistic: Any) -> Any:
    return list(statistic) if isinstance(statistic, list | tuple | set | frozenset) else statistic


def _write(path: Path, schema: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(schema, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path
