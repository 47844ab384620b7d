"""Rolling baselines of legacy packets: mean, deviation and z of a figure over the packets of one contract before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]
WINDOW = 50
"""Packets of the contract that a baseline looks back on, within the session."""

FLAT = 1e-9
"""Deviation, relative to the mean, below which the figures before are all alike, and no z is given."""


@dataclass(frozen=True)
class Baseline:
    """Columns of n packets; NaN where nothing came before, z also where what came before was all alike."""

    mean: Floats
    std: Floats
    z: Floats
    n: NDArray[np.int64]


def baseline(values: Floats, contract: NDArray[np.int64]) -> Baseline:
    """Return the baseline of each packet; packets in order of time, `contract` an id. NaN values are not counted."""
    column = pd.Series(values)
    rolling = column.groupby(contract).rolling(WINDOW, min_periods=1, closed="left")
    mean, std, n = (_in_order(part) for part in (rolling.mean(), rolling.std(ddof=0), rolling.count()))
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(std <= FLAT * np.abs(mean), np.nan, (values - mean) / std)
    return Baseline(mean, std, z, np.nan_to_num(n).astype(np.int64))


def _in_order(grouped: pd.Series) -> Floats:
    """Values in the order of the rows, whatever the groups."""
    return grouped.droplevel(0).sort_index().to_numpy(dtype=np.float64)
