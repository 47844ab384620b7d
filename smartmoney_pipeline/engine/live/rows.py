"""Rows of one table as plain arrays, as the stages read them. Belongs here: cutting and joining; what a row means is decided elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from smartmoney_pipeline.schemas.units import NO_PRICE

Picked = NDArray[np.int64] | NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Rows:
    """`numbers`: arrays by name, `ts` (ns UTC) among them, null as -1 and a missing letter as 0; `texts`: Arrow columns by name."""

    numbers: Mapping[str, np.ndarray]
    texts: Mapping[str, pa.Array] = field(default_factory=dict)

    @property
    def ts(self) -> NDArray[np.int64]:
        """Times of the rows, ns UTC."""
        return self.numbers["ts"]

    def __len__(self) -> int:
        return len(self.numbers["ts"])

    def slice(self, start: int, stop: int) -> Rows:
        """Rows start to stop - 1; arrays are views."""
        if (start, stop) == (0, len(self)):
            return self
        texts = {name: values[start:stop] for name, values in self.texts.items()}
        return Rows({name: values[start:stop] for name, values in self.numbers.items()}, texts)

    def take(self, rows: Picked) -> Rows:
        """The chosen rows: numbers in any order, or a mask."""
        places = np.flatnonzero(rows) if rows.dtype == np.bool_ else rows
        texts = {name: values.take(pa.array(places)) for name, values in self.texts.items()}
        return Rows({name: values[places] for name, values in self.numbers.items()}, texts)

    def between(self, start: int, end: int) -> Rows:
        """Rows with start <= ts < end (ns UTC), given that they stand in time order; arrays are views."""
        low, high = self.ts.searchsorted([start, end])
        return self.slice(int(low), int(high))


def joined_rows(parts: Sequence[Rows]) -> Rows:
    """The rows of all parts, one after the other; a column that one lacks is null there."""
    if len(parts) == 1:
        return parts[0]
    numbers = dict.fromkeys(name for part in parts for name in part.numbers)
    texts = dict.fromkeys(name for part in parts for name in part.texts)
    return Rows(
        {name: np.concatenate([_numbers(part, name, parts) for part in parts]) for name in numbers},
        {name: pa.concat_arrays([part.texts.get(name, pa.nulls(len(part), pa.string())) for part in parts]) for name in texts},
    )


def _numbers(part: Rows, name: str, parts: Sequence[Rows]) -> np.ndarray:
    """One column of a part, or nothing in the type that the column has in another."""
    if name in part.numbers:
        return part.numbers[name]
    dtype = next(other.numbers[name].dtype for other in parts if name in other.numbers)
    return np.full(len(part), 0 if dtype == np.uint8 else NO_PRICE, dtype)
