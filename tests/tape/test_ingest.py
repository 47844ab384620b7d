"""Randomly broken tapes: nothing raises on a row, nothing vanishes. Read + quarantined = rows in the file."""

import csv
import tempfile
from datetime import date
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tape_tables import day, option_prints, option_quotes, settle, underlying_quotes

from smartmoney_pipeline.engine.context import day_context
from smartmoney_pipeline.engine.score_day import score_day
from smartmoney_pipeline.schemas.codes import QuarantineReason
from smartmoney_pipeline.tape.canonical import write_canonical
from smartmoney_pipeline.tape.errors import TapeError
from smartmoney_pipeline.tape.ingest import build_day, import_tape, read_frames, read_tape

NASTY_NUMBERS = ["nan", "inf", "-1", "0", "1.5", "1e999", "2147483648", "99999999999999999999"]
NASTY_TIMES = ["2025-02-14T15:00:00", "2025-02-14T15:00:00Z", "2025-02-30T15:00:00Z", "1970-01-01T00:00:00Z"]
NASTY_WORDS = ["", " ", "-", "=cmd", "\N{DOG FACE}", "\N{LATIN SMALL LETTER E WITH ACUTE}", "A", "C", "a\nb", 'say "x"', "p1", "x,y"]
NASTY = st.sampled_from([*NASTY_NUMBERS, *NASTY_TIMES, *NASTY_WORDS])
TABLES = {"option_prints": option_prints(), "option_quotes": option_quotes(), "underlying_quotes": underlying_quotes()}


@st.composite
def broken_cells(draw):
    """Cells to overwrite: (table, row, column, text), and lines to cut or to add."""
    table = draw(st.sampled_from(sorted(TABLES)))
    frame = TABLES[table]
    return table, draw(st.integers(0, len(frame) - 1)), draw(st.integers(0, len(frame.columns) - 1)), draw(NASTY | st.text(max_size=5))


def break_folder(folder, cells, cut, extra):
    for table in TABLES:
        path = folder / f"{table}.csv"
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        for name, row, column, text in cells:
            if name == table:
                rows[row + 1][column] = text
        if table == "option_prints":
            rows[2] = rows[2][: len(rows[2]) - cut]
            rows += [[word] for word in extra]
        with path.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows(rows)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(broken_cells(), max_size=8),
    st.integers(0, 3),
    st.lists(st.sampled_from(["half a line", "\x00", "1;2;3"]), max_size=2),
)
def test_read_and_quarantined_rows_add_up_in_text(cells, cut, extra):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_canonical(folder, day(), "csv")
        break_folder(folder, cells, cut, extra)
        raw = read_tape(folder)
    rows = {"option_prints": 4 + len(extra), "option_quotes": 5, "underlying_quotes": 2}
    counts = raw.quality["tables"]
    assert {table: count["rows"] for table, count in counts.items()} == rows
    assert {table: count["read"] + count["quarantined"] for table, count in counts.items()} == rows
    places = [(row["table"], row["row"]) for row in raw.quarantine.to_pylist()]
    assert len(set(places)) == len(places)
    assert all(0 <= row < rows[table] for table, row in places)
    assert {row["reason"] for row in raw.quarantine.to_pylist()} <= {reason.value for reason in QuarantineReason}


WRONG = {
    "price": st.sampled_from([0.0, -1.0, float("nan"), float("inf"), 1e12, 2.00001, None]) | st.floats(),
    "size": st.sampled_from([0.0, -1.0, 1.5, 2.0**31, 1e300, float("nan")]),
    "condition": st.sampled_from(["", " ", "?", "A", "C", "E", "G", "O", "w", "ii"]) | st.text(max_size=2),
    "exchange": st.sampled_from(["C", "c", "?", ""]) | st.none(),
    "print_id": st.sampled_from(["p1", "p2", ""]) | st.none(),
    "option_symbol": st.sampled_from(["SPXW250213P06000000", "O:AAPL250221C00250000", "x", ""]) | st.none(),
    "underlying": st.sampled_from(["^SPX", "AAPL", ""]) | st.none(),
}


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(sorted(WRONG)).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, 3), WRONG[n])), max_size=8))
def test_read_and_quarantined_rows_add_up_in_typed_tables(cells):
    prints = option_prints().astype({"size": "float64"})
    for column, row, value in cells:
        prints.loc[row, column] = value
    raw = read_frames({**day(), "option_prints": prints})
    counts = raw.quality["tables"]["option_prints"]
    assert counts["rows"] == 4
    assert counts["read"] + counts["quarantined"] == 4
    assert counts["read"] == len(raw.tables["option_prints"]) + len(raw.tables["removed_prints"])


def test_the_session_is_that_of_most_prints(tmp_path):
    write_canonical(tmp_path / "tape", day())
    imported = import_tape(tmp_path / "tape", tmp_path / "day", "canonical", None, "tape", settle)
    assert imported.session_date == date(2025, 2, 14)
    assert imported.source == "tape"
    assert imported.quality == read_tape(tmp_path / "tape").quality


def test_a_day_that_holds_nothing_of_the_date_asked_for(tmp_path):
    write_canonical(tmp_path / "tape", day())
    said = "tape: holds prints of 2025-02-14, and none that can be used of the session asked for, 2025-02-13$"
    with pytest.raises(TapeError, match=said):
        import_tape(tmp_path / "tape", tmp_path / "day", "canonical", date(2025, 2, 13), "tape", settle)
    assert not (tmp_path / "day").exists()


def test_the_day_that_is_named_is_that_of_new_york(tmp_path):
    """01:30 UTC on the 15th is 20:30 on the 14th in New York, in winter; the clock of UTC would name the wrong session."""
    prints = option_prints()
    late = prints.assign(ts=pd.DatetimeIndex(["2025-02-15 01:30:00"] * len(prints), tz="UTC").as_unit("ns"))
    write_canonical(tmp_path / "tape", day() | {"option_prints": late})
    with pytest.raises(TapeError, match="holds prints of 2025-02-14, and none"):
        import_tape(tmp_path / "tape", tmp_path / "day", "canonical", date(2025, 2, 13), "tape", settle)


def test_a_day_of_nothing_but_cancelled_prints_is_an_empty_day(tmp_path):
    """Found by a law: the print was sound, and a feed that saw it end in a cancel has no event either (D3)."""
    order = option_prints().head(1)
    cancel = order.assign(print_id="c1", seq=order["seq"] + 1, condition="A", cancels_print_id=order["print_id"])
    raw = read_frames({**day(), "option_prints": pd.concat([order, cancel])})
    imported = build_day(raw, tmp_path / "day", "tape", settle)
    assert imported.session_date == date(2025, 2, 14)
    assert (len(raw.tables["option_prints"]), len(raw.tables["removed_prints"]), len(raw.quarantine)) == (0, 2, 0)
    assert score_day(day_context(imported), tmp_path / "out").manifest["tables"]["smart_money_events"]["rows"] == 0


def test_a_column_of_nothing_costs_its_rows_only():
    tables = {**day(), "option_prints": option_prints().assign(price=None)}
    raw = read_frames(tables)
    assert raw.quarantine["reason"].to_pylist() == ["missing_value"] * 4
    assert raw.session_date is None
