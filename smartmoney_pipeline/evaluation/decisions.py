"""Figures of decisions: precision, recall and F1, confusion with abstention, false alarms, look-alikes, direction. Not probabilities."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from smartmoney_pipeline.evaluation.background import BACKGROUND, FALSE_POSITIVE, ORIGINS, PER
from smartmoney_pipeline.evaluation.bootstrap import LEVEL, MIN_BLOCKS, block_counts, ratio_interval
from smartmoney_pipeline.evaluation.cases import Cases
from smartmoney_pipeline.evaluation.classes import NONE, PROFILES
from smartmoney_pipeline.evaluation.goals import FAMILY_PARENTS, HEDGE
from smartmoney_pipeline.evaluation.parents import ABSTAIN, NOT_FOUND

Floats = NDArray[np.float64]
DECIDED = ("bullish", "bearish")


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure: value and 90 % interval are null where no case, or only one block, is behind them; `n` counts the cases."""

    metric: str
    value: float | None
    n: int
    profile: str | None = None
    low: float | None = None
    high: float | None = None


def share(metric: str, hit: NDArray, among: NDArray, block: NDArray, blocks: int, profile: str | None = None, scale: float = 1.0) -> Figure:
    """Return sum(hit) / sum(among) times `scale` over cases, with its interval by blocks; null where nothing is among."""
    top, bottom = hit.astype(np.float64), among.astype(np.float64)
    n = int(bottom.sum())
    if not n:
        return Figure(metric, None, 0, profile)
    low, high = ratio_interval(top, bottom, block, blocks)
    scaled = [None if end is None else scale * end for end in (low, high)]
    return Figure(metric, scale * float(top.sum()) / float(bottom.sum()), n, profile, *scaled)


def decision_figures(cases: Cases) -> list[Figure]:
    """Return every figure of decisions. Without labels only the counts of events and of published profiles, and the abstention rate."""
    units, events = cases.units, cases.events
    everything = np.ones(len(events))
    rows = [
        Figure("events", float(len(events)), len(events)),
        share("abstention_rate", events["abstained"].to_numpy(bool), everything, units.events, units.count),
    ]
    said = events["primary_profile_id"].value_counts()
    rows += [Figure("published", float(said.get(profile, 0)), len(events), profile) for profile in PROFILES]
    return rows + (profile_figures(cases) + _labelled_figures(cases) if len(cases.parents) else [])


def _labelled_figures(cases: Cases) -> list[Figure]:
    """Figures that need labels and are not by profile."""
    units, events, parents = cases.units, cases.events, cases.parents
    published = events["primary_profile_id"].notna().to_numpy()
    both = events["true_direction"].isin(DECIDED) & events["primary_direction"].isin(DECIDED) & published & events["label"].notna()
    right_way = (events["true_direction"].astype(object) == events["primary_direction"].astype(object)).to_numpy() & both.to_numpy()
    wanted = parents["wanted"].isin(PROFILES).to_numpy()
    said = parents["answer"].isin(PROFILES).to_numpy()
    found = parents["event_id"].notna().to_numpy()
    return [
        share("parents_found", found, np.ones(len(parents)), units.parents, units.count),
        share("parents_exact", parents["exact"].to_numpy(bool), np.ones(len(parents)), units.parents, units.count),
        share("coverage", wanted & said, wanted, units.parents, units.count),
        share("false_positives_handled", *_look_alikes(parents), units.parents, units.count),
        share("direction_accuracy", right_way, both.to_numpy(), units.events, units.count),
        *alarm_figures(cases),
        *planted_figures(cases),
    ]


def alarm_figures(cases: Cases) -> list[Figure]:
    """Return false alarms per 10,000 background parents: of all, and of each origin."""
    units, events = cases.units, cases.events
    published = events["primary_profile_id"].notna().to_numpy()
    chosen = {"false_alarms_per_10000": events["background"].to_numpy(bool)}
    chosen |= {f"false_alarms_{origin}_per_10000": (events["origin"].astype(object) == origin).to_numpy() for origin in ORIGINS}
    return [share(name, published & among, among, units.events, units.count, scale=PER) for name, among in chosen.items()]


def planted_figures(cases: Cases) -> list[Figure]:
    """Return the share of planted events of which at least one parent was recalled, by profile."""
    parents, units = cases.parents, cases.units
    right = (parents["answer"] == parents["wanted"]).to_numpy()
    rows = parents.assign(right=right, unit=units.parents).groupby(["block", "planted", "wanted"], sort=True)[["right", "unit"]].max()
    wanted = rows.index.get_level_values("wanted")
    unit, hit = rows["unit"].to_numpy(np.int64), rows["right"].to_numpy(bool)
    return [share("recall_of_planted", hit & (wanted == name), wanted == name, unit, units.count, name) for name in PROFILES]


def _look_alikes(parents: pd.DataFrame) -> tuple[NDArray, NDArray]:
    among = (parents["family"] == FALSE_POSITIVE).to_numpy()
    return handled(parents) & among, among


def handled(parents: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether each parent came out right: silence where none or abstain is wanted, else the profile, or silence with it ahead."""
    silent = parents["answer"].isin([ABSTAIN, NOT_FOUND])
    is_profile = parents["wanted"].isin(PROFILES)
    led = silent & (parents["leading"] == parents["wanted"])
    return np.where(is_profile, (parents["answer"] == parents["wanted"]) | led, silent).astype(bool)


def profile_counts(cases: Cases) -> dict[str, Floats]:
    """Return counts by block and profile, [blocks, 6]: published, right (published as wanted), wanted and recalled (parents)."""
    units = cases.units
    published, right, wanted, recalled = np.zeros((4, units.count, len(PROFILES)))
    said, should = cases.events["primary_profile_id"].astype(object), cases.events["wanted"].astype(object)
    answer, goal = cases.parents["answer"], cases.parents["wanted"]
    for k, profile in enumerate(PROFILES):
        said_so = (said == profile).to_numpy()
        published[:, k] = np.bincount(units.events, weights=said_so, minlength=units.count)
        right[:, k] = np.bincount(units.events, weights=said_so & (should == profile).to_numpy(), minlength=units.count)
        is_one = (goal == profile).to_numpy()
        wanted[:, k] = np.bincount(units.parents, weights=is_one, minlength=units.count)
        recalled[:, k] = np.bincount(units.parents, weights=is_one & (answer == profile).to_numpy(), minlength=units.count)
    return {"published": published, "right": right, "wanted": wanted, "recalled": recalled}


def rates(counts: dict[str, Floats]) -> dict[str, Floats]:
    """Return precision, recall and F1 of summed counts, [..., 6]; NaN where nothing was published or wanted.

    F1 is 0 where a profile is wanted and never published.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        precision, recall = counts["right"] / counts["published"], counts["recalled"] / counts["wanted"]
        f1 = 2.0 * precision * recall / (precision + recall)
    missed = (counts["wanted"] > 0) & (counts["recalled"] == 0)
    return {"precision": precision, "recall": recall, "f1": np.where(missed, 0.0, f1)}


def profile_figures(cases: Cases) -> list[Figure]:
    """Return precision, recall and F1 of each profile, and macro F1 over the profiles wanted, hedge_reactive apart."""
    counts = profile_counts(cases)
    total = {name: values.sum(axis=0) for name, values in counts.items()}
    drawn = _drawn(counts)
    whole = rates(total)
    resampled = None if drawn is None else rates(drawn)
    among = {"precision": total["published"], "recall": total["wanted"], "f1": total["wanted"]}
    rows: list[Figure] = []
    for name, values in whole.items():
        for k, profile in enumerate(PROFILES):
            draws = None if resampled is None else resampled[name][:, k]
            rows.append(_figure(name, values[k], int(among[name][k]), draws, profile))
    kept = [k for k, profile in enumerate(PROFILES) if profile != HEDGE and total["wanted"][k] > 0]
    draws = None if resampled is None or not kept else resampled["f1"][:, kept].mean(axis=1)
    macro = float(whole["f1"][kept].mean()) if kept else np.nan
    published = share_of(total["right"].sum(), total["published"].sum())
    overall = None if drawn is None else drawn["right"].sum(axis=1) / np.maximum(drawn["published"].sum(axis=1), 1)
    rows.append(_figure("macro_f1", macro, int(total["wanted"][kept].sum()), draws))
    return [*rows, _figure("precision_published", published, int(total["published"].sum()), overall)]


def share_of(top: float, bottom: float) -> float:
    """Return top / bottom, NaN where bottom is 0."""
    return float(top / bottom) if bottom else float("nan")


def _drawn(counts: dict[str, Floats]) -> dict[str, Floats] | None:
    blocks = len(counts["wanted"])
    if blocks < MIN_BLOCKS:
        return None
    times = block_counts(blocks)
    return {name: times @ values for name, values in counts.items()}


def _figure(metric: str, value: float, n: int, draws: Floats | None, profile: str | None = None) -> Figure:
    if not n or np.isnan(value):
        return Figure(metric, None, n, profile)
    known = np.array([]) if draws is None else draws[np.isfinite(draws)]
    tail = (1.0 - LEVEL) / 2.0
    ends = (float(np.quantile(known, tail)), float(np.quantile(known, 1.0 - tail))) if len(known) else (None, None)
    return Figure(metric, float(value), n, profile, *ends)


ANSWERS = (*PROFILES, ABSTAIN, NOT_FOUND)


def confusion(cases: Cases) -> pd.DataFrame:
    """Return counts: rows what is wanted of labelled parents, and background events; columns what was said, abstain and not_found last.

    Planted neutral flow and look-alikes are rows of their own, and their events are background too.
    """
    said = cases.parents["answer"].astype(object)
    table = pd.crosstab(cases.parents["wanted"].astype(object), said).reindex(
        index=[*PROFILES, NONE, ABSTAIN], columns=ANSWERS, fill_value=0
    )
    flow = cases.events.loc[cases.events["background"].to_numpy(bool), "primary_profile_id"].astype(object)
    table.loc[BACKGROUND] = flow.where(flow.notna(), ABSTAIN).value_counts().reindex(ANSWERS, fill_value=0)
    return table.astype("int64")


def look_alikes(cases: Cases) -> pd.DataFrame:
    """Return one row a false-positive family: template, variant, wanted, n, right (share handled), its 90 % interval, said (published
    wrongly)."""
    blocks = cases.units
    chosen = (cases.parents["family"] == FALSE_POSITIVE).to_numpy()
    parents, unit = cases.parents[chosen].reset_index(drop=True), blocks.parents[chosen]
    good, ones = handled(parents), np.ones(len(parents))
    rows = []
    for (template, variant, wanted), group in parents.groupby(["template", "variant", "wanted"], sort=True):
        at = group.index.to_numpy()
        wrong = parents["answer"].iloc[at[~good[at]]].value_counts()
        said = ", ".join(f"{name} {n}" for name, n in wrong.items() if name in PROFILES)
        ends = ratio_interval(good[at].astype(np.float64), ones[at], unit[at], blocks.count)
        rows.append((template, variant, wanted, len(at), float(good[at].mean()), *ends, said))
    return pd.DataFrame(rows, columns=["template", "variant", "wanted", "n", "right", "low", "high", "said"])


def worst_family(table: pd.DataFrame) -> Figure:
    """Return the least share handled among the families of `look_alikes` with at least `FAMILY_PARENTS` parents."""
    enough = table[table["n"] >= FAMILY_PARENTS]
    if enough.empty:
        return Figure("false_positives_worst_family", None, 0)
    worst = enough.sort_values("right", kind="stable").iloc[0]
    low, high = (None if pd.isna(end) else float(end) for end in (worst["low"], worst["high"]))
    return Figure("false_positives_worst_family", float(worst["right"]), int(worst["n"]), None, low, high)


def abstentions(cases: Cases) -> pd.DataFrame:
    """Return counts of abstention reasons (an event may state several): of all events, and of events whose wanted answer is a profile."""
    reasons = cases.events[["abstention_reasons", "wanted"]].explode("abstention_reasons").dropna(subset=["abstention_reasons"])
    every = reasons["abstention_reasons"].value_counts()
    wanted = reasons.loc[reasons["wanted"].isin(PROFILES), "abstention_reasons"].value_counts()
    table = pd.DataFrame({"events": every, "wanted": wanted.reindex(every.index, fill_value=0)})
    return table.rename_axis("reason").reset_index().sort_values(["events", "reason"], ascending=[False, True], ignore_index=True)
