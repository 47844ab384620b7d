"""What became of the events of a session from one result to another: new, gone, another profile or probability, or something else alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from smartmoney_pipeline.console.words import count, phrase
from smartmoney_pipeline.engine.live.differences import changed_rows
from smartmoney_pipeline.schemas.codes import ProfileId
from smartmoney_pipeline.store.run_hash import NOT_COMPARED

PROFILE, SCORES, NONE = "primary_profile_id", "profile_scores", "none_probability"
VERSIONS = ("ruleset_version", "calibration_version")
"""Columns that say of every event which rules made it: a change of them alone is no change of the event."""

ABSTAINED = "abstained"


@dataclass(frozen=True, slots=True)
class Move:
    """How many events went from one published profile to another; `abstained` stands for none."""

    before: str
    after: str
    events: int


@dataclass(frozen=True, slots=True)
class Changes:
    """Numbers of events, each counted once, at the first that holds: new, gone, other profile, other probability, other column, same.

    `median` and `largest` are over the events whose probabilities changed, whatever their profile: of each the largest change, 0 to 1, of
    its seven probabilities; None where none changed. `moves` come with the most frequent first.
    """

    new: int
    gone: int
    profile: int
    probability: int
    other: int
    same: int
    median: float | None
    largest: float | None
    moves: list[Move]


def changes(left: pa.Table, right: pa.Table, gone: int, new: int) -> Changes:
    """Compare the same events in two results, row by row; `gone` and `new` are the events that only the former or the latter has.

    A column that only one of the tables has is not compared.
    """
    before, after = _profiles(left), _profiles(right)
    profile = (before != after).to_numpy(dtype=np.bool_)
    apart = _apart(left, right)
    moved = (apart > 0) & ~profile
    other = changed_rows(left, right, (*NOT_COMPARED, *VERSIONS, PROFILE)) & ~profile & ~moved
    changed = apart[apart > 0]
    return Changes(
        new=new,
        gone=gone,
        profile=int(profile.sum()),
        probability=int(moved.sum()),
        other=int(other.sum()),
        same=int((~profile & ~moved & ~other).sum()),
        median=float(np.median(changed)) if len(changed) else None,
        largest=float(changed.max()) if len(changed) else None,
        moves=_moves(before[profile], after[profile]),
    )


def _profiles(table: pa.Table) -> pd.Series:
    names = table[PROFILE].cast(pa.string()).to_pandas() if PROFILE in table.column_names else pd.Series([None] * len(table), dtype=object)
    return names.fillna(ABSTAINED).astype(object)


def _moves(before: pd.Series, after: pd.Series) -> list[Move]:
    pairs = pd.DataFrame({"before": before, "after": after}).value_counts(sort=False).reset_index()
    ordered = pairs.sort_values(["count", "before", "after"], ascending=[False, True, True], kind="stable")
    return [Move(*cells) for cells in zip(*(ordered[name].tolist() for name in ("before", "after", "count")), strict=True)]


def _apart(left: pa.Table, right: pa.Table) -> NDArray[np.float64]:
    """The largest change of a probability of each event (f64[n], 0 to 1), whatever the order of its profiles."""
    if not len(left) or not {SCORES, NONE} <= set(left.column_names) & set(right.column_names):
        return np.zeros(len(left))
    rest = np.abs(left[NONE].to_numpy() - right[NONE].to_numpy())
    return np.maximum(rest, np.abs(_by_profile(left) - _by_profile(right)).max(axis=1))


def _by_profile(table: pa.Table) -> NDArray[np.float64]:
    """Probability of each event and profile, f64[n, profiles], whatever the order in which an event lists them."""
    scores = table[SCORES].combine_chunks()
    values = pc.list_flatten(scores)
    names = pa.array([profile.value for profile in ProfileId], pa.string())
    column = pc.fill_null(pc.index_in(pc.struct_field(values, "profile_id").cast(pa.string()), value_set=names), -1).to_numpy()
    wide = np.zeros((len(table), len(names) + 1))  # the last column takes a profile of another version
    wide[pc.list_parent_indices(scores).to_numpy(), column] = pc.struct_field(values, "probability").to_numpy(zero_copy_only=False)
    return wide[:, :-1]


def changes_json(found: Changes) -> dict[str, Any]:
    """Return the numbers in the form of `--json`."""
    counts = {name: getattr(found, name) for name in ("new", "gone", "profile", "probability", "other", "same", "median", "largest")}
    return counts | {"moves": [{"before": one.before, "after": one.after, "events": one.events} for one in found.moves]}


def changes_view(found: Changes) -> RenderableType:
    """Return the numbers as a table, and below it who moved between which profiles."""
    kinds = (
        ("new", found.new),
        ("gone", found.gone),
        ("other profile", found.profile),
        ("other probability alone", found.probability),
        ("other columns alone", found.other),
        ("the same", found.same),
    )
    parts: list[RenderableType] = [_counts(("what became of the events", "events"), kinds)]
    if found.median is not None and found.largest is not None:
        parts.append(Text(f"probabilities changed by {found.median:.3g} (median) to {found.largest:.3g} (largest)"))
    return Group(*parts, *([moves_view(found.moves)] if found.moves else []))


def moves_view(moves: Sequence[Move]) -> RenderableType:
    """Return who moved between which profiles as a table."""
    return _counts(("profile before", "after", "events"), [(phrase(one.before), phrase(one.after), one.events) for one in moves])


def _counts(head: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> Table:
    """A table whose last column holds numbers."""
    table = Table(*head[:-1], box=None, pad_edge=False)
    table.add_column(head[-1], justify="right")
    for *names, number in rows:
        table.add_row(*names, count(number))
    return table
