"""Live equals batch: chunks, buckets, unknown symbols, shuffled arrival and silent streams leave no trace in the current view."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from live_days import (
    SECOND,
    SOURCE,
    STREAMS,
    TO_THE_OPEN,
    assert_same_tables,
    batch,
    engine_of,
    generated,
    hash_of,
    live,
    logged,
    ns,
    ordered,
    pushes,
    reference_of,
    small,
)

from smartmoney_pipeline.engine.live import LiveEngine


@pytest.fixture(scope="module")
def small_batch(tmp_path_factory):
    return batch(small(), tmp_path_factory.mktemp("small"))


@pytest.mark.parametrize(("prints", "buckets", "known"), [(1, 1, True), (40, 3, True), (40, 1, False), (1_000, 2, False)])
def test_chunks_buckets_and_new_symbols_leave_no_trace(small_batch, prints, buckets, known):
    log = live(small(), prints, replace(TO_THE_OPEN, buckets=buckets), known=known)
    assert hash_of(log) == small_batch[0]
    assert_same_tables(log, small_batch[1])


def test_a_whole_generated_day(tmp_path):
    expected, folder = batch(generated(), tmp_path)
    log = live(generated(), 1_000)
    assert hash_of(log) == expected
    assert_same_tables(log, folder)


def test_symbols_that_appear_at_noon_change_nothing_that_was_said_before(tmp_path):
    """A third of the contracts is neither quoted nor printed in the first half of the prints; live cannot know of them, batch must not."""
    tables = dict(generated())
    symbols = sorted(set(tables["option_quotes"]["option_symbol"].to_pylist()))
    late = set(np.random.Generator(np.random.Philox(2)).choice(symbols, len(symbols) // 3, replace=False).tolist())
    noon = int(np.median(ns(tables["option_prints"])))
    for name in ("option_prints", "option_quotes"):
        early = np.array([symbol not in late for symbol in tables[name]["option_symbol"].to_pylist()])
        tables[name] = tables[name].filter(pa.array(early | (ns(tables[name]) >= noon)))
    expected, _ = batch(tables, tmp_path)
    assert hash_of(live({**tables, **{n: ordered(tables[n]) for n in STREAMS}}, 1_000, known=False)) == expected


def test_quotes_by_venue_give_the_batch(tmp_path):
    """A venue quote table made from the NBBO: every change is that of one of two venues, now and then two at one time."""
    quotes = small()["option_quotes"]
    letters = pa.array(np.where(np.arange(len(quotes)) % 3 == 0, "N", "C"))
    venues = quotes.select(["ts", "seq", "option_symbol", "bid", "ask", "bid_size", "ask_size"]).append_column("exchange", letters)
    tables = {**small(), "venue_quotes": venues}
    expected, folder = batch(tables, tmp_path)
    engine = LiveEngine(engine_of(small()).session, SOURCE, reference_of(small()), (*STREAMS, "venue_quotes"), TO_THE_OPEN)
    updates, start = [], 0
    for push in pushes(small(), 60):
        stop = start + len(push["option_quotes"])
        updates.append(engine.push({**push, "venue_quotes": venues.slice(start, stop - start)}))
        start = stop
    log = logged([*updates, engine.finish()])
    assert hash_of(log) == expected
    assert_same_tables(log, folder)


def test_without_provisional_events_every_row_is_final(small_batch):
    log = live(small(), 40, replace(TO_THE_OPEN, provisional=False))
    assert hash_of(log) == small_batch[0]
    assert not log.as_known()["events"]["provisional"].to_numpy(zero_copy_only=False).any()
    assert len(log.as_known()["retractions"]) == 0


def test_arrival_shuffled_within_the_lateness_leaves_no_trace_and_takes_nothing_back(small_batch):
    tables = small()
    draw = np.random.Generator(np.random.Philox(3))
    received = ns(tables["option_prints"]) + draw.integers(0, 2 * SECOND, len(tables["option_prints"]))
    log = live(tables, 7, received=received)
    assert hash_of(log) == small_batch[0]
    reasons = set(log.as_known()["retractions"]["reason"].to_pylist())
    assert reasons <= {"joined"}


def test_a_heartbeat_moves_on_where_a_stream_is_silent():
    tables = small()
    quiet = {**tables, "underlying_quotes": tables["underlying_quotes"].slice(0, 1)}
    engine = engine_of(quiet)
    silent = [engine.push(push) for push in pushes(quiet, 50)]
    assert not sum(len(update.events) for update in silent)
    assert engine.held_rows() == len(quiet["option_prints"]) + len(quiet["option_quotes"]) + 1
    update = engine.advance(int(ns(tables["option_prints"])[-1]) + SECOND)
    assert len(update.events) > 0
    assert engine.watermark == int(ns(tables["option_prints"])[-1]) + SECOND


def test_the_watermark_is_the_slowest_stream_less_the_lateness():
    tables = small()
    engine = engine_of(tables)
    last = {}
    for push in pushes(tables, 50):
        engine.push(push)
        for name, table in push.items():
            if len(table):
                last[name] = max(last.get(name, 0), int(ns(table).max()))
        assert engine.watermark == min(last.values()) - 2 * SECOND


def test_quotes_without_prints_do_not_pile_up():
    tables = small()
    engine = engine_of(tables, replace(TO_THE_OPEN, history_ns=0, checkpoint_ns=1))
    held = []
    prints = tables["option_prints"].slice(0, 1)
    quotes, stock = tables["option_quotes"], tables["underlying_quotes"]
    engine.push({"option_prints": prints})
    for start in range(0, len(quotes) - 500, 500):
        part = quotes.slice(start, 500)
        engine.push({"option_quotes": part, "underlying_quotes": stock.slice(start, 500)})
        engine.advance(int(ns(part)[-1]))
        held.append(engine.held_rows())
    assert max(held) <= 500 + len(stock)
    assert held[-1] < 3_000


def test_the_log_replays_to_the_current_view(small_batch):
    log = live(small(), 20)
    known = log.as_known()
    said = known["events"]["said"].to_numpy()
    assert np.all(np.diff(said) >= 0)
    assert known["events"]["provisional"].to_numpy(zero_copy_only=False).any()
    standing: dict[str, dict] = {}
    withdrawn = known["retractions"].to_pylist()
    for number in range(int(said.max()) + 1):
        for row in withdrawn:
            if row["said"] == number:
                del standing[row["event_id"]]
        for row in known["events"].filter(pa.array(said == number)).select(["event_id", "provisional"]).to_pylist():
            standing[row["event_id"]] = row
    assert not any(row["provisional"] for row in standing.values())
    assert set(standing) == set(log.current()["smart_money_events"]["event_id"].to_pylist())


def test_finished_means_finished():
    engine = engine_of(small())
    engine.finish()
    with pytest.raises(ValueError, match="finished"):
        engine.push({})


def test_streams_are_named_at_the_start():
    with pytest.raises(ValueError, match="option_prints is always one"):
        LiveEngine(engine_of(small()).session, streams=("option_quotes",))
    engine = engine_of(small())
    with pytest.raises(ValueError, match="venue_quotes"):
        engine.push({"venue_quotes": pa.table({})})


def test_bad_rows_come_back_as_quarantine():
    tables = small()
    prints = tables["option_prints"].slice(0, 3)
    bad = prints.set_column(prints.column_names.index("price"), "price", pa.array([1.0, -1.0, 2.00001]))
    update = engine_of(tables).push({"option_prints": bad})
    found = [(row["row"], row["reason"]) for row in update.quarantine.to_pylist()]
    assert found == [(1, "non_positive_price"), (2, "price_off_grid")]
    assert logged([update]).current()["quarantine"].num_rows == 2
