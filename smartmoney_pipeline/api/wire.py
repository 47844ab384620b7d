"""Arrow tables as JSON text, a column at a time: no Python object a row, numbers in their shortest form, times with nine decimals."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

NULL = "null"
_BETWEEN = (10, 11)
"""Place of the blank between date and time."""

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
        if len(values.dictionary) > len(values):
            return _texts(values.cast(kind.value_type), absent)
        return _texts(values.dictionary, absent).take(values.indices)
    for holds, plain in _PLAIN:
        if holds(kind):
            return plain(values)
    return _nested(values, absent)


def _nested(values: pa.Array, absent: Collection[str]) -> pa.StringArray:
    kind = values.type
    if pa.types.is_struct(kind):
        columns = dict(zip((field.name for field in kind), values.flatten(), strict=True))
        return _where_valid(values, _objects(columns, len(values), absent))
    if pa.types.is_list(kind):
        items = json_values(values.flatten(), absent)
        lengths = pc.fill_null(pc.list_value_length(values), 0).to_numpy(zero_copy_only=False)
        offsets = pa.array([0, *lengths.cumsum().tolist()], pa.int32())
        lists = pc.binary_join_element_wise("[", pc.binary_join(pa.ListArray.from_arrays(offsets, items), ","), "]", "")
        return _where_valid(values, lists)
    raise TypeError(f"no JSON for {kind}")


def _objects(columns: dict[str, pa.Array], count: int, absent: Collection[str]) -> pa.StringArray:
    """Objects of columns in one join; a key that may be absent brings its own comma, so the first key is always there."""
    if not columns:
        return pa.array(["{}"] * count, pa.string())
    parts: list[pa.StringArray | str] = []
    said = "{"
    for place, (name, column) in enumerate(columns.items()):
        key = ("," if place else "") + json.dumps(name) + ":"
        empty = count > 0 and column.null_count == count
        if name in absent and place:
            parts += [] if empty else [said, pc.fill_null(pc.binary_join_element_wise(key, _texts(column, absent), ""), "")]
            said = said if empty else ""
        elif empty:
            said += key + NULL
        else:
            parts += [said + key, _texts(column, absent)]
            said = ""
    if not parts:
        return pa.array([said + "}"] * count, pa.string())
    return pc.binary_join_element_wise(*parts, said + "}", "", null_handling="replace", null_replacement=NULL)


def _where_valid(values: pa.Array, texts: pa.StringArray) -> pa.StringArray:
    """The texts, null where the values are."""
    return texts if values.null_count == 0 else pc.if_else(values.is_valid(), texts, pa.scalar(None, pa.string()))


def _quoted(texts: pa.StringArray) -> pa.StringArray:
    return pc.binary_join_element_wise('"', texts, '"', "")


def _escaped(texts: pa.StringArray) -> pa.StringArray:
    """Texts as they stand between the quotes of JSON; most hold nothing to escape, which one look at their bytes tells."""
    octets = _octets(texts)
    if not ((octets < 0x20) | (octets == _QUOTE) | (octets == _BACKSLASH)).any():
        return texts
    plain = [None if text is None else json.dumps(text, ensure_ascii=False)[1:-1] for text in texts.to_pylist()]
    return pa.array(plain, pa.string())


def _octets(texts: pa.StringArray) -> NDArray[np.uint8]:
    """Bytes of the texts: those of a slice, for its buffers are those of the whole array."""
    _, offsets, data = texts.buffers()
    if data is None or not len(texts):
        return np.zeros(0, np.uint8)
    ends = np.frombuffer(offsets, np.int32)[[texts.offset, texts.offset + len(texts)]]
    return np.frombuffer(data, np.uint8)[ends[0] : ends[1]]


def _times(values: pa.TimestampArray) -> pa.StringArray:
    """Times of UTC as JSON texts. Without their zone they are cast twenty times faster than any formatting by the zone's rules."""
    plain = values.view(pa.timestamp(values.type.unit)).cast(pa.string())
    return pc.binary_join_element_wise('"', pc.binary_replace_slice(plain, *_BETWEEN, "T"), 'Z"', "")


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
    (pa.types.is_timestamp, _times),
    (pa.types.is_date, lambda values: _quoted(values.cast(pa.string()))),
    (pa.types.is_null, lambda values: pa.nulls(len(values), pa.string())),
)
"""Kind of type to how its values are written."""
