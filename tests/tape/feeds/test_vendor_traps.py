"""Traps that several vendors share, each with the outcome that docs/vendors.md states. Files by hand in the documented layouts."""

import pandas as pd
import pyarrow.parquet as pq
import pytest
import test_alpaca as alpaca
import test_datashop as cboe
import test_massive as massive
import test_thetadata as theta
import test_unusual_whales as whales

from smartmoney_pipeline.console import import_tape
from smartmoney_pipeline.tape.ingest import read_tape

BEFORE_2019_11_04 = {"sip_timestamp": 1572616800000000000, "ticker": "O:AAPL191115C00250000"}  # 2019-11-01 14:00 UTC


def test_x_is_a_venue_and_a_legacy_condition(tmp_path):
    # XMPT, id 224, and PHLX, id 323: the same letter in two columns, neither taken for the other.
    row = massive.trades(tmp_path, massive.line(conditions="224", exchange="302", **BEFORE_2019_11_04)).only()
    assert (row["condition"], row["exchange"]) == ("X", "C")
    (tmp_path / "venue").mkdir()
    row = massive.trades(tmp_path / "venue", massive.line(conditions="209", exchange="323")).only()
    assert (row["condition"], row["exchange"]) == ("I", "X")


@pytest.mark.parametrize(
    ("day", "expiry", "ident", "letter"),
    [
        ("2025-02-14", "2025-02-21", "35", "?"),  # SPRD left the feed on 2019-11-04
        ("2019-11-01", "2019-11-15", "35", "L"),
        ("2019-11-01", "2019-11-15", "125", "?"),  # SLAN came that day
        ("2019-11-04", "2019-11-15", "125", "a"),
    ],
)
def test_the_era_of_a_code_holds_for_thetadata(tmp_path, day, expiry, ident, letter):
    clocks = {"trade_timestamp": f"{day}T09:30:00.123", "quote_timestamp": f"{day}T09:30:00.100"}
    row = theta.trades(tmp_path, theta.line(condition=ident, expiration=expiry, **clocks)).only()
    assert row["condition"] == letter


def test_the_era_of_a_code_holds_for_words(tmp_path):
    early = 1572616800000  # 2019-11-01 14:00 UTC, in milliseconds
    changes = {"executed_at": early, "option_symbol": "TSLA191115C00355000"}
    rows = whales.capture(tmp_path, whales.line(trade_code="slan", **changes), whales.line(trade_code="slan", id="late"))
    assert [row["condition"] for row in rows.tables["option_prints"]] == ["?", "a"]


def test_equal_rows_of_thetadata_are_two_prints(tmp_path):
    rows = theta.trades(tmp_path, theta.line(), theta.line()).tables["option_prints"]
    assert len({row["print_id"] for row in rows}) == 2


@pytest.mark.parametrize(("code", "letter"), [("X", "X"), ("?", ""), ("Y", "")])
def test_a_venue_that_nobody_knows_is_empty_and_the_print_stays(tmp_path, code, letter):
    result = alpaca.read(tmp_path, {"trades": {alpaca.CALL: [alpaca.TRADE | {"x": code}]}})
    assert (result.only()["exchange"], result.faults()) == (letter, [])


def test_the_volume_of_a_day_leaves_out_the_cancelled_print_and_its_cancel(tmp_path):
    # Ten contracts busted by a later row of ten, three that stay: a sum over the rows of the file says 23.
    rows = [massive.line(correction=8), massive.line(correction=10, sip_timestamp=massive.OPEN + 10**9), massive.line(price="2.2", size=3)]
    (tmp_path / "in").mkdir()
    massive.write_rows(tmp_path / "in" / "trades.csv", massive.TRADES, *rows)
    [tape] = import_tape.run(import_tape.Job("massive", tmp_path / "in", tmp_path / "tape", None, None, (), True))
    assert sum(row["size"] for row in pq.read_table(tape.folder / "option_prints.parquet").to_pylist()) == 23
    raw = read_tape(tape.folder)
    assert raw.tables["option_prints"]["size"].to_pylist() == [3]
    assert raw.quality["prints"]["corrections"] == 1


def test_cboe_rows_come_by_contract_and_the_tape_by_time(tmp_path):
    # The file lists one contract after the other; sequence numbers, not rows, order prints of one 25 ms step.
    later, early = "2025-02-14 09:48:28.950", "2025-02-14 09:48:28.925"
    changes = [
        {"quote_datetime": later, "sequence_number": "103"},
        {"quote_datetime": early, "sequence_number": "102", "strike": "6010.000"},
        {"quote_datetime": early, "sequence_number": "101", "strike": "6020.000"},
    ]
    cboe.trades(tmp_path, *changes)
    [tape] = import_tape.run(import_tape.Job("cboe", tmp_path / "trades.csv", tmp_path / "tape", None, None, (), True))
    prints = read_tape(tape.folder).tables["option_prints"].to_pylist()
    assert [row["option_symbol"][-8:] for row in prints] == ["06020000", "06010000", "06000000"]


def test_an_adjusted_root_keeps_its_digit(tmp_path):
    # The deliverable is not 100 shares: the contract belongs to AAPL and is not the one without the digit.
    row = massive.trades(tmp_path, massive.line(ticker="O:AAPL1250221C00250000")).only()
    assert (row["option_symbol"], row["underlying"]) == ("AAPL1250221C00250000", "AAPL")


def test_a_file_without_any_option_symbol_is_quarantined_row_by_row(tmp_path):
    # Stock tickers in a file of option trades: not one row of it names a contract.
    result = massive.trades(tmp_path, massive.line(ticker="AAPL"), massive.line(ticker="MSFT"))
    assert result.faults() == [(0, "ticker", "unknown_symbol_form"), (1, "ticker", "unknown_symbol_form")]
    assert result.tables == {}


def test_decimal_texts_come_to_the_nearest_tick(tmp_path):
    rows = whales.capture(tmp_path, whales.line(price="0.07"), whales.line(price="0.070000", id="b"), whales.line(price="1e-1", id="c"))
    assert [row["price"] for row in rows.tables["option_prints"]] == [0.07, 0.07, 0.1]


def test_the_clock_of_the_capture_and_of_its_messages_is_not_that_of_the_trade(tmp_path):
    row = whales.capture(tmp_path, whales.line(created_at=whales.GOOD["executed_at"] + 73)).only()
    assert row["ts"] == pd.Timestamp(whales.GOOD["executed_at"], unit="ms", tz="UTC")
