"""How a tape is cut, ordered and written down leaves no trace in the result: chunks, rows of one time, names of venues, files."""

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from comparing import assert_same
from drawn_acts import KINDS, VENUES
from drawn_market import SESSION
from drawn_tapes import Tables, Tape, tapes
from engine_runs import SOURCE, batch, context_of, plain, run_of
from hypothesis import strategies as st
from laws import law

from smartmoney_pipeline.calendar.expiries import settlement_instant_ns
from smartmoney_pipeline.engine.context import day_context
from smartmoney_pipeline.engine.params import EngineParams
from smartmoney_pipeline.engine.score_day import score_day
from smartmoney_pipeline.tape.ingest import build_day, read_frames

WITH_CANCELS = (*KINDS, "cancel")


@law(tape=tapes(WITH_CANCELS), prints=st.integers(1, 40), quotes=st.integers(1, 60), underlyings=st.integers(1, 60))
def test_the_size_of_the_chunks_leaves_no_trace(tape: Tape, prints: int, quotes: int, underlyings: int) -> None:
    context = context_of(tape.tables())
    assert_same(run_of(context, EngineParams(prints, quotes, underlyings)), run_of(context))


def shuffled(tables: Tables, seed: int) -> Tables:
    """Every table with its rows in another order; `ts` and `seq` stay with their row."""
    draw = np.random.Generator(np.random.Philox(seed))
    return {name: table.take(pa.array(draw.permutation(len(table)))) for name, table in tables.items()}


@law(tape=tapes(WITH_CANCELS), seed=st.integers(0, 2**32 - 1))
def test_the_order_of_rows_leaves_no_trace(tape: Tape, seed: int) -> None:
    """Half of the tapes give one `seq` to all rows, so that rows of one time are ties, which what they hold must order."""
    tables = tape.tables()
    assert_same(batch(shuffled(tables, seed)), batch(tables))


@law(tape=tapes(WITH_CANCELS), names=st.permutations(VENUES))
def test_the_names_of_venues_mean_nothing(tape: Tape, names: list[str]) -> None:
    """Venues are told apart and nothing else: with other names everything written is the same, for no output names a venue."""
    other = dict(zip(VENUES, names, strict=True))
    prints = [row | {"exchange": other[row["exchange"]]} for row in tape.prints]
    quotes = [row | {name: other[row[name]] for name in ("bid_exchange", "ask_exchange")} for row in tape.quotes]
    renamed = replace(tape, prints=prints, quotes=quotes)
    assert_same(batch(renamed.tables()), batch(tape.tables()))


@law(few=5, tape=tapes(WITH_CANCELS))
def test_a_day_in_memory_gives_what_the_stored_day_gives(tape: Tape) -> None:
    """The other laws run on days without files: this one says that the files would change nothing."""
    with TemporaryDirectory() as folder:
        day = build_day(read_frames(tape.tables(), SESSION), Path(folder) / "day", SOURCE, settlement_instant_ns)
        output = score_day(day_context(day), Path(folder) / "out")
        run = batch(tape.tables())
        assert output.manifest["run_hash"] == run.hash()
        for name, table in run.tables.items():
            assert plain(pq.read_table(output.folder / f"{name}.parquet")).cast(table.schema).equals(table), name
