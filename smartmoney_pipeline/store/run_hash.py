"""Equality of two runs: a hash over the values of a table in a canonical order.

The hash does not depend on the order of rows or columns in the file, on chunks and buckets, on dictionary encoding, on 32- or
64-bit offsets or on the unit of a timestamp. Null, NaN and a number are three different things; every NaN is the same NaN, and
-0.0 is 0.0. Whole columns are hashed; no Python loop runs over rows.
"""

import hashlib
from collections.abc import Collection, Sequence
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smartmoney_pipeline.store.errors import StoreError

Buffer: TypeAlias = Any
"""What a digest takes: bytes, or an array of one dimension."""

FORMAT = b"run-hash-2"
CANONICAL_ORDER = ("closed_at", "event_id")
NOT_COMPARED = ("revision",)
"""A live day may reach the same events by revisions; the count of them is no part of the result."""

_TURNED = np.packbits(np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little"), axis=1).ravel()
"""Each byte with its bits in the opposite order: Arrow's bitmaps begin at the lowest bit, the hash at the highest."""

BLOCK_ROWS = 1 << 15
"""Rows are hashed in blocks of this many, so that a long table can be hashed as it is written."""


class RunHasher:
    """Hashes a table that comes in pieces, already in canonical order; the pieces' sizes do not matter."""

    def __init__(self, order: Sequence[str] = CANONICAL_ORDER, exclude: Collection[str] = NOT_COMPARED) -> None:
        self._order, self._exclude = order, exclude
        self._digest = hashlib.sha256(FORMAT)
        self._pending: list[pa.Table] = []
        self._rows = 0
        self._last: pa.Table | None = None

    def add(self, table: pa.Table) -> None:
        """Add the next rows. Raises `StoreError` where they do not follow the rows before, or lack a column of the order."""
        missing = [name for name in self._order if name not in table.column_names]
        if missing:
            raise StoreError(f"run hash: the table has no column {', '.join(missing)}")
        rows = table.select(sorted(set(table.column_names) - set(self._exclude) | set(self._order)))
        self._require_ascending(rows)
        self._pending.append(rows)
        self._rows += rows.num_rows
        if self._rows >= BLOCK_ROWS:
            self._take_blocks()

    def hexdigest(self) -> str:
        """Return the SHA-256 of everything added, as hex; nothing may be added after it."""
        if self._rows:
            self._take_block(pa.concat_tables(self._pending))
            self._pending, self._rows = [], 0
        return self._digest.hexdigest()

    def _take_blocks(self) -> None:
        held = pa.concat_tables(self._pending)
        whole = held.num_rows - held.num_rows % BLOCK_ROWS
        for start in range(0, whole, BLOCK_ROWS):
            self._take_block(held.slice(start, BLOCK_ROWS))
        self._pending, self._rows = [held.slice(whole)], held.num_rows - whole

    def _take_block(self, rows: pa.Table) -> None:
        self._digest.update(str(rows.num_rows).encode())
        for name in rows.column_names:
            self._digest.update(name.encode() + b"\0" + _digest(_one_array(rows[name]), name))

    def _require_ascending(self, rows: pa.Table) -> None:
        keys = pa.table({name: _decoded(_one_array(rows[name])) for name in self._order})
        whole = keys if self._last is None else pa.concat_tables([self._last, keys])
        _require_order(whole, self._order)
        self._last = whole.slice(max(whole.num_rows - 1, 0))


def run_hash(table: pa.Table, order: Sequence[str] = CANONICAL_ORDER, exclude: Collection[str] = NOT_COMPARED) -> str:
    """Return the SHA-256 of the table's values, sorted by `order`, without the columns in `exclude`, as hex.

    `order` must tell every two rows apart. Raises `StoreError` where it does not, where one of its columns is missing, or
    where a column has a type without canonical bytes.
    """
    hasher = RunHasher(order, exclude)
    hasher.add(_sorted(table, order) if set(order) <= set(table.column_names) else table)
    return hasher.hexdigest()


def _sorted(table: pa.Table, order: Sequence[str]) -> pa.Table:
    if table.num_rows < 2:
        return table
    keys = pa.table({name: _decoded(_one_array(table[name])) for name in order})
    return table.take(pc.sort_indices(keys, sort_keys=[(name, "ascending") for name in order]))


def _require_order(keys: pa.Table, order: Sequence[str]) -> None:
    """Raise where a row does not come strictly after the one before it; nulls come last."""
    if keys.num_rows < 2:
        return
    tied = np.ones(keys.num_rows - 1, dtype=bool)
    for name in order:
        column = _one_array(keys[name])
        before, after = column[:-1], column[1:]
        falls = pc.fill_null(pc.greater(before, after), False).to_numpy(zero_copy_only=False)
        falls = falls | (before.is_null().to_numpy(zero_copy_only=False) & after.is_valid().to_numpy(zero_copy_only=False))
        if (tied & falls).any():
            raise StoreError(f"run hash: rows do not come in the order of {' and '.join(order)}")
        equal = pc.fill_null(pc.equal(before, after), False).to_numpy(zero_copy_only=False)
        tied &= equal | pc.and_(before.is_null(), after.is_null()).to_numpy(zero_copy_only=False)
    if tied.any():
        raise StoreError(f"run hash: two rows have the same {' and '.join(order)}, so their order is not defined")


def _one_array(column: pa.ChunkedArray) -> pa.Array:
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _decoded(array: pa.Array) -> pa.Array:
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


def _digest(array: pa.Array, name: str) -> bytes:
    """SHA-256 of one column: kind, length, which values are null, and the values."""
    plain = _decoded(array)
    digest = hashlib.sha256(len(plain).to_bytes(8, "little"))
    digest.update(_valid_bits(plain).data)
    for part in _parts(plain, name):
        digest.update(part)
    return digest.digest()


def _valid_bits(array: pa.Array) -> np.ndarray:
    """Which values are not null, as bits: the first value is the highest bit, and bits after the last value are 0."""
    if array.null_count == 0:
        return np.packbits(np.ones(len(array), dtype=bool))
    bitmap = None if array.offset % 8 or len(array) % 8 else array.buffers()[0]
    if bitmap is None:
        return np.packbits(array.is_valid().to_numpy(zero_copy_only=False))
    return _TURNED[np.frombuffer(bitmap, np.uint8, len(array) // 8, array.offset // 8)]


def _parts(array: pa.Array, name: str) -> list[Buffer]:
    """Kind and canonical bytes of the values; a null contributes a zero, an empty text or an empty list."""
    kind = array.type
    if pa.types.is_null(kind):
        return [b"null"]
    if pa.types.is_struct(kind):
        return _struct_parts(array, name)
    if _is_list(kind):
        return _list_parts(array, name)
    if _is_text(kind):
        return _text_parts(array)
    return _number_parts(array, name)


def _is_list(kind: pa.DataType) -> bool:
    return pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)


def _is_text(kind: pa.DataType) -> bool:
    texts = (pa.types.is_string, pa.types.is_large_string, pa.types.is_string_view)
    return any(is_kind(kind) for is_kind in (*texts, pa.types.is_binary, pa.types.is_large_binary))


def _struct_parts(array: pa.StructArray, name: str) -> list[Buffer]:
    fields = sorted((field.name, position) for position, field in enumerate(array.type))
    parts: list[Buffer] = [b"struct"]
    for field, position in fields:
        parts += [field.encode() + b"\0", _digest(pc.struct_field(array, position), f"{name}.{field}")]
    return parts


def _list_parts(array: pa.Array, name: str) -> list[Buffer]:
    lengths = pc.list_value_length(array).fill_null(0).to_numpy(zero_copy_only=False).astype("<i8")
    return [b"list", lengths, _digest(pc.list_flatten(array), f"{name}[]")]


def _text_parts(array: pa.Array) -> list[Buffer]:
    is_binary = pa.types.is_binary(array.type) or pa.types.is_large_binary(array.type)
    whole = array if _is_plain_text(array) else array.cast(pa.large_binary()).fill_null(b"")
    width = "<i4" if pa.types.is_string(whole.type) or pa.types.is_binary(whole.type) else "<i8"
    offsets = np.frombuffer(whole.buffers()[1], dtype=width)[whole.offset : whole.offset + len(whole) + 1] if len(whole) else np.zeros(1)
    return [b"binary" if is_binary else b"text", np.diff(offsets).astype("<i8"), _joined(whole, int(offsets[0]), int(offsets[-1]))]


def _is_plain_text(array: pa.Array) -> bool:
    """Whether the values lie end to end in one buffer, none of them null."""
    kind = array.type
    in_one_buffer = (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary, pa.types.is_large_binary)
    return array.null_count == 0 and any(is_kind(kind) for is_kind in in_one_buffer)


def _joined(whole: pa.Array, start: int, stop: int) -> Buffer:
    """The values of a text or binary array without nulls, end to end: its data buffer, not copied."""
    data = whole.buffers()[2]
    return np.frombuffer(data, dtype=np.uint8)[start:stop] if data else b""


def _number_parts(array: pa.Array, name: str) -> list[Buffer]:
    kind = array.type
    if pa.types.is_timestamp(kind):
        zoned = pa.timestamp("ns", kind.tz)
        return [str(zoned).encode(), _int_bytes(array.cast(zoned))]
    if pa.types.is_date(kind):
        return [b"date", _int_bytes(array.cast(pa.date32()).cast(pa.int32()))]
    if pa.types.is_floating(kind):
        return [str(kind).encode(), _float_bytes(array)]
    if pa.types.is_boolean(kind):
        return [b"bool", np.packbits(_filled(array, False))]
    if pa.types.is_integer(kind) or pa.types.is_duration(kind):
        return [str(kind).encode(), _int_bytes(array)]
    raise StoreError(f"run hash: column {name} has type {kind}, which has no canonical bytes")


def _int_bytes(array: pa.Array) -> Buffer:
    plain = array if pa.types.is_integer(array.type) else array.cast(pa.int64() if array.type.bit_width == 64 else pa.int32())
    values = _filled(plain, 0)
    return values.astype(values.dtype.newbyteorder("<"), copy=False)


def _float_bytes(array: pa.Array) -> Buffer:
    values = _filled(array, 0.0)
    canonical = values + values.dtype.type(0)
    if np.isnan(canonical.min(initial=0)):
        canonical[np.isnan(canonical)] = np.nan
    return canonical.astype(canonical.dtype.newbyteorder("<"), copy=False)


def _filled(array: pa.Array, nothing: float) -> np.ndarray:
    """The values, `nothing` in place of null; not copied where none is null."""
    return (array.fill_null(nothing) if array.null_count else array).to_numpy(zero_copy_only=False)
