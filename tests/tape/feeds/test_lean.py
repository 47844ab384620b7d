"""LEAN minute bars: the real GOOG sample, and archives made by hand. 34200000 ms after midnight is 09:30."""

import zipfile

import pandas as pd
import pyarrow.parquet as pq
import pytest
from feed_runs import REAL, run

from smartmoney_pipeline.console import import_tape
from smartmoney_pipeline.tape.errors import TapeError

FOLDER = REAL / "lean_goog_2015-12-24"
ENTRY = "20151224_goog_minute_{}_american_call_7500000_20160115.csv"


def bars(folder, kind, text, entry=None, where="option"):
    (folder / where).mkdir(exist_ok=True)
    path = folder / where / f"20151224_{kind}_american.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(entry or ENTRY.format(kind), text)
    return run("lean", path, folder / f"part-{where}-{kind}")


def test_a_trade_bar_is_one_row_at_its_end(tmp_path):
    row = bars(tmp_path, "trade", "34200000,12000,13000,11000,12500,7\n").only()
    assert row["ts"] == pd.Timestamp("2015-12-24T14:31:00Z")
    assert (row["option_symbol"], row["price"], row["size"]) == ("GOOG160115C00750000", 1.25, 7)
    assert (row["exchange"], row["condition"]) == ("", "?")


def test_a_closing_quote_stands_in_the_last_instant_of_its_minute(tmp_path):
    trade = bars(tmp_path, "trade", "34260000,12000,13000,11000,12500,7\n").only()
    text = "34200000,1,1,1,10000,5,1,1,1,14000,5\n34260000,1,1,1,11000,5,1,1,1,13000,5\n34320000,1,1,1,90000,5,1,1,1,91000,5\n"
    quotes = bars(tmp_path, "quote", text).tables["option_quotes"]
    before = [quote for quote in quotes if quote["ts"] < trade["ts"]]
    # The minute from 09:31: its own closing quote is the last one strictly before the bar, the next minute's is not known yet.
    assert (before[-1]["bid"], before[-1]["ts"]) == (1.1, pd.Timestamp("2015-12-24T14:31:59.999999999Z"))
    assert len(before) == 2


def test_a_blank_side_is_no_quote(tmp_path):
    row = bars(tmp_path, "quote", "34200000,,,,,0,21500,21500,5000,5000,19\n").only("option_quotes")
    assert (row["bid"], row["bid_size"], row["ask"], row["ask_size"]) == (0.0, 0, 0.5, 19)


def test_index_prices_are_plain_dollars(tmp_path):
    row = bars(tmp_path, "trade", "34200000,4000.5,4001,4000,4000.25,0\n", "20151224_spx_minute_trade.csv", "index")
    assert row.faults() == [(0, "volume", "non_positive_size")]
    row = bars(tmp_path, "quote", "34200000,1,1,1,4000.25,0,1,1,1,4000.25,0\n", "20151224_spx_minute_quote.csv", "index")
    assert row.only("underlying_quotes")["bid"] == 4000.25


def test_bad_rows_name_the_entry(tmp_path):
    result = bars(tmp_path, "trade", "34200000,12000,13000,11000,12500,7\n34260000,1,1,1,x,7\n34320000,1,1,1,-5,7\n")
    assert result.faults() == [(1, "close", "unreadable_value"), (2, "close", "non_positive_price")]
    assert result.quarantine[0]["source_file"].endswith(ENTRY.format("trade"))


@pytest.mark.parametrize("entry", ["readme.txt", "20151324_goog_minute_trade_american_call_7500000_20160115.csv"])
def test_other_entries_are_refused(tmp_path, entry):
    with pytest.raises(TapeError, match="entr"):
        bars(tmp_path, "trade", "1\n", entry)


def test_a_damaged_archive_is_named(tmp_path):
    (tmp_path / "x.zip").write_bytes(b"PK and no more")
    with pytest.raises(TapeError, match=r"x\.zip: cannot be read as a zip"):
        run("lean", tmp_path / "x.zip", tmp_path / "part")


def test_a_name_that_ends_twice_in_zip_is_read_as_one(tmp_path):
    # some names upstream do
    bars(tmp_path, "trade", "34200000,12000,13000,11000,12500,7\n")
    twice = tmp_path / "option" / "20151224_trade_american.zip.zip"
    (tmp_path / "option" / "20151224_trade_american.zip").rename(twice)
    assert run("lean", twice, tmp_path / "part").only()["option_symbol"] == "GOOG160115C00750000"
    [tape] = import_tape.run(import_tape.Job("lean", tmp_path / "option", tmp_path / "tape", None, None, (), True))
    assert len(pq.read_table(tape.folder / "option_prints.parquet")) == 1


def test_a_minute_without_either_side_is_a_row_without_a_quote(tmp_path):
    row = bars(tmp_path, "quote", "34200000,,,,,0,,,,,0\n").only("option_quotes")
    assert (row["bid"], row["bid_size"], row["ask"], row["ask_size"]) == (0.0, 0, 0.0, 0)


def test_open_interest_is_one_row_a_contract(tmp_path):
    row = bars(tmp_path, "openinterest", "23400000,411\n").only("open_interest")  # 06:30
    assert (row["option_symbol"], row["open_interest"]) == ("GOOG160115C00750000", 411)


def test_the_clock_is_new_york_of_the_date_in_the_name(tmp_path):
    entry = "20150710_goog_minute_trade_american_call_7500000_20160115.csv"
    row = bars(tmp_path, "trade", "34200000,12000,13000,11000,12500,7\n", entry).only()
    assert row["ts"] == pd.Timestamp("2015-07-10T13:31:00Z")  # four hours behind UTC in July, five in December


def test_stock_bars_of_the_early_morning_belong_to_the_day(tmp_path):
    row = bars(tmp_path, "quote", "14400000,1,1,1,7500000,3,1,1,1,7501000,4\n", "20151224_goog_minute_quote.csv", "equity")
    assert row.only("underlying_quotes")["ts"] == pd.Timestamp("2015-12-24T09:00:59.999999999Z")  # the minute from 04:00
    assert row.only("underlying_quotes")["bid"] == 750.0


@pytest.mark.parametrize(("scaled", "symbol"), [("75000", "GOOG160115C00007500"), ("75001", None)])
def test_strikes_are_ten_thousandths_in_the_name(tmp_path, scaled, symbol):
    entry = f"20151224_goog_minute_trade_american_call_{scaled}_20160115.csv"
    result = bars(tmp_path, "trade", "34200000,12000,13000,11000,12500,7\n", entry)
    if symbol is None:  # no compact symbol has room for a tenth of a thousandth
        assert result.faults() == [(0, "option_symbol", "unknown_symbol_form")]
    else:
        assert result.only()["option_symbol"] == symbol


@pytest.mark.real
@pytest.mark.skipif(not FOLDER.is_dir(), reason="the real LEAN sample does not lie beside the checkout")
@pytest.mark.parametrize(
    ("name", "table", "rows"),
    [
        # Counts of the README beside the files.
        ("option/usa/minute/goog/20151224_trade_american.zip", "option_prints", 958),
        ("option/usa/minute/goog/20151224_quote_american.zip", "option_quotes", 275_552),
        ("option/usa/minute/goog/20151224_openinterest_american.zip", "open_interest", 2058),
        ("equity/usa/minute/goog/20151224_trade.zip", "underlying_prints", 227),
        ("equity/usa/minute/goog/20151224_quote.zip", "underlying_quotes", 260),
    ],
)
def test_the_real_bars(tmp_path, name, table, rows):
    result = run("lean", FOLDER / name, tmp_path / "part")
    assert (result.counts[table]["read"], result.quarantine) == (rows, [])
    found = result.tables[table]
    if table == "option_prints":
        assert (sum(row["size"] for row in found), len({row["option_symbol"] for row in found})) == (7471, 241)
    if table == "option_quotes":
        no_bid, no_ask = ({n for n, row in enumerate(found) if row[side] == 0} for side in ("bid", "ask"))
        assert (len(no_bid - no_ask), len(no_ask - no_bid), len(no_bid & no_ask)) == (66_781, 44_556, 985)
