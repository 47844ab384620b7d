"""Nothing on the tape tells a label but what the market would show: scores, nuisance columns, constants, twins of guards."""

import shutil
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from nuisance import matched, nuisance_columns, strata, verdict

from smartmoney_pipeline.engine.context import day_context
from smartmoney_pipeline.engine.ingest import import_day
from smartmoney_pipeline.engine.score_day import score_day
from smartmoney_pipeline.profiles.ruleset import ruleset
from smartmoney_pipeline.scenarios.generate import ScenarioDay, generate, write
from smartmoney_pipeline.scenarios.templates import load_template, template_names

SESSION = date(2026, 3, 18)
SEEDS = range(31, 37)
CHANCE = 3.3
"""Standard deviations of the permutations: one false alarm in two thousand."""


@pytest.fixture(scope="module")
def prints() -> pd.DataFrame:
    """Prints of several seeds with their nuisance columns, label (null for background) and profile."""
    return pd.concat([labelled_prints(generate("test", SESSION, seed)) for seed in SEEDS], ignore_index=True)


def labelled_prints(day: ScenarioDay) -> pd.DataFrame:
    rows = day.tables["option_prints"].to_pandas().drop_duplicates("print_id").reset_index(drop=True)
    rows = pd.concat([rows, nuisance_columns(rows)], axis=1)
    labels = day.labels.assign(label=f"{day.seed} " + day.labels["label_id"])[["print_id", "label", "profile"]]
    return rows.merge(labels, on="print_id", how="left")


def one_a_label(prints: pd.DataFrame, seed: int) -> pd.DataFrame:
    """One print of each labelled parent, at random: prints of one parent resemble one another and would count as many."""
    return prints[prints["label"].notna()].sample(frac=1.0, random_state=seed).drop_duplicates("label")


def columns_of(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[list(nuisance_columns(rows.head(1)).columns)]


def scored_hash(tape: Path, out: Path) -> str:
    day = import_day(tape, out / "day", source="test-7")
    return score_day(day_context(day), out / "scored").manifest["run_hash"]


def test_labels_permuted_or_gone_change_no_byte_of_the_scores(day, tmp_path):
    write(day, tmp_path / "tape", tmp_path / "labels")
    labels = pq.read_table(tmp_path / "labels" / "labels.parquet")
    with_labels = scored_hash(tmp_path / "tape", tmp_path / "first")
    mixed = labels.take(np.random.default_rng(5).permutation(len(labels)))
    place = labels.schema.get_field_index("print_id")
    pq.write_table(labels.set_column(place, "print_id", mixed["print_id"]), tmp_path / "labels" / "labels.parquet")
    assert scored_hash(tmp_path / "tape", tmp_path / "second") == with_labels
    shutil.rmtree(tmp_path / "labels")
    assert scored_hash(tmp_path / "tape", tmp_path / "third") == with_labels


def test_a_label_on_the_tape_is_not_read(day, tmp_path):
    """A column that is no column of the tape is dropped at the door: the same scores with it and without."""
    write(day, tmp_path / "tape", tmp_path / "labels")
    plain = scored_hash(tmp_path / "tape", tmp_path / "plain")
    file = tmp_path / "tape" / "option_prints.parquet"
    table = pq.read_table(file)
    told = table["print_id"].to_pandas().isin(day.labels["print_id"])
    pq.write_table(table.append_column("label", [told.astype("int64").to_list()]), file)
    assert scored_hash(tmp_path / "tape", tmp_path / "told") == plain


def test_a_shallow_tree_on_nuisance_columns_cannot_tell_labelled_prints(prints):
    both, chosen = matched(one_a_label(prints, 1), prints[prints["label"].isna()], np.random.default_rng(2))
    assert chosen.sum() > 150
    found = verdict(columns_of(both), chosen, strata(both), seed=3)
    assert found.excess < CHANCE, found


def test_a_shallow_tree_on_nuisance_columns_cannot_tell_profiles(prints):
    chosen = one_a_label(prints, 4)
    chosen = chosen[chosen["profile"] != "none"]
    found = verdict(columns_of(chosen), chosen["profile"].to_numpy(dtype=str), strata(chosen), seed=5)
    assert found.excess < CHANCE, found


@pytest.mark.parametrize("column", ["id_digit_11", "seq_mod_5", "ns", "even_size"])
def test_the_tree_would_see_a_planted_leak(prints, column):
    """The labelled prints get a value that the others have by chance only."""
    both, chosen = matched(one_a_label(prints, 1), prints[prints["label"].isna()], np.random.default_rng(2))
    planted = columns_of(both).copy()
    planted.loc[both.index[chosen], column] = planted[column].max()
    assert verdict(planted, chosen, strata(both), seed=3).excess > CHANCE


def test_each_guard_has_a_twin_that_looks_like_its_profile_and_is_labelled_otherwise():
    """Templates check that a twin names a variant of a profile template with another answer; here every guard must have one."""
    guards = {guard.code: guard for guard in ruleset().guards}
    twins = [variant for name in template_names() for variant in load_template(name).both_ways() if variant.twin_of]
    named = {code for variant in twins for code in variant.guards}
    assert not set(guards) - named, "guards without a twin"
    assert not named - set(guards), "twins of guards that do not exist"
    # A guard that holds a profile down is opposed by a twin whose answer is another than that profile.
    for code, guard in guards.items():
        answers = {str(variant.expected) for variant in twins if code in variant.guards}
        assert answers - {str(profile) for profile in guard.profiles}, code
