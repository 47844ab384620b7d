"""Reader of Databento OPRA files. No schema carries a sale condition, so every print has the unknown one."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa

from smartmoney_pipeline.schemas.codes import QuarantineReason
from smartmoney_pipeline.tape.conditions import UNKNOWN
from smartmoney_pipeline.tape.feeds.chunk import FeedChunk
from smartmoney_pipeline.tape.feeds.contract_reference import adjusted_by_shares
from smartmoney_pipeline.tape.feeds.dbn import PRICE_UNIT, UNDEFINED_PRICE, UNDEFINED_TIME, Records, record_batches
from smartmoney_pipeline.tape.feeds.identity import ContentIds
from smartmoney_pipeline.tape.feeds.massive import spelled
from smartmoney_pipeline.tape.quarantine import RowFaults
from smartmoney_pipeline.tape.tables import Kind
from smartmoney_pipeline.tape.vendors import Vendor
from smartmoney_pipeline.tape.venues import UNKNOWN_VENUE, opra_venue

CONSOLIDATED = 30
"""The publisher id of the consolidator: a quote of it is national, one of any other is its venue's."""

_OPEN_INTEREST = 9
_UNDEFINED_WHOLE = 2**31 - 1
_EXERCISE = {b"A": "american", b"E": "european"}
_SAMPLED = frozenset({"cbbo-1s", "cbbo-1m", "bbo-1s", "bbo-1m"})
_NAMES = {
    "option_symbol": "instrument_id",
    "underlying": "instrument_id",
    "exchange": "publisher_id",
    "bid": "bid_px_00",
    "ask": "ask_px_00",
}


def read_databento(path: Path) -> Iterator[FeedChunk]:
    """Chunks of one DBN file. Raises `TapeError` for what cannot be read and for schemas that hold bars."""
    ids = ContentIds("db-")
    for records in record_batches(path):
        part = _Part(records, path.name, records.dataset.startswith("OPRA"))
        if records.schema in {"trades", "tbbo", "tcbbo"}:
            yield part.prints(ids) if part.is_opra else part.underlying_prints()
        elif records.schema == "definition":
            yield part.contracts()
        elif records.schema == "statistics":
            yield part.open_interest()
        elif not part.is_opra:
            yield part.underlying_quotes()
        elif records.schema == "mbp-1":
            yield from part.venue_and_national_quotes()
        else:
            yield part.quotes("option_quotes", np.arange(len(records.data)))


class _Part:
    """Columns of one batch of records."""

    def __init__(self, records: Records, source_file: str, is_opra: bool) -> None:
        self.data, self.schema, self.symbols = records.data, records.schema, records.symbols
        self.rows = records.start + np.arange(len(records.data))
        self.source_file = source_file
        self.is_opra = is_opra

    def prints(self, ids: ContentIds) -> FeedChunk:
        """Trades. The quote of `tcbbo` is national; whose that of `tbbo` is was never settled, so it is left out."""
        faults = self._faults("option_prints", self.rows)
        data = self.data
        venue, symbol = self._venues(data["publisher_id"]), self._symbols(data)
        time, size = self._times(faults, "ts_event"), pa.array(data["size"].astype(np.int64))
        sequence = pa.array((data["sequence"] if self._has("sequence") else np.zeros(len(data))).astype(np.int64))
        columns = {
            "print_id": ids.of([symbol, time, pa.array(data["price"]), size, venue, sequence]),
            "ts": time,
            "ts_recv": self._times(faults, "ts_recv"),
            "seq": sequence if self._has("sequence") else pa.array(self.rows),
            "option_symbol": symbol,
            "price": self._prices(faults, "price"),
            "size": size,
            "exchange": venue,
            "condition": pa.DictionaryArray.from_arrays(pa.array(np.zeros(len(data), np.int32)), pa.array([UNKNOWN])),
        }
        if self.schema == "tcbbo":
            sides = self._sides(np.arange(len(data)))
            columns |= {f"nbbo_{name}": sides[name] for name in ("bid", "ask", "bid_size", "ask_size")}
        return FeedChunk("option_prints", columns, faults)

    def quotes(self, table: str, at: np.ndarray) -> FeedChunk:
        """Quotes at the rows `at`; a sampled quote holds from the end of its interval, which is when it was received."""
        faults = self._faults(table, self.rows[at])
        columns = self._quote_times(faults, at) | {"option_symbol": self._symbols(self.data[at])} | self._sides(at)
        if table == "venue_quotes":
            columns["exchange"] = self._venues(self.data["publisher_id"][at])
        elif self._has("bid_pb_00"):
            for side in ("bid", "ask"):
                columns[f"{side}_exchange"] = self._venues(self.data[f"{side}_pb_00"][at])
        return FeedChunk(table, columns, faults)

    def venue_and_national_quotes(self) -> Iterator[FeedChunk]:
        """The same change comes once for its venue and once for the consolidator: each goes to a table of its own."""
        national = self.data["publisher_id"] == CONSOLIDATED
        for table, mask in (("option_quotes", national), ("venue_quotes", ~national)):
            if mask.any():
                yield self.quotes(table, np.flatnonzero(mask))

    def underlying_quotes(self) -> FeedChunk:
        """Quotes of stocks: as national as the dataset is."""
        faults, at = self._faults("underlying_quotes", self.rows), np.arange(len(self.data))
        columns = self._quote_times(faults, at) | {"underlying": spelled(self._symbols(self.data))} | self._sides(at)
        return FeedChunk("underlying_quotes", columns, faults)

    def underlying_prints(self) -> FeedChunk:
        """Trades of stocks."""
        faults = self._faults("underlying_prints", self.rows)
        columns = {
            "ts": self._times(faults, "ts_event"),
            "seq": pa.array(self.rows),
            "underlying": spelled(self._symbols(self.data)),
            "price": self._prices(faults, "price"),
            "size": pa.array(self.data["size"].astype(np.int64)),
            "exchange": pa.array([""] * len(self.data), pa.string()),
        }
        return FeedChunk("underlying_prints", columns, faults)

    def contracts(self) -> FeedChunk:
        """Definitions of options; the multiplier 2^31 - 1 means that none is given. Other instruments are passed over."""
        at = np.flatnonzero(np.isin(self.data["instrument_class"], [b"C", b"P"]))
        data = self.data[at]
        given = data["contract_multiplier"].astype(np.int64)
        none = (given == _UNDEFINED_WHOLE) | (given <= 0)
        styles = [_EXERCISE.get(code[2:3]) for code in data["cfi"].tolist()]
        columns = {
            "option_symbol": pa.array([symbol.decode("ascii", "replace") for symbol in data["raw_symbol"].tolist()], pa.string()),
            "multiplier": pa.array(np.where(none, 1, given), mask=none),
            "exercise": pa.array(styles, pa.string()),
            "adjusted": adjusted_by_shares(given, none),
        }
        faults = RowFaults("contracts", self.rows[at], self.source_file, {"option_symbol": "raw_symbol"})
        return FeedChunk("contracts", columns, faults, None, len(self.data) - len(at))

    def open_interest(self) -> FeedChunk:
        """Open interest, which every publisher repeats: the last one a contract stays. Other statistics are passed over."""
        quantity = self.data["quantity"]
        told = quantity != np.iinfo(quantity.dtype).max
        is_interest = self.data["stat_type"] == _OPEN_INTEREST
        places = np.flatnonzero(is_interest & told)
        _, last = np.unique(self.data["instrument_id"][places][::-1], return_index=True)
        at = np.sort(np.concatenate([places[len(places) - 1 - last], np.flatnonzero(is_interest & ~told)]))
        faults, none = self._faults("open_interest", self.rows[at]), ~told[at]
        faults.at("quantity").add(none, QuarantineReason.MISSING_VALUE, pa.nulls(len(at), pa.string()))
        columns = {
            "option_symbol": self._symbols(self.data[at], "ts_recv"),
            "open_interest": pa.array(np.where(none, 0, quantity[at]).astype(np.int64)),
        }
        return FeedChunk("open_interest", columns, faults, None, len(self.data) - len(at), _utc_day(self.data["ts_recv"]))

    def _has(self, name: str) -> bool:
        return name in (self.data.dtype.names or ())

    def _faults(self, table: str, rows: np.ndarray) -> RowFaults:
        return RowFaults(table, rows, self.source_file, _NAMES)

    def _symbols(self, data: np.ndarray, clock: str = "ts_recv") -> pa.Array:
        return self.symbols.of(data["instrument_id"], data[clock])

    def _venues(self, publishers: np.ndarray) -> pa.Array:
        distinct, codes = np.unique(publishers, return_inverse=True)
        letters = [opra_venue(Vendor.DATABENTO, int(number)) for number in distinct]
        words = pa.array(["" if letter == UNKNOWN_VENUE else letter for letter in letters], pa.string()).dictionary_encode()
        return pa.DictionaryArray.from_arrays(pa.array(words.indices.to_numpy()[codes].astype(np.int32)), words.dictionary)

    def _times(self, faults: RowFaults, name: str, at: np.ndarray | None = None) -> pa.Array:
        raw = self.data[name] if at is None else self.data[name][at]
        none = raw == UNDEFINED_TIME
        times = pa.array(np.where(none, 0, raw).astype(np.int64), mask=none).cast(Kind.TIME.value)
        faults.at(name).add(none, QuarantineReason.MISSING_VALUE, pa.nulls(len(raw), pa.string()))
        return times

    def _quote_times(self, faults: RowFaults, at: np.ndarray) -> dict[str, pa.Array]:
        clock = "ts_recv" if self.schema in _SAMPLED else "ts_event"
        has_sequence = self._has("sequence") and self.schema not in _SAMPLED
        sequence = self.data["sequence"][at].astype(np.int64) if has_sequence else self.rows[at]
        return {"ts": self._times(faults, clock, at), "seq": pa.array(sequence)}

    def _prices(self, faults: RowFaults, name: str) -> pa.Array:
        raw = self.data[name]
        none = raw == UNDEFINED_PRICE
        faults.at(name).add(none, QuarantineReason.MISSING_VALUE, pa.nulls(len(raw), pa.string()))
        return pa.array(np.where(none, 0, raw) / PRICE_UNIT, mask=none)

    def _sides(self, at: np.ndarray) -> dict[str, pa.Array]:
        """Both sides; an undefined price is no quote on that side."""
        sides = {}
        for side in ("bid", "ask"):
            raw = self.data[f"{side}_px_00"][at]
            none = raw == UNDEFINED_PRICE
            sides[side] = pa.array(np.where(none, 0, raw) / PRICE_UNIT)
            sides[f"{side}_size"] = pa.array(np.where(none, 0, self.data[f"{side}_sz_00"][at]).astype(np.int64))
        return sides


def _utc_day(ns: np.ndarray) -> int | None:
    known = ns[ns != UNDEFINED_TIME]
    return int(known.max() // np.uint64(86_400 * 10**9)) if len(known) else None
