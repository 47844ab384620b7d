"""A hash over the content of tables: the same values give the same hash, whatever file, chunking or null bitmap held them."""

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_INTEGER_FORM = {"timestamp": pa.int64(), "date": pa.int32(), "bool": pa.uint8()}


def content_hash(tables: Mapping[str, pa.Table]) -> str:
    """SHA-256 (hex) over names, columns in their order, types and values of every table, tables by name."""
    digest = hashlib.sha256()
    for name in sorted(tables):
        digest.update(f"table {name} {len(tables[name])}\n".encode())
        for column in tables[name].column_names:
            _add_column(digest, column, tables[name][column].combine_chunks())
    return digest.hexdigest()


def _add_column(digest: Any, name: str, values: pa.Array) -> None:
    if pa.types.is_dictionary(values.type):
        values = values.dictionary_decode()
    digest.update(f"column {name} {values.type} {values.null_count}\n".encode())
    if values.null_count:
        digest.update(np.packbits(values.is_valid().to_numpy(zero_copy_only=False)))
    if pa.types.is_string(values.type):
        _add_text(digest, pc.fill_null(values, ""))
    else:
        digest.update(np.ascontiguousarray(_fixed_width(values)))


def _fixed_width(values: pa.Array) -> np.ndarray:
    kind = str(values.type).partition("[")[0].rstrip("3264")
    plain = values.cast(_INTEGER_FORM[kind]) if kind in _INTEGER_FORM else values
    return pc.fill_null(plain, 0).to_numpy(zero_copy_only=False)


def _add_text(digest: Any, values: pa.Array) -> None:
    digest.update(np.ascontiguousarray(pc.binary_length(values).to_numpy(zero_copy_only=False)))
    _, offsets, data = values.buffers()
    if len(values) and data is not None:
        bounds = np.frombuffer(offsets, np.int32)[values.offset : values.offset + len(values) + 1]
        digest.update(memoryview(data)[bounds[0] : bounds[-1]])
