"""One bad cell, one quarantined row with its reason, row number, value and file; odd quotes stay."""

import pytest
from tape_tables import CALL, at, damaged, day, option_prints

from smartmoney_pipeline.tape.canonical import write_canonical
from smartmoney_pipeline.tape.ingest import read_frames, read_tape

NAN = float("nan")


def faults(tables, session_date=None):
    raw = read_frames(tables, session_date)
    for counts in raw.quality["tables"].values():
        assert counts["read"] + counts["quarantined"] == counts["rows"]
    return [(row["table"], row["row"], row["reason"]) for row in raw.quarantine.to_pylist()]


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("print_id", None, "missing_value"),
        ("ts", None, "missing_value"),
        ("price", None, "missing_value"),
        ("price", 0.0, "non_positive_price"),
        ("price", -0.05, "non_positive_price"),
        ("price", 2.00005, "price_off_grid"),
        ("price", 214_748.5, "price_out_of_range"),
        ("price", float("inf"), "not_a_number"),
        ("size", 0, "non_positive_size"),
        ("size", -3, "non_positive_size"),
        ("size", 1.5, "size_not_whole"),
        ("size", 2**31, "size_out_of_range"),
        ("exchange", "?", "unknown_venue"),
        ("exchange", "c", "unknown_venue"),
        ("exchange", None, "missing_value"),
        ("condition", "w", "unknown_condition"),
        ("condition", "II", "unknown_condition"),
        ("condition", "\N{DOG FACE}", "unknown_condition"),
        ("option_symbol", "SPXW-2025-02-14", "unknown_symbol_form"),
        ("option_symbol", CALL, "underlying_mismatch"),
        ("option_symbol", "SPXW250213P06000000", "expired_contract"),
        ("option_symbol", "SPXW990213P06000000", "expiry_out_of_range"),
        ("underlying", "SPY", "underlying_mismatch"),
        ("underlying", None, "missing_value"),
        ("print_id", "p1", "duplicate_print_id"),
        ("ts", at("04:59:59"), "outside_session_day"),
        ("ts", at("14:30:00", "1970-01-02"), "outside_session_day"),
    ],
)
def test_bad_print(column, value, reason):
    tables = damaged("option_prints", column, value)
    assert faults(tables) == [("option_prints", 1, reason)]
    # A symbol of another name is well formed: it is the ticker that does not go with it.
    at_fault = "underlying" if reason == "underlying_mismatch" else column
    assert read_frames(tables).quarantine["column"].to_pylist() == [at_fault]


def test_not_a_number_in_a_file(tmp_path):
    write_canonical(tmp_path, day(), "csv")
    path = tmp_path / "option_prints.csv"
    path.write_text(path.read_text().replace("11.3", "nan"))
    place = {"table": "option_prints", "row": 1, "source_file": "option_prints.csv", "column": "price"}
    assert read_tape(tmp_path).quarantine.to_pylist() == [place | {"reason": "not_a_number", "value": "nan"}]


def test_time_without_zone_in_text(tmp_path):
    write_canonical(tmp_path, day(), "csv")
    path = tmp_path / "option_prints.csv"
    path.write_text(path.read_text().replace("15:00:00.000000000Z", "15:00:00"))
    [row] = read_tape(tmp_path).quarantine.to_pylist()
    assert (row["row"], row["reason"], row["value"]) == (2, "time_zone_missing", "2025-02-14 15:00:00")


@pytest.mark.parametrize(
    ("table", "column", "value", "reason"),
    [
        ("option_quotes", "bid", -0.01, "negative_price"),
        ("option_quotes", "ask", None, "missing_value"),
        ("option_quotes", "ask", 2.00001, "price_off_grid"),
        ("option_quotes", "bid_size", -1, "negative_size"),
        ("option_quotes", "ask_size", 2**40, "size_out_of_range"),
        ("option_quotes", "option_symbol", "AAPL", "unknown_symbol_form"),
        ("option_quotes", "option_symbol", "AAPL250207C00250000", "expired_contract"),
        ("option_quotes", "ts", at("14:30:00", "2025-02-13"), "outside_session_day"),
        ("underlying_quotes", "bid", -1.0, "negative_price"),
        ("underlying_quotes", "underlying", None, "missing_value"),
    ],
)
def test_bad_quote(table, column, value, reason):
    assert faults(damaged(table, column, value)) == [(table, 1, reason)]


def test_crossed_locked_one_sided_and_empty_quotes_stay():
    raw = read_frames(day())
    assert len(raw.tables["option_quotes"]) == 5
    # By eye: 2.2 over 2.1 is crossed, 11.0 on 11.0 locked, then no bid, then nothing. An index value is no locked market.
    assert raw.quality["quotes"]["option_quotes"] == {"crossed": 1, "locked": 1, "one_sided": 1, "zero": 1}
    assert raw.quality["quotes"]["underlying_quotes"]["locked"] == 0


def test_a_print_before_any_quote_stays():
    tables = damaged("option_prints", "ts", at("05:00:00"))
    assert len(read_frames(tables).tables["option_prints"]) == 4


def test_the_sub_penny_grid_is_kept_exactly():
    raw = read_frames(damaged("option_prints", "price", 0.0001))
    assert raw.tables["option_prints"]["price"].to_pylist()[1] == 1


def test_one_row_has_one_reason():
    tables = damaged("option_prints", "price", -1.0)
    tables["option_prints"].loc[1, "exchange"] = "?"
    assert faults(tables) == [("option_prints", 1, "non_positive_price")]


def test_the_first_of_two_prints_with_one_id_stays():
    prints = option_prints().assign(print_id=["p2", "p2", "p1", "p1"]).iloc[::-1].reset_index(drop=True)
    raw = read_frames({**day(), "option_prints": prints})
    assert raw.tables["option_prints"]["seq"].to_pylist() == [11, 13]
    assert raw.quarantine["row"].to_pylist() == [0, 2]


def test_a_given_session_date_wins_over_the_prints():
    from datetime import date

    outside = faults(day(), date(2025, 2, 13))
    assert {reason for _, _, reason in outside} == {"outside_session_day"}
    assert len(outside) == 4 + 5 + 2


@pytest.mark.parametrize(
    ("table", "row", "reason"),
    [
        ("event_calendar", {"event_type": "party"}, "unknown_code"),
        ("event_calendar", {"event_time": "noon"}, "unknown_code"),
        ("event_calendar", {"known_at": None}, "missing_value"),
        ("open_interest", {"open_interest": -1}, "negative_size"),
        ("open_interest", {"option_symbol": "x"}, "unknown_symbol_form"),
        ("venue_quotes", {"exchange": "?"}, "unknown_venue"),
        ("underlying_prints", {"price": 0.0}, "non_positive_price"),
        ("rates", {"tenor_days": -1}, "negative_size"),
        ("history", {"close": 0.0}, "non_positive_price"),
        ("contracts", {"settlement": "noon"}, "unknown_code"),
        ("contracts", {"multiplier": 0}, "non_positive_size"),
    ],
)
def test_bad_rows_of_the_optional_tables(table, row, reason, optional_tables):
    import pandas as pd

    frame = optional_tables[table]
    bad = frame.assign(**{name: pd.Series([value], dtype=frame[name].dtype) for name, value in row.items()})
    assert faults({**day(), table: pd.concat([frame, bad], ignore_index=True)}) == [(table, 1, reason)]
