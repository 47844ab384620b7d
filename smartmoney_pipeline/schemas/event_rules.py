"""Row rules of tables that hold events, as whole-column functions: frame in, one boolean a row out. Each works on Arrow or Python lists."""

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from smartmoney_pipeline.schemas.arrow import TEXTS, column_array, struct_type
from smartmoney_pipeline.schemas.codes import ConfidenceBand, Direction, EventKind, ProfileId
from smartmoney_pipeline.schemas.contracts import INTERVAL_TOLERANCE, SUM_TOLERANCE, ProfileScore
from smartmoney_pipeline.schemas.units import NS_PER_MS

SCORES = pa.list_(struct_type(ProfileScore))
_PROFILES = pa.array(list(ProfileId), pa.string())


def times_run_forward(frame: pd.DataFrame) -> pd.Series:
    """True where start_ts <= end_ts <= closed_at."""
    return (frame["start_ts"] <= frame["end_ts"]) & (frame["end_ts"] <= frame["closed_at"])


def window_matches_times(frame: pd.DataFrame) -> pd.Series:
    """True where event_window_ms is end_ts - start_ts in whole milliseconds, rounded down."""
    width = (frame["end_ts"] - frame["start_ts"]).astype("timedelta64[ns]").astype("int64")
    return width // NS_PER_MS == frame["event_window_ms"]


def members_belong_once(frame: pd.DataFrame) -> pd.Series:
    """True where an event has members, none of them null or a member of anything else."""
    members = column_array(frame["member_print_ids"], TEXTS)
    prints = pc.list_flatten(members)
    codes = prints.dictionary_encode().indices
    seen = codes.fill_null(0).to_numpy(zero_copy_only=False)
    wrong = (np.bincount(seen)[seen] > 1) | codes.is_null().to_numpy(zero_copy_only=False) if len(seen) else np.zeros(0, bool)
    return _series(frame, (_lengths(members) > 0) & (_count(members, wrong) == 0))


def single_leg_has_no_structure(frame: pd.DataFrame) -> pd.Series:
    """True where structure is null or the event has several legs."""
    return frame["structure"].isna() | (frame["event_kind"] == EventKind.MULTI_LEG.value)


def items_listed(column: pd.Series, allowed: Iterable[str]) -> pd.Series:
    """True where every item of a list column is in a closed list."""
    lists = column_array(column, TEXTS)
    known = pc.is_in(pc.list_flatten(lists), value_set=pa.array(list(allowed), pa.string()))
    return pd.Series(_count(lists, ~known.to_numpy(zero_copy_only=False)) == 0, index=column.index)


def items_counted(column: pd.Series) -> pd.Series:
    """Items of each list, 0 for a null list."""
    return pd.Series(_lengths(column_array(column, TEXTS)), index=column.index)


def items_present(column: pd.Series) -> pd.Series:
    """True where a list column has at least one item."""
    return items_counted(column) > 0


def primary_is_null_where_abstained(frame: pd.DataFrame) -> pd.Series:
    """True where primary_profile_id is null exactly when abstained."""
    return frame["primary_profile_id"].isna() == frame["abstained"]


def reasons_are_given_where_abstained(frame: pd.DataFrame) -> pd.Series:
    """True where abstention_reasons has items exactly when abstained."""
    return items_present(frame["abstention_reasons"]) == frame["abstained"]


def profiles_are_complete(frame: pd.DataFrame) -> pd.Series:
    """True where profile_scores holds each of the six profiles once."""
    scores = column_array(frame["profile_scores"], SCORES)
    code = _field(scores, "profile_id", pc.index_in, _PROFILES)
    # six powers of two below 2**6 add up to 2**6 - 1 only if each occurs once; an unknown profile is far beyond
    mark = np.where(np.isnan(code), 1e6, 2.0 ** np.nan_to_num(code))
    return _series(frame, (_lengths(scores) == len(ProfileId)) & (_sum(scores, mark) == 2 ** len(ProfileId) - 1))


def scores_are_highest_first(frame: pd.DataFrame) -> pd.Series:
    """True where the probabilities of profile_scores never rise."""
    scores = column_array(frame["profile_scores"], SCORES)
    probability, parent = _field(scores, "probability"), _parents(scores)
    rises = np.zeros(len(probability), bool)
    rises[1:] = ~(probability[1:] <= probability[:-1]) & (parent[1:] == parent[:-1])
    return _series(frame, _count(scores, rises) == 0)


def probabilities_add_up(frame: pd.DataFrame) -> pd.Series:
    """True where the probabilities of profile_scores and none_probability add up to 1."""
    scores = column_array(frame["profile_scores"], SCORES)
    total = _sum(scores, _field(scores, "probability")) + frame["none_probability"].to_numpy(float)
    return _series(frame, np.abs(total - 1.0) <= SUM_TOLERANCE)


def score_fields_hold(frame: pd.DataFrame) -> pd.Series:
    """True where every score has a listed band and direction, reasons, and an interval that holds its probability."""
    scores = column_array(frame["profile_scores"], SCORES)
    low, mid, high = (_field(scores, name) for name in ("probability_low", "probability", "probability_high"))
    held = (low <= mid + INTERVAL_TOLERANCE) & (mid <= high + INTERVAL_TOLERANCE) & (mid >= 0) & (mid <= 1)
    for name, allowed in (("confidence_band", ConfidenceBand), ("direction", Direction)):
        held &= ~np.isnan(_field(scores, name, pc.index_in, pa.array(list(allowed), pa.string())))
    held &= _field(scores, "reasons", pc.is_valid).astype(bool)
    return _series(frame, _count(scores, ~held) == 0)


def published_is_first(frame: pd.DataFrame) -> pd.Series:
    """True where a published profile is the first of its scores."""
    scores = column_array(frame["profile_scores"], SCORES)
    code = _field(scores, "profile_id", pc.index_in, _PROFILES)
    lengths = _lengths(scores)
    first = np.full(len(frame), np.nan)
    first[lengths > 0] = code[(np.cumsum(lengths) - lengths)[lengths > 0]]
    primary = pc.index_in(column_array(frame["primary_profile_id"], pa.string()), value_set=_PROFILES)
    return frame["abstained"] | (first == primary.to_numpy(zero_copy_only=False))


def _field(lists: pa.Array, name: str, compute: Callable[..., pa.Array] | None = None, values: pa.Array | None = None) -> np.ndarray:
    """One field over all items of a list<struct> as float64, null as NaN; `compute` (with its value set) is applied first."""
    column = pc.struct_field(pc.list_flatten(lists), name)
    if compute is not None:
        column = compute(column) if values is None else compute(column, value_set=values)
    return column.cast(pa.float64()).to_numpy(zero_copy_only=False)


def _lengths(lists: pa.Array) -> np.ndarray:
    """Items a row, 0 for a null list."""
    return pc.list_value_length(lists).fill_null(0).to_numpy(zero_copy_only=False)


def _parents(lists: pa.Array) -> np.ndarray:
    """Row of each item of the flattened lists."""
    return pc.list_parent_indices(lists).to_numpy(zero_copy_only=False)


def _sum(lists: pa.Array, weights: np.ndarray) -> np.ndarray:
    """Sum of one number an item over each row, in the order of the items; 0 for an empty row."""
    return np.bincount(_parents(lists), weights=weights, minlength=len(lists))


def _count(lists: pa.Array, marks: np.ndarray) -> np.ndarray:
    """Marked items a row."""
    return _sum(lists, marks.astype(float))


def _series(frame: pd.DataFrame, values: np.ndarray) -> pd.Series:
    return pd.Series(values, index=frame.index)
