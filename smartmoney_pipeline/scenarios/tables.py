"""From the generator's frames to the canonical tables of the tape, and the labels apart from them."""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from smartmoney_pipeline.scenarios.clock import Ints
from smartmoney_pipeline.scenarios.identity import print_ids, sequence_numbers
from smartmoney_pipeline.scenarios.streams import StreamKey
from smartmoney_pipeline.scenarios.underlying_day import UnderlyingDay

_TIME = pa.timestamp("ns", tz="UTC")
LABEL_COLUMNS = ("label_id", "print_id", "profile", "template", "variant", "direction", "event_start", "event_end")
LABEL_SCHEMA = pa.schema([(name, _TIME if name.startswith("event_") else pa.string()) for name in LABEL_COLUMNS])


def all_prints(key: StreamKey, days: list[UnderlyingDay]) -> pd.DataFrame:
    """Return the prints of all underlyings in tape order with print_id, seq, symbol, underlying and the hidden columns.

    Legs of a package keep their order; `cancels_print_id` is None where a row is no cancel.
    """
    frames, offset = [], 0
    for day in days:
        frame = day.prints.assign(underlying=day.ticker, option_symbol=day.model.chain.column("option_symbol")[day.prints["contract"]])
        frames.append(frame.assign(cancels=np.where(frame["cancels"] >= 0, frame["cancels"] + offset, -1)))
        offset += len(frame)
    prints = pd.concat(frames, ignore_index=True)
    order = np.argsort(prints["ts"].to_numpy(), kind="stable")
    prints = prints.iloc[order].reset_index(drop=True)
    prints["print_id"] = print_ids(key, len(prints))
    prints["seq"] = sequence_numbers(key.stream("MARKET", "print seq"), len(prints))
    prints["cancels_print_id"] = _cancelled_ids(prints, order)
    return prints


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
    frames = [day.book.table.assign(code=day.book.table["contract"] + first) for day, first in zip(days, sizes, strict=False)]
    quotes = pd.concat(frames, ignore_index=True)
    quotes = quotes.iloc[np.argsort(quotes["ts"].to_numpy(), kind="stable")]
    codes = pa.DictionaryArray.from_arrays(pa.array(quotes["code"].to_numpy(np.int32)), pa.array(symbols.tolist(), pa.string()))
    return pa.table(
        {
            "ts": _times(quotes["ts"]),
            "seq": pa.array(sequence_numbers(key.stream("MARKET", "quote seq"), len(quotes))),
            "option_symbol": codes.cast(pa.string()),
            "bid": _dollars(quotes["bid"]),
            "ask": _dollars(quotes["ask"]),
            "bid_size": pa.array(quotes["bid_size"], pa.int64()),
            "ask_size": pa.array(quotes["ask_size"], pa.int64()),
            "bid_exchange": _letters(quotes["bid_exchange"]),
            "ask_exchange": _letters(quotes["ask_exchange"]),
        }
    )


def labels_table(prints: pd.DataFrame, days: list[UnderlyingDay]) -> pd.DataFrame:
    """Return one row per labelled print that no cancel removes (columns `LABEL_COLUMNS`); times UTC."""
    live = prints[(prints["event"] >= 0) & (prints["cancels"] < 0) & ~prints["cancelled"]]
    parts = [_labels_of(live[live["underlying"] == day.ticker], day) for day in days]
    return pd.concat(parts, ignore_index=True)[list(LABEL_COLUMNS)]


def _labels_of(prints: pd.DataFrame, day: UnderlyingDay) -> pd.DataFrame:
    event = prints["event"].to_numpy()
    about = pd.DataFrame(
        [(i.profile, i.template, i.variant.name, str(i.variant.direction)) for i in day.instances],
        columns=["profile", "template", "variant", "direction"],
        dtype=object,
    )
    span = prints.groupby("event")["ts"].agg(["min", "max"]).reindex(event)
    rows = about.iloc[event].reset_index(drop=True)
    return rows.assign(
        label_id=np.char.add(f"{day.ticker}-", np.char.zfill(event.astype(str), 4)) if len(event) else [],
        print_id=prints["print_id"].to_numpy(),
        event_start=pd.to_datetime(span["min"].to_numpy(np.int64), utc=True).astype("datetime64[ns, UTC]"),
        event_end=pd.to_datetime(span["max"].to_numpy(np.int64), utc=True).astype("datetime64[ns, UTC]"),
    )


def _times(ts: pd.Series) -> pa.Array:
    return pa.array(ts.to_numpy(np.int64), pa.int64()).cast(_TIME)


def _dollars(cents: pd.Series) -> pa.Array:
    return pa.array(cents.to_numpy(np.float64) / 100.0, pa.float64())


def _letters(codes: pd.Series) -> pa.Array:
    alphabet = pa.array([chr(code) for code in range(128)], pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(codes.to_numpy(np.int32)), alphabet).cast(pa.string())
