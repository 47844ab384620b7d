"""Which rows of two tables differ: column by column, into lists and structs. Null equals null, and NaN equals NaN."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def changed_rows(one: pa.Table, other: pa.Table, exclude: Collection[str] = ()) -> Mask:
    """Mask of the rows that differ at the same place of two tables of one schema and length, without the columns in `exclude`."""
    changed = np.zeros(len(one), np.bool_)
    for name in one.column_names:
        if name not in exclude:
            changed |= differing(one[name].combine_chunks(), other[name].combine_chunks())
    return changed


def differing(one: pa.Array, other: pa.Array) -> Mask:
    """Mask of the values that differ at the same place."""
    if pa.types.is_dictionary(one.type):
        return differing(one.dictionary_decode(), other.dictionary_decode())
    valid, other_valid = _valid(one), _valid(other)
    differs = valid != other_valid
    if pa.types.is_struct(one.type):
        for field in range(one.type.num_fields):
            differs |= differing(pc.struct_field(one, field), pc.struct_field(other, field)) & valid & other_valid
        return differs
    if pa.types.is_list(one.type) or pa.types.is_large_list(one.type):
        return differs | _differing_lists(one, other)
    unequal = pc.fill_null(pc.not_equal(one, other), False).to_numpy(zero_copy_only=False)
    if pa.types.is_floating(one.type):
        unequal &= ~(_nan(one) & _nan(other))
    return differs | unequal


def _differing_lists(one: pa.Array, other: pa.Array) -> Mask:
    lengths, others = (pc.fill_null(pc.list_value_length(part), 0).to_numpy(zero_copy_only=False) for part in (one, other))
    differs = lengths != others
    alike = np.flatnonzero(~differs)
    rows = pa.array(alike)
    items = differing(pc.list_flatten(one.take(rows)), pc.list_flatten(other.take(rows)))
    owner = np.repeat(alike, lengths[alike])
    differs[owner[items]] = True
    return differs


def _valid(array: pa.Array) -> Mask:
    return array.is_valid().to_numpy(zero_copy_only=False)


def _nan(array: pa.Array) -> Mask:
    return pc.fill_null(pc.is_nan(array), False).to_numpy(zero_copy_only=False)
