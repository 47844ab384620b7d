"""Events worth a look: the surest that were right, the surest that were wrong or missed, and those nearest to the threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from smartmoney_pipeline.evaluation.cases import Cases
from smartmoney_pipeline.evaluation.classes import PROFILES

SHOWN = 6


@dataclass(frozen=True, slots=True)
class Notable:
    """One event to show: why, its row in the cases, and what was said and wanted of it."""

    group: str
    row: int
    event_id: str
    part: str
    said: str
    likeliest: str
    probability: float
    wanted: str


GROUPS = {
    "best": "Published, right, and surest",
    "worst": "Published and wrong, surest first",
    "missed": "Nothing published though a profile was wanted and another class led, surest first",
    "nearest": "Nearest to the threshold of probability, nothing else against them",
}


def notable(cases: Cases, threshold: float, shown: int = SHOWN) -> list[Notable]:
    """Return up to `shown` events of each of `GROUPS`; `best` takes profiles in turn. Without labels only the nearest."""
    events = cases.events
    top = cases.probability[:, :-1].max(axis=1, initial=0.0)
    sure = cases.probability.max(axis=1, initial=0.0)
    said = events["primary_profile_id"].astype(object)
    wanted = events["wanted"].astype(object)
    published, labelled = said.notna().to_numpy(), wanted.notna().to_numpy()
    right = published & (said == wanted).to_numpy()
    other = (events["likeliest"].astype(object) != wanted).to_numpy()
    missed = ~published & wanted.isin(PROFILES).to_numpy() & other
    open_to = [set(reasons) <= {"low_probability"} for reasons in events["abstention_reasons"]]
    leads = events["likeliest"].isin(PROFILES).to_numpy() & np.array(open_to, dtype=bool)
    picked: dict[str, list[int]] = {
        "best": _in_turn(right, top, said, shown),
        "worst": _first(published & labelled & ~right, -top, shown),
        "missed": _first(missed, -sure, shown),
        "nearest": _first(leads, np.abs(top - threshold), shown),
    }
    return [_notable(cases, group, int(row), sure) for group, rows in picked.items() for row in rows]


def _first(among: np.ndarray, rank: np.ndarray, shown: int) -> list[int]:
    rows = np.flatnonzero(among)
    return [int(row) for row in rows[np.argsort(rank[rows], kind="stable")][:shown]]


def _in_turn(among: np.ndarray, top: np.ndarray, said: pd.Series, shown: int) -> list[int]:
    best = [_first(among & (said == profile).to_numpy(), -top, shown) for profile in PROFILES]
    turns = [rows[turn] for turn in range(shown) for rows in best if turn < len(rows)]
    return turns[:shown]


def _notable(cases: Cases, group: str, row: int, sure: np.ndarray) -> Notable:
    event = cases.events.iloc[row]
    said = event["primary_profile_id"]
    wanted = event["wanted"]
    return Notable(
        group,
        row,
        str(event["event_id"]),
        str(event["part"]),
        "abstained" if pd.isna(said) else str(said),
        str(event["likeliest"]),
        float(sure[row]),
        "unknown" if pd.isna(wanted) else str(wanted),
    )
