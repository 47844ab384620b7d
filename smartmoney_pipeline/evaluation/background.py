"""Which parent events are background. Report, metrics table, acceptance and asset checks all ask here.

Background is every parent event that holds no print of a labelled parent whose answer is a profile: coverage is stated over
profile-labelled parents, and the rest is counted apart (design decision D11). So flow that nobody planted, planted neutral flow, and
planted look-alikes that should be left alone are background alike, and any profile published there is a false alarm.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smartmoney_pipeline.evaluation.classes import NONE, PROFILES

BACKGROUND = "background"
FLOW, NEUTRAL, LOOK_ALIKE = "flow", "neutral", "look_alike"
ORIGINS = {FLOW: "nobody's flow", NEUTRAL: "planted neutral flow", LOOK_ALIKE: "planted look-alikes to be left alone"}
"""Where a background event comes from, in the order of the report."""

FALSE_POSITIVE = "false_positive"
PER = 10_000
"""False alarms are stated per so many background parents."""


def background_origins(event_ids: pd.Series, members: pd.DataFrame, labels: pd.DataFrame) -> NDArray[np.object_]:
    """Return where each event comes from, [n]: a key of `ORIGINS`, or None for an event that is no background.

    `members`: event_id, print_id. `labels`: print_id, profile and, where the scenario says so, expected and family. A label's profile or
    its expected answer makes it profile-labelled. An event that holds prints of a look-alike and of neutral flow counts as a look-alike.
    """
    answers = labels["expected"] if "expected" in labels else labels["profile"]
    is_profile = (labels["profile"] != NONE) | answers.isin(PROFILES)
    trap = (labels["family"] == FALSE_POSITIVE) if "family" in labels else pd.Series(False, index=labels.index)
    origin = np.full(len(event_ids), FLOW, dtype=object)
    for kind, chosen in ((NEUTRAL, ~is_profile), (LOOK_ALIKE, ~is_profile & trap), (None, is_profile)):
        touched = members.loc[members["print_id"].isin(labels.loc[chosen, "print_id"]), "event_id"]
        origin[event_ids.isin(touched).to_numpy()] = kind
    return origin


def is_background(origins: NDArray[np.object_] | pd.Series) -> NDArray[np.bool_]:
    """Return whether each event of these origins is background, [n]."""
    return np.asarray(pd.Series(origins, dtype=object).notna(), dtype=np.bool_)


def false_alarms(published: NDArray[np.bool_], background: NDArray[np.bool_]) -> tuple[int, int]:
    """Return how many background events a profile was published for, and how many there are."""
    return int((published & background).sum()), int(background.sum())
