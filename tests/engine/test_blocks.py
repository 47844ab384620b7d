"""Blocks of events: the same events whatever the size, each with its own packets and members. The slices given are the reference."""

from dataclasses import fields
from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from smartmoney_pipeline.engine.blocks import blocks_of, joined_slices
from smartmoney_pipeline.engine.context import day_context
from smartmoney_pipeline.engine.ingest import import_day
from smartmoney_pipeline.engine.ledger import EventSlice
from smartmoney_pipeline.engine.params import EngineParams
from smartmoney_pipeline.engine.slice_tables import publish_slice
from smartmoney_pipeline.engine.slices import DaySlices
from smartmoney_pipeline.scenarios.generate import generate, write


@pytest.fixture(scope="module")
def day(tmp_path_factory):
    """Context and slices of a generated day, with the ids of its prints."""
    folder = tmp_path_factory.mktemp("blocks")
    write(generate("test", date(2026, 3, 18), 7), folder / "tape", folder / "labels")
    context = day_context(import_day(folder / "tape", folder / "day", source="test-7"))
    slices = DaySlices(context, EngineParams(chunk_prints=700))
    return context, list(slices), slices.ledger.print_id


def listed(events: EventSlice) -> list[tuple]:
    """Each event with what belongs to it, read through its own offsets."""
    packets, members = (
        np.split(events.packets["packet_number"], events.offsets[1:-1]),
        np.split(events.members.prints, events.members.offsets[1:-1]),
    )
    rows = zip(events.event_id.to_pylist(), events.running.tolist(), packets, members, events.quality_flags.tolist(), strict=True)
    return [(name, running, tuple(p), tuple(m), flags) for name, running, p, m, flags in rows]


@pytest.mark.parametrize("size", [1, 7, 500, 1 << 15])
def test_blocks_hold_the_events_of_the_slices_in_their_order(day, size):
    _, slices, _ = day
    blocks = list(blocks_of(slices, size))
    assert {len(block) for block in blocks[:-1]} <= {size}
    assert 0 < len(blocks[-1]) <= size
    assert [row for block in blocks for row in listed(block)] == [row for part in slices for row in listed(part)]
    for block in blocks:
        assert block.events["event"].tolist() == list(range(len(block)))
        assert block.packets["event"].tolist() == np.repeat(np.arange(len(block)), np.diff(block.offsets)).tolist()
        assert (len(block.members.leg), len(block.packet_id)) == (len(block.members.prints), len(block.packets["event"]))


@pytest.mark.parametrize("size", [137, 1_000])
def test_what_is_published_does_not_depend_on_the_blocks(day, size):
    context, slices, print_id = day
    whole = publish_slice(context, joined_slices(slices), print_id)
    parts = [publish_slice(context, block, print_id) for block in blocks_of(slices, size)]
    for field in fields(whole):
        found = pa.concat_tables([getattr(part, field.name) for part in parts]).unify_dictionaries()
        expected = getattr(whole, field.name)
        assert found.to_pylist() == expected.to_pylist(), field.name


def test_no_slices_make_no_blocks():
    assert list(blocks_of([])) == []
