"""The prints of a whole day: joined from their chunks, put in tape order, freed of duplicates, strangers and cancelled prints."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from smartmoney_pipeline.schemas.codes import QuarantineReason
from smartmoney_pipeline.tape.corrections import Corrected, apply_corrections
from smartmoney_pipeline.tape.ordering import tape_order, text_rank
from smartmoney_pipeline.tape.quarantine import RowFaults, merge_quarantine
from smartmoney_pipeline.tape.session import SessionDay, majority_day
from smartmoney_pipeline.tape.symbols import parse_symbols
from smartmoney_pipeline.tape.validate import FILE, ROW


@dataclass(frozen=True, slots=True)
class DayPrints:
    """Corrected prints of one session. `session` is None where no print could be read and no date was given."""

    session: SessionDay | None
    corrected: Corrected
    quarantined: pa.Table


def join_chunks(chunks: Sequence[pa.Table]) -> pa.Table:
    """One table of all chunks, not copied together, with one dictionary for each text column. A column that a chunk lacks is null there."""
    joined = pa.concat_tables(chunks, promote_options="default") if len(chunks) > 1 else chunks[0]
    return joined.unify_dictionaries()


def day_prints(chunks: Sequence[pa.Table], session_date: date | None) -> DayPrints:
    """Prints of the session from clean chunks.

    Without `session_date` the New York date of most prints is the session. Prints of another date, of contracts expired before
    the session, and repeated print ids (the first in tape order stays) are quarantined.
    """
    prints = join_chunks(chunks).combine_chunks()
    day = session_date or majority_day(_ns(prints))
    session = None if day is None else SessionDay.of(day)
    prints = in_print_order(prints)
    faults = RowFaults("option_prints", prints[ROW].to_numpy(), prints[FILE].combine_chunks())
    if session is not None:
        _check_day(prints, session, faults)
    prints = prints.filter(pa.array(faults.good))
    repeated = _repeated_ids(prints)
    corrected = apply_corrections(prints.filter(pa.array(repeated.good)).combine_chunks())
    parts = [faults.quarantined(), repeated.quarantined(), corrected.quarantined]
    return DayPrints(session, corrected, merge_quarantine(parts))


def in_print_order(prints: pa.Table) -> pa.Table:
    """Clean prints in tape order."""
    order = tape_order(_ns(prints), prints["seq"].to_numpy(), lambda rows: _tie_keys(prints, rows))
    return prints if order is None else prints.take(pa.array(order))


def _ns(prints: pa.Table) -> np.ndarray:
    return prints["ts"].cast(pa.int64()).to_numpy()


def _tie_keys(prints: pa.Table, rows: np.ndarray) -> list[np.ndarray]:
    texts = [text_rank(prints[name], rows) for name in ("print_id", "option_symbol")]
    return texts + [prints[name].to_numpy()[rows] for name in ("price", "size", "venue", "condition")]


def _check_day(prints: pa.Table, session: SessionDay, faults: RowFaults) -> None:
    ts = prints["ts"].combine_chunks()
    faults.at("ts").add(session.outside(_ns(prints)), QuarantineReason.OUTSIDE_SESSION_DAY, ts)
    symbols = prints["option_symbol"].combine_chunks()
    expiry = parse_symbols(symbols.dictionary)["expiry"].to_numpy().astype("datetime64[D]")
    for reason, wrong in session.expiry_faults(expiry).items():
        faults.at("option_symbol").add(wrong[symbols.indices.to_numpy()], reason, symbols)


def _repeated_ids(prints: pa.Table) -> RowFaults:
    faults = RowFaults("option_prints", prints[ROW].to_numpy(), prints[FILE].combine_chunks())
    ids = prints["print_id"].combine_chunks()
    if pc.count_distinct(ids).as_py() < len(ids):
        repeated = pd.Series(ids.to_pandas()).duplicated(keep="first").to_numpy()
        faults.at("print_id").add(repeated, QuarantineReason.DUPLICATE_PRINT_ID, ids)
    return faults
