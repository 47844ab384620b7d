"""Massive flat files, written by hand in the documented layout. 1739543400000000000 ns is 2025-02-14 14:30:00 UTC, 09:30 in New York."""

import gzip
import random

import pandas as pd
import pytest
from feed_runs import run, write_rows

from smartmoney_pipeline.tape.errors import TapeError

TRADES = "ticker,conditions,correction,exchange,price,sip_timestamp,size"
QUOTES = "ticker,ask_exchange,ask_price,ask_size,bid_exchange,bid_price,bid_size,sequence_number,sip_timestamp"
OPEN = 1739543400000000000
GOOD = dict(zip(TRADES.split(","), f"O:AAPL250221C00250000,209,0,302,2.05,{OPEN},10".split(","), strict=True))


def line(**changes):
    return ",".join(str(value) for value in {**GOOD, **changes}.values())


def trades(folder, *rows, name="trades.csv"):
    return run("massive", write_rows(folder / name, TRADES, *rows), folder / "part")


def test_one_trade(tmp_path):
    row = trades(tmp_path, line()).only()
    assert row["ts"] == pd.Timestamp("2025-02-14T14:30:00Z")
    assert (row["option_symbol"], row["underlying"]) == ("AAPL250221C00250000", "AAPL")
    assert (row["price"], row["size"], row["exchange"], row["condition"], row["seq"]) == (2.05, 10, "C", "I", 0)


def test_identical_rows_are_two_prints_with_stable_ids(tmp_path):
    first = trades(tmp_path, line(), line(), line(price="2.06")).tables["option_prints"]
    assert len({row["print_id"] for row in first}) == 3
    (tmp_path / "again").mkdir()
    again = trades(tmp_path / "again", line(ticker="O:MSFT250221C00250000"), line(), line(), line(price="2.06"), line()).tables[
        "option_prints"
    ]
    assert {row["print_id"] for row in first} < {row["print_id"] for row in again}
    assert len({row["print_id"] for row in again}) == 5


def test_ids_do_not_depend_on_the_way_a_row_was_parsed(tmp_path):
    plain = trades(tmp_path, line(), line(price="2.06")).tables["option_prints"]
    (tmp_path / "odd").mkdir()
    # A quoted cell and a bad one send the block through the slower readers.
    odd = trades(tmp_path / "odd", line(), line(price="2.06"), line(ticker='"O:AAPL250221C00260000"', price="x"))
    assert [row["print_id"] for row in odd.tables["option_prints"]] == [row["print_id"] for row in plain]
    assert odd.faults() == [(2, "price", "unreadable_value")]


@pytest.mark.parametrize(
    ("changes", "column", "reason"),
    [
        ({"size": "1.5"}, "size", "size_not_whole"),
        ({"size": "0"}, "size", "non_positive_size"),
        ({"size": ""}, "size", "missing_value"),
        ({"size": "9999999999"}, "size", "size_out_of_range"),
        ({"price": "-1"}, "price", "non_positive_price"),
        ({"price": "1.00001"}, "price", "price_off_grid"),
        ({"price": ""}, "price", "missing_value"),
        ({"price": "nan"}, "price", "not_a_number"),
        ({"ticker": "AAPL"}, "ticker", "unknown_symbol_form"),
        ({"ticker": "O:AAPL250213C00250000"}, "ticker", "expired_contract"),
        ({"ticker": "O:AAPL350213C00250000"}, "ticker", "expiry_out_of_range"),
        ({"sip_timestamp": ""}, "sip_timestamp", "missing_value"),
        ({"sip_timestamp": "1739600000000000000"}, "ts", "outside_session_day"),  # a Saturday
        ({"exchange": "C"}, "exchange", "unknown_venue"),
        ({"correction": "9"}, "correction", "unknown_code"),
    ],
)
def test_bad_rows(tmp_path, changes, column, reason):
    result = trades(tmp_path, line(), line(**changes))
    [(row, where, why)] = result.faults()
    assert (row, why) == (1, reason)
    assert where == column or (column == "ts" and where == "sip_timestamp")
    assert result.quarantine[0]["source_file"] == "trades.csv"
    assert len(result.tables["option_prints"]) == 1


def test_sizes_that_became_decimals(tmp_path):
    assert trades(tmp_path, line(size="10.0")).only()["size"] == 10


def test_a_ragged_row(tmp_path):
    result = trades(tmp_path, line(), line() + ",1", line(price="2.1"))
    assert result.faults() == [(1, "whole row", "ragged_row")]
    assert [row["seq"] for row in result.tables["option_prints"]] == [0, 2]


@pytest.mark.parametrize(
    ("ident", "letter"), [("227", "a"), ("232", "f"), ("209", "I"), ("219", "S"), ("", " "), ("114", "?"), ("212", "?")]
)
def test_conditions_after_the_change_of_codes(tmp_path, ident, letter):
    # 227 is SLAN here and 114 is SLAN at Cboe; 212 (SPRD) left the feed on 2019-11-04.
    assert trades(tmp_path, line(conditions=ident)).only()["condition"] == letter


@pytest.mark.parametrize(("ident", "letter"), [("", "?"), ("212", "L"), ("232", "?"), ("209", "I")])
def test_conditions_before_the_change_of_codes(tmp_path, ident, letter):
    # 2019-11-01 14:00 UTC. The vendor left the field empty then, whatever OPRA sent.
    old = {"sip_timestamp": 1572616800000000000, "ticker": "O:AAPL191115C00250000"}
    assert trades(tmp_path, line(conditions=ident, **old)).only()["condition"] == letter


@pytest.mark.parametrize("ident", ["318", "306", "321", "320"])
def test_a_venue_id_that_nobody_confirmed_is_unknown_and_the_print_stays(tmp_path, ident):
    result = trades(tmp_path, line(exchange=ident))
    assert (result.only()["exchange"], result.faults()) == ("", [])


def test_corrections_become_cancels(tmp_path):
    later = OPEN + 10**9
    result = trades(tmp_path, line(correction=8), line(), line(correction=10, sip_timestamp=later), line(price="2.2", correction=7))
    rows = {row["print_id"]: row for row in result.tables["option_prints"]}
    named = [row for row in rows.values() if row.get("cancels_print_id")]
    assert len(rows) == 5  # four of the file, and a cancel for the one that has none
    assert result.counts["option_prints"]["made"] == 1
    targets = sorted((rows[row["cancels_print_id"]]["price"], row["ts"] - rows[row["cancels_print_id"]]["ts"]) for row in named)
    assert targets == [(2.05, pd.Timedelta(seconds=1)), (2.2, pd.Timedelta(0))]


def test_a_file_of_one_day_holds_no_other(tmp_path):
    result = trades(tmp_path, line(), line(sip_timestamp=OPEN + 86_400 * 3 * 10**9), name="2025-02-14.csv")
    assert result.faults() == [(1, "sip_timestamp", "outside_session_day")]


def test_quotes_and_their_venues(tmp_path):
    rows = [f"O:AAPL250221C00250000,303,2.1,12,302,2.0,10,{n},{OPEN + n}" for n in (5, 6)]
    rows += [f"O:AAPL250221C00250000,,,,318,2.0,10,7,{OPEN}", f"O:AAPL250221C00250000,303,-1,12,302,2.0,10,8,{OPEN}"]
    result = run("massive", write_rows(tmp_path / "quotes.csv", QUOTES, *rows), tmp_path / "part")
    first, _, one_sided = result.tables["option_quotes"]
    assert (first["bid"], first["ask"], first["bid_size"], first["ask_size"], first["seq"]) == (2.0, 2.1, 10, 12, 5)
    assert (first["bid_exchange"], first["ask_exchange"]) == ("C", "D")
    assert (one_sided["ask"], one_sided["ask_size"], one_sided["ask_exchange"], one_sided["bid_exchange"]) == (0.0, 0, "", "")
    assert result.faults() == [(3, "ask_price", "negative_price")]


def test_stock_quotes_and_index_values(tmp_path):
    header = "Ticker,ask_exchange,ask_price,ask_size,bid_exchange,bid_price,bid_size,conditions,sequence_number,sip_timestamp,tape"
    stocks = run("massive", write_rows(tmp_path / "stocks.csv", header, f"BRK.B,1,451.2,3,1,451.1,2,1,77,{OPEN},1"), tmp_path / "p1")
    assert (stocks.only("underlying_quotes")["underlying"], stocks.only("underlying_quotes")["bid"]) == ("BRK.B", 451.1)
    values = run("massive", write_rows(tmp_path / "values.csv", "ticker,value,timestamp", f"I:SPX,6100.25,{OPEN}"), tmp_path / "p2")
    row = values.only("underlying_quotes")
    assert (row["underlying"], row["bid"], row["ask"]) == ("SPX", 6100.25, 6100.25)


def test_gz_zst_and_plain_give_the_same_rows(tmp_path):
    import zstandard

    text = "\n".join([TRADES, line(), line(price="2.1"), ""]).encode()
    (tmp_path / "a.csv").write_bytes(text)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(text))
    (tmp_path / "a.csv.zst").write_bytes(zstandard.compress(text))
    results = [run("massive", tmp_path / f"a.csv{end}", tmp_path / f"part{end}").tables for end in ("", ".gz", ".zst")]
    assert results[0] == results[1] == results[2]


def test_files_that_cannot_be_read(tmp_path):
    text = "\n".join([TRADES, *[line()] * 5000]).encode()
    for name, content, match in [
        ("cut.csv.gz", gzip.compress(random.Random(1).randbytes(100) + text)[:200], r"cut\.csv\.gz"),
        ("empty.csv", b"", "the file is empty"),
        ("odd.csv", b"a,b\n1,2\n", "no trades, quotes or values"),
        ("short.csv", TRADES.replace("size", "lots").encode() + b"\n" + line().encode(), "'size': the column is missing"),
    ]:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(TapeError, match=match):
            run("massive", tmp_path / name, tmp_path / f"part-{name}")
