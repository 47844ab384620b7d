"""Files that cannot be read end in one error that names file and column; what they hold is read whatever its form."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tape_tables import CALL, day, option_prints

from smartmoney_pipeline.tape.canonical import write_canonical
from smartmoney_pipeline.tape.errors import TapeError
from smartmoney_pipeline.tape.ingest import read_tape


def refused(folder, *words, match=None):
    with pytest.raises(TapeError) as caught:
        read_tape(folder)
    assert "Traceback" not in str(caught.value)
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize("file_format", ["parquet", "csv"])
def test_a_written_folder_reads_back(tmp_path, file_format):
    write_canonical(tmp_path, day(), file_format)
    raw = read_tape(tmp_path)
    assert raw.tables["option_prints"]["price"].to_pylist() == [20500, 113000, 21000, 21000]
    assert raw.tables["option_prints"]["condition"].to_pylist() == [ord(c) for c in "I S?"]
    assert raw.tables["option_quotes"]["ask"].to_pylist() == [21000, 21000, 110000, 115000, 0]
    assert len(raw.quarantine) == 0


@pytest.mark.parametrize("file_format", ["parquet", "csv"])
@pytest.mark.parametrize(("table", "column"), [("option_prints", "price"), ("option_quotes", "bid"), ("underlying_quotes", "ts")])
def test_missing_column(tmp_path, file_format, table, column):
    write_canonical(tmp_path, day(), file_format)
    path = tmp_path / f"{table}.{file_format}"
    frame = pd.read_parquet(path) if file_format == "parquet" else pd.read_csv(path)
    frame = frame.drop(columns=column)
    frame.to_parquet(path) if file_format == "parquet" else frame.to_csv(path, index=False)
    refused(tmp_path, path.name, column, "missing")


@pytest.mark.parametrize(
    ("column", "values"),
    [("price", ["a", "b"]), ("size", ["1", "2"]), ("option_symbol", [1, 2]), ("ts", [1, 2]), ("price", np.array([1, 2], np.float32))],
)
def test_wrong_type(tmp_path, column, values):
    write_canonical(tmp_path, day())
    frame = option_prints().iloc[:2].assign(**{column: values})
    frame.to_parquet(tmp_path / "option_prints.parquet")
    refused(tmp_path, "option_prints.parquet", column, "expected")


def test_typed_times_without_zone(tmp_path):
    write_canonical(tmp_path, day())
    frame = option_prints().assign(ts=option_prints()["ts"].dt.tz_localize(None))
    frame.to_parquet(tmp_path / "option_prints.parquet")
    refused(tmp_path, "option_prints.parquet", "'ts'", "time zone")


@pytest.mark.parametrize("name", ["option_prints.parquet", "option_prints.csv", "option_quotes.parquet"])
def test_empty_file(tmp_path, name):
    write_canonical(tmp_path, day())
    if name.endswith("csv"):
        (tmp_path / "option_prints.parquet").unlink()
    (tmp_path / name).write_bytes(b"")
    refused(tmp_path, name, "empty")


@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_truncated_parquet(tmp_path, share):
    write_canonical(tmp_path, day())
    path = tmp_path / "option_prints.parquet"
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    refused(tmp_path, "option_prints.parquet", "parquet")


def test_damage_inside_a_parquet_file(tmp_path):
    write_canonical(tmp_path, day())
    path = tmp_path / "option_prints.parquet"
    content = bytearray(path.read_bytes())
    content[4:120] = b"\xff" * 116
    path.write_bytes(bytes(content))
    refused(tmp_path, "option_prints.parquet")


def test_header_only(tmp_path):
    write_canonical(tmp_path, {**day(), "option_prints": option_prints().iloc[:0]}, "csv")
    refused(tmp_path, "no rows")


def test_not_a_folder_or_not_a_tape(tmp_path):
    refused(tmp_path / "nowhere", "nowhere", "not a folder")
    refused(tmp_path, "option_prints")


def test_a_folder_in_the_place_of_a_file(tmp_path):
    write_canonical(tmp_path, day())
    (tmp_path / "option_quotes.parquet").unlink()
    (tmp_path / "option_quotes.parquet").mkdir()
    refused(tmp_path, "option_quotes.parquet", "not a file")


def test_one_table_in_two_formats(tmp_path):
    write_canonical(tmp_path, day())
    write_canonical(tmp_path, {"option_prints": option_prints()}, "csv")
    refused(tmp_path, "option_prints", "twice")


def test_one_column_twice(tmp_path):
    write_canonical(tmp_path, day(), "csv")
    path = tmp_path / "option_prints.csv"
    path.write_text(path.read_text().replace("exchange", "price", 1))
    refused(tmp_path, "option_prints.csv", "price", "twice")


@pytest.mark.parametrize("table", ["option_quotes", "underlying_quotes"])
def test_quotes_must_be_somewhere(tmp_path, table):
    write_canonical(tmp_path, {name: frame for name, frame in day().items() if name != table})
    refused(tmp_path, table)


def test_quotes_may_travel_on_the_print(tmp_path):
    carried = option_prints().assign(
        nbbo_bid=[2.0, 11.0, 0.0, None], nbbo_ask=[2.1, 11.5, 0.0, None], underlying_bid=244.5, underlying_ask=244.52
    )
    write_canonical(tmp_path, {"option_prints": carried})
    prints = read_tape(tmp_path).tables["option_prints"]
    # Zero on both sides is no quote.
    assert prints["nbbo_bid"].to_pylist() == [20000, 110000, None, None]
    assert prints["underlying_ask"].to_pylist() == [2445200] * 4


def test_text_that_is_not_utf8_loses_one_row(tmp_path):
    write_canonical(tmp_path, day(), "csv")
    path = tmp_path / "option_prints.csv"
    path.write_bytes(path.read_bytes().replace(b'"X"', b'"\xe9"'))
    raw = read_tape(tmp_path)
    assert raw.quarantine.select(["row", "reason"]).to_pylist() == [{"row": 2, "reason": "unknown_venue"}]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig"])
def test_byte_order_marks(tmp_path, encoding):
    write_canonical(tmp_path, day(), "csv")
    path = tmp_path / "option_prints.csv"
    path.write_text(path.read_text(), encoding=encoding)
    if encoding == "utf-16":
        refused(tmp_path, "option_prints.csv")
    else:
        assert len(read_tape(tmp_path).tables["option_prints"]) == 4


def test_ragged_and_quoted_lines(tmp_path):
    write_canonical(tmp_path, day(), "csv")
    path = tmp_path / "option_prints.csv"
    lines = path.read_text().splitlines()
    lines.insert(2, "p9,too,short")
    lines[-1] = lines[-1].replace('"p4"', '"p\n4"')
    lines.append("")
    path.write_text("\r\n".join(lines) + "\r\n")
    raw = read_tape(tmp_path)
    place = {"table": "option_prints", "row": 1, "source_file": "option_prints.csv", "column": "whole row"}
    assert raw.quarantine.to_pylist() == [place | {"reason": "ragged_row", "value": "p9,too,short"}]
    assert raw.quality["tables"]["option_prints"]["rows"] == 5
    assert raw.tables["option_prints"]["_row"].to_pylist() == [0, 2, 3, 4]


def test_other_resolutions_and_dictionaries_serve(tmp_path):
    write_canonical(tmp_path, day())
    path = tmp_path / "option_prints.parquet"
    table = pq.read_table(path)
    for name in ("option_symbol", "exchange"):
        table = table.set_column(table.column_names.index(name), name, table[name].dictionary_encode())
    ts = table["ts"].cast(pa.timestamp("us", "UTC"), safe=False).cast(pa.timestamp("us", "America/New_York"))
    pq.write_table(table.set_column(table.column_names.index("ts"), "ts", ts), path)
    prints = read_tape(tmp_path).tables["option_prints"]
    assert prints["ts"][0].value == pd.Timestamp("2025-02-14T14:30:01.5Z").value
    assert prints["option_symbol"][0].as_py() == CALL


def test_a_null_condition_is_unknown_and_an_empty_cell_is_regular(tmp_path):
    write_canonical(tmp_path / "typed", day())
    path = tmp_path / "typed" / "option_prints.parquet"
    option_prints().assign(condition=[None, "", " ", "I"]).to_parquet(path)
    assert read_tape(tmp_path / "typed").tables["option_prints"]["condition"].to_pylist() == [ord(c) for c in "?  I"]
    write_canonical(tmp_path / "text", day(), "csv")
    text = tmp_path / "text" / "option_prints.csv"
    text.write_text(text.read_text().replace('" "', ""))
    assert read_tape(tmp_path / "text").tables["option_prints"]["condition"].to_pylist() == [ord(c) for c in "I S?"]


def test_the_writer_refuses_what_the_reader_would(tmp_path):
    with pytest.raises(TapeError, match="price"):
        write_canonical(tmp_path, {"option_prints": option_prints().drop(columns="price")})
    with pytest.raises(TapeError, match="time zone"):
        write_canonical(tmp_path, {"option_prints": option_prints().assign(ts=pd.Timestamp("2025-02-14"))})
    with pytest.raises(TapeError, match="seq"):
        write_canonical(tmp_path, {"option_prints": option_prints().assign(seq="one")})
