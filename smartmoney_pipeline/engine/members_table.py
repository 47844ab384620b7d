"""Which print belongs to which event: prints through their packets to events, in canonical order. Ids are made elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numba import njit

from smartmoney_pipeline.engine.columns import Ragged
from smartmoney_pipeline.engine.evidence_table import listed_array
from smartmoney_pipeline.schemas.arrow import conform
from smartmoney_pipeline.schemas.output_tables import ParentEventMembers

NOT_A_MEMBER = -1
"""Marks a print that joined no packet, or a packet of no event at hand."""


@dataclass(frozen=True, slots=True)
class Members:
    """Prints of n events: those of event row i are `prints[offsets[i]:offsets[i + 1]]`, in the order of the prints given."""

    prints: np.ndarray
    """Positions in the prints, int64[m]."""
    offsets: np.ndarray
    """int64[n + 1]."""
    leg: np.ndarray
    """Leg of each member's contract in its event, int16[m]."""


def members_of(packet_of_print: np.ndarray, packets: Mapping[str, np.ndarray], event_order: np.ndarray) -> Members:
    """Group prints by event.

    `packet_of_print` int64[p] holds the packet number of each print in tape order, -1 for none. `packets` has equal-length
    `packet_number`, `event` (running number) and `leg`. `event_order` int64[n] lists the running numbers in the order of the rows
    wanted. Prints of packets or events that are not given are left out. Raises `ValueError` for a running number listed twice.
    """
    row_of_event = _rows(event_order)
    row = _looked_up(row_of_event, packets["event"])
    number = packets["packet_number"]
    row_of_packet = _table(number, row)
    leg_of_packet = _table(number, packets["leg"])
    prints, offsets = _group(_looked_up(row_of_packet, packet_of_print), len(event_order))
    return Members(prints, offsets, leg_of_packet[packet_of_print[prints]].astype(np.int16))


def member_print_ids(members: Members, print_id: pa.Array) -> Ragged:
    """Lists of print ids, one an event, from the ids of the prints given to `members_of`."""
    return Ragged(print_id.take(pa.array(members.prints)), members.offsets)


def members_table(members: Members, print_id: pa.Array, event_id: pa.Array) -> pa.Table:
    """Table with the columns of ParentEventMembers: events in their rows' order, prints in tape order inside."""
    event = np.repeat(np.arange(len(event_id)), np.diff(members.offsets))
    columns = {
        "event_id": listed_array(event, event_id),
        "print_id": print_id.take(pa.array(members.prints)),
        "leg": pa.array(members.leg),
    }
    return conform(pa.table(columns), ParentEventMembers)


def _rows(event_order: np.ndarray) -> np.ndarray:
    """Row of each running number, -1 where it is not listed."""
    rows = _table(event_order, np.arange(len(event_order)))
    if np.count_nonzero(rows >= 0) != len(event_order):
        raise ValueError("an event is listed twice")
    return rows


def _table(keys: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Values by key, -1 for a key that does not occur; int64[largest key + 1]."""
    table = np.full(keys.max(initial=-1) + 1, NOT_A_MEMBER, dtype=np.int64)
    table[keys] = values
    return table


def _looked_up(table: np.ndarray, keys: np.ndarray) -> np.ndarray:
    """Entry of each key, -1 for keys outside the table."""
    inside = (keys >= 0) & (keys < len(table))
    found = np.full(len(keys), NOT_A_MEMBER, dtype=np.int64)
    found[inside] = table[keys[inside]]
    return found


@njit(cache=True, nogil=True)
def _group(row: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions by row in stable order, with offsets: a counting sort that leaves out negative rows."""
    offsets = np.zeros(count + 1, dtype=np.int64)
    for i in range(len(row)):
        if row[i] >= 0:
            offsets[row[i] + 1] += 1
    for k in range(count):
        offsets[k + 1] += offsets[k]
    place = offsets[:-1].copy()
    positions = np.empty(offsets[-1], dtype=np.int64)
    for i in range(len(row)):
        if row[i] >= 0:
            positions[place[row[i]]] = i
            place[row[i]] += 1
    return positions, offsets
