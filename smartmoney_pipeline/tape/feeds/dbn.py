"""The binary files of Databento (DBN): metadata by the vendor's decoder, records as NumPy arrays, instrument ids as symbols."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from smartmoney_pipeline.tape.errors import NothingForTapeError, TapeError
from smartmoney_pipeline.tape.feeds.files import open_stream

UNDEFINED_PRICE = np.iinfo(np.int64).max
UNDEFINED_TIME = np.iinfo(np.uint64).max
PRICE_UNIT = 1e9
_MAGIC = b"DBN"
_BATCH_RECORDS = 1 << 18
_DAYS = 1 << 20
_RECORDS = {
    "trades": "TradeMsg",
    "tbbo": "MBP1Msg",
    "mbp-1": "MBP1Msg",
    "bbo-1s": "BBOMsg",
    "bbo-1m": "BBOMsg",
    "cmbp-1": "CMBP1Msg",
    "tcbbo": "CMBP1Msg",
    "cbbo-1s": "CBBOMsg",
    "cbbo-1m": "CBBOMsg",
    "definition": "InstrumentDefMsg",
    "statistics": "StatMsg",
}
_OLDER = {
    ("definition", 1): "InstrumentDefMsgV1",
    ("definition", 2): "InstrumentDefMsgV2",
    ("statistics", 1): "StatMsgV1",
    ("statistics", 2): "StatMsgV1",
}
"""Records that had another form in earlier versions; trades and quotes never changed."""


@dataclass(frozen=True, slots=True)
class Records:
    """Some records of one file: `data` is a structured array, `start` the number of the first."""

    schema: str
    dataset: str
    data: np.ndarray
    start: int
    symbols: "SymbolMap"


class SymbolMap:
    """Which symbol an instrument id had on a day, from the metadata of the file."""

    def __init__(self, mappings: dict[str, list[dict[str, Any]]]) -> None:
        rows = []
        for name, intervals in mappings.items():
            for interval in intervals:
                given = str(interval["symbol"])
                number, symbol = (given, name) if given.isdigit() else (name, given)
                if number.isdigit():
                    days = [int(np.datetime64(interval[edge], "D").astype(np.int64)) for edge in ("start_date", "end_date")]
                    rows.append((int(number) * _DAYS + days[0], days[1], symbol, int(number)))
        rows.sort()
        self._keys = np.array([row[0] for row in rows], np.int64)
        self._ends = np.array([row[1] for row in rows], np.int64)
        self._ids = np.array([row[3] for row in rows], np.int64)
        self._words = pa.array([row[2] for row in rows], pa.string())

    def of(self, ids: np.ndarray, ns: np.ndarray) -> pa.Array:
        """Symbols of instrument ids (u32[n]) at UTC times (u64[n]); an id without one is itself, as text: no symbol looks so."""
        days = (ns.astype(np.uint64) // np.uint64(86_400 * 10**9)).astype(np.int64)
        place = np.searchsorted(self._keys, ids.astype(np.int64) * _DAYS + days, side="right") - 1
        found = place >= 0
        at = np.maximum(place, 0)
        if len(self._keys):
            found &= (self._ids[at] == ids) & (days < self._ends[at])
        if found.all() and len(self._keys):
            return pa.DictionaryArray.from_arrays(pa.array(at.astype(np.int32)), self._words)
        distinct, codes = np.unique(ids, return_inverse=True)
        words = pa.concat_arrays([self._words, pa.array([str(number) for number in distinct.tolist()], pa.string())])
        return pa.DictionaryArray.from_arrays(pa.array(np.where(found, at, len(self._words) + codes).astype(np.int32)), words)


def decoder(path: Path) -> Any:
    """The vendor's decoder. Raises `TapeError` that says what to install where it is missing."""
    try:
        import databento_dbn  # noqa: PLC0415  an optional extra
    except ImportError as fault:
        raise TapeError(path, "reading DBN needs the package databento-dbn: install smartmoney-pipeline[databento]") from fault
    return databento_dbn


def record_batches(path: Path) -> Iterator[Records]:
    """Records of one file in batches. Raises `TapeError` for a file that is no DBN, of an unknown schema or version, or cut off."""
    dbn = decoder(path)
    with open_stream(path) as stream:
        head = stream.read(8)
        if head[:3] != _MAGIC or len(head) < 8:
            raise TapeError(path, "is no DBN file")
        body = stream.read(int.from_bytes(head[4:8], "little"))
        try:
            metadata = dbn.Metadata.decode(head + body)
        except (ValueError, RuntimeError, dbn.DBNError) as fault:
            raise TapeError(path, f"the DBN metadata cannot be read: {fault}") from fault
        schema = str(metadata.schema)
        version = head[3]  # the decoder may report the version that it upgrades to
        kind = _record_type(path, dbn, schema, version, bool(metadata.ts_out))
        symbols, start = SymbolMap(metadata.mappings), 0
        while raw := stream.read(kind.itemsize * _BATCH_RECORDS):
            _check_lengths(path, raw, kind, version)
            yield Records(schema, str(metadata.dataset), np.frombuffer(raw, kind), start, symbols)
            start += len(raw) // kind.itemsize


def _record_type(path: Path, dbn: Any, schema: str, version: int, ts_out: bool) -> np.dtype:
    if schema not in _RECORDS:
        raise NothingForTapeError(path, f"the schema {schema} holds no prints, quotes, definitions or open interest")
    fields = list(getattr(dbn, _OLDER.get((schema, version), _RECORDS[schema]))._dtypes)
    return np.dtype([*fields, ("ts_out", "u8")] if ts_out else fields)


def _check_lengths(path: Path, raw: bytes, kind: np.dtype, version: int) -> None:
    if len(raw) % kind.itemsize:
        if raw[0] * 4 != kind.itemsize:
            raise TapeError(path, f"records of DBN version {version} have another form here: download the file again as version 3")
        raise TapeError(path, "the file is cut off inside a record")
    lengths = np.frombuffer(raw, kind)["length"]
    if (lengths.astype(np.int64) * 4 != kind.itemsize).any():
        raise TapeError(path, f"records of DBN version {version} have another form here: download the file again as version 3")
