"""Slots of open packets: how they are laid out empty, and how they grow. Belongs here: allocation only."""

import numpy as np

from smartmoney_pipeline.parent_events.packet_kernel import FREE, WORK_COLUMNS, Slots

FIRST_SLOTS = 1024


def empty_slots(contracts: int, slots: int = FIRST_SLOTS) -> Slots:
    """Slots for `slots` open packets over `contracts` contracts, all free."""
    counts = np.zeros(4, np.int64)
    counts[FREE] = slots
    return Slots(
        work=np.zeros((slots, WORK_COLUMNS), np.int64),
        rate=np.zeros(slots),
        free=np.arange(slots - 1, -1, -1, dtype=np.int64),
        open=np.zeros(slots, np.int64),
        head=np.full(contracts, -1, np.int32),
        counts=counts,
    )


def grown_slots(slots: Slots) -> Slots:
    """The same slots and as many free ones again."""
    room, free = len(slots.free), int(slots.counts[FREE])
    larger = empty_slots(0, 2 * room)
    larger.work[:room], larger.rate[:room], larger.open[:room] = slots.work, slots.rate, slots.open
    larger.free[:room] = np.arange(2 * room - 1, room - 1, -1)
    larger.free[room : room + free] = slots.free[:free]
    counts = slots.counts.copy()
    counts[FREE] = room + free
    return larger._replace(head=slots.head, counts=counts)
