"""Arrow tables as JSON text, a column at a time: no Python object a row, numbers in their shortest form, times with nine decimals."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterable, Iterator

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
    return _put_together(_of_object(columns, len(whole), absent), len(whole))


def json_lines(table: pa.Table, absent: Collection[str] = ()) -> bytes:
    """Return one line of JSON a row."""
    return joined(json_rows(table, absent), "\n", after=b"\n" if len(table) else b"")


def joined(texts: pa.StringArray, separator: str, before: bytes = b"", after: bytes = b"") -> bytes:
    """Return all texts in one, between what comes before and after them. A page is megabytes: they are copied twice, and no more."""
    if not len(texts):
        return before + after
    whole = pa.LargeListArray.from_arrays(pa.array([0, len(texts)], pa.int64()), texts.cast(pa.large_string()))
    return b"".join([before, pc.binary_join(whole, pa.scalar(separator, pa.large_string()))[0].as_buffer(), after])


def json_values(values: pa.Array, absent: Collection[str] = ()) -> pa.StringArray:
    """Return each value as JSON text. Raises `TypeError` for a type that no table has."""
    return pc.fill_null(_texts(values, absent), NULL)


def _texts(values: pa.Array, absent: Collection[str]) -> pa.StringArray:
    """Each value as JSON text, null where it is null."""
    if pa.types.is_dictionary(values.type):
        if len(values.dictionary) > len(values):
            return _texts(values.cast(values.type.value_type), absent)
        return _texts(values.dictionary, absent).take(values.indices)
    pieces = list(_pieces(values, absent))
    if len(pieces) == 1 and not isinstance(pieces[0], str):
        return pieces[0]
    return _where_valid(values, _put_together(pieces, len(values)))


def _pieces(values: pa.Array, absent: Collection[str]) -> Iterator[str | pa.StringArray]:
    """What each value is put together from: texts that all share, and arrays of texts. What stands for nulls is of no account."""
    kind = values.type
    if pa.types.is_struct(kind):
        columns = dict(zip((field.name for field in kind), values.flatten(), strict=True))
        yield from _of_object(columns, len(values), absent)
    elif pa.types.is_list(kind):
        yield from ("[", _list_items(values, absent), "]")
    elif pa.types.is_string(kind):
        yield from ('"', _escaped(values), '"')
    elif pa.types.is_timestamp(kind):
        yield from ('"', _times(values), 'Z"')
    else:
        yield _plain(values)


def _plain(values: pa.Array) -> pa.StringArray:
    kind = values.type
    if pa.types.is_date(kind):
        return _quoted(values.cast(pa.string()))
    if pa.types.is_floating(kind):
        return _finite(values).cast(pa.string())
    if pa.types.is_integer(kind) or pa.types.is_boolean(kind) or pa.types.is_null(kind):
        return values.cast(pa.string())
    raise TypeError(f"no JSON for {kind}")


def _list_items(values: pa.ListArray, absent: Collection[str]) -> pa.StringArray:
    """The items of each list with commas between."""
    items = json_values(values.flatten(), absent)
    lengths = pc.fill_null(pc.list_value_length(values), 0).to_numpy(zero_copy_only=False)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32)
    return pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets), items), ",")


def _of_object(columns: dict[str, pa.Array], count: int, absent: Collection[str]) -> Iterator[str | pa.StringArray]:
    """Pieces of objects of columns, those of nested objects among them, so that one join copies each text once.

    A key that may be absent brings its own comma, so the first key is always there.
    """
    yield "{"
    for place, (name, column) in enumerate(columns.items()):
        key = ("," if place else "") + json.dumps(name) + ":"
        empty = count > 0 and column.null_count == count
        if name in absent and place:
            if not empty:
                yield pc.fill_null(pc.binary_join_element_wise(key, _texts(column, absent), ""), "")
        elif empty:
            yield key + NULL
        elif column.null_count or pa.types.is_dictionary(column.type):
            yield from (key, _texts(column, absent))
        else:
            yield key
            yield from _pieces(column, absent)
    yield "}"


def _put_together(pieces: Iterable[str | pa.StringArray], count: int) -> pa.StringArray:
    """Join the pieces of each value; neighbouring texts that all share become one."""
    parts: list[str | pa.StringArray] = []
    for piece in pieces:
        if parts and isinstance(piece, str) and isinstance(parts[-1], str):
            parts[-1] += piece
        else:
            parts.append(piece)
    if len(parts) == 1 and isinstance(parts[0], str):
        return pa.array(parts * count, pa.string())
    return pc.binary_join_element_wise(*parts, "", null_handling="replace", null_replacement=NULL)


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
    """Times of UTC as they stand between quote and zone. Cast without their zone, twenty times faster than formatted by a zone's rules."""
    plain = values.view(pa.timestamp(values.type.unit)).cast(pa.string())
    return pc.binary_replace_slice(plain, *_BETWEEN, "T")


def _finite(values: pa.Array) -> pa.Array:
    """Numbers with null for what JSON has no number for; a finite sum tells that there is none such."""
    total = pc.sum(values).as_py()
    if total is None or math.isfinite(total):
        return values
    return pc.if_else(pc.is_finite(values), values, pa.scalar(None, values.type))


def _whole(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
