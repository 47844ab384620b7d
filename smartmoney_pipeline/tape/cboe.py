"""Reader of Cboe DataShop "Option Trades" files: Eastern time, quotes on the print, 17 + 5 n fields a row."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from smartmoney_pipeline.schemas.codes import QuarantineReason
from smartmoney_pipeline.schemas.units import STRIKE_SCALE
from smartmoney_pipeline.tape.canonical import TypedChunk
from smartmoney_pipeline.tape.cboe_fields import FileFields, file_fields
from smartmoney_pipeline.tape.columns import CLOCK
from smartmoney_pipeline.tape.condition_eras import of_their_era
from smartmoney_pipeline.tape.conditions import opra_condition
from smartmoney_pipeline.tape.corrections import CANCEL_STATE
from smartmoney_pipeline.tape.errors import TapeError
from smartmoney_pipeline.tape.rules import coded
from smartmoney_pipeline.tape.session import NEW_YORK
from smartmoney_pipeline.tape.tables import Kind
from smartmoney_pipeline.tape.vendors import Vendor
from smartmoney_pipeline.tape.venues import UNKNOWN_VENUE, opra_venue

_SEQUENCE_SPAN = 1 << 26
"""The low 26 bits of the sequence number run with time; what the high bits count is not documented."""

_PRICES = {
    "nbbo_bid": "best_bid",
    "nbbo_ask": "best_ask",
    "underlying_bid": "underlying_bid",
    "underlying_ask": "underlying_ask",
}
_CANCEL_STATES = (0, 1, 2)


@dataclass(slots=True)
class _Part:
    """Columns of one piece of a file, before the sequence numbers of the whole day are unwrapped."""

    columns: dict[str, pa.Array]
    fields: FileFields
    path: Path


def read_cboe(path: Path) -> Iterator[TypedChunk]:
    """Typed chunks of `option_prints` from one file or from every CSV file of a folder, all of one session date.

    Raises `TapeError` for a path without files, an empty file, a missing column, or more than one date.
    """
    parts = [_Part(_columns(fields), fields, file) for file in _files(path) for fields in file_fields(file)]
    _refuse_two_dates(path, parts)
    _unwrap_sequences(parts)
    for part in parts:
        yield TypedChunk(part.columns, part.fields.faults, part.fields.damaged)


def _files(path: Path) -> list[Path]:
    files = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    if not files:
        raise TapeError(path, "the folder holds no CSV file")
    return files


def _columns(fields: FileFields) -> dict[str, pa.Array]:
    local = _local_times(fields)
    sequence = fields.typed("sequence_number", Kind.WHOLE)
    columns = {
        "print_id": _print_ids(local, sequence),
        "ts": _utc(local, fields),
        "seq": sequence,
        "option_symbol": _symbols(fields),
        "underlying": fields.text("underlying_symbol"),
        "price": fields.typed("trade_price", Kind.NUMBER),
        "size": fields.typed("trade_size", Kind.WHOLE),
        "exchange": _mapped(fields.text("exchange_id"), _known_venue),
        "condition": of_their_era(_mapped(fields.text("trade_condition_id"), opra_condition), _days(local)).cast(pa.string()),
        CANCEL_STATE: _cancel_states(fields),
    }
    carried = {name: fields.typed(there, Kind.NUMBER, nullable=True) for name, there in _PRICES.items() if fields.has(there)}
    return columns | carried | fields.venue_quote(fields.text("exchange_id"))


def _local_times(fields: FileFields) -> pd.Series:
    """Wall-clock times without zone (datetime64[ns]); NaT where unreadable, with its fault."""
    text = fields.text("quote_datetime")
    # The format knows no offset: a time that brings one is not of this format.
    formed = pc.if_else(pc.match_substring_regex(text, CLOCK + "$"), text, pa.scalar(None, pa.string()))
    times = pd.to_datetime(formed.to_pandas(), format="ISO8601", errors="coerce").dt.as_unit("ns")
    unreadable = times.isna().to_numpy() & text.is_valid().to_numpy(zero_copy_only=False)
    fields.faults.at("quote_datetime").add(unreadable, QuarantineReason.UNREADABLE_VALUE, text)
    return times


def _utc(local: pd.Series, fields: FileFields) -> pa.Array:
    """Eastern wall-clock times as UTC; an hour that happens twice or never is a fault."""
    zoned = local.dt.tz_localize(NEW_YORK, ambiguous="NaT", nonexistent="NaT")
    lost = (zoned.isna() & local.notna()).to_numpy()
    fields.faults.at("quote_datetime").add(lost, QuarantineReason.UNREADABLE_VALUE, fields.text("quote_datetime"))
    return pa.array(zoned.dt.tz_convert("UTC"), Kind.TIME.value, from_pandas=True)


def _days(local: pd.Series) -> np.ndarray:
    """Days since 1970 of wall-clock times; what has no time is of no session and quarantined for that."""
    return local.to_numpy().astype("datetime64[D]").astype(np.int64)


def _print_ids(local: pd.Series, sequence: pa.Array) -> pa.Array:
    day = pa.array(local.dt.strftime("%Y%m%d"), pa.string(), from_pandas=True)
    return pc.binary_join_element_wise("cboe", day, sequence.cast(pa.string()), "-")


def _symbols(fields: FileFields) -> pa.Array:
    """Compact OSI symbols; a strike off the grid of thousandths becomes 0, which no contract has."""
    strike = fields.typed("strike", Kind.NUMBER).to_numpy(zero_copy_only=False) * STRIKE_SCALE
    on_grid = np.abs(strike - np.rint(strike)) < 1e-6 * STRIKE_SCALE
    thousandths = pa.array(np.where(on_grid, np.rint(np.nan_to_num(strike)), 0).astype(np.int64))
    day = pc.utf8_slice_codeunits(pc.replace_substring(fields.text("expiration"), "-", ""), 2)
    return pc.binary_join_element_wise(
        pc.replace_substring(fields.text("root"), "^", ""),
        day,
        pc.utf8_upper(fields.text("option_type")),
        pc.utf8_lpad(thousandths.cast(pa.string()), 8, "0"),
        "",
    )


def _known_venue(vendor: Vendor, word: str) -> str:
    """The letter of a venue, empty where no row maps its id: the print stays."""
    letter = opra_venue(vendor, word)
    return "" if letter == UNKNOWN_VENUE else letter


def _mapped(ids: pa.Array, to_opra: Callable[[Vendor, str], str]) -> pa.Array:
    codes, words = coded(ids)
    letters = pa.array([to_opra(Vendor.CBOE, word) for word in words.to_pylist()], pa.string())
    return letters.take(pa.array(codes))


def _cancel_states(fields: FileFields) -> pa.Array:
    states = fields.typed("canceled_trade_condition_id", Kind.WHOLE)
    unknown = pc.and_(states.is_valid(), pc.invert(pc.is_in(states, pa.array(_CANCEL_STATES))))
    fields.faults.at("canceled_trade_condition_id").add(unknown.to_numpy(zero_copy_only=False), QuarantineReason.UNKNOWN_CODE, states)
    return states


def _refuse_two_dates(path: Path, parts: list[_Part]) -> None:
    first: tuple[str, Path] | None = None
    for part in parts:
        days = pc.drop_null(pc.unique(pc.utf8_slice_codeunits(part.columns["print_id"], 5, 13))).to_pylist()
        for day in sorted(days):
            first = first or (day, part.path)
            if day != first[0]:
                raise TapeError(part.path, f"more than one session date: {first[0]} in {first[1].name} and {day}")


def _unwrap_sequences(parts: list[_Part]) -> None:
    """Replace each `seq` by a number that runs with time over all parts: the low bits, plus the number of wraps before."""
    ts = np.concatenate([pc.fill_null(part.columns["ts"].cast(pa.int64()), 0).to_numpy() for part in parts])
    raw = np.concatenate([pc.fill_null(part.columns["seq"], 0).to_numpy() for part in parts])
    unwrapped = unwrap_sequence(ts, raw)
    start = 0
    for part in parts:
        end = start + len(part.columns["seq"])
        null = part.columns["seq"].is_null().to_numpy(zero_copy_only=False)
        part.columns["seq"] = pa.array(unwrapped[start:end], mask=null)
        start = end


def unwrap_sequence(ts: np.ndarray, sequence: np.ndarray) -> np.ndarray:
    """Sequence numbers (i64[n]) of prints at `ts` (i64[n]) as i64[n] that never fall as time passes.

    Only the low 26 bits run with time, and they start again from 0 when they are full. Right as long as no two prints in a row
    are half a span apart; among prints of one time the order is right in any case.
    """
    low = sequence % _SEQUENCE_SPAN
    order = np.lexsort((low, ts))
    step = np.diff(low[order])
    wraps = np.cumsum((step < -_SEQUENCE_SPAN // 2).astype(np.int64) - (step > _SEQUENCE_SPAN // 2))
    unwrapped = low.astype(np.int64)
    unwrapped[order[1:]] += wraps * _SEQUENCE_SPAN
    return unwrapped - min(int(unwrapped.min(initial=0)), 0)
