"""The part of a day that belongs to some of its underlyings: the same folder and ids, prints and quotes of the others left out."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from smartmoney_pipeline.tape.layout import Batch, TapeDay

ROWS = 1 << 20
"""Prints that are read at a time where one column of them is wanted."""


def bucket_of(ticker: str, buckets: int) -> int:
    """Return the bucket of an underlying: by a hash of the ticker that is the same everywhere."""
    return zlib.crc32(ticker.encode()) % buckets


@dataclass(frozen=True, slots=True)
class BucketDay(TapeDay):
    """One bucket of a day. Contracts and underlyings keep their ids; batches may be shorter than asked for, none is empty."""

    bucket: int
    buckets: int

    @classmethod
    def of(cls, day: TapeDay, bucket: int, buckets: int) -> BucketDay:
        """Return the bucket of `day`. Raises `ValueError` where there is no such bucket."""
        if not 0 <= bucket < buckets:
            raise ValueError(f"bucket {bucket} is none of {buckets}")
        return cls(**{field.name: getattr(day, field.name) for field in fields(TapeDay)}, bucket=bucket, buckets=buckets)

    def print_ids(self) -> pa.Array:
        """Ids of the bucket's prints in tape order."""
        return pc.filter(TapeDay.print_ids(self), pa.array(self._prints()))

    def print_places(self) -> NDArray[np.int64]:
        """Rows of the bucket's prints among all prints of the day, in tape order."""
        return np.flatnonzero(self._prints())

    def table(self, name: str) -> pa.Table | None:
        """A whole table; quotes by venue of the bucket alone, the small tables as they are."""
        whole = TapeDay.table(self, name)
        if whole is None or name != "venue_quotes":
            return whole
        return whole.filter(pa.array(self._contracts()[whole["contract_id"].to_numpy()]))

    def _batches(self, table: str, columns: Sequence[str], rows: int) -> Iterator[Batch]:
        key = "underlying_id" if table == "underlying_quotes" else "contract_id"
        mine = self._underlyings() if table == "underlying_quotes" else self._contracts()
        for batch in TapeDay._batches(self, table, [*columns, *({key} - set(columns))], rows):
            kept = mine[batch[key]]
            if kept.any():
                yield {name: batch[name][kept] for name in columns}

    def _prints(self) -> NDArray[np.bool_]:
        contracts = [batch["contract_id"] for batch in TapeDay._batches(self, "option_prints", ["contract_id"], ROWS)]
        return self._contracts()[np.concatenate(contracts)] if contracts else np.empty(0, np.bool_)

    def _underlyings(self) -> NDArray[np.bool_]:
        return np.array([bucket_of(ticker, self.buckets) == self.bucket for ticker in self.underlyings["underlying"]], dtype=np.bool_)

    def _contracts(self) -> NDArray[np.bool_]:
        return self._underlyings()[self.contracts["underlying_id"].to_numpy()]
