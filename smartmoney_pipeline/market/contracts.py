"""Contracts of a day as arrays for the kernels. Belongs here: pairs, slices and strike lists; dates come from the calendar."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from smartmoney_pipeline.market.arrays import F8, I32, I64, Bool
from smartmoney_pipeline.market.clock_kernel import print_years


@dataclass(frozen=True, eq=False)
class ContractArrays:
    """Indexed by dense contract id, except `slice_*` (by slice), `strikes*` (by strike in a slice) and `underlying_*`.

    A slice is what shares a forward: underlying, root, expiry and settlement. `pair` is the contract of the same slice and strike
    with the other right, -1 none. Strikes and prices in ticks of 1e-4 USD, times in ns UTC, `rate` per year (nan unknown).
    """

    underlying: I32
    slice_id: I32
    strike_ticks: I64
    is_call: Bool
    multiplier: I32
    pair: I32
    settle_ns: I64
    minutes_at_open: F8
    uses_trading_time: Bool
    rate: F8
    slice_start: I64
    strikes: I64
    strike_call: I32
    strike_put: I32
    slice_dividends: F8
    underlying_forward_only: Bool
    session_open_ns: int
    session_close_ns: int

    def __len__(self) -> int:
        return len(self.underlying)


def dense_ids(*keys: npt.ArrayLike) -> I32:
    """Dense int32 ids of the distinct tuples of `keys` (equal-length columns), in sorted order of the tuples."""
    codes = np.zeros(len(np.asarray(keys[0])), np.int64)
    for key in keys:
        values, inverse = np.unique(np.asarray(key), return_inverse=True)
        codes = codes * len(values) + inverse
        codes = np.unique(codes, return_inverse=True)[1].astype(np.int64)
    return codes.astype(np.int32)


def _strike_table(slice_id: I32, strike_ticks: I64, is_call: Bool) -> tuple[I64, I64, I32, I32, I64]:
    """Slice starts, strikes, call and put of each strike (contract ids, -1 none), and each contract's row among the strikes."""
    slices = int(slice_id.max()) + 1 if len(slice_id) else 0
    order = np.lexsort((strike_ticks, slice_id))
    new = np.ones(len(order), np.bool_)
    new[1:] = (np.diff(slice_id[order]) != 0) | (np.diff(strike_ticks[order]) != 0)
    row = np.empty(len(order), np.int64)
    row[order] = np.cumsum(new) - 1
    start = np.searchsorted(slice_id[order][new], np.arange(slices + 1)).astype(np.int64)
    sides = np.full((2, int(new.sum())), -1, np.int32)
    sides[is_call.astype(np.int64), row] = np.arange(len(row), dtype=np.int32)
    if int((sides >= 0).sum()) != len(row):
        raise ValueError("two contracts share slice, strike and right")
    return start, strike_ticks[order][new], sides[1], sides[0], row


def build_contract_arrays(
    *,
    underlying: npt.ArrayLike,
    slice_id: npt.ArrayLike,
    strike_ticks: npt.ArrayLike,
    is_call: npt.ArrayLike,
    settle_ns: npt.ArrayLike,
    session_open_ns: int,
    session_close_ns: int,
    multiplier: npt.ArrayLike | None = None,
    minutes_at_open: npt.ArrayLike | None = None,
    uses_trading_time: npt.ArrayLike | None = None,
    rate: npt.ArrayLike | None = None,
    slice_dividends: npt.ArrayLike | None = None,
    underlying_forward_only: npt.ArrayLike | None = None,
) -> ContractArrays:
    """Contract arrays with pairs and strike lists worked out.

    Left out: multiplier 100, calendar clock, rate unknown, no dividends, every underlying's spot gives a forward. Raises `ValueError`
    where columns differ in length or two contracts share slice, strike and right.
    """
    rights = np.asarray(is_call, np.bool_)
    slices, strikes = np.asarray(slice_id, np.int32), np.asarray(strike_ticks, np.int64)
    start, strike_list, calls, puts, row = _strike_table(slices, strikes, rights)
    underlyings, n = np.asarray(underlying, np.int32), len(rights)
    arrays = ContractArrays(
        underlying=underlyings,
        slice_id=slices,
        strike_ticks=strikes,
        is_call=rights,
        multiplier=_filled(multiplier, n, 100, np.int32),
        pair=np.where(rights, puts[row], calls[row]).astype(np.int32),
        settle_ns=np.asarray(settle_ns, np.int64),
        minutes_at_open=_filled(minutes_at_open, n, 0.0, np.float64),
        uses_trading_time=_filled(uses_trading_time, n, False, np.bool_),
        rate=_filled(rate, n, np.nan, np.float64),
        slice_start=start,
        strikes=strike_list,
        strike_call=calls,
        strike_put=puts,
        slice_dividends=_filled(slice_dividends, len(start) - 1, 0.0, np.float64),
        underlying_forward_only=_filled(underlying_forward_only, int(underlyings.max(initial=-1)) + 1, False, np.bool_),
        session_open_ns=session_open_ns,
        session_close_ns=session_close_ns,
    )
    _check_lengths(arrays)
    return arrays


def _filled(values: npt.ArrayLike | None, rows: int, default: float, dtype: npt.DTypeLike) -> npt.NDArray:  # type: ignore[type-arg]
    return np.full(rows, default, dtype) if values is None else np.ascontiguousarray(np.asarray(values), dtype=dtype)


def _check_lengths(c: ContractArrays) -> None:
    columns = ("slice_id", "strike_ticks", "multiplier", "settle_ns", "minutes_at_open", "uses_trading_time", "rate")
    wrong = [name for name in columns if len(getattr(c, name)) != len(c.underlying)]
    if wrong:
        raise ValueError(f"contract columns differ in length: {', '.join(wrong)}")


def watched_contracts(contracts: ContractArrays, printing: npt.ArrayLike) -> Bool:
    """Mask of the contracts whose quotes matter: those whose slice holds one of the contract ids in `printing`."""
    slices = np.zeros(len(contracts.slice_start), np.bool_)
    slices[contracts.slice_id[np.asarray(printing, np.int64)]] = True
    return slices[contracts.slice_id]


def contract_years(contracts: ContractArrays, ts: I64, contract: I32) -> F8:
    """Years from each time (ns UTC) to settlement of the contract beside it; 0 where it has passed."""
    return print_years(
        ts,
        contract,
        contracts.settle_ns,
        contracts.minutes_at_open,
        contracts.uses_trading_time,
        contracts.session_open_ns,
        contracts.session_close_ns,
    )
