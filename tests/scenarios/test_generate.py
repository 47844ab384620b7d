from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from file_hashes import hashes

from smartmoney_pipeline.calendar.sessions import session_bounds
from smartmoney_pipeline.scenarios.errors import ScenarioError
from smartmoney_pipeline.scenarios.files import read_text
from smartmoney_pipeline.scenarios.generate import generate, generate_pack, write
from smartmoney_pipeline.scenarios.packs import load_pack
from smartmoney_pipeline.scenarios.ticks import floor_cents
from smartmoney_pipeline.scenarios.underlyings import underlying
from smartmoney_pipeline.tape.ingest import read_frames

SESSION = date(2026, 3, 18)
TIME = pa.timestamp("ns", tz="UTC")
# From the canonical tape's definition.
KINDS = {
    "option_prints": {
        "print_id": pa.string(), "ts": TIME, "seq": pa.int64(), "option_symbol": pa.string(), "underlying": pa.string(),
        "price": pa.float64(), "size": pa.int64(), "exchange": pa.string(), "condition": pa.string(),
    },
    "option_quotes": {
        "ts": TIME, "seq": pa.int64(), "option_symbol": pa.string(), "bid": pa.float64(), "ask": pa.float64(),
        "bid_size": pa.int64(), "ask_size": pa.int64(),
    },
    "underlying_quotes": {"ts": TIME, "seq": pa.int64(), "bid": pa.float64(), "ask": pa.float64(), "bid_size": pa.int64()},
    "underlying_prints": {"ts": TIME, "seq": pa.int64(), "price": pa.float64(), "size": pa.int64()},
    "event_calendar": {"event_date": pa.date32(), "known_at": TIME, "amount": pa.float64()},
    "open_interest": {"open_interest": pa.int64()},
    "history": {"session_date": pa.date32(), "close": pa.float64()},
    "rates": {"tenor_days": pa.int64(), "rate": pa.float64()},
}  # fmt: skip


def as_table(table) -> pa.Table:
    return table if isinstance(table, pa.Table) else pa.Table.from_pandas(table, preserve_index=False)


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(day, tmp_path):
    for name, made in (("a", day), ("b", generate("test", SESSION, 7)), ("c", generate("test", SESSION, 8))):
        write(made, tmp_path / name / "tape", tmp_path / name / "labels")
    assert hashes(tmp_path / "a") == hashes(tmp_path / "b")
    assert hashes(tmp_path / "a")["tape/option_prints.parquet"] != hashes(tmp_path / "c")["tape/option_prints.parquet"]


def test_adding_an_underlying_changes_no_other(day):
    pack = load_pack("test").model_copy(update={"underlyings": ["AAPL", "DECK"]})
    fewer = generate_pack(pack, SESSION, 7)
    for name, keys in (
        ("option_prints", ["ts", "option_symbol", "price", "size", "exchange", "condition"]),
        ("underlying_quotes", ["ts", "underlying", "bid", "ask", "bid_size", "ask_size"]),
    ):
        all_rows = as_table(day.tables[name]).to_pandas()
        kept = all_rows[all_rows["underlying"].isin(["AAPL", "DECK"])]
        pd.testing.assert_frame_equal(kept[keys].reset_index(drop=True), as_table(fewer.tables[name]).to_pandas()[keys], check_dtype=True)


@pytest.mark.parametrize("name", sorted(KINDS))
def test_tables_have_the_canonical_types(day, name):
    schema = as_table(day.tables[name]).schema
    assert {column: schema.field(column).type for column in KINDS[name]} == KINDS[name]
    assert all(kind == pa.string() for kind in schema.types if pa.types.is_large_string(kind)) or name != "option_prints"


def test_the_reader_quarantines_nothing_but_second_reports(day, prints):
    tally = read_frames(day.tables, SESSION).quality["tables"]
    found = {table: counts["quarantined"] for table, counts in tally.items()}
    assert found == dict.fromkeys(day.tables, 0) | {"option_prints": int(prints["print_id"].duplicated().sum())}


def test_prints_lie_inside_the_session_in_order_with_positive_price_and_size(prints):
    bounds = session_bounds(SESSION)
    ts = prints["ts"].astype("int64")
    # Options of broad funds and indexes trade a quarter of an hour longer; `v` is the code of extended hours.
    late = prints["underlying"].isin(["SPY", "SPX"]) * 15 * 60 * 10**9
    regular = prints["condition"] != "v"
    assert ((ts > bounds.open_ns) & (ts < bounds.close_ns + late))[regular].all()
    assert prints.sort_values(["ts", "seq"], kind="stable").index.is_monotonic_increasing
    assert (prints["price"] > 0).all()
    assert (prints["size"] > 0).all()


def test_only_second_reports_repeat_a_print_id(prints):
    again = prints[prints["print_id"].duplicated(keep=False)]
    told = again.groupby("print_id")[["option_symbol", "price", "size", "exchange"]].nunique()
    assert (told == 1).all(axis=None)


def test_quotes_and_electronic_prints_are_on_legal_ticks(prints, quotes):
    roots = quotes["option_symbol"].str[:-15].replace({"SPXW": "SPX", "DECK1": "DECK"})
    single = prints[prints["condition"].isin(["I", "S", " "])]
    for ticker in sorted(roots.unique()):
        legal = underlying(ticker).chain.tick_class
        mine = quotes[roots == ticker]
        prices = pd.concat([mine["bid"], mine["ask"], single.loc[single["underlying"] == ticker, "price"]]).to_numpy()
        assert (floor_cents(legal, prices) == np.rint(prices * 100)).all(), ticker
    assert np.allclose(prints["price"] * 100, np.rint(prints["price"] * 100), atol=1e-6)


def test_quotes_are_rarely_locked_or_crossed_and_sometimes_have_no_bid(quotes):
    assert 0 < (quotes["bid"] > quotes["ask"]).mean() < 0.002
    assert 0 < (quotes["bid"] == quotes["ask"]).mean() < 0.004
    assert 0 < (quotes["bid"] == 0).mean() < 0.1
    assert (quotes.loc[quotes["bid"] == 0, "bid_size"] == 0).all()
    assert (quotes["ask"] > 0).all()


def test_traded_contracts_are_quoted_before_they_trade(quoted):
    assert quoted["ask"].notna().mean() > 0.995


def test_nothing_on_the_tape_names_a_label(day):
    hidden = {"label", "label_id", "event", "profile", "template", "variant", "direction", "side", "agent", "order"}
    for table in day.tables.values():
        assert not hidden & set(as_table(table).schema.names)


def test_labels_are_refused_inside_the_tape(day, tmp_path):
    with pytest.raises(ScenarioError, match="outside the tape"):
        write(day, tmp_path / "tape", tmp_path / "tape" / "labels")


def test_written_tables_read_back(day, tmp_path):
    write(day, tmp_path / "tape", tmp_path / "labels")
    assert pq.read_table(tmp_path / "tape" / "option_prints.parquet").num_rows == len(day.tables["option_prints"])
    assert pq.read_table(tmp_path / "labels" / "labels.parquet").num_rows == len(day.labels)
    assert sorted(path.stem for path in (tmp_path / "tape").iterdir()) == sorted(day.tables)


def test_the_static_calendar_is_the_packs_calendar(day):
    assert load_pack("demo").events == load_pack("test").events
    made = day.tables["event_calendar"]
    lines = read_text("event_calendar.csv").splitlines()
    assert lines[0].split(",") == list(made.columns)
    dates = made["event_date"].astype(str)
    assert [line.split(",")[:3] for line in lines[1:]] == [
        list(row) for row in zip(made["underlying"], made["event_type"], dates, strict=True)
    ]
    assert (made["known_at"] < pd.Timestamp("2026-03-18", tz="UTC") - pd.Timedelta(days=5)).all()


def test_a_half_day_is_generated_too():
    # The day after Thanksgiving 2026: 27 November, close at 13:00 New York, 18:00 UTC.
    pack = load_pack("test").model_copy(update={"underlyings": ["DECK"], "templates": {}})
    ts = as_table(generate_pack(pack, date(2026, 11, 27), 1).tables["option_prints"])["ts"].to_pandas()
    assert ts.max() < pd.Timestamp("2026-11-27 18:00", tz="UTC")
