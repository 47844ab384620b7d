"""How the tape tells of prints: on time, late, out of sequence, twice, in extended hours, and cancelled afterwards."""

import numpy as np
import pandas as pd

from smartmoney_pipeline.scenarios.clock import Ints, SessionClock
from smartmoney_pipeline.scenarios.orders import Report
from smartmoney_pipeline.schemas.units import NS_PER_MS, NS_PER_SECOND

# Letters of OPRA-SPEC: late and out of sequence, the same for a contract's first trade, cancels by place, extended hours.
_LATE, _OUT_OF_SEQUENCE = ord("D"), ord("B")
_LATE_OPENING, _OPENING_OUT_OF_SEQUENCE = ord("H"), ord("F")
_CANCEL, _CANCEL_LAST, _CANCEL_FIRST, _CANCEL_ONLY = ord("A"), ord("C"), ord("E"), ord("G")
_EXTENDED = ord("v")
_ORDINARY = np.array([ord("I"), ord(" ")])
_OUT_OF_SEQUENCE_SHARE = 0.2
_MORNING_SHARE = 0.5
_NEVER = np.iinfo(np.int64).max


def in_extended_hours(rng: np.random.Generator, orders: pd.DataFrame, clock: SessionClock) -> pd.DataFrame:
    """Return orders of which those with `Report.EXTENDED` trade outside the regular session of the same day.

    Half of them in the morning session, up to six hours before the open, half in the three quarters of an hour after the last close.
    Orders of one time (legs of a package) stay together.
    """
    chosen = (orders["report"] == Report.EXTENDED).to_numpy()
    ts = orders["ts"].to_numpy()
    times, place = np.unique(ts, return_inverse=True)
    morning = rng.random(len(times)) < _MORNING_SHARE
    draw = rng.random(len(times))
    before = clock.open_ns - ((300.0 + 21_000.0 * draw) * NS_PER_SECOND).astype(np.int64)
    after = max(clock.last_ns, clock.close_ns) + ((60.0 + 2_400.0 * draw) * NS_PER_SECOND).astype(np.int64)
    return orders.assign(ts=np.where(chosen, np.where(morning, before, after)[place], ts))


def reported(rng: np.random.Generator, prints: pd.DataFrame, late_share: float, cancel_share: float, last_ns: int) -> pd.DataFrame:
    """Return one group's prints as the tape tells of them, with its errors: a share of ordinary prints late, a share cancelled.

    Added columns: `executed` (UTC ns of the trade), `cancels` and `repeats` (row that this row cancels or repeats, else -1), `cancelled`.
    """
    count = len(prints)
    draws = rng.random((count, 6))
    ordinary = prints["condition"].isin(_ORDINARY).to_numpy() & (prints["report"] == Report.ORDINARY).to_numpy()
    prints = prints.assign(executed=prints["ts"], cancels=-1, repeats=-1, cancelled=False)
    prints = _late(prints, draws, ordinary & (draws[:, 0] < late_share), last_ns)
    prints.loc[(prints["report"] == Report.EXTENDED), "condition"] = _EXTENDED
    doomed = (prints["report"] == Report.CANCELLED).to_numpy() | (ordinary & (draws[:, 3] < cancel_share))
    parts = [prints.assign(cancelled=_in_time(prints, doomed, draws, last_ns))]
    parts.append(_cancels(parts[0], draws))
    parts.append(_repeats(prints, draws))
    return pd.concat(parts, ignore_index=True)


def _late(prints: pd.DataFrame, draws: np.ndarray, chosen: np.ndarray, last_ns: int) -> pd.DataFrame:
    report = prints["report"].to_numpy()
    moved = prints["ts"].to_numpy() + ((2.0 + 88.0 * draws[:, 1]) * NS_PER_SECOND).astype(np.int64)
    chosen = chosen & (moved < last_ns)
    out = (report == Report.OUT_OF_SEQUENCE) | (chosen & (draws[:, 2] < _OUT_OF_SEQUENCE_SHARE))
    late = (report == Report.LATE) | (chosen & ~out)
    condition = np.where(out, _OUT_OF_SEQUENCE, np.where(late, _LATE, prints["condition"]))
    return prints.assign(ts=np.where(late | out, moved, prints["ts"]), condition=condition.astype(np.int64))


def _cancel_times(prints: pd.DataFrame, draws: np.ndarray) -> Ints:
    delay = (-45.0 * np.log1p(-draws[:, 4]) * NS_PER_SECOND).astype(np.int64) + NS_PER_SECOND // 2
    return prints["ts"].to_numpy() + delay


def _in_time(prints: pd.DataFrame, doomed: np.ndarray, draws: np.ndarray, last_ns: int) -> np.ndarray:
    asked = (prints["report"] == Report.CANCELLED).to_numpy()
    return doomed & (asked | (_cancel_times(prints, draws) < last_ns))


def _cancels(prints: pd.DataFrame, draws: np.ndarray) -> pd.DataFrame:
    chosen = np.flatnonzero(prints["cancelled"].to_numpy())
    ts = _cancel_times(prints, draws)[chosen]
    return prints.iloc[chosen].assign(ts=ts, cancels=chosen, cancelled=False, condition=_CANCEL)


def _repeats(prints: pd.DataFrame, draws: np.ndarray) -> pd.DataFrame:
    chosen = np.flatnonzero((prints["report"] == Report.DUPLICATED).to_numpy())
    later = (5.0 + 400.0 * draws[chosen, 5]) * NS_PER_MS
    return prints.iloc[chosen].assign(ts=prints["ts"].to_numpy()[chosen] + later.astype(np.int64), repeats=chosen)


def joined(groups: list[pd.DataFrame]) -> pd.DataFrame:
    """Return the reported prints of several groups as one frame, with rows that stay apart and codes that say a print's place.

    A cancel says whether its print was the contract's only, first or latest one; a late report whether it tells of the first.
    """
    offset, parts = 0, []
    for group in groups:
        shifted = {name: np.where(group[name] >= 0, group[name] + offset, -1) for name in ("cancels", "repeats")}
        parts.append(group.assign(**shifted))
        offset += len(group)
    prints = pd.concat(parts, ignore_index=True)
    return prints.assign(condition=_with_places(prints))


def _with_places(prints: pd.DataFrame) -> Ints:
    condition, trade = prints["condition"].to_numpy().copy(), (prints["cancels"] < 0).to_numpy()
    trades = prints[trade]
    by_contract = trades.groupby("contract")["executed"]
    first = prints["contract"].map(by_contract.min()).to_numpy() == prints["executed"].to_numpy()
    condition[trade & first & (condition == _LATE)] = _LATE_OPENING
    condition[trade & first & (condition == _OUT_OF_SEQUENCE)] = _OPENING_OUT_OF_SEQUENCE
    rows = np.flatnonzero(~trade)
    if len(rows):
        only = prints["contract"].map(trades.groupby("contract").size()).to_numpy()[rows] == 1
        latest = _next_trade(prints)[prints["cancels"].to_numpy()[rows]] > prints["ts"].to_numpy()[rows]
        condition[rows] = np.select([only, latest, first[rows]], [_CANCEL_ONLY, _CANCEL_LAST, _CANCEL_FIRST], _CANCEL)
    return condition


def _next_trade(prints: pd.DataFrame) -> Ints:
    """Return, per row, when its contract trades next (UTC ns), the largest number where it does not."""
    contract, ts = prints["contract"].to_numpy(), prints["ts"].to_numpy()
    rows = np.flatnonzero((prints["cancels"] < 0).to_numpy())
    order = rows[np.lexsort((ts[rows], contract[rows]))]
    following = np.full(len(prints), _NEVER)
    same = contract[order][1:] == contract[order][:-1]
    following[order[:-1]] = np.where(same, ts[order][1:], _NEVER)
    return following
