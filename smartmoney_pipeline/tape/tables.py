"""What a canonical table looks like to the readers: its columns and their kinds, taken from the input schemas."""

from dataclasses import dataclass
from enum import Enum
from functools import cache

import pyarrow as pa

from smartmoney_pipeline.schemas.input_tables import INPUT_TABLES


class Kind(Enum):
    """What a column holds; the value is its Arrow type after reading."""

    TIME = pa.timestamp("ns", "UTC")
    WHOLE = pa.int64()
    NUMBER = pa.float64()
    TEXT = pa.string()
    DATE = pa.date32()
    FLAG = pa.bool_()


_KINDS = {
    "datetime64[ns, UTC]": Kind.TIME,
    "int64": Kind.WHOLE,
    "Int64": Kind.WHOLE,
    "float64": Kind.NUMBER,
    "string[pyarrow]": Kind.TEXT,
    "str": Kind.TEXT,
    "date": Kind.DATE,
    "boolean": Kind.FLAG,
}


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One column: name, kind, whether it must be there, whether a null is an answer."""

    name: str
    kind: Kind
    required: bool
    nullable: bool


@cache
def table_spec(table: str) -> tuple[ColumnSpec, ...]:
    """Columns of one canonical table in order. Raises `KeyError` for a name that is not an input table."""
    columns = INPUT_TABLES[table].to_schema().columns
    return tuple(
        ColumnSpec(name, _KINDS[str(column.dtype)], bool(column.required), bool(column.nullable)) for name, column in columns.items()
    )


QUOTE_TABLES = ("option_quotes", "underlying_quotes")
"""Required unless the prints carry what they hold."""

CARRIED_OPTION_QUOTE = ("nbbo_bid", "nbbo_ask")
CARRIED_UNDERLYING_QUOTE = ("underlying_bid", "underlying_ask")
CARRIED_VENUE_QUOTE = ("venue_bid", "venue_ask")
CARRIED_PAIRS = (CARRIED_OPTION_QUOTE, CARRIED_UNDERLYING_QUOTE, CARRIED_VENUE_QUOTE)
"""Bid and ask of the quotes that a print may carry: NBBO, underlying, printing venue."""
