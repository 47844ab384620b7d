"""Row checks of whole tables: each column by its role, then the checks that need two columns or the session day."""

from collections.abc import Callable

import pyarrow as pa
import pyarrow.compute as pc

from smartmoney_pipeline.schemas.codes import QuarantineReason
from smartmoney_pipeline.schemas.input_tables import EVENT_TIMES, EVENT_TYPES, EXERCISES, SETTLEMENTS
from smartmoney_pipeline.tape.canonical import TypedChunk
from smartmoney_pipeline.tape.quarantine import RowFaults
from smartmoney_pipeline.tape.rules import (
    Symbols,
    check_codes,
    check_price_sign,
    check_underlying,
    clean_symbols,
    condition_letters,
    price_ticks,
    ticker_column,
    venue_letters,
    whole_sizes,
)
from smartmoney_pipeline.tape.session import SessionDay
from smartmoney_pipeline.tape.tables import CARRIED_PAIRS

TICK_TABLES = frozenset({"option_prints", "option_quotes", "underlying_quotes"})
"""Tables that the lake holds in integer ticks; the others pass through in canonical form."""

ROW, FILE = "_row", "_file"
"""Row number and file of a print, kept until corrections are done."""

_QUOTE_PRICES = frozenset({"bid", "ask", *(name for pair in CARRIED_PAIRS for name in pair)})
_FREE_SIZES = frozenset({"open_interest", "option_volume", "tenor_days"})
_LISTS = {
    "event_type": EVENT_TYPES,
    "event_time": EVENT_TIMES,
    "settlement": SETTLEMENTS,
    "exercise": EXERCISES,
}


def clean_chunk(table: str, chunk: TypedChunk, session: SessionDay | None) -> pa.Table:
    """Check one typed chunk and return its good rows; bad ones are in `chunk.faults`.

    Symbols and tickers come back in one spelling as dictionaries. Tables of `TICK_TABLES` come back with int32 ticks and sizes
    and letters as ASCII u8 (`exchange` of the prints as `venue`). With a `session`, times outside it and contracts that expired
    before it are faults.
    """
    columns, faults = dict(chunk.columns), chunk.faults
    symbols = clean_symbols(columns["option_symbol"], faults.at("option_symbol")) if "option_symbol" in columns else None
    if table == "option_prints" and symbols is not None:
        check_underlying(columns.pop("underlying"), symbols, faults.at("underlying"))
    if session is not None:
        _check_session(columns, symbols, session, faults)
    clean = {name: _clean_column(table, name, values, faults) for name, values in columns.items()}
    if symbols is not None:
        clean["option_symbol"] = symbols.column()
    if table == "option_prints":
        clean = _print_columns(clean, faults)
    result = pa.table(clean)
    return result if faults.good.all() else result.filter(pa.array(faults.good))


def _check_session(columns: dict[str, pa.Array], symbols: Symbols | None, session: SessionDay, faults: RowFaults) -> None:
    if "ts" in columns:
        ts = pc.fill_null(columns["ts"].cast(pa.int64()), session.start_ns).to_numpy()
        faults.at("ts").add(session.outside(ts), QuarantineReason.OUTSIDE_SESSION_DAY, columns["ts"])
    if symbols is not None:
        for reason, wrong in session.expiry_faults(symbols.parsed["expiry"].to_numpy().astype("datetime64[D]")).items():
            faults.at("option_symbol").add(symbols.per_row(wrong), reason, columns["option_symbol"])


def _clean_column(table: str, name: str, values: pa.Array, faults: RowFaults) -> pa.Array:
    rule = _rule(table, name)
    if rule is None:
        return values
    clean = rule(values, faults.at(name))
    return values if clean is None or (table not in TICK_TABLES and name != "underlying") else clean


def _rule(table: str, name: str) -> Callable[[pa.Array, RowFaults], pa.Array | None] | None:
    if name in _LISTS:
        return lambda values, faults: check_codes(values, faults, _LISTS[name])
    if name == "price" or name in _QUOTE_PRICES:
        return lambda values, faults: price_ticks(values, faults, zero_is_answer=name != "price")
    if name in {"close", "realised_volatility", "iv30"}:
        return lambda values, faults: check_price_sign(values, faults, zero_is_answer=name != "close")
    if name in {"size", "multiplier"} or name.endswith("_size") or name in _FREE_SIZES:
        return lambda values, faults: whole_sizes(values, faults, zero_is_answer=name not in {"size", "multiplier"})
    if name.endswith("exchange") and table != "underlying_prints":
        return venue_letters
    return {"condition": condition_letters, "underlying": lambda values, _: ticker_column(values)}.get(name)


def _print_columns(clean: dict[str, pa.Array], faults: RowFaults) -> dict[str, pa.Array]:
    clean["venue"] = clean.pop("exchange")
    for bid, ask in CARRIED_PAIRS:
        if bid in clean and ask in clean:
            _drop_empty_quote(clean, bid, ask)
    clean[ROW] = pa.array(faults.rows, pa.int64())
    clean[FILE] = faults.files()
    return clean


def _drop_empty_quote(clean: dict[str, pa.Array], bid: str, ask: str) -> None:
    """A carried quote without bid and without ask is no quote, not a free option."""
    none = pc.and_(pc.equal(pc.fill_null(clean[bid], 0), 0), pc.equal(pc.fill_null(clean[ask], 0), 0))
    for name in (bid, ask, f"{bid}_size", f"{ask}_size"):
        if name in clean:
            clean[name] = pc.if_else(none, pa.scalar(None, clean[name].type), clean[name])
