"""The lake layout: same content, same hash, whatever the file's format and order; plain arrays out."""

from datetime import date

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from tape_tables import CALL, SESSION, at, day, option_prints, option_quotes, settle

from smartmoney_pipeline.tape.canonical import write_canonical
from smartmoney_pipeline.tape.errors import TapeError
from smartmoney_pipeline.tape.ingest import build_day, import_tape, read_frames
from smartmoney_pipeline.tape.layout import TapeDay


def build(tables, out):
    return build_day(read_frames(tables), out, "tape", settle)


def with_cancel(tables):
    """The day with a cancel of its third print."""
    cancel = option_prints().iloc[[2]].assign(print_id="x", seq=99, ts=at("20:59:59.5"), condition="C")
    return {**tables, "option_prints": pd.concat([option_prints(), cancel], ignore_index=True)}


@pytest.fixture
def everything(optional_tables):
    carried = with_cancel(day())["option_prints"].assign(nbbo_bid=[2.0, None, 0.0, 2.0, None], nbbo_ask=[2.1, None, 0.0, 2.2, None])
    quotes = option_quotes().assign(bid_exchange=["C", "X", None, None, None], ask_exchange=["C", "X", "C", "C", None])
    return {**day(), **optional_tables, "option_prints": carried, "option_quotes": quotes}


@pytest.mark.parametrize("file_format", ["parquet", "csv"])
def test_every_file_format_gives_the_same_day(tmp_path, everything, file_format):
    write_canonical(tmp_path / "tape", everything, file_format)
    imported = import_tape(tmp_path / "tape", tmp_path / "day", "canonical", None, "tape", settle)
    assert imported.content_hash == build(everything, tmp_path / "direct").content_hash


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_order_of_rows_does_not_matter(tmp_path, everything, seed):
    rng = np.random.default_rng(seed)
    ties = pd.concat([everything["option_quotes"]] * 2, ignore_index=True).assign(seq=0, ts=at("15:00:00"))
    tables = {**everything, "option_quotes": ties}
    shuffled = {name: frame.iloc[rng.permutation(len(frame))].reset_index(drop=True) for name, frame in tables.items()}
    first, second = build(tables, tmp_path / "a"), build(shuffled, tmp_path / "b")
    assert first.content_hash == second.content_hash
    for path in (tmp_path / "a").glob("*.parquet"):
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


@pytest.mark.parametrize(
    ("table", "column", "value"), [("option_prints", "price", 2.06), ("option_quotes", "bid_size", 11), ("rates", "rate", 0.044)]
)
def test_one_changed_value_changes_the_hash(tmp_path, everything, table, column, value):
    frame = everything[table].copy()
    frame.loc[0, column] = value
    changed = build({**everything, table: frame}, tmp_path / "a")
    assert changed.content_hash != build(everything, tmp_path / "b").content_hash


def test_contracts_of_prints_and_quotes(tmp_path):
    contracts = build(day(), tmp_path).contracts
    assert contracts["option_symbol"].tolist() == ["AAPL250221C00250000", "AAPL250221P00200000", "SPXW250214P06000000"]
    assert contracts["contract_id"].tolist() == [0, 1, 2]
    assert contracts["underlying_id"].tolist() == [0, 0, 1]
    assert contracts["expiry"].dt.date.tolist() == [date(2025, 2, 21), date(2025, 2, 21), SESSION]
    assert contracts["expiry_ts"].tolist() == [at("21:00:00", "2025-02-21")] * 2 + [at("21:00:00")]
    assert contracts["exercise"].tolist() == ["american", "american", "european"]


def test_overrides_of_contracts(tmp_path, everything):
    row = build(everything, tmp_path / "a").contracts.iloc[0]
    assert (row["option_symbol"], row["multiplier"], row["settlement"], row["exercise"]) == (CALL, 10, "am", "european")
    assert bool(row["adjusted"])
    assert row["expiry_ts"] == at("14:30:00", "2025-02-21")
    twice = pd.concat([everything["contracts"], everything["contracts"].assign(multiplier=20)])
    with pytest.raises(TapeError, match=f"{CALL} is there twice"):
        build({**everything, "contracts": twice}, tmp_path / "b")


def test_print_batches(tmp_path):
    built = build(day(), tmp_path)
    batches = list(built.print_batches(rows=3))
    assert [len(batch["ts"]) for batch in batches] == [3, 1]
    first = batches[0]
    assert first["ts"].tolist() == [at("14:30:01.5").value, at("14:30:02").value, at("15:00:00").value]
    assert first["contract_id"].tolist() == [0, 2, 0]
    assert bytes(first["condition"]) == b"I S"
    assert first["nbbo_bid"].tolist() == [-1, -1, -1]
    types = {name: str(values.dtype) for name, values in first.items()}
    assert {types[name] for name in ("ts", "seq")} == {"int64"}
    assert {types[name] for name in ("contract_id", "price", "size", "nbbo_bid", "venue_ask_size")} == {"int32"}
    assert {types[name] for name in ("venue", "condition")} == {"uint8"}
    assert next(built.print_batches(["print_id"]))["print_id"].tolist() == ["p1", "p2", "p3", "p4"]


def test_carried_quotes_in_batches(tmp_path, everything):
    batch = next(build(everything, tmp_path).print_batches(["print_id", "nbbo_bid", "nbbo_ask"]))
    assert dict(zip(batch["print_id"], zip(batch["nbbo_bid"].tolist(), batch["nbbo_ask"].tolist(), strict=True), strict=True)) == {
        "p1": (20000, 21000),
        "p2": (-1, -1),
        "p4": (20000, 22000),
    }


def test_quote_batches(tmp_path, everything):
    built = build(everything, tmp_path)
    quotes = next(built.quote_batches())
    assert quotes["bid"].tolist() == [20000, 22000, 110000, 0, 0]
    assert quotes["contract_id"].tolist() == [0, 0, 2, 2, 1]
    assert quotes["bid_exchange"].tolist() == [ord("C"), ord("X"), 0, 0, 0]
    underlying = next(built.underlying_quote_batches(rows=1))
    assert {name: values.tolist() for name, values in underlying.items()} == {
        "ts": [at("14:30:00").value],
        "underlying_id": [0],
        "bid": [2445000],
        "ask": [2445200],
    }


def test_a_day_without_quote_tables(tmp_path):
    carried = option_prints().assign(nbbo_bid=2.0, nbbo_ask=2.1, underlying_bid=244.5, underlying_ask=244.6)
    built = build({"option_prints": carried}, tmp_path)
    assert list(built.quote_batches()) == list(built.underlying_quote_batches()) == []
    assert not built.has("option_quotes")
    assert built.table("option_quotes") is None


def test_cancelled_prints_leave_the_current_view_and_stay_on_record(tmp_path):
    built = build(with_cancel(day()), tmp_path)
    # Two prints are alike and the last one is later than the cancel: the third goes.
    assert next(built.print_batches(["print_id"]))["print_id"].tolist() == ["p1", "p2", "p4"]
    assert built.table("removed_prints")["print_id"].to_pylist() == ["p3", "x"]
    assert built.table("corrections")["cancelled_print_id"].to_pylist() == ["p3"]


def test_tables_that_pass_through(tmp_path, everything):
    built = build(everything, tmp_path)
    for name in ("event_calendar", "open_interest", "underlying_prints", "rates", "history"):
        assert built.table(name).to_pylist() == pd_rows(everything[name])
    assert built.table("venue_quotes")["contract_id"].to_pylist() == [0]
    assert built.table("venue_quotes")["bid"].to_pylist() == [2.0]


def pd_rows(frame):
    import pyarrow as pa

    return pa.Table.from_pandas(frame, preserve_index=False).to_pylist()


def test_files_have_the_encodings_of_the_lake(tmp_path):
    build(day(), tmp_path)
    group = pq.ParquetFile(tmp_path / "option_quotes.parquet").metadata.row_group(0)
    columns = {group.column(i).path_in_schema: group.column(i) for i in range(group.num_columns)}
    assert "DELTA_BINARY_PACKED" in columns["ts"].encodings
    assert any("DICTIONARY" in encoding for encoding in columns["contract_id"].encodings)
    assert {column.compression for column in columns.values()} == {"LZ4"}


def test_opening(tmp_path):
    built = build(day(), tmp_path / "day")
    again = TapeDay.open(tmp_path / "day")
    assert (again.session_date, again.source, again.rows) == (SESSION, "tape", built.rows)
    assert again.quality["tables"]["option_prints"]["read"] == 4
    with pytest.raises(TapeError, match="no day in the lake layout"):
        TapeDay.open(tmp_path)
    facts = tmp_path / "day" / "day.json"
    facts.write_text(facts.read_text().replace("10000", "100"))
    with pytest.raises(TapeError, match="100 ticks a dollar"):
        TapeDay.open(tmp_path / "day")


def test_no_usable_print_is_an_error_that_says_why(tmp_path):
    tables = {**day(), "option_prints": option_prints().assign(price=-1.0)}
    with pytest.raises(TapeError, match="none of the 4 prints can be used; the first: row 0, non_positive_price"):
        build(tables, tmp_path)
