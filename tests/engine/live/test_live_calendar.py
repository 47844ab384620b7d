"""Rows of the event calendar that come during the session count from the time at which they became known, and never earlier."""

from datetime import date

import numpy as np
import pyarrow as pa
from live_days import SECOND, SESSION, batch, engine_of, hash_of, logged, ns, pushes, small

from smartmoney_pipeline.engine.live.views import EventLog

CALENDAR = "event_calendar"


def news(known_at: int) -> pa.Table:
    """Earnings on the next day of every ticker that prints."""
    names = sorted(set(small()["option_prints"]["underlying"].to_pylist()))
    columns = {
        "underlying": names,
        "event_type": ["earnings"] * len(names),
        "event_date": pa.array([date(SESSION.year, SESSION.month, SESSION.day + 1)] * len(names)),
        "event_time": ["bmo"] * len(names),
        "known_at": pa.array([known_at] * len(names)).cast(pa.timestamp("ns", tz="UTC")),
        "source": ["test"] * len(names),
    }
    return pa.table(columns)


def told(tables: dict[str, pa.Table], rows: pa.Table, at_push: int) -> EventLog:
    """The day with the rows pushed beside one of its pushes."""
    engine, updates = engine_of(tables), []
    for number, push in enumerate(pushes(tables, 10)):
        updates.append(engine.push({**push, CALENDAR: rows} if number == at_push else push))
    return logged([*updates, engine.finish()])


def without_calendar() -> dict[str, pa.Table]:
    return {name: table for name, table in small().items() if name != CALENDAR}


def knows(log: EventLog) -> tuple[np.ndarray, np.ndarray]:
    """Start of each event, and whether it knows of earnings."""
    events = log.current()["smart_money_events"]
    features = events["features"].combine_chunks()
    return ns(events, "start_ts"), np.array([row["trading_days_to_event"] is not None for row in features.to_pylist()])


def test_a_row_told_before_it_is_known_counts_from_then_on(tmp_path):
    """The batch has the row from the start; a stored calendar says when each row became known (tape format)."""
    tables = without_calendar()
    times = ns(tables["option_prints"])
    known_at = int(times[150])
    expected, _ = batch({**tables, CALENDAR: news(known_at)}, tmp_path)
    log = told(tables, news(known_at), 10)
    assert hash_of(log) == expected
    start, known = knows(log)
    assert known.any()
    assert not known[start < known_at].any()
    assert known[start > known_at].all()


def test_a_row_told_late_changes_nothing_that_started_before():
    tables = without_calendar()
    times = ns(tables["option_prints"])
    log = told(tables, news(int(times[0]) - 3600 * SECOND), 15)
    start, known = knows(log)
    # Push 15 holds prints 150 to 159; when it comes, processed time ends before the last print so far less the lateness.
    since = int(times[149]) - 2 * SECOND
    assert not known[start < since].any()
    assert known[start > int(times[159])].all()
    assert len(log.as_known()["retractions"]) == len([r for r in log.as_known()["retractions"]["reason"].to_pylist() if r == "joined"])
