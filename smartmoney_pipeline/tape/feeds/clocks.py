"""Vendor clocks: New York wall-clock text to UTC, and the New York date of times."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from smartmoney_pipeline.schemas.codes import QuarantineReason
from smartmoney_pipeline.schemas.units import NS_PER_SECOND
from smartmoney_pipeline.tape.columns import CLOCK
from smartmoney_pipeline.tape.quarantine import RowFaults
from smartmoney_pipeline.tape.session import NEW_YORK
from smartmoney_pipeline.tape.tables import Kind

NO_DAY = np.iinfo(np.int32).min
_DAY_NS = 86_400 * NS_PER_SECOND


def eastern_times(text: pa.Array, faults: RowFaults, column: str) -> pa.Array:
    """UTC times of New York wall-clock text without zone; an hour that happens twice or never is a fault, as is a zone."""
    plain = text.cast(pa.string())
    formed = pc.if_else(pc.match_substring_regex(plain, CLOCK + "$"), plain, pa.scalar(None, pa.string()))
    local = pd.to_datetime(formed.to_pandas(), format="ISO8601", errors="coerce").dt.as_unit("ns")
    zoned = local.dt.tz_localize(NEW_YORK, ambiguous="NaT", nonexistent="NaT").dt.tz_convert("UTC")
    unreadable = zoned.isna().to_numpy() & plain.is_valid().to_numpy(zero_copy_only=False)
    faults.at(column).add(unreadable, QuarantineReason.UNREADABLE_VALUE, plain)
    return pa.array(zoned, Kind.TIME.value, from_pandas=True)


def eastern_days(times: pa.Array) -> np.ndarray:
    """New York date of each time as days since 1970 (i32[n]); `NO_DAY` where there is no time."""
    whole = times.cast(pa.int64())
    ns = (pc.fill_null(whole, 0) if whole.null_count else whole).to_numpy()
    days = _days(ns)
    if times.null_count:
        days[times.is_null().to_numpy(zero_copy_only=False)] = NO_DAY
    return days


def _days(ns: np.ndarray) -> np.ndarray:
    if not len(ns):
        return np.zeros(0, np.int32)
    low, high = (_day(int(edge)) for edge in (ns.min(), ns.max()))
    if low == high:
        return np.full(len(ns), low, np.int32)
    # One conversion per quarter of an hour: no zone changes its offset inside one.
    quarters, codes = np.unique(ns // (900 * NS_PER_SECOND), return_inverse=True)
    local = pd.DatetimeIndex((quarters * 900).astype("datetime64[s]"), tz="UTC").tz_convert(NEW_YORK).tz_localize(None)
    return local.to_numpy().astype("datetime64[D]").astype(np.int32)[codes]


def _day(ns: int) -> int:
    instant = pd.Timestamp(ns, unit="ns", tz="UTC").tz_convert(NEW_YORK).tz_localize(None)
    return int(instant.as_unit("ns").value // _DAY_NS)
