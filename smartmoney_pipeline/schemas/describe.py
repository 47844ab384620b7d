"""Tables in words: one description of columns and rules that the reference page and the lineage view both show."""

import inspect
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandera.pandas as pan
import pyarrow as pa
from pydantic import BaseModel

from smartmoney_pipeline.schemas.arrow import arrow_schema, metadata, struct_type
from smartmoney_pipeline.schemas.bridge_tables import BRIDGE_TABLES
from smartmoney_pipeline.schemas.contracts import ProfileScore
from smartmoney_pipeline.schemas.input_tables import INPUT_TABLES, Corrections
from smartmoney_pipeline.schemas.output_tables import OUTPUT_TABLES

TAPE_TABLES: dict[str, type[pan.DataFrameModel]] = {**INPUT_TABLES, "corrections": Corrections}
"""Tables that make a day of tape, name to model."""

_SIGNS = {
    "greater_than_or_equal_to": ("min_value", ">="),
    "greater_than": ("min_value", ">"),
    "less_than_or_equal_to": ("max_value", "<="),
    "less_than": ("max_value", "<"),
}
_HEAD = "| column | type | null | meaning | constraints |\n| --- | --- | --- | --- | --- |"
_PREFACE = """# Tables

Generated from the models in `smartmoney_pipeline/schemas`; write it again with
`python -m smartmoney_pipeline.schemas.describe docs/schemas.md`. Times are UTC nanoseconds, prices US dollars per share unless a
column says otherwise. Null means unknown, never zero. An event is *consistent with* a profile; no column says who traded or why.
"""


@dataclass(frozen=True, slots=True)
class ColumnDescription:
    """One column in words."""

    name: str
    dtype: str
    description: str
    nullable: bool
    constraints: tuple[str, ...]


def columns(model: type[pan.DataFrameModel]) -> list[ColumnDescription]:
    """Columns of a table model in their order, with physical type, meaning and what holds for each value."""
    kinds = arrow_schema(model)
    return [
        ColumnDescription(name, _dtype(column, kinds.field(name).type), column.description or "", column.nullable, _constraints(column))
        for name, column in model.to_schema().columns.items()
    ]


def row_rules(model: type[pan.DataFrameModel]) -> list[str]:
    """Sentences that hold for every row of a table."""
    return [str(check.error) for check in model.to_schema().checks]


def summary(model: type[Any]) -> str:
    """What a row of the table is: the model's docstring in one line."""
    return " ".join((inspect.getdoc(model) or "").split())


def render_markdown() -> str:
    """The reference page of all tables."""
    parts = [
        _PREFACE,
        _section("The tape", TAPE_TABLES),
        _section("What scoring writes", OUTPUT_TABLES),
        _section("What the bridge writes", BRIDGE_TABLES),
        "## Nested fields\n",
        _nested(ProfileScore),
    ]
    return "\n".join(parts)


def _dtype(column: pan.Column, kind: pa.DataType) -> str:
    return metadata(column).get("label") or _type_name(kind.value_type if pa.types.is_dictionary(kind) else kind)


def _type_name(kind: pa.DataType) -> str:
    return str(kind).replace("item: ", "")


def _constraints(column: pan.Column) -> tuple[str, ...]:
    """Unit, presence, uniqueness, closed lists and bounds of one column."""
    stated = metadata(column)
    unit = [f"unit: {stated['unit']}"] if "unit" in stated else []
    items = [f"items one of {_joined(stated['items'])}"] if "items" in stated else []
    absent = [] if column.required else ["may be absent"]
    unique = ["unique"] if column.unique else []
    return tuple(unit + absent + unique + items + [_said(check) for check in column.checks])


def _said(check: pan.Check) -> str:
    """A check of one column in words."""
    statistics = dict(check.statistics or {})
    if check.name in _SIGNS:
        statistic, sign = _SIGNS[check.name]
        return f"{sign} {statistics[statistic]:g}"
    if check.name == "isin":
        return f"one of {_joined(statistics['allowed_values'])}"
    return str(check.error or check.name)


def _joined(values: Any) -> str:
    return ", ".join(str(value) for value in values)


def _section(title: str, tables: Mapping[str, type[pan.DataFrameModel]]) -> str:
    return "\n".join([f"## {title}\n", *(_table(name, model) for name, model in tables.items())])


def _table(name: str, model: type[pan.DataFrameModel]) -> str:
    rules = row_rules(model)
    lines = "\n".join(_line(column) for column in columns(model))
    listed = "\nIn every row:\n\n" + "\n".join(f"- {sentence}" for sentence in rules) + "\n" if rules else ""
    return f"### {name}\n\n{summary(model)}\n\n{_HEAD}\n{lines}\n{listed}"


def _line(column: ColumnDescription) -> str:
    cells = (f"`{column.name}`", column.dtype, "yes" if column.nullable else "no", column.description, "; ".join(column.constraints))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _nested(contract: type[BaseModel]) -> str:
    kinds = struct_type(contract)
    rows = [f"| `{name}` | {_type_name(kinds.field(name).type)} | {field.description} |" for name, field in contract.model_fields.items()]
    return "\n".join([f"### {contract.__name__}\n", summary(contract), "\n| field | type | meaning |\n| --- | --- | --- |", *rows, ""])


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render_markdown(), encoding="utf-8")
