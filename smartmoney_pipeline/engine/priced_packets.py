"""Greeks and volatility shock of packets, read at their first print and held until the packet closes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from smartmoney_pipeline.market.aligned import AlignedPrints
from smartmoney_pipeline.market.contracts import ContractArrays
from smartmoney_pipeline.market.iv_shock import print_iv_shock
from smartmoney_pipeline.market.pricing import price_prints
from smartmoney_pipeline.schemas.packet_columns import PRICED_COLUMNS

PRICED_NAMES = tuple(column.name for column in PRICED_COLUMNS)


def opening_rows(packet_of_print: NDArray[np.int64], opened_before: int) -> NDArray[np.int64]:
    """Rows of the prints that opened a packet: numbers are given in tape order, so each opener is a new highest number."""
    highest = np.maximum.accumulate(np.concatenate(([opened_before - 1], packet_of_print)))
    return np.flatnonzero(packet_of_print > highest[:-1])


def priced_rows(aligned: AlignedPrints, contracts: ContractArrays) -> NDArray[np.float64]:
    """Array [n, 6] of PRICED_COLUMNS at each print, NaN unknown."""
    greeks = price_prints(aligned, contracts)
    shock = print_iv_shock(aligned, contracts, greeks.iv)
    return np.column_stack([greeks.iv, greeks.delta, greeks.gamma, greeks.vega, shock.points, shock.half_spread_points])


class PricedPackets:
    """Priced columns of the packets opened and not yet closed, by packet number."""

    def __init__(self) -> None:
        self._first = 0
        self._rows = np.empty((0, len(PRICED_NAMES)))

    def open(self, aligned: AlignedPrints, packet_of_print: NDArray[np.int64], contracts: ContractArrays) -> None:
        """Price the packets that this chunk opened."""
        openers = opening_rows(packet_of_print, self._first + len(self._rows))
        self._rows = np.concatenate([self._rows, priced_rows(aligned.take(openers), contracts)])

    def of(self, numbers: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
        """Priced columns of packets by number."""
        rows = self._rows[numbers - self._first]
        return {name: np.ascontiguousarray(rows[:, i]) for i, name in enumerate(PRICED_NAMES)}

    def drop_before(self, number: int) -> None:
        """Forget the packets below `number`: all of them have closed."""
        keep = max(number - self._first, 0)
        self._rows = self._rows[keep:]
        self._first += keep
