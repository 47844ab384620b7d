"""Rolling baselines of legacy packets: mean, deviation and z of a figure over the packets of one contract before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
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


class PastFigures:
    """The last figures of each contract, so that packets that come in parts have the baselines of a whole session."""

    def __init__(self) -> None:
        self._held: dict[str, Floats] = {}

    def baselines(self, contract: pa.Array, figures: Floats) -> list[Baseline]:
        """Return the baseline of each column of `figures` [n, k]; packets in order of time, `contract` their ids, strings [n]."""
        coded = contract.dictionary_encode()
        names, code = coded.dictionary.to_pylist(), coded.indices.to_numpy()
        before = [self._held.get(name, figures[:0]) for name in names]
        whole = np.concatenate([*before, figures])
        codes = np.concatenate([np.repeat(np.arange(len(names)), [len(part) for part in before]).astype(np.int64), code])
        found = [baseline(values, codes) for values in whole.T]
        by_contract = np.argsort(codes, kind="stable")
        ends = np.searchsorted(codes[by_contract], np.arange(len(names) + 1))
        for name, start, stop in zip(names, ends[:-1].tolist(), ends[1:].tolist(), strict=True):
            self._held[name] = whole[by_contract[max(start, stop - WINDOW) : stop]]
        first = len(whole) - len(figures)
        return [Baseline(part.mean[first:], part.std[first:], part.z[first:], part.n[first:]) for part in found]


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
