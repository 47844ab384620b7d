"""SmartMoneyEvent and ProfileScore: what they accept, refuse, and write. Rules: the tape format's section on smart_money_events."""

import json

import pandas as pd
import pytest
from pydantic import ValidationError

from smartmoney_pipeline.schemas.codes import Direction, ProfileId
from smartmoney_pipeline.schemas.contracts import ProfileScore, SmartMoneyEvent


def test_row_becomes_an_event_with_types(rows):
    event = SmartMoneyEvent.from_row(rows[0])
    assert event.primary_profile_id is ProfileId.INSTITUTIONAL_DIRECTIONAL
    assert event.profile_scores[5].direction is Direction.UNKNOWN
    assert event.features.contracts == 500
    assert event.features.iv is None
    assert event.member_print_ids == ("p1", "p2", "p3")


@pytest.mark.parametrize("read", ["to_pandas", "to_frame", "to_pylist"])
def test_rows_read_alike_from_pandas_and_arrow(read, rows, as_table, as_frame):
    table = as_table(rows)
    records = {
        "to_pandas": lambda: table.to_pandas().to_dict("records"),
        "to_frame": lambda: as_frame(rows).to_dict("records"),
        "to_pylist": table.to_pylist,
    }[read]()
    assert [SmartMoneyEvent.from_row(record) for record in records] == [SmartMoneyEvent.from_row(row) for row in rows]


def test_columns_that_are_no_field_are_left_out(rows):
    assert SmartMoneyEvent.from_row({**rows[0], "session": "2025-01-17"}) == SmartMoneyEvent.from_row(rows[0])


def test_missing_column_is_named(rows):
    del rows[0]["closed_at"]
    with pytest.raises(ValidationError, match="closed_at"):
        SmartMoneyEvent.from_row(rows[0])


def test_json_round_trip_keeps_every_nanosecond(rows):
    for row in rows:
        event = SmartMoneyEvent.from_row(row)
        assert SmartMoneyEvent.model_validate_json(event.model_dump_json()) == event
    assert json.loads(SmartMoneyEvent.from_row(rows[0]).model_dump_json())["end_ts"] == "2025-01-17T14:30:00.012999999Z"


def test_time_in_another_zone_is_the_same_instant(rows):
    """14:30 UTC is 09:30 in New York in January."""
    there = {**rows[1], "start_ts": "2025-01-17T09:31:00-05:00"}
    assert SmartMoneyEvent.from_row(there).start_ts == pd.Timestamp("2025-01-17 14:31", tz="UTC")


@pytest.mark.parametrize("bad", ["2025-01-17T14:31:00", 1_737_124_260_000_000_000, "soon", None])
def test_time_without_zone_or_sense_is_refused(bad, rows):
    with pytest.raises(ValidationError, match="start_ts"):
        SmartMoneyEvent.from_row({**rows[1], "start_ts": bad})


def test_objects_are_frozen_and_closed(rows):
    event = SmartMoneyEvent.from_row(rows[0])
    with pytest.raises(ValidationError, match="frozen"):
        event.abstained = True
    with pytest.raises(ValidationError, match="Extra inputs"):
        SmartMoneyEvent(**{**event.model_dump(), "label": "x"})


def swap_first_scores(row):
    scores = row["profile_scores"]
    scores[0], scores[1] = scores[1], scores[0]


FAULTS = {
    "each of the six profiles once": lambda row: row["profile_scores"].pop(),
    "highest first": swap_first_scores,
    "add up to": lambda row: row.update(none_probability=0.1251),
    "null exactly where abstained": lambda row: row.update(primary_profile_id=None),
    "empty exactly where a profile is published": lambda row: row.update(abstention_reasons=["no_profile"]),
    "first of its scores": lambda row: row.update(primary_profile_id="vol_seller"),
    "times run backwards": lambda row: row.update(closed_at=row["start_ts"]),
    "event_window_ms is not": lambda row: row.update(event_window_ms=13),
    "a print is a member twice": lambda row: row.update(member_print_ids=["p1", "p1"]),
    "structure must be null": lambda row: row.update(structure="vertical"),
    "at least 1 item": lambda row: row.update(packet_ids=[]),
    "outside its own interval": lambda row: row["profile_scores"][0].update(probability_low=0.51),
    "less than or equal to 1": lambda row: row["profile_scores"][0].update(probability=1.5),
    "Input should be 'low', 'medium' or 'high'": lambda row: row["profile_scores"][0].update(confidence_band="huge"),
}


@pytest.mark.parametrize("message", FAULTS)
def test_each_broken_invariant_is_said(message, rows):
    FAULTS[message](rows[0])
    with pytest.raises(ValidationError, match=message):
        SmartMoneyEvent.from_row(rows[0])


def test_sum_may_miss_one_by_the_stated_tolerance_only(rows):
    rows[0]["none_probability"] = 0.125 + 5e-10
    assert SmartMoneyEvent.from_row(rows[0]).none_probability == 0.125 + 5e-10
    rows[0]["none_probability"] = 0.125 + 2e-9
    with pytest.raises(ValidationError, match="add up to"):
        SmartMoneyEvent.from_row(rows[0])


def test_probability_not_a_number_is_refused():
    with pytest.raises(ValidationError, match="probability"):
        ProfileScore(
            profile_id="arbitrage",
            probability=float("nan"),
            probability_low=0,
            probability_high=1,
            confidence_band="low",
            direction="mixed",
            reasons=(),
        )
