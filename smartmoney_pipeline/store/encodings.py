"""In which form columns are written: the values of a dictionary in its place, and which of them Parquet gives one again."""

import pyarrow as pa


def plain_schema(schema: pa.Schema) -> pa.Schema:
    """Return the schema with the values of dictionary columns in their place: what is written."""
    fields = [pa.field(field.name, _value_type(field.type), field.nullable) for field in schema]
    return pa.schema(fields)


def _value_type(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def repeating_columns(schema: pa.Schema) -> list[str]:
    """Return the leaf columns of values that repeat: texts but ids, which differ in every row, and shares and counts among the numbers."""
    return [path for field in schema for path in _repeating_leaves(field.name, field.type) if not path.split(".")[0].endswith(_ID_COLUMNS)]


_ID_COLUMNS = ("event_id", "print_id", "packet_id", "packet_ids", "print_ids")
_REPEATING_NUMBERS = (
    *("_share", "_count", "_concentration", "_days", "_stability", "_symmetry", "_confidence", "_sidedness", "_mix", "_position"),
    *("_spread", "_widening", "contracts", "per_contract_usd", "buy_probability"),
)
_DISTINCT_SHARES = "_volume_share"
"""Shares of a running sum: next to every one is another number."""


def _repeating_leaves(path: str, kind: pa.DataType) -> list[str]:
    """Parquet paths of the columns under a field whose values repeat; measured numbers do not, and a dictionary would only cost time."""
    if pa.types.is_struct(kind):
        return [leaf for field in kind for leaf in _repeating_leaves(f"{path}.{field.name}", field.type)]
    if pa.types.is_list(kind):
        return _repeating_leaves(f"{path}.list.element", kind.value_type)
    is_number = pa.types.is_floating(kind) or pa.types.is_integer(kind)
    repeats = is_number and path.endswith(_REPEATING_NUMBERS) and not path.endswith(_DISTINCT_SHARES)
    return [path] if pa.types.is_string(kind) or repeats else []
