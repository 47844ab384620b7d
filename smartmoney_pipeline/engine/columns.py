"""Arrow columns from plain arrays: codes become names, offsets become lists, nanoseconds become times. No table is named here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from smartmoney_pipeline.schemas.arrow import TIMESTAMP


@dataclass(frozen=True, slots=True)
class Ragged:
    """Lists of varying length: list i is flat[offsets[i]:offsets[i + 1]]; offsets int64, one more than lists, from 0."""

    flat: pa.Array | np.ndarray
    offsets: np.ndarray

    def part(self, start: int, stop: int) -> Ragged:
        """Lists start to stop - 1, with offsets from 0 again."""
        offsets = self.offsets[start : stop + 1]
        return Ragged(self.flat[offsets[0] : offsets[-1]], offsets - offsets[0])

    def take(self, order: np.ndarray) -> Ragged:
        """The lists in another order, which may repeat or drop lists; `flat` must be an array of numbers."""
        lengths = np.diff(self.offsets)[order]
        offsets = offsets_of(lengths)
        position = np.arange(offsets[-1]) + np.repeat(self.offsets[:-1][order] - offsets[:-1], lengths)
        return Ragged(np.asarray(self.flat)[position], offsets)


def offsets_of(lengths: np.ndarray) -> np.ndarray:
    """Int64 offsets of lists with these lengths."""
    return np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])


def list_array(flat: pa.Array | np.ndarray, offsets: np.ndarray) -> pa.ListArray:
    """Arrow lists of flat values and int64 offsets. Raises `ValueError` where the offsets do not cover the values."""
    if len(offsets) == 0 or offsets[0] != 0 or offsets[-1] != len(flat):
        raise ValueError("offsets must run from 0 to the number of values")
    if offsets[-1] > np.iinfo(np.int32).max:
        raise OverflowError("more values than one list column holds: build the table in slices of events")
    values = flat if isinstance(flat, pa.Array) else pa.array(flat)
    return pa.ListArray.from_arrays(pa.array(offsets.astype(np.int32)), values)


def codes_array(indices: np.ndarray, names: Sequence[str]) -> pa.StringArray:
    """Names by index, null where the index is negative. Raises `IndexError` for an index beyond the names."""
    where = np.asarray(indices, dtype=np.int64)
    return pa.array(list(names), pa.string()).take(pa.array(where, mask=where < 0))


def named_lists(lists: Ragged, names: Sequence[str]) -> pa.ListArray:
    """Lists of names of lists of indices."""
    return list_array(codes_array(np.asarray(lists.flat), names), lists.offsets)


def known_array(values: np.ndarray) -> pa.DoubleArray:
    """Float64 values with null for NaN. The values are not copied: the caller hands them over and leaves them as they are."""
    held = np.ascontiguousarray(values, dtype=np.float64)
    known = ~np.isnan(held)
    unknown = len(held) - int(np.count_nonzero(known))
    bitmap = pa.py_buffer(np.packbits(known, bitorder="little")) if unknown else None
    return pa.Array.from_buffers(pa.float64(), len(held), [bitmap, pa.py_buffer(held)], unknown)


def set_bits(masks: np.ndarray) -> Ragged:
    """Places of the set bits of each 64-bit mask [n], lowest first."""
    whole = np.ascontiguousarray(masks).view(np.uint64).astype("<u8", copy=False)
    bits = np.unpackbits(whole.view(np.uint8), bitorder="little").view(np.bool_)
    return Ragged(np.flatnonzero(bits) & 63, offsets_of(np.bitwise_count(whole)))


def mask_lists(bitmask: np.ndarray, names: Sequence[str]) -> pa.ListArray:
    """Names of the set bits of each int64 mask [n], lowest bit first. Raises `IndexError` for a bit beyond the names."""
    return named_lists(set_bits(bitmask), names)


def times_array(nanoseconds: np.ndarray) -> pa.TimestampArray:
    """UTC timestamps of int64 nanoseconds."""
    return pa.array(np.asarray(nanoseconds, dtype=np.int64)).cast(TIMESTAMP)


def check_lengths(columns: dict[str, pa.Array], count: int) -> None:
    """Raise `ValueError` that names each column with another number of rows than `count`."""
    odd = [f"{name} ({len(column)})" for name, column in columns.items() if len(column) != count]
    if odd:
        raise ValueError(f"{count} events, but another number of rows in {', '.join(odd)}")
