"""Descriptions and the reference page."""

from pathlib import Path

import pytest

from smartmoney_pipeline.schemas.bridge_tables import BRIDGE_TABLES
from smartmoney_pipeline.schemas.describe import TAPE_TABLES, columns, render_markdown, row_rules, summary
from smartmoney_pipeline.schemas.input_tables import OptionPrints
from smartmoney_pipeline.schemas.output_tables import OUTPUT_TABLES, EventFeaturesTable, SmartMoneyEvents

PAGE = Path(__file__).resolve().parents[2] / "docs" / "schemas.md"
TABLES = {**TAPE_TABLES, **OUTPUT_TABLES, **BRIDGE_TABLES}


def described(model):
    return {column.name: column for column in columns(model)}


def test_a_column_in_words():
    kind = described(SmartMoneyEvents)["event_kind"]
    assert (kind.dtype, kind.nullable, kind.constraints) == ("string", False, ("one of single_leg_event, multi_leg_event",))


def test_bounds_units_presence_and_nested_types_are_said():
    assert described(EventFeaturesTable)["aggressor_mix"].constraints == ("unit: share", ">= -1", "<= 1")
    assert described(OptionPrints)["nbbo_bid"].constraints[0] == "may be absent"
    events = described(SmartMoneyEvents)
    assert (events["features"].dtype, events["packet_ids"].dtype) == ("struct<EventFeatures>", "list<string>")
    assert events["event_id"].constraints == ("unique",)


def test_rules_are_sentences():
    assert "profile_scores is highest first" in row_rules(SmartMoneyEvents)


@pytest.mark.parametrize("name", TABLES)
def test_every_column_and_table_has_a_meaning(name):
    assert summary(TABLES[name])
    assert [column.name for column in columns(TABLES[name]) if not column.description.strip()] == []


def test_committed_page_is_up_to_date():
    message = "write it again: python -m smartmoney_pipeline.schemas.describe docs/schemas.md"
    assert PAGE.read_text(encoding="utf-8") == render_markdown(), message


def test_every_row_of_the_page_has_five_cells():
    rows = [line for line in render_markdown().splitlines() if line.startswith("| `") and "struct" not in line]
    cells = {line.replace("\\|", "").count("|") for line in rows}
    assert cells == {4, 6}
