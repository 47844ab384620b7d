"""Arrow tables as JSON text, a column at a time: no Python object a row, numbers in their shortest form, times with nine decimals."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

NULL = "null"
_TIME = "%Y-%m-%dT%H:%M:%SZ"
_QUOTE, _BACKSLASH = ord('"'), ord("\\")


def json_rows(table: pa.Table, absent: Collection[str] = ()) -> pa.StringArray:
    """Return one JSON object a row, keys in the order of the columns.

    A key in `absent` is left out where its value is null, at any depth, unless it comes first. NaN is null.
    """
    whole = table.combine_chunks()
    columns = {name: _whole(whole[name]) for name in whole.column_names}
    return _objects(columns, len(whole), absent)


def json_list(table: pa.Table, absent: Collection[str] = ()) -> bytes:
    """Return a JSON array of the rows."""
    return b"[" + joined(json_rows(table, absent), ",") + b"]"


def json_lines(table: pa.Table, absent: Collection[str] = ()) -> bytes:
    """Return one line of JSON a row."""
    return joined(json_rows(table, absent), "\n") + (b"\n" if len(table) else b"")


def joined(texts: pa.StringArray, separator: str) -> bytes:
    """Return all texts in one, nothing for none."""
    if not len(texts):
        return b""
    whole = pa.LargeListArray.from_arrays(pa.array([0, len(texts)], pa.int64()), texts.cast(pa.large_string()))
    return bytes(pc.binary_join(whole, pa.scalar(separator, pa.large_string()))[0].as_buffer())


def json_values(values: pa.Array, absent: Collection[str] = ()) -> pa.StringArray:
    """Return each value as JSON text. Raises `TypeError` for a type that no table has."""
    return pc.fill_null(_texts(values, absent), NULL)


def _texts(values: pa.Array, absent: Collection[str]) -> pa.StringArray:
    """Each value as JSON text, null where it is null."""
    kind = values.type
    if pa.types.is_dictionary(kind):
        return _texts(values.cast(kind.value_type), absent)
    for holds, plain in _PLAIN:
        if holds(kind):
            return plain(values)
    return _nested(values, absent)


def _nested(values: pa.Array, absent: Collection[str]) -> pa.StringArray:
    kind = values.type
    if pa.types.is_struct(kind):
        columns = {field.name: pc.struct_field(values, [i]) for i, field in enumerate(kind)}
        return pc.if_else(values.is_valid(), _objects(columns, len(values), absent), pa.scalar(None, pa.string()))
    if pa.types.is_list(kind):
        items = json_values(values.flatten(), absent)
        lengths = pc.fill_null(pc.list_value_length(values), 0).to_numpy(zero_copy_only=False)
        offsets = pa.array([0, *lengths.cumsum().tolist()], pa.int32())
        lists = pc.binary_join_element_wise("[", pc.binary_join(pa.ListArray.from_arrays(offsets, items), ","), "]", "")
        return pc.if_else(values.is_valid(), lists, pa.scalar(None, pa.string()))
    raise TypeError(f"no JSON for {kind}")


def _objects(columns: dict[str, pa.Array], count: int, absent: Collection[str]) -> pa.StringArray:
    """Objects of columns in one join; a key that may be absent brings its own comma, so the first key is always there."""
    if not columns:
        return pa.array(["{}"] * count, pa.string())
    parts: list[pa.StringArray | str] = []
    for place, (name, column) in enumerate(columns.items()):
        key = ("," if place else "{") + json.dumps(name) + ":"
        if name in absent and place:
            parts.append(pc.fill_null(pc.binary_join_element_wise(key, _texts(column, absent), ""), ""))
        else:
            parts += [key, _texts(column, absent)]
    return pc.binary_join_element_wise(*parts, "}", "", null_handling="replace", null_replacement=NULL)


def _quoted(texts: pa.StringArray) -> pa.StringArray:
    return pc.binary_join_element_wise('"', texts, '"', "")


def _escaped(texts: pa.StringArray) -> pa.StringArray:
    """Texts as they stand between the quotes of JSON; most hold nothing to escape, which one look at their bytes tells."""
    data = texts.buffers()[2]
    octets = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    if not ((octets < 0x20) | (octets == _QUOTE) | (octets == _BACKSLASH)).any():
        return texts
    plain = [None if text is None else json.dumps(text, ensure_ascii=False)[1:-1] for text in texts.to_pylist()]
    return pa.array(plain, pa.string())


def _finite(values: pa.Array) -> pa.Array:
    """Numbers with null for what JSON has no number for."""
    if pc.all(pc.is_finite(values)).as_py() is not False:
        return values
    return pc.if_else(pc.is_finite(values), values, pa.scalar(None, values.type))


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


_PLAIN: tuple[tuple[Callable[[pa.DataType], bool], Callable[[pa.Array], pa.StringArray]], ...] = (
    (pa.types.is_string, lambda values: _quoted(_escaped(values))),
    (pa.types.is_floating, lambda values: _finite(values).cast(pa.string())),
    (pa.types.is_integer, lambda values: values.cast(pa.string())),
    (pa.types.is_boolean, lambda values: values.cast(pa.string())),
    (pa.types.is_timestamp, lambda values: _quoted(pc.strftime(values, format=_TIME))),
    (pa.types.is_date, lambda values: _quoted(values.cast(pa.string()))),
    (pa.types.is_null, lambda values: pa.nulls(len(values), pa.string())),
)
"""Kind of type to how its values are written."""
