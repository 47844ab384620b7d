"""Scored events beside what is right about them: one row an event, one row a labelled parent, over any number of sessions and seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smartmoney_pipeline.evaluation.flat import PROBABILITIES
from smartmoney_pipeline.evaluation.matching import event_truth, match_parents, overlaps
from smartmoney_pipeline.evaluation.metrics import NONE, PROFILES

CLASSES: tuple[str, ...] = (*PROFILES, NONE)
ABSTAIN, NOT_FOUND = "abstain", "not_found"
LABELLED, BACKGROUND, MIXED = "labelled", "background", "mixed"
"""Kinds of events: owned by a label; without a print of any label; with some labelled prints, too few to be owned."""

MIN_PARTS = 5
"""With fewer sessions their underlyings are the blocks: intervals are then too short by what a market moves in common."""

FALSE_POSITIVE = "false_positive"
CASE_DEFAULTS = {"template": "", "variant": "", "difficulty": "", "family": ""}

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Units:
    """Block number of each event and of each labelled parent, the number of blocks, and what a block is."""

    events: Ints
    parents: Ints
    count: int
    meaning: str


@dataclass(frozen=True)
class Part:
    """One scored session of one source. `labels` has a row a labelled print; None = no labels.

    `events`: rows of smart_money_events, flat (`flat_events`); `members`: event_id, print_id; `labels`: label_id, print_id, profile,
    direction and, where the scenario says so, template, variant, difficulty, family and expected.
    """

    name: str
    events: pd.DataFrame
    members: pd.DataFrame
    labels: pd.DataFrame | None


@dataclass(frozen=True)
class Cases:
    """Events and labelled parents of all parts.

    `events` adds to the columns that came: block (number of the part), kind, label (null but for labelled), truth (class that made the
    event; null where mixed or without labels), wanted (what should be published: a profile, none or abstain) and likeliest.
    `parents`: block, underlying, label, profile, wanted, direction, event_id (match or null), jaccard, exact, main_event (largest of the
    events that it owns), leading (likeliest profile there), answer (published profile, abstain or not_found) and `CASE_DEFAULTS`.
    `probability` [n, 7] is in row order of `events`.
    """

    names: tuple[str, ...]
    events: pd.DataFrame
    parents: pd.DataFrame
    probability: Floats

    @property
    def known(self) -> NDArray[np.bool_]:
        """[n]: the class that made the event is known."""
        return self.events["truth"].notna().to_numpy()

    @property
    def truth(self) -> Ints:
        """Class positions of the events that are known."""
        return class_positions(self.events.loc[self.known, "truth"])

    @property
    def units(self) -> Units:
        """Blocks of the bootstrap: parts, or each part's underlyings where there are fewer than `MIN_PARTS` parts."""
        of_events, of_parents = (frame["block"].to_numpy(np.int64) for frame in (self.events, self.parents))
        if len(self.names) >= MIN_PARTS or "underlying_id" not in self.events:
            return Units(of_events, of_parents, len(self.names), "session and seed")
        first = _keys(of_events, self.events["underlying_id"])
        second = _keys(of_parents, self.parents["underlying"])
        place = {key: i for i, key in enumerate(sorted({*first, *second}))}
        return Units(_numbers(first, place), _numbers(second, place), len(place), "session, seed and underlying")


def _keys(block: Ints, underlying: pd.Series) -> list[tuple[int, str]]:
    return list(zip(block.tolist(), underlying.astype(object).fillna("").tolist(), strict=True))


def _numbers(keys: list[tuple[int, str]], place: dict[tuple[int, str], int]) -> Ints:
    return np.array([place[key] for key in keys], dtype=np.int64)


def class_positions(names: pd.Series) -> Ints:
    """Return the position of each class name in `CLASSES`, -1 for any other text."""
    return names.map({name: i for i, name in enumerate(CLASSES)}).fillna(-1).to_numpy().astype(np.int64)


def cases_of(parts: Sequence[Part]) -> Cases:
    """Return the cases of all parts. Raises `ValueError` where there is no part."""
    if not parts:
        raise ValueError("there is nothing to evaluate")
    events = pd.concat([_events(part, i) for i, part in enumerate(parts)], ignore_index=True)
    parents = pd.concat([_parents(part, i) for i, part in enumerate(parts)], ignore_index=True)
    probability = events[PROBABILITIES].to_numpy(np.float64)
    names = pd.Series(CLASSES)
    events["likeliest"] = names[np.nan_to_num(probability).argmax(axis=1)].to_numpy(object) if len(events) else None
    return Cases(tuple(part.name for part in parts), events, parents, probability)


def with_defaults(labels: pd.DataFrame) -> pd.DataFrame:
    """Return labels with every case column; `expected` is the profile where the scenario does not say otherwise."""
    missing = {name: value for name, value in CASE_DEFAULTS.items() if name not in labels}
    filled = labels.assign(**missing)
    return filled if "expected" in filled else filled.assign(expected=filled["profile"])


def _events(part: Part, block: int) -> pd.DataFrame:
    rows = part.events.assign(block=block, part=part.name)
    if part.labels is None or part.labels.empty:
        return rows.assign(kind=None, label=None, truth=None, wanted=None, true_direction=None)
    labels = with_defaults(part.labels)
    owned = event_truth(part.members, labels).merge(labels.drop_duplicates("label_id")[["label_id", "expected"]], on="label_id", how="left")
    touched = set(part.members.loc[part.members["print_id"].isin(labels["print_id"]), "event_id"])
    renamed = owned.rename(columns={"label_id": "label", "profile": "truth", "expected": "wanted", "direction": "true_direction"})
    rows = rows.merge(renamed, on="event_id", how="left")
    is_owned, is_touched = rows["label"].notna(), rows["event_id"].isin(touched)
    rows["kind"] = np.select([is_owned, is_touched], [LABELLED, MIXED], BACKGROUND)
    for name in ("truth", "wanted"):
        rows[name] = rows[name].astype(object).where(rows["kind"] != BACKGROUND, NONE)
    return rows


_OUTCOMES = ["event_id", "jaccard", "exact", "main_event", "leading", "answer"]
_PARENT_COLUMNS = ["block", "underlying", "label", "profile", "wanted", "direction", *_OUTCOMES, *CASE_DEFAULTS]


def _parents(part: Part, block: int) -> pd.DataFrame:
    if part.labels is None or part.labels.empty:
        return pd.DataFrame({name: pd.Series(dtype=object) for name in _PARENT_COLUMNS})
    labels = with_defaults(part.labels)
    about = labels.drop_duplicates("label_id")[["label_id", "expected", *CASE_DEFAULTS]]
    found = match_parents(part.members, labels).merge(about, on="label_id", how="left")
    found = found.rename(columns={"label_id": "label", "expected": "wanted"}).assign(block=block)
    found["underlying"] = _underlying(part, found["label"])
    pairs = _owned_pairs(part, found, labels)
    first = pairs.sort_values(["label", "jaccard", "event_id"], ascending=[True, False, True]).drop_duplicates("label")
    found["main_event"] = found["label"].map(first.set_index("label")["event_id"]).astype(object)
    found["leading"] = found["main_event"].map(_leading(part.events)).astype(object)
    found["answer"] = _answers(found, pairs)
    return found[_PARENT_COLUMNS]


def _underlying(part: Part, labels: pd.Series) -> pd.Series:
    """Underlying of the event that shares most with each labelled parent; null where none shares a print."""
    if part.labels is None or "underlying_id" not in part.events:
        return pd.Series(None, index=labels.index, dtype=object)
    first = overlaps(part.members, part.labels).drop_duplicates("label_id").set_index("label_id")["event_id"]
    return labels.map(first).map(part.events.set_index("event_id")["underlying_id"]).astype(object)


def _leading(events: pd.DataFrame) -> pd.Series:
    first = events[PROBABILITIES[:-1]].to_numpy(np.float64).argmax(axis=1) if len(events) else np.zeros(0, np.int64)
    return pd.Series(np.array(PROFILES, dtype=object)[first], index=events["event_id"].to_numpy(), dtype=object)


def _owned_pairs(part: Part, parents: pd.DataFrame, labels: pd.DataFrame) -> pd.DataFrame:
    """Every event that a labelled parent owns or is matched by: label, event_id, jaccard, said (published profile or null)."""
    pairs = overlaps(part.members, labels)
    owned = event_truth(part.members, labels)[["event_id", "label_id"]].assign(is_own=True)
    best = parents.dropna(subset=["event_id"])[["event_id", "label"]].rename(columns={"label": "label_id"}).assign(is_best=True)
    pairs = pairs.merge(owned, on=["event_id", "label_id"], how="left").merge(best, on=["event_id", "label_id"], how="left")
    pairs = pairs[pairs["is_own"].notna() | pairs["is_best"].notna()]
    said = part.events.set_index("event_id")["primary_profile_id"].astype(object)
    kept = pairs[pairs["event_id"].isin(said.index)].rename(columns={"label_id": "label"})
    return kept[["label", "event_id", "jaccard"]].assign(said=kept["event_id"].map(said))


def _answers(parents: pd.DataFrame, pairs: pd.DataFrame) -> pd.Series:
    """What was said of each labelled parent: the wanted profile where any of its events says it, else another that one of them says."""
    ranked = pairs.merge(parents[["label", "wanted"]], on="label")
    ranked["rank"] = np.where(ranked["said"] == ranked["wanted"], 0, np.where(ranked["said"].notna(), 1, 2))
    first = ranked.sort_values(["label", "rank", "jaccard", "event_id"], ascending=[True, True, False, True]).drop_duplicates("label")
    said = first.set_index("label")["said"].astype(object)
    answer = parents["label"].map(said.where(said.notna(), ABSTAIN))
    return answer.astype(object).where(answer.notna(), NOT_FOUND)
