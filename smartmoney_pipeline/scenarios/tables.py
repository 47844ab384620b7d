"""From the generator's frames to the canonical tables of the tape."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from smartmoney_pipeline.scenarios.clock import Ints
from smartmoney_pipeline.scenarios.identity import check_slots, print_ids, sequence_numbers
from smartmoney_pipeline.scenarios.streams import StreamKey
from smartmoney_pipeline.scenarios.underlying_day import UnderlyingDay
from smartmoney_pipeline.scenarios.venue_book import venue_rows

_TIME = pa.timestamp("ns", tz="UTC")


def all_prints(key: StreamKey, days: list[UnderlyingDay]) -> pd.DataFrame:
    """Return the prints of all underlyings in tape order with print_id, seq, symbol, underlying and the hidden columns.

    Legs of a package keep their order; `cancels_print_id` is None where a row is no cancel.
    """
    check_slots(day.ticker for day in days)
    frames, offset = [], 0
    for day in days:
        frame = day.prints.assign(underlying=day.ticker, option_symbol=day.model.chain.column("option_symbol")[day.prints["contract"]])
        frame = _identified(key, day.ticker, frame)
        frames.append(frame.assign(cancels=np.where(frame["cancels"] >= 0, frame["cancels"] + offset, -1)))
        offset += len(frame)
    prints = pd.concat(frames, ignore_index=True)
    order = np.lexsort((prints["seq"].to_numpy(), prints["ts"].to_numpy()))
    prints = prints.iloc[order].reset_index(drop=True)
    prints["cancels_print_id"] = _cancelled_ids(prints, order)
    return prints


def _identified(key: StreamKey, ticker: str, prints: pd.DataFrame) -> pd.DataFrame:
    order = np.argsort(prints["ts"].to_numpy(), kind="stable")
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    seq = sequence_numbers(key, ticker, "print seq", prints["ts"].to_numpy()[order])
    ids, repeats = print_ids(key, ticker, len(prints))[place], prints["repeats"].to_numpy()
    # A print that is reported twice has one id.
    return prints.assign(print_id=np.where(repeats >= 0, ids[np.maximum(repeats, 0)], ids), seq=seq[place])


def _cancelled_ids(prints: pd.DataFrame, order: Ints) -> Any:
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    ids = prints["print_id"].to_numpy(dtype=object)
    target = prints["cancels"].to_numpy()
    return np.where(target >= 0, ids[place[np.maximum(target, 0)]], None)


def print_table(prints: pd.DataFrame) -> pa.Table:
    """Return the canonical `option_prints`."""
    return pa.table(
        {
            "print_id": pa.array(prints["print_id"], pa.string()),
            "ts": _times(prints["ts"]),
            "seq": pa.array(prints["seq"], pa.int64()),
            "option_symbol": pa.array(prints["option_symbol"], pa.string()),
            "underlying": pa.array(prints["underlying"], pa.string()),
            "price": _dollars(prints["price"]),
            "size": pa.array(prints["size"], pa.int64()),
            "exchange": _letters(prints["venue"]),
            "condition": _letters(prints["condition"]),
            "cancels_print_id": pa.array(prints["cancels_print_id"], pa.string(), from_pandas=True),
        }
    )


def quote_table(key: StreamKey, days: list[UnderlyingDay]) -> pa.Table:
    """Return the canonical `option_quotes` with the venues of the best bid and offer."""
    symbols = np.concatenate([day.model.chain.column("option_symbol") for day in days])
    sizes = np.cumsum([0, *(len(day.model.chain) for day in days)])
    frames = [_in_order(key, day, int(first)) for day, first in zip(days, sizes, strict=False)]
    quotes = frames[0] if len(frames) == 1 else pd.concat(frames, ignore_index=True)
    if len(frames) > 1:
        quotes = quotes.iloc[np.lexsort((quotes["seq"].to_numpy(), quotes["ts"].to_numpy()))]
    codes = pa.DictionaryArray.from_arrays(pa.array(quotes["code"].to_numpy(np.int32)), pa.array(symbols.tolist(), pa.string()))
    return pa.table(
        {
            "ts": _times(quotes["ts"]),
            "seq": pa.array(quotes["seq"], pa.int64()),
            "option_symbol": codes.cast(pa.string()),
            "bid": _dollars(quotes["bid"]),
            "ask": _dollars(quotes["ask"]),
            "bid_size": pa.array(quotes["bid_size"], pa.int64()),
            "ask_size": pa.array(quotes["ask_size"], pa.int64()),
            "bid_exchange": _letters(quotes["bid_exchange"]),
            "ask_exchange": _letters(quotes["ask_exchange"]),
        }
    )


def venue_table(key: StreamKey, days: list[UnderlyingDay]) -> pa.Table:
    """Return the canonical `venue_quotes` of the contracts that trade."""
    frames = []
    for day in days:
        rows = venue_rows(key, day.model, day.book, np.unique(day.prints["contract"].to_numpy()))
        rows = rows.iloc[np.argsort(rows["ts"].to_numpy(), kind="stable")]
        seq = sequence_numbers(key, day.ticker, "venue quote seq", rows["ts"].to_numpy())
        frames.append(rows.assign(seq=seq, option_symbol=day.model.chain.column("option_symbol")[rows["contract"]]))
    quotes = pd.concat(frames, ignore_index=True)
    quotes = quotes.iloc[np.lexsort((quotes["seq"].to_numpy(), quotes["ts"].to_numpy()))]
    sizes = {name: pa.array(quotes[name], pa.int64()) for name in ("bid_size", "ask_size")}
    return pa.table(
        {
            "ts": _times(quotes["ts"]),
            "seq": pa.array(quotes["seq"], pa.int64()),
            "option_symbol": pa.array(quotes["option_symbol"], pa.string()),
            "exchange": _letters(quotes["exchange"]),
            "bid": _dollars(quotes["bid"]),
            "ask": _dollars(quotes["ask"]),
            **sizes,
        }
    )


def _in_order(key: StreamKey, day: UnderlyingDay, first_code: int) -> pd.DataFrame:
    table = day.book.table
    table = table.iloc[np.argsort(table["ts"].to_numpy(), kind="stable")].reset_index(drop=True)
    return table.assign(code=table["contract"] + first_code, seq=sequence_numbers(key, day.ticker, "quote seq", table["ts"].to_numpy()))


def _times(ts: pd.Series) -> pa.Array:
    return pa.array(ts.to_numpy(np.int64), pa.int64()).cast(_TIME)


def _dollars(cents: pd.Series) -> pa.Array:
    return pa.array(cents.to_numpy(np.float64) / 100.0, pa.float64())


def _letters(codes: pd.Series) -> pa.Array:
    alphabet = pa.array([chr(code) for code in range(128)], pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(codes.to_numpy(np.int32)), alphabet).cast(pa.string())
