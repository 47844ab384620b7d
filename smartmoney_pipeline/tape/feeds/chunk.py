"""What a vendor reader hands out: canonical columns of some rows of one file, and the faults found on the way."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smartmoney_pipeline.schemas.codes import QuarantineReason
from smartmoney_pipeline.tape.columns import convert
from smartmoney_pipeline.tape.feeds.files import Block
from smartmoney_pipeline.tape.quarantine import RowFaults, damaged_rows
from smartmoney_pipeline.tape.rules import coded
from smartmoney_pipeline.tape.tables import ColumnSpec, Kind


@dataclass(frozen=True, slots=True)
class FeedChunk:
    """Rows of one table in canonical columns and their kinds; `column_names` of the faults are those of the vendor's file.

    `damaged` is the quarantine of rows that are no rows. `ignored` counts rows of the file that are no rows of any table, such as a
    status line. `session_day` says that all rows belong to one New York date, given as days since 1970.
    """

    table: str
    columns: dict[str, pa.Array]
    faults: RowFaults
    damaged: pa.Table | None = None
    ignored: int = 0
    session_day: int | None = None

    @property
    def row_count(self) -> int:
        """Rows of the file that this chunk stands for."""
        return len(self.faults.rows) + (0 if self.damaged is None else len(self.damaged)) + self.ignored


@dataclass(frozen=True, slots=True)
class Fields:
    """The columns of one block, read one at a time: what cannot be read is a fault of its row under the vendor's column."""

    block: Block
    faults: RowFaults
    _cache: dict[str, pa.Array] = field(default_factory=dict)

    @classmethod
    def of(cls, table: str, block: Block, names: dict[str, str]) -> "Fields":
        """Fields of a block for one canonical table; `names` maps canonical columns to those of the file."""
        return cls(block, RowFaults(table, block.rows, block.source_file, names))

    def chunk(self, columns: dict[str, pa.Array], session_day: int | None = None) -> FeedChunk:
        """The chunk of these columns, with the damaged rows of the block."""
        damaged = damaged_rows(self.faults.table, self.block.damaged, self.block.source_file)
        return FeedChunk(self.faults.table, columns, self.faults, damaged, 0, session_day)

    def has(self, name: str) -> bool:
        """Whether the file has this column."""
        return name in self.block.data.column_names

    def number(self, name: str, *, nullable: bool = False) -> pa.Array:
        """A column of numbers (f64); empty is a fault unless `nullable`."""
        return self._typed(name, Kind.NUMBER, nullable)

    def whole(self, name: str, *, nullable: bool = False) -> pa.Array:
        """A column of whole numbers (i64)."""
        return self._typed(name, Kind.WHOLE, nullable)

    def size(self, name: str) -> pa.Array:
        """A column of sizes (i64); a fraction has its own fault."""
        return self._typed(name, Kind.WHOLE, False, "size")

    def text(self, name: str, *, nullable: bool = False) -> pa.Array:
        """A column of text, as the block holds it: plain or as a dictionary."""
        values = _whole_column(self.block.data, name)
        if pa.types.is_null(values.type):
            values = values.cast(pa.string())
        if not nullable:
            self._missing(name, values)
        return values

    def nanoseconds(self, name: str) -> pa.Array:
        """A column of UTC nanoseconds since 1970, as times."""
        return self.whole(name).cast(Kind.TIME.value)

    def time(self, name: str) -> pa.Array:
        """A column of ISO 8601 times with their offset, as UTC times."""
        return self._typed(name, Kind.TIME, False)

    def _typed(self, name: str, kind: Kind, nullable: bool, role: str = "") -> pa.Array:
        raw = _whole_column(self.block.data, name)
        converted = convert(raw, ColumnSpec(role or name, kind, True, nullable), is_text=self.block.is_text or pa.types.is_string(raw.type))
        for mask, reason in converted.faults:
            self.faults.at(name).add(mask, reason, raw)
        if not nullable:
            self._missing(name, converted.cells)
        return converted.cells

    def _missing(self, name: str, cells: pa.Array) -> None:
        if cells.null_count:
            nulls = cells.is_null().to_numpy(zero_copy_only=False)
            self.faults.at(name).add(nulls, QuarantineReason.MISSING_VALUE, pa.nulls(len(cells), pa.string()))


def _whole_column(data: pa.Table, name: str) -> pa.Array:
    """The column in one piece; Arrow would copy one that is in one piece already."""
    column = data.column(name)
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def looked_up(words: pa.Array, letter_of: Callable[[str], str]) -> pa.Array:
    """Letters of a text column as a dictionary, `letter_of` asked once a distinct word; a null is the empty word."""
    codes, distinct = coded(words)
    letters = pa.array([letter_of(word.strip()) for word in distinct.to_pylist()], pa.string()).dictionary_encode()
    indices = letters.indices.to_numpy()[codes] if len(distinct) else np.zeros(0, np.int32)
    return pa.DictionaryArray.from_arrays(pa.array(indices, pa.int32()), letters.dictionary)


def filled(values: pa.Array, value: float | str) -> pa.Array:
    """The column with `value` for null; the column itself where there is none."""
    return pc.fill_null(values, value) if values.null_count else values


def row_words(words: pa.Array, of_word: Callable[[pa.Array], np.ndarray]) -> np.ndarray:
    """A value per row from a function of the distinct words of a text column."""
    codes, distinct = coded(words)
    return of_word(distinct)[codes]


def add_odd_words(faults: RowFaults, words: pa.Array, odd: Callable[[pa.Array], np.ndarray], reason: QuarantineReason) -> None:
    """Quarantine the rows whose word is among those that `odd` (bool of the distinct words) names; nothing is spread where none is."""
    codes, distinct = coded(words)
    wrong = odd(distinct)
    if wrong.any():
        faults.add(wrong[codes], reason, words)


def joined_symbols(root: pa.Array, expiry: pa.Array, right: pa.Array, strike_thousandths: pa.Array) -> pa.Array:
    """Compact symbols from text columns: root, expiry YYYY-MM-DD or YYYYMMDD, right by its first letter, strike in thousandths (i64)."""
    day = pc.utf8_slice_codeunits(pc.replace_substring(expiry, "-", ""), 2)
    letter = pc.utf8_upper(pc.utf8_slice_codeunits(right, 0, 1))
    bare = pc.replace_substring_regex(pc.utf8_upper(root), r"[^A-Z0-9]", "")
    return pc.binary_join_element_wise(bare, day, letter, pc.utf8_lpad(strike_thousandths.cast(pa.string()), 8, "0"), "")


def thousandths(strike_usd: pa.Array, scale: int = 1000) -> pa.Array:
    """Strikes as whole thousandths of a dollar (i64); one off that grid, below zero or missing becomes 0, which no contract has."""
    strike = np.nan_to_num(strike_usd.to_numpy(zero_copy_only=False)) * scale
    whole = np.rint(strike)
    good = (np.abs(strike - whole) < 1e-6 * scale) & (whole > 0) & (whole < 1e8)
    return pa.array(np.where(good, whole, 0).astype(np.int64))
