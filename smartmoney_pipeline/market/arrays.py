"""Array types and columns by declaration. Belongs here: what turns a declared record of arrays into allocated arrays."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar, get_type_hints

import numpy as np
import numpy.typing as npt

I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]
U8 = npt.NDArray[np.uint8]
F8 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]
Columns = Mapping[str, npt.NDArray[Any]]

Record = TypeVar("Record")

_DTYPES: tuple[tuple[Any, Any], ...] = (
    (I64, np.int64),
    (I32, np.int32),
    (U8, np.uint8),
    (F8, np.float64),
    (Bool, np.bool_),
)


def column_types(kind: Any) -> dict[str, Any]:
    """Name and dtype of every column that the record `kind` declares, in order of declaration."""
    return _column_types(kind)


@lru_cache(maxsize=64)
def _column_types(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {name: next(dtype for alias, dtype in _DTYPES if alias == hint) for name, hint in hints.items()}


def empty_columns(kind: type[Record], rows: int) -> Record:
    """A record of `kind` with uninitialised columns of `rows` values each."""
    return kind(**{name: np.empty(rows, dtype) for name, dtype in column_types(kind).items()})


def column(columns: Columns, name: str, dtype: Any) -> npt.NDArray[Any]:
    """Column `name` as a contiguous array of `dtype`; times may come as int64 or datetime64[ns]. Raises `KeyError`."""
    values = np.asarray(columns[name])
    if values.dtype.kind == "M":
        values = values.astype("datetime64[ns]").view(np.int64)
    return np.ascontiguousarray(values, dtype=dtype)


def optional_column(columns: Columns, name: str, dtype: Any) -> npt.NDArray[Any]:
    """Column `name`, or an array of no rows where the table does not carry it."""
    return column(columns, name, dtype) if name in columns else np.empty(0, dtype)
