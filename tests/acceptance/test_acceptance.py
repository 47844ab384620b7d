"""Scenarios of the pack `test`, generated, scored and held against what is right, case by case; known outcomes stand in a data file.

`known_outcomes.csv` is what `smartmoney acceptance --table` measures over twenty seeds. It lists what passes and what does not, with
figures: a change of generator or rules that moves a case must move the file too, and the difference is there to be read.
"""

from pathlib import Path

import pandas as pd
import pytest

from smartmoney_pipeline.console.acceptance import SESSION, Acceptance, acceptance_json, run

FILE = Path(__file__).parent / "known_outcomes.csv"
SEEDS = range(101, 121)
FEW = range(101, 103)
NAME = ["template", "variant", "difficulty"]
TOLERANCE = 0.03


@pytest.fixture(scope="module")
def few() -> Acceptance:
    return run("test", SESSION, FEW)


@pytest.fixture(scope="module")
def known() -> pd.DataFrame:
    return pd.read_csv(FILE).set_index(NAME)


def verdicts(table: pd.DataFrame) -> pd.DataFrame:
    """Worst and best that a case can do in any part of its events: 1 where all are good, 0 where none is, else between."""
    good = table[["wins", "below"]].min(axis=1).where(table["family"] == "profile", table["right"])
    return pd.DataFrame({"always": good == 1.0, "never": table["wins"].where(table["family"] == "profile", table["right"]) == 0.0})


def named(rows: pd.DataFrame) -> list[str]:
    return [" ".join(map(str, name)) for name in rows.index]


def test_a_few_seeds_hold_cases_of_every_family_and_every_profile(few):
    assert set(few.table["family"]) == {"profile", "neutral", "false_positive"}
    assert few.table.loc[few.table["family"] == "profile", "expected"].nunique() == 6
    assert few.noise["background_events"] > 1_000


def test_what_always_passes_passes_and_what_never_wins_does_not_win_unnoticed(few, known):
    """The few seeds are among the twenty of the file: whatever holds for all of its events holds for these."""
    now = verdicts(few.table.set_index(NAME))
    listed = verdicts(known)
    assert set(now.index) <= set(listed.index)
    listed = listed.loc[now.index]
    assert not named(now[listed["always"] & ~now["always"]]), "passed over twenty seeds, and fails now"
    assert not named(now[listed["never"] & ~now["never"]]), "never won over twenty seeds, and wins now: measure the file again"


def test_the_file_is_a_table_of_the_command_with_failures_in_it(known, few):
    assert [*NAME, *known.columns] != []
    assert set(known.columns) | set(NAME) == set(few.table.columns)
    assert known.index.is_unique
    assert known["n"].min() >= 1


def test_the_form_of_json_holds_every_case(few):
    document = acceptance_json(few)
    assert len(document["cases"]) == len(few.table)
    assert document["seeds"] == list(FEW)
    assert document["passed"] == (all(case["passed"] for case in document["cases"]) and document["noise"]["passed"])


@pytest.mark.acceptance
def test_twenty_seeds_give_what_the_file_says(known):
    now = run("test", SESSION, SEEDS, processes=2).table.set_index(NAME)
    assert sorted(now.index) == sorted(known.index)
    known = known.loc[now.index]
    moved = now[
        (now["passed"] != known["passed"])
        | ((now[["wins", "below", "right"]] - known[["wins", "below", "right"]]).abs() > TOLERANCE).any(axis=1)
    ]
    assert not named(moved)
