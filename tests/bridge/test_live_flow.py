"""Flow packets of a live session against those of the same day scored at once."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from live_days import SESSION, SOURCE, TO_THE_OPEN, engine_of, pushes, small

from smartmoney_pipeline.bridge.flow_packets import flow_packets
from smartmoney_pipeline.bridge.live_flow import LiveFlow
from smartmoney_pipeline.calendar.expiries import settlement_instant_ns
from smartmoney_pipeline.engine.context import day_context
from smartmoney_pipeline.engine.group_tables import group_day
from smartmoney_pipeline.engine.live.update import Retraction, Update, retractions_table
from smartmoney_pipeline.tape.ingest import build_day, read_frames

BASELINES = ("total_premium", "total_size", "nbbo_spread")


@pytest.fixture(scope="module")
def stored(tmp_path_factory) -> pa.Table:
    """What the bridge makes of the whole day."""
    day = build_day(read_frames(small(), SESSION), tmp_path_factory.mktemp("flow") / "day", SOURCE, settlement_instant_ns)
    made = group_day(day_context(day))
    return flow_packets(made.packets, made.quoted_prints, made.parent_events)


def updates(prints: int, buckets: int) -> list[Update]:
    engine = engine_of(small(), replace(TO_THE_OPEN, buckets=buckets))
    return [*(engine.push(push) for push in pushes(small(), prints)), engine.finish()]


def rows(packets: pa.Table, baselines: bool) -> dict[str, dict]:
    """Packets by id. The place in the tape is not known to a bucket, and baselines may be left out."""
    found = {row.pop("id"): row for row in packets.drop_columns(["seq"]).to_pylist()}
    for row in found.values():
        row["features"] = {k: v for k, v in row["features"].items() if baselines or not k.startswith(BASELINES) or k in BASELINES}
    return found


@pytest.mark.parametrize(("prints", "buckets"), [(1_000, 1), (20, 1), (20, 3)])
def test_live_packets_are_those_of_the_stored_day(stored, prints, buckets):
    flow = LiveFlow()
    said = [flow.add(update) for update in updates(prints, buckets)]
    assert [one.withdrawn for one in said if one.withdrawn] == []
    found = pa.concat_tables([one.packets for one in said])
    assert len(found) == len(stored) > 50
    assert rows(found, False) == rows(stored, False)
    # Baselines go by the order in which packets are said; in one piece that is the order of the tape.
    alike = [rows(found, True)[name] == row for name, row in rows(stored, True).items()]
    assert all(alike) if (prints, buckets) == (1_000, 1) else sum(alike) > 0.9 * len(alike)


def test_a_withdrawn_event_takes_its_packets_back_once():
    flow = LiveFlow()
    made = [flow.add(update).packets for update in updates(1_000, 1)]
    packets = pa.concat_tables(made)
    event = packets["event_id"][0].as_py()
    mine = packets.filter(pc.equal(packets["event_id"].cast(pa.string()), event))["id"].to_pylist()
    gone = Update.of_tables(retractions=retractions_table([Retraction(event, 1, "print_cancelled", ())]))
    assert sorted(flow.add(gone).withdrawn) == sorted(mine)
    assert flow.add(gone).withdrawn == []


def test_provisional_events_wait():
    whole = updates(1_000, 1)[-1]
    marks = pa.array([True] * len(whole.events))
    early = whole.events.set_column(whole.events.schema.get_field_index("provisional"), "provisional", marks)
    tables = whole.packet_tables
    assert len(LiveFlow().add(Update.of_tables(events=early, packets=tables.packets, prints=tables.prints)).packets) == 0
    assert len(LiveFlow().add(whole).packets) == len(tables.packets) > 0
