"""Updates made of tables at hand, and updates that nobody reads."""

from __future__ import annotations

import pyarrow as pa
import pytest
from live_days import engine_of, pushes, small

from smartmoney_pipeline.engine.live.update import NAMES, Retraction, Update, retractions_table


def test_an_update_of_tables_holds_them_and_is_empty_elsewhere():
    rows = retractions_table([Retraction("e1", 1, "print_cancelled", ())])
    update = Update.of_tables(events=pa.table({"event_id": ["e2", "e3"]}), retractions=rows)
    assert (len(update), update.is_empty()) == (2, False)
    assert {name: len(getattr(update, name)) for name in NAMES if len(getattr(update, name))} == {"events": 2, "retractions": 1}
    assert len(update.packet_tables.packets) == 0
    assert Update.of_tables().is_empty()
    assert not Update.of_tables(retractions=rows).is_empty()
    with pytest.raises(ValueError, match="no other"):
        Update.of_tables(other=rows)


def test_packets_of_an_update_hold_every_print_of_its_events():
    """A print of an event lies in one of its packets, so that members and prints are the same."""
    engine = engine_of(small())
    said = [*(engine.push(push) for push in pushes(small(), 50)), engine.finish()]
    for update in said:
        assert "packet_tables" not in vars(update)
        tables = update.packet_tables
        assert sorted(tables.prints["print_id"].to_pylist()) == sorted(update.members["print_id"].to_pylist())
        counts = tables.prints["packet_number"].value_counts().to_pylist()
        assert {row["values"]: row["counts"] for row in counts} == dict(enumerate(tables.packets["print_count"].to_pylist()))
