"""Which events are shown first: the largest of each published profile in turn, by premium, ties by event id."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from smartmoney_pipeline.console.results import Results
from smartmoney_pipeline.console.terminal import CommandError
from smartmoney_pipeline.schemas.codes import ProfileId


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for. `abstained` takes in events without a published profile; `profile` then also means the likeliest one."""

    top: int
    profile: ProfileId | None = None
    underlying: str | None = None
    abstained: bool = False


@dataclass(frozen=True, slots=True)
class Chosen:
    """Ids of the events to show, first the largest of each profile; how many fitted, and how many of the fitting underlying abstained."""

    event_ids: list[str]
    fitting: int
    abstained: int


def choose(results: Results, wanted: Wanted) -> Chosen:
    """Return the events to show. Raises `CommandError` for an underlying without events."""
    index = _of_underlying(results, results.index(), wanted.underlying)
    fitting = index if wanted.abstained else index[~index["abstained"]]
    if wanted.profile is not None:
        named = fitting["published"] if not wanted.abstained else fitting["published"].fillna(fitting["likeliest"])
        fitting = fitting[named == wanted.profile.value]
    ranked = fitting.sort_values(["premium_usd", "event_id"], ascending=[False, True], na_position="last")
    if not wanted.abstained:
        turn = ranked.groupby("published", sort=False).cumcount()
        ranked = ranked.assign(turn=turn).sort_values("turn", kind="stable")
    return Chosen(list(ranked["event_id"].head(wanted.top)), len(fitting), int(index["abstained"].sum()))


def _of_underlying(results: Results, index: pd.DataFrame, underlying: str | None) -> pd.DataFrame:
    if underlying is None:
        return index
    chosen = index[index["underlying"] == underlying]
    if chosen.empty:
        known = sorted(index["underlying"].unique())
        shown = ", ".join(known[:10]) + (f" and {len(known) - 10} more" if len(known) > 10 else "")
        raise CommandError(f"{results.place}: no event of {underlying}; there are {shown or 'no events at all'}")
    return chosen
