"""Scored events beside what is right about them: one row an event, one row a labelled parent, over any number of sessions and seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smartmoney_pipeline.evaluation.background import background_origins, is_background
from smartmoney_pipeline.evaluation.classes import CLASSES, NONE
from smartmoney_pipeline.evaluation.flat import PROBABILITIES
from smartmoney_pipeline.evaluation.matching import event_truth
from smartmoney_pipeline.evaluation.parents import parents_of, with_defaults

LABELLED, UNLABELLED, MIXED = "labelled", "unlabelled", "mixed"
"""Kinds of events: owned by a label; without a print of any label; with some labelled prints, too few to be owned."""

MIN_PARTS = 5
"""With fewer sessions their underlyings are the blocks: intervals are then too short by what a market moves in common."""

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

    `events` adds to the columns that came: block (number of the part), kind, label (planted event, null but for labelled), truth (class
    that made the event; null where mixed or without labels), wanted (what should be published: a profile, none or abstain), origin (of
    background, `background.ORIGINS`; null for other events and without labels), background and likeliest.
    `parents`: block, underlying, label (the parent), planted (event that it is of), profile, wanted, direction, event_id (match or null),
    jaccard, exact, main_event (of the events that answer for it, the one that shares most), leading (likeliest profile there), answer
    (published profile, abstain or not_found) and `parents.CASE_DEFAULTS`. `pairs`: parent and event, row numbers of the two tables.
    `probability` [n, 7] is in row order of `events`.
    """

    names: tuple[str, ...]
    events: pd.DataFrame
    parents: pd.DataFrame
    probability: Floats
    pairs: pd.DataFrame

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
    judged = [parents_of(part.events, part.members, part.labels) for part in parts]
    parents, pairs = (pd.concat([pair[k].assign(block=i) for i, pair in enumerate(judged)], ignore_index=True) for k in (0, 1))
    probability = events[PROBABILITIES].to_numpy(np.float64)
    names = pd.Series(CLASSES)
    events["likeliest"] = names[np.nan_to_num(probability).argmax(axis=1)].to_numpy(object) if len(events) else None
    return Cases(tuple(part.name for part in parts), events, parents, probability, _row_numbers(pairs, events, parents))


def _row_numbers(pairs: pd.DataFrame, events: pd.DataFrame, parents: pd.DataFrame) -> pd.DataFrame:
    """Pairs of parent and event as rows of the two tables: ids are unique in their part only."""
    found = {}
    for name, frame, key in (("parent", parents, "label"), ("event", events, "event_id")):
        rows = pd.MultiIndex.from_arrays([frame["block"].to_numpy(np.int64), frame[key].astype(object)])
        wanted = pd.MultiIndex.from_arrays([pairs["block"].to_numpy(np.int64), pairs[key].astype(object)])
        found[name] = rows.get_indexer(wanted).astype(np.int64) if len(pairs) else np.zeros(0, np.int64)
    return pd.DataFrame(found)


def _events(part: Part, block: int) -> pd.DataFrame:
    rows = part.events.assign(block=block, part=part.name)
    if part.labels is None or part.labels.empty:
        nothing = dict.fromkeys(("kind", "label", "truth", "wanted", "true_direction", "origin"))
        return rows.assign(**nothing, background=False)
    labels = with_defaults(part.labels)
    owned = event_truth(part.members, labels).merge(labels.drop_duplicates("label_id")[["label_id", "expected"]], on="label_id", how="left")
    touched = set(part.members.loc[part.members["print_id"].isin(labels["print_id"]), "event_id"])
    renamed = owned.rename(columns={"label_id": "label", "profile": "truth", "expected": "wanted", "direction": "true_direction"})
    rows = rows.merge(renamed, on="event_id", how="left")
    is_owned, is_touched = rows["label"].notna(), rows["event_id"].isin(touched)
    rows["kind"] = np.select([is_owned, is_touched], [LABELLED, MIXED], UNLABELLED)
    rows["origin"] = background_origins(rows["event_id"], part.members, labels)
    rows["background"] = is_background(rows["origin"])
    for name in ("truth", "wanted"):
        rows[name] = rows[name].astype(object).where(rows["kind"] != UNLABELLED, NONE)
    return rows
