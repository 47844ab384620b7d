"""Row checks on one column: prices to ticks, sizes, letters, symbols, closed lists. A bad value marks its row, nothing is rounded."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from smartmoney_pipeline.schemas.codes import QuarantineReason
from smartmoney_pipeline.schemas.units import MAX_PRICE_USD, TICKS_PER_DOLLAR
from smartmoney_pipeline.tape.conditions import BLANK, known_table
from smartmoney_pipeline.tape.quarantine import RowFaults
from smartmoney_pipeline.tape.remembered import Remembered
from smartmoney_pipeline.tape.symbols import parse_symbols, root_rules
from smartmoney_pipeline.tape.venues import venue_table

GRID_TOLERANCE = 1e-3  # in ticks: far above the error of a double at the highest price, far below a sub-tick price
MAX_SIZE = 2**31 - 1
_parsed, _rules = Remembered(parse_symbols), Remembered(root_rules)


def _nullable(values: np.ndarray, null: np.ndarray) -> pa.Array:
    return pa.array(values, mask=null) if null.any() else pa.array(values)


def price_ticks(values: pa.Array, faults: RowFaults, *, zero_is_answer: bool) -> pa.Array:
    """Prices in USD (f64, finite or null) as int32 ticks; null stays null. `zero_is_answer`: a quote may have no bid."""
    usd = values.to_numpy(zero_copy_only=False)
    null = np.isnan(usd)
    ticks = usd * TICKS_PER_DOLLAR
    grid = np.rint(ticks)
    check_price_sign(values, faults, zero_is_answer=zero_is_answer)
    high = usd > MAX_PRICE_USD
    faults.add(high, QuarantineReason.PRICE_OUT_OF_RANGE, values)
    faults.add(np.abs(ticks - grid) > GRID_TOLERANCE, QuarantineReason.PRICE_OFF_GRID, values)
    return _nullable(np.where(null | high | (usd < 0), 0, grid).astype(np.int32), null)


def check_price_sign(values: pa.Array, faults: RowFaults, *, zero_is_answer: bool) -> None:
    """Quarantine negative prices, and zero where a price of zero is not a sale."""
    usd = values.to_numpy(zero_copy_only=False)
    if zero_is_answer:
        faults.add(usd < 0, QuarantineReason.NEGATIVE_PRICE, values)
    else:
        faults.add(usd <= 0, QuarantineReason.NON_POSITIVE_PRICE, values)


def whole_sizes(values: pa.Array, faults: RowFaults, *, zero_is_answer: bool) -> pa.Array:
    """Sizes (i64 or null) as int32; null stays null."""
    null = values.is_null().to_numpy(zero_copy_only=False)
    size = (pc.fill_null(values, 1) if null.any() else values).to_numpy()
    if zero_is_answer:
        faults.add(size < 0, QuarantineReason.NEGATIVE_SIZE, values)
    else:
        faults.add(size <= 0, QuarantineReason.NON_POSITIVE_SIZE, values)
    high = size > MAX_SIZE
    faults.add(high, QuarantineReason.SIZE_OUT_OF_RANGE, values)
    return _nullable(np.where(high | (size < 0), 0, size).astype(np.int32), null)


def coded(values: pa.Array) -> tuple[np.ndarray, pa.Array]:
    """Codes (int32[n]) into the distinct words of a text column; a null is the empty word."""
    if not pa.types.is_dictionary(values.type):
        values = values.dictionary_encode()
    words, codes = values.dictionary.cast(pa.string()), values.indices.cast(pa.int32())
    if codes.null_count or not len(words):
        codes = pc.fill_null(codes, len(words))
        words = pa.concat_arrays([words, pa.array([""])])
    return codes.to_numpy(), pc.fill_null(words, "")


def _letter(word: str) -> int:
    return ord(word) if len(word) == 1 and word.isascii() else 0


def condition_letters(values: pa.Array, faults: RowFaults) -> pa.Array:
    """Conditions as ASCII u8; the empty string is the blank. A code outside the table is a fault."""
    codes, words = coded(values)
    letters = np.array([_letter(word or BLANK) for word in words.to_pylist()], dtype=np.uint8)[codes]
    faults.add(~known_table()[letters], QuarantineReason.UNKNOWN_CONDITION, values)
    return pa.array(letters)


def venue_letters(values: pa.Array, faults: RowFaults) -> pa.Array:
    """Venues as ASCII u8; empty is null. A letter that is no OPRA participant is a fault."""
    codes, words = coded(values)
    letters = np.array([_letter(word) for word in words.to_pylist()], dtype=np.uint8)[codes]
    none = pc.equal(words, "").to_numpy(zero_copy_only=False)[codes]
    faults.add(~venue_table()[letters] & ~none, QuarantineReason.UNKNOWN_VENUE, values)
    return _nullable(letters, none)


def check_codes(values: pa.Array, faults: RowFaults, allowed: Iterable[str]) -> None:
    """Quarantine words outside a closed list; null is not checked."""
    unknown = pc.and_(values.is_valid(), pc.invert(pc.is_in(values, pa.array(list(allowed)))))
    faults.add(unknown.to_numpy(zero_copy_only=False), QuarantineReason.UNKNOWN_CODE, values)


@dataclass(frozen=True, slots=True)
class Symbols:
    """A symbol column after parsing: codes (int32[n]) into `parsed`, one row per distinct symbol as written."""

    codes: np.ndarray
    parsed: pd.DataFrame

    def per_row(self, of_symbol: np.ndarray) -> np.ndarray:
        """A value per distinct symbol, spread over the rows."""
        return of_symbol[self.codes]

    def column(self) -> pa.Array:
        """The compact symbols as a dictionary column; two spellings of one contract become one entry."""
        entries = pa.array(self.parsed["option_symbol"], pa.string(), from_pandas=True).dictionary_encode()
        codes = pc.fill_null(entries.indices, 0).to_numpy()[self.codes]
        return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), entries.dictionary)


def clean_symbols(values: pa.Array, faults: RowFaults) -> Symbols:
    """Parse a symbol column by its distinct values; an unknown form is a fault."""
    codes, words = coded(values)
    symbols = Symbols(codes, _parsed(words))
    valid = symbols.parsed["valid"].to_numpy()
    if not valid.all():
        faults.add(~symbols.per_row(valid), QuarantineReason.UNKNOWN_SYMBOL_FORM, values)
    return symbols


def ticker_column(values: pa.Array) -> pa.Array:
    """Tickers in one spelling, as a dictionary column."""
    codes, words = coded(values)
    entries = pa.array(_rules(words)["underlying"], pa.string(), from_pandas=True).dictionary_encode()
    spelled = pc.fill_null(entries.indices, 0).to_numpy()[codes]
    return pa.DictionaryArray.from_arrays(pa.array(spelled, pa.int32()), entries.dictionary)


def check_underlying(values: pa.Array, symbols: Symbols, faults: RowFaults) -> None:
    """Quarantine rows whose ticker is not the underlying that the symbol's root stands for."""
    stated = ticker_column(values)
    names = pa.array(symbols.parsed["root"], pa.string(), from_pandas=True)
    implied = pa.array(_rules(names)["underlying"], pa.string(), from_pandas=True)
    same_name = pc.index_in(pc.fill_null(implied, ""), value_set=stated.dictionary)
    expected = pc.fill_null(same_name, -1).to_numpy()[symbols.codes]
    faults.add(expected != stated.indices.to_numpy(), QuarantineReason.UNDERLYING_MISMATCH, values)
