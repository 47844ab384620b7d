"""Splits the lines of a Cboe DataShop file into fields. Rows differ in length: base columns, then five fields per venue."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smartmoney_pipeline.schemas.codes import QuarantineReason
from smartmoney_pipeline.tape.columns import convert
from smartmoney_pipeline.tape.errors import TapeError
from smartmoney_pipeline.tape.feeds.files import csv_names
from smartmoney_pipeline.tape.quarantine import RowFaults, damaged_rows
from smartmoney_pipeline.tape.source import line_chunks
from smartmoney_pipeline.tape.tables import ColumnSpec, Kind

BASE_COLUMNS = (
    "underlying_symbol",
    "quote_datetime",
    "sequence_number",
    "root",
    "expiration",
    "strike",
    "option_type",
    "exchange_id",
    "trade_size",
    "trade_price",
    "trade_condition_id",
    "canceled_trade_condition_id",
    "best_bid",
    "best_ask",
    "number_of_exchanges",
)
"""Columns before the venue groups. The "Calcs" product adds `trade_iv` and `trade_delta` among them."""

UNDERLYING_COLUMNS = ("underlying_bid", "underlying_ask")
"""Among the base columns of most deliveries, left out of some."""

_GROUP = ("exchange", "bid_size", "bid", "ask_size", "ask")
_SIZE_NAMES = {"trade_size": "size"}
_NAMES = {
    "option_symbol": "root, expiration, strike, option_type",
    "underlying": "underlying_symbol",
    "ts": "quote_datetime",
    "price": "trade_price",
    "size": "trade_size",
    "exchange": "exchange_id",
    "condition": "trade_condition_id",
    "nbbo_bid": "best_bid",
    "nbbo_ask": "best_ask",
}
"""The vendor's columns of canonical ones, as the quarantine names them."""


@dataclass(frozen=True)
class FileFields:
    """Fields of some lines of one file, as text. A field beyond the end of its line is null."""

    values: pa.Array
    starts: np.ndarray
    lengths: np.ndarray
    places: dict[str, int]
    faults: RowFaults
    damaged: pa.Table | None = None
    _texts: dict[str, pa.Array] = field(default_factory=dict)

    @cached_property
    def base(self) -> int:
        """Number of fields before the venue groups."""
        return self.places["number_of_exchanges"] + 1

    def at(self, place: int) -> pa.Array:
        """Field number `place` of every line; an empty field is null."""
        beyond = self.lengths <= place
        text = self.values.take(pa.array(self.starts + place, mask=beyond))
        trimmed = pc.utf8_trim_whitespace(text)
        return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)

    def text(self, name: str) -> pa.Array:
        """One base column as text."""
        if name not in self._texts:
            self._texts[name] = self.at(self.places[name])
            self._mark_missing(name, self._texts[name])
        return self._texts[name]

    def has(self, name: str) -> bool:
        """Whether the file has this base column."""
        return name in self.places

    def _mark_missing(self, name: str, values: pa.Array) -> None:
        missing = values.is_null().to_numpy(zero_copy_only=False)
        self.faults.at(name).add(missing, QuarantineReason.MISSING_VALUE, pa.nulls(len(values), pa.string()))

    def typed(self, name: str, kind: Kind, *, nullable: bool = False) -> pa.Array:
        """One base column in its kind, its faults added; empty is a fault unless `nullable`."""
        text = self.at(self.places[name]) if nullable else self.text(name)
        return self._convert(name, text, ColumnSpec(_SIZE_NAMES.get(name, name), kind, True, nullable))

    def _convert(self, name: str, text: pa.Array, spec: ColumnSpec) -> pa.Array:
        converted = convert(text, spec, is_text=True)
        for mask, reason in converted.faults:
            self.faults.at(name).add(mask, reason, text)
        return converted.cells

    def venue_quote(self, venue_ids: pa.Array) -> dict[str, pa.Array]:
        """Quote of the venue that printed (ids as text), out of the groups; null where it has no group."""
        texts: dict[str, pa.Array] = {name: pa.nulls(len(self.starts), pa.string()) for name in _GROUP[1:]}
        groups = max((int(self.lengths.max(initial=0)) - self.base) // len(_GROUP), 0)
        for start in range(self.base, self.base + groups * len(_GROUP), len(_GROUP)):
            own = pc.fill_null(pc.equal(self.at(start), venue_ids), False)
            for offset, name in enumerate(_GROUP[1:], start=1):
                texts[name] = pc.if_else(own, self.at(start + offset), texts[name])
        return {f"venue_{name}": self._convert(name, text, _group_spec(name)) for name, text in texts.items()}


def _group_spec(name: str) -> ColumnSpec:
    return ColumnSpec(name, Kind.WHOLE if name.endswith("size") else Kind.NUMBER, True, True)


def file_fields(path: Path) -> Iterator[FileFields]:
    """Fields of one file, piece by piece. Raises `TapeError` for a missing, empty or unreadable file or a missing column."""
    if not path.is_file():
        raise TapeError(path, "not a file")
    if path.stat().st_size == 0:
        raise TapeError(path, "the file is empty")
    places = _places(path)
    for chunk in line_chunks(path):
        faults = RowFaults("option_prints", chunk.rows, chunk.source_file, _NAMES)
        damaged = damaged_rows("option_prints", chunk.damaged, chunk.source_file)
        yield _split(chunk.data.column("line").combine_chunks(), places, faults, damaged)


def _places(path: Path) -> dict[str, int]:
    header = csv_names(path)
    for name in BASE_COLUMNS:
        if name not in header:
            raise TapeError(path, "the column is missing from the header", column=name)
    return {name: header.index(name) for name in (*BASE_COLUMNS, *UNDERLYING_COLUMNS) if name in header}


def _split(lines: pa.Array, places: dict[str, int], faults: RowFaults, damaged: pa.Table | None) -> FileFields:
    split = pc.split_pattern(pc.fill_null(lines, ""), ",")
    offsets = split.offsets.to_numpy()
    fields = FileFields(split.values, offsets[:-1], np.diff(offsets), places, faults, damaged)
    groups = fields.at(places["number_of_exchanges"])
    count = pc.if_else(pc.match_substring_regex(groups, "^[0-9]{1,3}$"), groups, pa.scalar(None, pa.string()))
    expected = fields.base + len(_GROUP) * pc.fill_null(count.cast(pa.int64()), -1).to_numpy()
    faults.add(fields.lengths != expected, QuarantineReason.RAGGED_ROW, lines)
    return fields
