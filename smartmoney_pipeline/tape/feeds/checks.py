"""The last step of every reader: canonical checks on columns in dollars, so that an import writes only rows that a tape may hold."""

from collections.abc import Container

import numpy as np
import pyarrow as pa

from smartmoney_pipeline.schemas.codes import QuarantineReason
from smartmoney_pipeline.tape.condition_eras import of_their_era
from smartmoney_pipeline.tape.conditions import conditions
from smartmoney_pipeline.tape.feeds.chunk import FeedChunk
from smartmoney_pipeline.tape.feeds.clocks import NO_DAY, eastern_days
from smartmoney_pipeline.tape.feeds.sound_kernel import sound_prices, sound_sizes
from smartmoney_pipeline.tape.quarantine import RowFaults
from smartmoney_pipeline.tape.rules import (
    Symbols,
    check_price_sign,
    check_underlying,
    clean_symbols,
    condition_letters,
    price_ticks,
    venue_letters,
    whole_sizes,
)
from smartmoney_pipeline.tape.session import LONGEST_LISTING
from smartmoney_pipeline.tape.symbols import root_rules
from smartmoney_pipeline.tape.tables import table_spec
from smartmoney_pipeline.tape.venues import venues

DAY = "_day"
"""New York date of a row, days since 1970 (i32); `NO_DAY` in a table without times."""

_PRICES = frozenset({"price", "bid", "ask"})
_FREE_SIZES = frozenset({"open_interest"})


def checked(chunk: FeedChunk) -> pa.Table:
    """Good rows of one chunk in canonical columns, and `_day`; the others are in `chunk.faults`.

    The symbol becomes compact, `underlying` follows from its root where the vendor gives none, and a condition code of the other
    era becomes `?`.
    """
    columns, faults = dict(chunk.columns), chunk.faults
    days = _days(chunk)
    symbols = clean_symbols(columns["option_symbol"], faults.at("option_symbol")) if "option_symbol" in columns else None
    if symbols is not None:
        columns["option_symbol"] = symbols.column()
        _check_expiry(chunk.columns["option_symbol"], symbols, days, faults)
        if chunk.table == "option_prints":
            columns["underlying"] = _underlying(columns.get("underlying"), symbols, faults)
    for name, values in columns.items():
        _check(chunk.table, name, values, faults.at(name))
    if "condition" in columns:
        columns["condition"] = of_their_era(columns["condition"], days)
    order = [spec.name for spec in table_spec(chunk.table) if spec.name in columns]
    extra = [name for name in columns if name.startswith("_")]
    table = pa.table({name: columns[name] for name in [*order, *extra]} | {DAY: pa.array(days, pa.int32())})
    return table if faults.good.all() else table.filter(pa.array(faults.good))


def _days(chunk: FeedChunk) -> np.ndarray:
    if "ts" not in chunk.columns:
        return np.full(len(chunk.faults.rows), NO_DAY if chunk.session_day is None else chunk.session_day, np.int32)
    days = eastern_days(chunk.columns["ts"])
    if chunk.session_day is not None:
        wrong = (days != chunk.session_day) & (days != NO_DAY)
        chunk.faults.at("ts").add(wrong, QuarantineReason.OUTSIDE_SESSION_DAY, chunk.columns["ts"])
    return days


def _check_expiry(words: pa.Array, symbols: Symbols, days: np.ndarray, faults: RowFaults) -> None:
    by_symbol = symbols.parsed["expiry"].to_numpy().astype("datetime64[D]").astype(np.int64)
    if len(days) and (days == days[0]).all() and ((by_symbol >= days[0]) & (by_symbol <= days[0] + LONGEST_LISTING.days)).all():
        return
    expiry, dated = symbols.per_row(by_symbol), days != NO_DAY
    faults.at("option_symbol").add(dated & (expiry < days), QuarantineReason.EXPIRED_CONTRACT, words)
    faults.add(dated & (expiry > days + np.int64(LONGEST_LISTING.days)), QuarantineReason.EXPIRY_OUT_OF_RANGE, words)


def _underlying(stated: pa.Array | None, symbols: Symbols, faults: RowFaults) -> pa.Array:
    """Tickers that the roots stand for, as a dictionary column; what the vendor states must agree."""
    if stated is not None:
        check_underlying(stated, symbols, faults.at("underlying"))
    roots = pa.array(symbols.parsed["root"], pa.string(), from_pandas=True)
    tickers = pa.array(root_rules(roots)["underlying"], pa.string(), from_pandas=True).dictionary_encode()
    # A root that is none stays null: where no symbol of the chunk is one, there is no ticker to point at.
    return pa.DictionaryArray.from_arrays(tickers.indices.take(pa.array(symbols.codes)), tickers.dictionary)


def _check(table: str, name: str, values: pa.Array, faults: RowFaults) -> None:
    """The rules of one column; a column that is sound as a whole is seen to be so in one pass."""
    if name in _PRICES or name.endswith(("_bid", "_ask")):
        _check_prices(table, name, values, faults)
    elif name in {"size", "multiplier"} or name.endswith("_size") or name in _FREE_SIZES:
        zero_is_answer = name not in {"size", "multiplier"}
        if values.null_count or not sound_sizes(values.to_numpy(), 0 if zero_is_answer else 1):
            whole_sizes(values, faults, zero_is_answer=zero_is_answer)
    elif name.endswith("exchange") and table != "underlying_prints":
        if not _all_known(values, {"", *venues()}):
            venue_letters(values, faults)
    elif name == "condition" and not _all_known(values, conditions()):
        condition_letters(values, faults)


def _check_prices(table: str, name: str, values: pa.Array, faults: RowFaults) -> None:
    is_stock_trade, zero_is_answer = table == "underlying_prints", name != "price"
    if not values.null_count and sound_prices(values.to_numpy(), zero_is_answer and not is_stock_trade, not is_stock_trade):
        return
    if is_stock_trade:
        check_price_sign(values, faults, zero_is_answer=False)
    else:
        price_ticks(values, faults, zero_is_answer=zero_is_answer)


def _all_known(values: pa.Array, known: Container[str]) -> bool:
    """Whether every distinct word of a dictionary column is a known one; a column of plain text is left to the rules."""
    return pa.types.is_dictionary(values.type) and all(word in known for word in values.dictionary.to_pylist())
