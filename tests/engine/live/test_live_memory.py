"""What the engine holds is bounded by the contracts at work and the history, not by the length of the tape."""

import pickle
from dataclasses import replace

import numpy as np
import pyarrow as pa
from live_days import SECOND, TO_THE_OPEN, Tables, engine_of, ns, small

from smartmoney_pipeline.engine.live import window
from smartmoney_pipeline.parent_events import packet_store

ID_BYTES = 8
"""What a print leaves behind for the rest of the day: the hash of its id."""


def long_tape(laps: int) -> Tables:
    """The prints and quotes of the small day again and again, one lap after the other, each with ids of its own."""
    tables = small(120, 2)
    first = int(ns(tables["option_quotes"])[0])
    span = int(ns(tables["option_prints"])[-1]) + 10 * SECOND - first
    found = {}
    for name in ("option_prints", "option_quotes", "underlying_quotes"):
        rows = tables[name].filter(pa.array(ns(tables[name]) < first + span))
        parts = [moved(name, rows, lap, lap * span) for lap in range(laps)]
        found[name] = pa.concat_tables(parts)
    return {**tables, **found}


def moved(name: str, rows: pa.Table, lap: int, by: int) -> pa.Table:
    rows = rows.set_column(
        rows.column_names.index("ts"), rows.schema.field("ts"), pa.array(ns(rows) + by).cast(rows.schema.field("ts").type)
    )
    seq = pa.array(rows["seq"].to_numpy() + lap * 10**7)
    rows = rows.set_column(rows.column_names.index("seq"), rows.schema.field("seq"), seq)
    if name == "option_prints":
        ids = pa.array([f"{print_id}-{lap}" for print_id in rows["print_id"].to_pylist()])
        rows = rows.set_column(rows.column_names.index("print_id"), "print_id", ids)
    return rows


def test_the_state_of_a_long_tape_stays_flat(monkeypatch):
    """Twelve laps of the same flow, each of as many short-lived packets and events: after the history has filled, nothing grows.

    The stores let so many spent rows stand before they are dropped; here fewer, so that a short tape shows that they are.
    """
    monkeypatch.setattr(packet_store, "LEAST_ROOM", 32)
    monkeypatch.setattr(window, "LEAST_DROP", 32)
    laps = 12
    tables = long_tape(laps)
    ends = np.linspace(ns(tables["option_prints"])[0], ns(tables["option_prints"])[-1], laps * 4 + 1)[1:].astype(np.int64)
    lap_ns = int(ends[-1] - ns(tables["option_prints"])[0]) // laps
    engine = engine_of(tables, replace(TO_THE_OPEN, history_ns=lap_ns, checkpoint_ns=lap_ns // 3))
    places, sizes, rows = dict.fromkeys(tables, 0), [], []
    for end in ends.tolist():
        push = {}
        for name in ("option_prints", "option_quotes", "underlying_quotes"):
            stop = int(np.searchsorted(ns(tables[name]), end))
            push[name] = tables[name].slice(places[name], stop - places[name])
            places[name] = stop
        engine.push(push)
        sizes.append(len(pickle.dumps(engine, protocol=5)) - ID_BYTES * places["option_prints"])
        rows.append(engine.held_rows())
    early, late = slice(3 * 4, 6 * 4), slice(9 * 4, 12 * 4)
    assert max(rows[late]) <= 1.1 * max(rows[early])
    assert max(sizes[late]) <= 1.1 * max(sizes[early])
