"""Laws of the live engine on drawn arrivals. SMARTMONEY_EXAMPLES sets how many are drawn; 500 and more belong to a long run."""

import os
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from live_days import SECOND, TO_THE_OPEN, Tables, batch, batch_table, engine_of, hash_of, live, logged, ns, pushes, small
from test_live_corrections import cancels_of, with_prints

from smartmoney_pipeline.engine.live import restore, save

EXAMPLES = int(os.environ.get("SMARTMONEY_EXAMPLES", "4"))
FEW = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=EXAMPLES < 100, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
MINUTE = 60 * SECOND


def tiny() -> Tables:
    return small(120, 2)


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    return batch(tiny(), tmp_path_factory.mktemp("tiny"))


@FEW
@given(
    prints=st.integers(2, 200),
    buckets=st.integers(1, 5),
    known=st.booleans(),
    provisional=st.booleans(),
    checkpoint=st.integers(1, 600),
)
def test_settings_and_chunks_leave_no_trace(expected, prints, buckets, known, provisional, checkpoint):
    params = replace(TO_THE_OPEN, buckets=buckets, provisional=provisional, checkpoint_ns=checkpoint * SECOND)
    assert hash_of(live(tiny(), prints, params, known=known)) == expected[0]


@FEW
@given(seed=st.integers(0, 2**32 - 1), reach=st.sampled_from([1, SECOND, 2 * SECOND, 3 * MINUTE]), prints=st.integers(4, 60))
def test_the_order_of_arrival_leaves_no_trace(expected, seed, reach, prints):
    draw = np.random.Generator(np.random.Philox(seed))
    times = ns(tiny()["option_prints"])
    assert hash_of(live(tiny(), prints, received=times + draw.integers(0, reach, len(times)))) == expected[0]


@FEW
@given(row=st.integers(0, 119), delay=st.integers(0, 5 * MINUTE), named=st.booleans(), prints=st.integers(4, 60))
def test_a_print_and_its_cancel_leave_no_trace(expected, row, delay, named, prints):
    """The print added is like another in everything but its number and its price, which tells it apart where no name does."""
    rows = tiny()["option_prints"]
    added = rows.slice(row, 1)
    changes = {"print_id": pa.array(["added"]), "seq": pa.array([10**9]), "price": pa.array([9.87])}
    for name, values in changes.items():
        added = added.set_column(added.column_names.index(name), rows.schema.field(name), values.cast(rows.schema.field(name).type))
    cancel = cancels_of(added, [0], delay, "A", named)
    cancel = cancel.set_column(cancel.column_names.index("seq"), rows.schema.field("seq"), pa.array([10**9 + 1]))
    log = live(with_prints(tiny(), [added, cancel]), prints)
    assert hash_of(log) == expected[0]
    assert "added" not in log.current()["parent_event_members"]["print_id"].to_pylist()


@FEW
@given(stops=st.sets(st.integers(0, 14), min_size=1, max_size=10))
def test_a_restart_leaves_no_trace(expected, tmp_path, stops):
    engine, updates = engine_of(tiny()), []
    for number, push in enumerate(pushes(tiny(), 8)):
        if number in stops:
            save(engine, tmp_path / "state")
            engine = restore(tmp_path / "state")
        updates.append(engine.push(push))
    assert hash_of(logged([*updates, engine.finish()])) == expected[0]


@FEW
@given(prints=st.integers(5, 60), cut=st.integers(10, 110))
def test_a_later_quote_never_changes_an_earlier_event(expected, prints, cut):
    """Wild quotes after a print change no event that closed before them."""
    tables = tiny()
    at = int(ns(tables["option_prints"])[cut])
    quotes = tables["option_quotes"]
    wild = np.where(ns(quotes) > at, 1.5, 1.0)
    for side in ("bid", "ask"):
        moved = np.round(quotes[side].to_numpy() * wild, 2)
        quotes = quotes.set_column(quotes.column_names.index(side), quotes.schema.field(side), pa.array(moved))
    current = live({**tables, "option_quotes": quotes}, prints).current()["smart_money_events"]
    events = batch_table(expected[1], "smart_money_events")
    before = [table.filter(pa.array(ns(table, "closed_at") <= at)) for table in (current, events)]
    assert before[0].equals(before[1].cast(before[0].schema))


@FEW
@given(count=st.integers(1, 60), prints=st.integers(5, 60))
def test_prints_of_another_underlying_change_no_event(count, prints):
    tables = tiny()
    rows = tables["option_prints"]
    names = rows["underlying"].to_pylist()
    main = max(sorted(set(names)), key=names.count)
    mine = pa.array([name == main for name in names])
    others = np.flatnonzero(~mine.to_numpy(zero_copy_only=False))[:count]
    some = mine.to_numpy(zero_copy_only=False).copy()
    some[others] = True
    alone = live({**tables, "option_prints": rows.filter(mine)}, prints).current()["smart_money_events"]
    both = live({**tables, "option_prints": rows.filter(pa.array(some))}, prints).current()["smart_money_events"]
    assert both.filter(pa.array([name == main for name in both["underlying_id"].to_pylist()])).equals(alone)
