"""Acceptance of scenarios, case by case: does the right profile win, do wrong ones stay low, is what should be left alone left alone.

A case is one template, variant and difficulty. The raw share of a class is the softmax of its raw log-odds over the six profiles and none.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smartmoney_pipeline.evaluation.background import PER, background_origins, false_alarms, is_background
from smartmoney_pipeline.evaluation.classes import CLASSES, PROFILES
from smartmoney_pipeline.evaluation.flat import PROBABILITIES
from smartmoney_pipeline.evaluation.goals import MOST_FALSE_ALARMS
from smartmoney_pipeline.evaluation.matching import MATCH_JACCARD, overlaps

WRONG_SHARE = 0.35
"""Each wrong profile stays below this raw share."""
WANTED = 0.95
"""Share of a case's events that must come out right."""
CASE = ["family", "template", "variant", "difficulty", "expected"]
LABELS = ["label_id", "print_id", "profile", *CASE]

Floats = NDArray[np.float64]


def judged(events: pd.DataFrame, members: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """Return one row per labelled parent: `CASE`, profile, and how its best-matching event came out.

    `events` has event_id, primary_profile_id, abstained, and raw shares in the probability columns of `flat`; `members` event_id and
    print_id; `labels` one row per labelled print (`LABELS`). Columns: `CASE`, profile, found (at least half of
    the union of prints is shared), wins (the expected class has the largest share: among the profiles where a profile is expected, else
    among all), worst_wrong (largest share of a profile that is not expected), wrong_profile, published (profile or null), right.
    A parent without any event is not found, wins nothing and is right only where nothing should be published.
    """
    parents = labels.drop_duplicates("label_id")[["label_id", "profile", *CASE]].sort_values("label_id", ignore_index=True)
    rows = parents.merge(_best(members, labels), on="label_id", how="left").merge(events, on="event_id", how="left")
    matched = rows["event_id"].notna().to_numpy()
    share = np.full((len(rows), len(CLASSES)), np.nan)
    if matched.any():
        share[matched] = rows.loc[matched, PROBABILITIES].to_numpy(np.float64)
    rows["jaccard"] = rows["jaccard"].astype("float64").fillna(0.0)
    expected = rows["expected"].map({name: i for i, name in enumerate(CLASSES)}).fillna(-1).astype("int64").to_numpy()
    return _outcomes(rows, share, expected, matched)


def _best(members: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    if not members["print_id"].isin(labels["print_id"]).any():
        return pd.DataFrame({"label_id": [], "event_id": [], "jaccard": []}, dtype=object)
    return overlaps(members, labels).drop_duplicates("label_id")[["label_id", "event_id", "jaccard"]]


def _outcomes(rows: pd.DataFrame, share: Floats, expected: NDArray[Any], matched: NDArray[np.bool_]) -> pd.DataFrame:
    is_profile = (expected >= 0) & (expected < len(PROFILES))
    known = np.where(np.isnan(share), -1.0, share)
    winner = np.where(is_profile, known[:, :-1].argmax(axis=1), known.argmax(axis=1))
    wrong = known[:, :-1].copy()
    wrong[is_profile, expected[is_profile]] = -1.0
    published = rows["primary_profile_id"].astype(object).where(rows["primary_profile_id"].notna(), None)
    worst = wrong.argmax(axis=1)
    wins = matched & (winner == expected)
    silent = published.isna().to_numpy()
    return rows[["label_id", "profile", *CASE]].assign(
        found=(rows["jaccard"] >= MATCH_JACCARD).to_numpy(),
        wins=wins,
        worst_wrong=np.where(matched, wrong.max(axis=1), np.nan),
        wrong_profile=pd.Series(PROFILES)[worst].where(matched).to_numpy(),
        published=published,
        right=np.where(is_profile, wins & (silent | (published == rows["expected"]).to_numpy()), silent),
    )


def acceptance_table(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return one row per case of `judged` rows of any number of sessions, sorted by `CASE`.

    Columns: `CASE`, n, found, wins, below (worst wrong share under `WRONG_SHARE`), worst_wrong (largest), wrong_profile (the one that has
    it), abstained, right; shares of n, null where no event matched. `passed`: of a profile, it wins and the wrong ones stay below, in
    `WANTED` of the events; of anything else, right in `WANTED`.
    """
    rows = [_case(dict(zip(CASE, map(str, names), strict=True)), group) for names, group in outcomes.groupby(CASE, sort=True)]
    return pd.DataFrame(
        rows, columns=[*CASE, "n", "found", "wins", "below", "worst_wrong", "wrong_profile", "abstained", "right", "passed"]
    )


def _case(names: dict[str, str], group: pd.DataFrame) -> dict[str, object]:
    wins, right = float(group["wins"].mean()), float(group["right"].mean())
    # A parent without an event proves nothing about wrong profiles, and does not count as below.
    below = float((group["worst_wrong"] < WRONG_SHARE).mean())
    worst = group.sort_values("worst_wrong", ascending=False, kind="stable").iloc[0]
    passed = min(wins, below) >= WANTED if names["family"] == "profile" else right >= WANTED
    return {
        **names,
        "n": len(group),
        "found": float(group["found"].mean()),
        "wins": wins,
        "below": below,
        "worst_wrong": float(worst["worst_wrong"]),
        "wrong_profile": worst["wrong_profile"],
        "abstained": float(group["published"].isna().mean()),
        "right": right,
        "passed": bool(passed),
    }


def noise(events: pd.DataFrame, members: pd.DataFrame, labels: pd.DataFrame) -> tuple[int, int]:
    """Return (published, all) background events (`background.background_origins`): what ordinary flow and look-alikes set off."""
    background = is_background(background_origins(events["event_id"], members, labels))
    return false_alarms(events["primary_profile_id"].notna().to_numpy(), background)


def noise_row(published: int, background: int) -> dict[str, object]:
    """Return the verdict on background: events, published, per 10,000, passed."""
    rate = PER * published / max(background, 1)
    return {"background_events": background, "published": published, "per_10000": rate, "passed": rate <= MOST_FALSE_ALARMS}
