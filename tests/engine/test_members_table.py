"""Prints through packets to events. Expected lists by hand, and by a plain loop over random mappings."""

import numpy as np
import pyarrow as pa
import pytest

from smartmoney_pipeline.engine.columns import list_array
from smartmoney_pipeline.engine.members_table import member_print_ids, members_of, members_table
from smartmoney_pipeline.schemas.arrow import arrow_schema, to_frame
from smartmoney_pipeline.schemas.output_tables import ParentEventMembers

PRINT_ID = pa.array(["p0", "p1", "p2", "p3", "p4", "p5"])
PACKET_OF_PRINT = np.array([4, 7, 4, -1, 5, 9])
"""p3 joined no packet; packet 9 is of no event at hand."""
PACKETS = {"packet_number": np.array([5, 7, 4]), "event": np.array([20, 10, 20]), "leg": np.array([1, 0, 0], dtype=np.int16)}
ORDER = np.array([20, 10])
IDS = pa.array(["e1", "e2"])


def test_members_by_hand():
    members = members_of(PACKET_OF_PRINT, PACKETS, ORDER)
    assert [tuple(row.values()) for row in members_table(members, PRINT_ID, IDS).to_pylist()] == [
        ("e1", "p0", 0),
        ("e1", "p2", 0),
        ("e1", "p4", 1),
        ("e2", "p1", 0),
    ]


def test_lists_of_print_ids_follow_the_rows():
    lists = member_print_ids(members_of(PACKET_OF_PRINT, PACKETS, ORDER[::-1]), PRINT_ID)
    assert list_array(lists.flat, lists.offsets).to_pylist() == [["p1"], ["p0", "p2", "p4"]]


def test_events_not_asked_for_are_left_out():
    members = members_of(PACKET_OF_PRINT, PACKETS, np.array([10]))
    assert (members.prints.tolist(), members.offsets.tolist()) == ([1], [0, 1])


def test_table_has_the_schema_and_passes_its_check():
    table = members_table(members_of(PACKET_OF_PRINT, PACKETS, ORDER), PRINT_ID, IDS)
    assert table.schema == arrow_schema(ParentEventMembers)
    assert len(ParentEventMembers.validate(to_frame(table), lazy=True)) == 4


def test_event_listed_twice_is_refused():
    with pytest.raises(ValueError, match="listed twice"):
        members_of(PACKET_OF_PRINT, PACKETS, np.array([10, 10]))


def test_no_events_give_no_members():
    none = {name: values[:0] for name, values in PACKETS.items()}
    members = members_of(PACKET_OF_PRINT, none, ORDER[:0])
    assert (len(members.prints), members.offsets.tolist()) == (0, [0])


@pytest.mark.parametrize("seed", range(3))
def test_grouping_equals_a_plain_loop(seed):
    rng = np.random.default_rng(seed)
    packet_of_print = rng.integers(-1, 60, 500)
    packets = {"packet_number": rng.permutation(50), "event": rng.integers(0, 20, 50), "leg": rng.integers(0, 4, 50)}
    order = rng.permutation(20)
    members = members_of(packet_of_print, packets, order)
    event_of = dict(zip(packets["packet_number"], packets["event"], strict=True))
    expected = [[i for i, packet in enumerate(packet_of_print) if event_of.get(packet) == event] for event in order]
    assert [part.tolist() for part in np.split(members.prints, members.offsets[1:-1])] == expected
