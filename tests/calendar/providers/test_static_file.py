"""The static file provider: what it accepts, what it rejects and why, in each of the three formats."""

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from smartmoney_pipeline.calendar.corporate_events import CorporateEvents
from smartmoney_pipeline.calendar.errors import CalendarError
from smartmoney_pipeline.calendar.providers import EventCalendarProvider
from smartmoney_pipeline.calendar.providers.static_file import StaticFileProvider
from smartmoney_pipeline.schemas.codes import QuarantineReason

HEADER = "underlying,event_type,event_date,event_time,known_at,amount,source"
GOOD = [
    "NA,earnings,2025-01-30,amc,2025-01-02T13:00:00Z,,newswire",  # a ticker that readers take for a missing value
    "KO,dividend,2025-03-14,bmo,2025-01-03 08:00:00-05:00,0.51,exchange",
    "XYZ,fda,2025-02-03,,2025-01-16T02:00:00+00:00,,",
]
BAD = {
    ",earnings,2025-01-30,amc,2025-01-02T13:00:00Z,,x": ("underlying", "missing_value", None),
    "A,earnings,,amc,2025-01-02T13:00:00Z,,x": ("event_date", "missing_value", None),
    "A,earnings,2025-02-30,amc,2025-01-02T13:00:00Z,,x": ("event_date", "unreadable_value", "2025-02-30"),
    "A,earnings,01/30/2025,amc,2025-01-02T13:00:00Z,,x": ("event_date", "unreadable_value", "01/30/2025"),
    "A,earnings,2199-01-30,amc,2025-01-02T13:00:00Z,,x": ("event_date", "unreadable_value", "2199-01-30"),
    "A,party,2025-01-30,amc,2025-01-02T13:00:00Z,,x": ("event_type", "unknown_code", "party"),
    "A,earnings,2025-01-30,--,2025-01-02T13:00:00Z,,x": ("event_time", "unknown_code", "--"),
    "A,earnings,2025-01-30,amc,,,x": ("known_at", "missing_value", None),
    "A,earnings,2025-01-30,amc,2025-01-02T13:00:00,,x": ("known_at", "time_zone_missing", "2025-01-02T13:00:00"),
    "A,earnings,2025-01-30,amc,2025-01-02,,x": ("known_at", "time_zone_missing", "2025-01-02"),
    "A,earnings,2025-01-30,amc,yesterday,,x": ("known_at", "unreadable_value", "yesterday"),
    "A,earnings,2025-01-30,amc,2025-01-32T13:00:00Z,,x": ("known_at", "unreadable_value", "2025-01-32T13:00:00Z"),
    "A,dividend,2025-01-30,bmo,2025-01-02T13:00:00Z,half,x": ("amount", "unreadable_value", "half"),
    "A,dividend,2025-01-30,bmo,2025-01-02T13:00:00Z,inf,x": ("amount", "not_a_number", "inf"),
    "A,dividend,2025-01-30,bmo,2025-01-02T13:00:00Z,NaN,x": ("amount", "not_a_number", "NaN"),
    "A,dividend,2025-01-30": ("whole row", "ragged_row", "A,dividend,2025-01-30"),
}


def csv_file(folder: Path, *lines: str, header: str = HEADER) -> Path:
    path = folder / "events.csv"
    path.write_text("\n".join([header, *lines]) + "\n")
    return path


def test_good_rows_are_canonical(tmp_path):
    provider: EventCalendarProvider = StaticFileProvider(csv_file(tmp_path, *GOOD))
    events = provider.events(date(2025, 1, 16))
    assert events["underlying"].tolist() == ["NA", "KO", "XYZ"]
    assert events["event_time"].tolist() == ["amc", "bmo", "unknown"]
    assert events["event_date"].dt.date.tolist() == [date(2025, 1, 30), date(2025, 3, 14), date(2025, 2, 3)]
    assert events["known_at"][1] == pd.Timestamp("2025-01-03T13:00:00Z")
    assert events["amount"].tolist()[1] == 0.51
    assert events["amount"].isna().tolist() == [True, False, True]
    assert events["source"].tolist() == ["newswire", "exchange", "events"], "a row that names no source comes from the file"
    assert len(CorporateEvents(events).as_known(pd.Timestamp("2025-01-17", tz="UTC").value)) == 3


def test_only_what_the_session_could_know_is_delivered(tmp_path):
    provider = StaticFileProvider(csv_file(tmp_path, *GOOD))
    # The row of XYZ became known at 02:00 UTC on the 16th, after the 16:15 close (21:15 UTC) of the 15th.
    assert provider.events(date(2025, 1, 15))["underlying"].tolist() == ["NA", "KO"]
    assert provider.events(date(2025, 1, 2))["underlying"].tolist() == ["NA"]
    assert len(provider.events(date(2024, 12, 31))) == 0
    with pytest.raises(CalendarError, match="2025-01-09"):
        provider.events(date(2025, 1, 9))


@pytest.mark.parametrize(
    ("line", "fault"), BAD.items(), ids=lambda value: "-".join(map(str, value[:2])) if isinstance(value, tuple) else ""
)
def test_a_bad_row_is_rejected_with_its_place_and_reason(tmp_path, line, fault):
    provider = StaticFileProvider(csv_file(tmp_path, GOOD[0], line))
    row = provider.rejected.iloc[0]
    value = None if pd.isna(row["value"]) else row["value"]
    assert (row["column"], row["reason"], value) == fault
    assert (row["table"], row["row"], row["source_file"]) == ("event_calendar", 1, "events.csv")
    assert row["reason"] in set(QuarantineReason)
    assert provider.events(date(2025, 12, 1))["underlying"].tolist() == ["NA"]


@pytest.mark.parametrize(("said", "reason"), [("2025-01-10T13:00:00", "time_zone_missing"), ("called off", "unreadable_value")])
def test_a_withdrawal_that_cannot_be_read_is_no_row_that_stands(tmp_path, said, reason):
    path = csv_file(tmp_path, f"{GOOD[0]},{said}", f"{GOOD[1]},", header=f"{HEADER},withdrawn_at")
    provider = StaticFileProvider(path)
    assert provider.rejected[["row", "column", "reason", "value"]].to_numpy().tolist() == [[0, "withdrawn_at", reason, said]]
    assert provider.events(date(2025, 2, 3))["underlying"].tolist() == ["KO"]


def test_read_and_rejected_add_up_to_the_file(tmp_path):
    provider = StaticFileProvider(csv_file(tmp_path, *GOOD, *BAD))
    assert provider.row_count == len(GOOD) + len(BAD)
    assert len(provider.events(date(2025, 12, 1))) + len(provider.rejected) == provider.row_count


def same_content(folder: Path) -> list[Path]:
    """One calendar in three formats; the Parquet file has real types, dates as timestamps the way pandas writes them."""
    rows = [dict(zip(HEADER.split(","), line.split(","), strict=True)) for line in GOOD]
    json_path, parquet_path = folder / "events.json", folder / "events.parquet"
    records = [{k: float(v) if k == "amount" else v for k, v in row.items() if v} for row in rows]
    json_path.write_text(json.dumps(records))
    frame = pd.DataFrame(rows).replace("", None)
    typed = frame.assign(
        event_date=pd.to_datetime(frame["event_date"]),
        known_at=pd.to_datetime(frame["known_at"], format="ISO8601", utc=True),
        amount=frame["amount"].astype("float64"),
    )
    pq.write_table(pa.Table.from_pandas(typed), parquet_path)
    return [csv_file(folder, *GOOD), json_path, parquet_path]


def test_the_three_formats_give_the_same_events(tmp_path):
    frames = [StaticFileProvider(path).events(date(2025, 2, 3)) for path in same_content(tmp_path)]
    pd.testing.assert_frame_equal(frames[0], frames[1])
    pd.testing.assert_frame_equal(frames[0], frames[2])
    assert len(frames[0]) == 3


def test_date32_and_naive_times_in_parquet(tmp_path):
    path = tmp_path / "events.parquet"
    columns = {
        "underlying": ["A", "B"],
        "event_type": ["fda", "fda"],
        "event_date": pa.array([date(2025, 1, 30)] * 2, pa.date32()),
        "event_time": ["bmo", "bmo"],
        "known_at": pa.array([pd.Timestamp("2025-01-02")] * 2, pa.timestamp("us")),
    }
    pq.write_table(pa.table(columns), path)
    assert StaticFileProvider(path).rejected["reason"].tolist() == ["time_zone_missing"] * 2


def test_a_missing_column_names_file_and_column(tmp_path):
    path = csv_file(tmp_path, "A,fda,2025-01-30,bmo", header="underlying,event_type,event_date,event_time")
    with pytest.raises(CalendarError, match=r"events\.csv: column known_at is missing"):
        StaticFileProvider(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("gone.csv", None),
        ("empty.csv", b""),
        ("broken.json", b"[{"),
        ("object.json", b'{"underlying": "A"}'),
        ("cut.parquet", b"PAR1 and nothing else"),
        ("latin.csv", "underlying\nÄ".encode("latin-1")),
        ("events.xlsx", b""),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path, name, content):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(CalendarError, match=name.replace(".", r"\.")):
        StaticFileProvider(path)


def test_a_header_without_rows_is_an_empty_calendar(tmp_path):
    provider = StaticFileProvider(csv_file(tmp_path))
    events = provider.events(date(2025, 1, 15))
    assert (len(events), len(provider.rejected)) == (0, 0)
    assert CorporateEvents(events).next_events(["A"], [1], date(2025, 1, 15)).isna().all(axis=None)


def test_a_dividend_below_nothing_is_put_aside(tmp_path):
    provider = StaticFileProvider(csv_file(tmp_path, "AAA,dividend,2025-01-20,bmo,2025-01-02T12:00:00Z,-0.5,x"))
    assert provider.rejected[["column", "reason", "value"]].to_numpy().tolist() == [["amount", "negative_price", "-0.5"]]
