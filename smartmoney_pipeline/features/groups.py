"""Packets of each event grouped by strike, expiry or contract. Group sums and extremes only; which to group by is for features."""

import numpy as np
from numpy.typing import NDArray

from smartmoney_pipeline.features.arrays import Floats, Ints


class Groups:
    """Packets of each event grouped by a key (strike, expiry, contract): group sums and their extremes per event."""

    def __init__(self, keys: NDArray, event_row: Ints, size: int) -> None:
        """Group by `keys` within the events that `event_row` (rising) names, 0 to `size` - 1."""
        self._size = size
        self.order: Ints = np.lexsort((keys, event_row))
        event, key = event_row[self.order], keys[self.order]
        opens = np.ones(len(key), dtype=bool)
        opens[1:] = (event[1:] != event[:-1]) | (key[1:] != key[:-1])
        self.group_starts: Ints = np.flatnonzero(opens)
        self.event_of_group: Ints = event[self.group_starts]
        self.starts: Ints = np.searchsorted(self.event_of_group, np.arange(size))

    def totals(self, values: NDArray) -> Floats:
        """Sum per group."""
        ordered = values.astype(np.float64)[self.order]
        return np.add.reduceat(ordered, self.group_starts) if len(ordered) else np.empty(0)

    def peaks(self, values: NDArray) -> Floats:
        """Greatest value per group."""
        ordered = values.astype(np.float64)[self.order]
        return np.maximum.reduceat(ordered, self.group_starts) if len(ordered) else np.empty(0)

    def first_rows(self) -> Ints:
        """Packet row of each group's first packet in tape order."""
        return self.order[self.group_starts]

    def count(self) -> Floats:
        """Number of groups per event."""
        return np.bincount(self.event_of_group, minlength=self._size).astype(np.float64)

    def event_sum(self, per_group: Floats) -> Floats:
        """Sum of group values per event."""
        return np.add.reduceat(per_group, self.starts) if len(self.starts) else np.empty(0)

    def event_max(self, per_group: Floats) -> Floats:
        """Greatest group value per event."""
        return np.maximum.reduceat(per_group, self.starts) if len(self.starts) else np.empty(0)

    def event_min(self, per_group: Floats) -> Floats:
        """Least group value per event."""
        return np.minimum.reduceat(per_group, self.starts) if len(self.starts) else np.empty(0)


class OwnGroups(Groups):
    """Groups where every event has a single packet: each packet is a group, and its values are the group's."""

    def __init__(self, keys: NDArray) -> None:
        """One group for each of `keys`."""
        self._size = len(keys)
        self.order = self.group_starts = self.event_of_group = self.starts = np.arange(len(keys))

    def totals(self, values: NDArray) -> Floats:
        """The values."""
        return values.astype(np.float64, copy=False)

    peaks = totals

    def event_sum(self, per_group: Floats) -> Floats:
        """The values."""
        return per_group

    event_max = event_min = event_sum

    def first_rows(self) -> Ints:
        """Every packet."""
        return self.order

    def count(self) -> Floats:
        """One group an event."""
        return np.ones(self._size)
