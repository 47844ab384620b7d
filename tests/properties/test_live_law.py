"""The live engine on drawn tapes: however rows arrive, the current view at the end is the batch on the corrected tape."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from comparing import assert_same
from drawn_acts import KINDS, Act, price_at, print_row
from drawn_market import MS, SECOND, SESSION, underlying_rows
from drawn_tapes import STREAMS, Tables, Tape, numbered, opening_quotes, tapes
from engine_runs import SOURCE, Run, batch, plain
from hypothesis import strategies as st
from laws import law

from smartmoney_pipeline.engine.live import LiveEngine, LiveParams, restore, save
from smartmoney_pipeline.engine.live.universe import REFERENCE_TABLES
from smartmoney_pipeline.engine.live.views import EventLog

DELAYS = (0, 300 * MS, 1_999 * MS, 40 * SECOND, 150 * SECOND)
"""How long a row may be under way: within the lateness bound of two seconds, and beyond it, where it is a correction."""


def arrivals(tables: Tables, seed: int, chances: list[float]) -> list[tuple[int, str, int]]:
    """Time of receipt, table and row of every row of the streams, in order of receipt; each delay with its chance."""
    draw = np.random.Generator(np.random.Philox(seed))
    found = []
    for name in STREAMS:
        ts = tables[name]["ts"].cast(pa.int64()).to_numpy()
        delay = draw.choice(DELAYS, len(ts), p=chances)
        late = delay * (name == "option_prints" or draw.random(len(ts)) < 0.1)
        found += [(int(at), name, row) for row, at in enumerate(ts + np.where(late, late + draw.integers(0, MS, len(ts)), 0))]
    return sorted(found)


def pushes(tables: Tables, order: list[tuple[int, str, int]], cuts: list[int]) -> Iterator[Tables]:
    """The rows in order of receipt, cut at these places."""
    places = [0, *sorted({cut % len(order) for cut in cuts}), len(order)]
    for start, stop in itertools.pairwise(places):
        rows: dict[str, list[int]] = {}
        for _, name, row in order[start:stop]:
            rows.setdefault(name, []).append(row)
        yield {name: tables[name].take(pa.array(chosen)) for name, chosen in rows.items()}


def engine_of(tables: Tables, params: LiveParams, known: bool) -> LiveEngine:
    """A live engine with the reference tables of the day; the contracts are named before or seen as they come."""
    reference = {name: tables[name] for name in REFERENCE_TABLES if name in tables}
    if known:
        names = {name for table in STREAMS[:2] for name in pc.unique(tables[table]["option_symbol"]).to_pylist()}
        reference["contracts"] = pa.table({"option_symbol": sorted(names)})
    return LiveEngine(SESSION, SOURCE, reference, STREAMS, params)


def current(log: EventLog) -> Run:
    """The current view as a result."""
    view = log.current()
    names = ("smart_money_events", "parent_event_members", "event_evidence", "event_legs", "event_links")
    return Run({name: plain(view[name]) for name in names})


def told(tables: Tables, order: list[tuple[int, str, int]], cuts: list[int], stops: set[int], params: LiveParams, known: bool) -> EventLog:
    """What the engine says of these arrivals; at the stops it is saved, thrown away and restored."""
    engine, log = engine_of(tables, params, known), EventLog()
    with TemporaryDirectory() as folder:
        for number, push in enumerate(pushes(tables, order, cuts)):
            if number in stops:
                save(engine, Path(folder) / "state")
                engine = restore(Path(folder) / "state")
            log.add(engine.push(push))
        log.add(engine.finish())
    return log


def without_revision(run: Run) -> Run:
    """The result without the count of revisions, which alone may differ between live and batch."""
    return Run({**run.tables, "smart_money_events": run.events.drop_columns(["revision"])})


PARAMS = st.builds(
    LiveParams, buckets=st.integers(1, 3), provisional=st.booleans(), checkpoint_ns=st.sampled_from((SECOND, 20 * SECOND, 300 * SECOND)),
    history_ns=st.none(),
)  # fmt: skip
CHANCES = ([1.0, 0, 0, 0, 0], [0.5, 0.3, 0.2, 0, 0], [0.6, 0.1, 0.1, 0.1, 0.1])
"""Chance of each delay: none, within the lateness bound, beyond it as well."""

CUTS = st.lists(st.integers(0, 10_000), max_size=8)


@law(
    tape=tapes((*KINDS, "cancel"), most=8), seed=st.integers(0, 2**32 - 1), chances=st.sampled_from(CHANCES),
    cuts=CUTS, stops=st.sets(st.integers(0, 8), max_size=3), params=PARAMS, known=st.booleans(),
)  # fmt: skip
def test_the_current_view_is_the_batch_on_the_corrected_tape(tape, seed, chances, cuts, stops, params, known) -> None:
    """Cancels, late prints and late quotes, rows in any order within and beyond the lateness bound, restarts from a saved state."""
    tables = tape.tables()
    log = told(tables, arrivals(tables, seed, chances), cuts, stops, params, known)
    assert_same(without_revision(current(log)), without_revision(batch(tables)))


def test_a_strike_first_seen_later_leaves_live_and_batch_equal() -> None:
    """Six clips that alternate between calls of 90 and 100; a call of 95, of which nothing was known, prints when they have closed."""
    act = Act("order", 0, "ABCD", 0, 20, "ask", "C", "I", "", 1)
    clips = [print_row(act, number, f"c{k}", 8 * SECOND * k, price=price_at(number, "ask")) for k, number in enumerate((0, 4) * 3)]
    later = print_row(act, 2, "later", 400 * SECOND, price=price_at(2, "ask"))
    tables = Tape(numbered([*clips, later]), numbered(opening_quotes(frozenset({2}))), underlying_rows(), [], "").tables()
    prints, engine, log = tables["option_prints"], engine_of(tables, LiveParams(), False), EventLog()
    log.add(engine.push({**{name: tables[name] for name in STREAMS}, "option_prints": prints.slice(0, len(clips))}))
    log.add(engine.advance(later["ts"] - SECOND))
    log.add(engine.push({"option_prints": prints.slice(len(clips))}))
    log.add(engine.finish())
    assert_same(without_revision(current(log)), without_revision(batch(tables)))
