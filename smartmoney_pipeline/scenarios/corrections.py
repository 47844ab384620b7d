"""Errors of the tape: prints reported late, and cancels of prints that were reported before."""

import numpy as np
import pandas as pd

from smartmoney_pipeline.schemas.units import NS_PER_SECOND

_LATE, _OUT_OF_SEQUENCE = ord("D"), ord("B")
_CANCEL, _CANCEL_LAST = ord("A"), ord("C")
_ORDINARY = np.array([ord("I"), ord(" ")])


def with_late_reports(rng: np.random.Generator, prints: pd.DataFrame, share: float, close_ns: int) -> pd.DataFrame:
    """Return prints of which a share is reported 2 to 90 seconds late, under the late or out-of-sequence code."""
    ordinary = prints["condition"].isin(_ORDINARY).to_numpy()
    late = ordinary & (rng.random(len(prints)) < share)
    delay = (rng.uniform(2.0, 90.0, len(prints)) * NS_PER_SECOND).astype(np.int64)
    code = np.where(rng.random(len(prints)) < 0.8, _LATE, _OUT_OF_SEQUENCE)
    moved = prints["ts"].to_numpy() + delay
    late &= moved < close_ns
    return prints.assign(ts=np.where(late, moved, prints["ts"]), condition=np.where(late, code, prints["condition"]).astype(np.int64))


def with_cancels(rng: np.random.Generator, prints: pd.DataFrame, share: float, close_ns: int) -> pd.DataFrame:
    """Return prints plus cancels of a share of the ordinary ones; `cancels` holds the row that a cancel removes, else -1.

    A cancel repeats contract, price, size and venue; its code says whether its print was the contract's latest until then.
    """
    prints = prints.assign(cancels=-1, cancelled=False)
    chosen = np.flatnonzero(prints["condition"].isin(_ORDINARY).to_numpy() & (rng.random(len(prints)) < share))
    delay = (rng.exponential(45.0, len(chosen)) * NS_PER_SECOND).astype(np.int64) + NS_PER_SECOND // 2
    ts = prints["ts"].to_numpy()[chosen] + delay
    chosen, ts = chosen[ts < close_ns], ts[ts < close_ns]
    cancels = prints.iloc[chosen].assign(ts=ts, cancels=chosen, condition=_codes(prints, chosen, ts))
    prints.loc[chosen, "cancelled"] = True
    return pd.concat([prints, cancels], ignore_index=True)


def _codes(prints: pd.DataFrame, chosen: np.ndarray, ts: np.ndarray) -> np.ndarray:
    order = np.lexsort((prints["ts"].to_numpy(), prints["contract"].to_numpy()))
    following = np.full(len(prints), np.iinfo(np.int64).max)
    same = prints["contract"].to_numpy()[order][1:] == prints["contract"].to_numpy()[order][:-1]
    following[order[:-1]] = np.where(same, prints["ts"].to_numpy()[order][1:], np.iinfo(np.int64).max)
    return np.where(following[chosen] > ts, _CANCEL_LAST, _CANCEL)
