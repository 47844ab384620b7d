"""Alpaca answers, written by hand: pages by symbol, and messages of the stream."""

import json

import pandas as pd
import pytest
from feed_runs import run

from smartmoney_pipeline.tape.errors import TapeError

CALL = "AAPL250221C00250000"
TRADE = {"t": "2025-02-14T14:30:00.123456789Z", "p": 2.05, "s": 3, "x": "C", "c": "I"}
QUOTE = {"t": "2025-02-14T14:30:00.1Z", "bp": 2.0, "bs": 10, "bx": "C", "ap": 2.1, "as": 12, "ax": "X", "c": " "}


def read(folder, document):
    path = folder / "page.json"
    path.write_text(document if isinstance(document, str) else json.dumps(document))
    return run("alpaca", path, folder / "part")


def test_one_trade_to_the_nanosecond(tmp_path):
    row = read(tmp_path, {"trades": {CALL: [TRADE]}, "next_page_token": None}).only()
    assert pd.Timestamp(row["ts"]).value == pd.Timestamp("2025-02-14T14:30:00.123456789Z").value
    assert (row["option_symbol"], row["price"], row["size"], row["exchange"], row["condition"]) == (CALL, 2.05, 3, "C", "I")


@pytest.mark.parametrize(("code", "letter"), [("f", "f"), (" ", " "), ("L", "?"), (None, "?"), (["a"], "a")])
def test_conditions(tmp_path, code, letter):
    # Legacy letters have no entry in the vendor's list.
    assert read(tmp_path, {"trades": {CALL: [TRADE | {"c": code}]}}).only()["condition"] == letter


def test_equal_trades_stay_two(tmp_path):
    rows = read(tmp_path, [{"trades": {CALL: [TRADE, TRADE]}}]).tables["option_prints"]
    assert len({row["print_id"] for row in rows}) == 2


@pytest.mark.parametrize(
    ("changes", "column", "reason"),
    [
        ({"t": "2025-02-14T14:30:00"}, "t", "time_zone_missing"),
        ({"t": None}, "t", "missing_value"),
        ({"p": "x"}, "p", "unreadable_value"),
        ({"s": 1.5}, "s", "size_not_whole"),
        ({"s": {"a": 1}}, "s", "unreadable_value"),
    ],
)
def test_bad_rows(tmp_path, changes, column, reason):
    assert read(tmp_path, {"trades": {CALL: [TRADE, TRADE | changes]}}).faults() == [(1, column, reason)]


def test_quotes_of_options_and_stocks(tmp_path):
    result = read(tmp_path, {"quotes": {CALL: [QUOTE], "BRK.B": [QUOTE]}})
    quote = result.only("option_quotes")
    assert (quote["bid"], quote["ask_size"], quote["bid_exchange"], quote["ask_exchange"]) == (2.0, 12, "C", "X")
    assert result.only("underlying_quotes")["underlying"] == "BRK.B"


def test_messages_of_the_stream(tmp_path):
    result = read(tmp_path, [{"T": "t", "S": CALL, **TRADE}, {"T": "q", "S": CALL, **QUOTE}, {"T": "subscription"}])
    assert (len(result.tables["option_prints"]), len(result.tables["option_quotes"])) == (1, 1)


@pytest.mark.parametrize("text", ["[", "{}", "[1]", '{"bars": {}}', '{"trades": {"AAPL": [{}]}}'])
def test_other_files_are_refused(tmp_path, text):
    with pytest.raises(TapeError, match=r"page\.json"):
        read(tmp_path, text)
