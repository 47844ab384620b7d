"""Every row and guard of the evidence base against the rule tables. `evidence_rows.csv` was written by hand from its section 2.

`reads` are columns that the text makes conditions of the row, `most_nats` is the greatest weight that its source allows: the cap of its
grade, or less where the text has a number. `codes` of a row that has none say what stands in its place.
"""

import csv
from pathlib import Path

import pytest

from smartmoney_pipeline.profiles.ruleset import ruleset
from smartmoney_pipeline.profiles.vocabulary import Evidence, Guard

ROWS = list(csv.DictReader((Path(__file__).parents[1] / "answers" / "evidence_rows.csv").open(encoding="utf-8")))
BY_CODE: dict[str, Evidence | Guard] = {rule.code: rule for rule in (*ruleset().evidence, *ruleset().guards)}
ROWS_OF_THE_TEXT = {"2.1": 7, "2.2": 8, "2.3": 8, "2.4": 7, "2.5": 7, "2.6": 7}
"""Rows of each table of section 2, counted by hand."""


def _codes(row: dict[str, str]) -> list[str]:
    return row["codes"].split(";") if row["codes"] else []


def _reads(rule: Evidence | Guard) -> set[str]:
    return {name for condition in rule.when for name in condition.columns()}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['section']} {row['row']} ({row['kind']})")
def test_row_of_the_text(row: dict[str, str]) -> None:
    codes = _codes(row)
    assert row["status"] in {"present", "differs", "missing", "not_on_tape"}
    assert [code for code in codes if code not in BY_CODE] == []
    assert row["note"] or row["status"] == "present"
    assert bool(codes) or row["status"] in {"missing", "not_on_tape"} or "no row" in row["note"]
    demanded = set(row["reads"].split(";")) if row["reads"] else set()
    assert [code for code in codes if len(codes) == 1 and not demanded <= _reads(BY_CODE[code])] == []
    assert demanded <= {name for code in codes for name in _reads(BY_CODE[code])}


@pytest.mark.parametrize("row", [row for row in ROWS if row["most_nats"]], ids=lambda row: row["row"])
def test_weight_is_within_what_the_text_allows(row: dict[str, str]) -> None:
    weights = {code: BY_CODE[code].weight for code in _codes(row) if isinstance(BY_CODE[code], Evidence)}  # type: ignore[union-attr]
    assert weights
    assert {code: weight for code, weight in weights.items() if abs(weight) > float(row["most_nats"])} == {}


def test_every_rule_has_a_row_of_the_text() -> None:
    assert set(BY_CODE) == {code for row in ROWS for code in _codes(row)}


def test_every_row_of_the_text_is_listed() -> None:
    """A row that was split has further lines under its name: a colon or another name, so there are at least as many."""
    for section, count in ROWS_OF_THE_TEXT.items():
        assert len([row for row in ROWS if row["section"] == section and row["kind"] == "evidence"]) >= count
