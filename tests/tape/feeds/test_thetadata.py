"""ThetaData v3 answers, written by hand in the documented columns. New York is five hours behind UTC in February."""

import pandas as pd
import pytest
from feed_runs import run, write_rows

from smartmoney_pipeline.tape.errors import TapeError

TRADE_QUOTE = (
    "symbol,expiration,strike,right,trade_timestamp,quote_timestamp,sequence,ext_condition1,ext_condition2,ext_condition3,ext_condition4,"
    "condition,size,exchange,price,bid_size,bid_exchange,bid,bid_condition,ask_size,ask_exchange,ask,ask_condition"
)
GOOD = dict(
    zip(
        TRADE_QUOTE.split(","),
        [
            "AAPL",
            "2025-02-21",
            "250.000",
            "CALL",
            "2025-02-14T09:30:00.123",
            "2025-02-14T09:30:00.100",
            "77",
            "255",
            "255",
            "255",
            "255",
            "125",
            "3",
            "5",
            "2.05",
            "10",
            "5",
            "2.00",
            "50",
            "12",
            "46",
            "2.10",
            "50",
        ],
        strict=True,
    )
)


def line(**changes):
    return ",".join({**GOOD, **changes}.values())


def trades(folder, *rows):
    return run("thetadata", write_rows(folder / "trade_quote.csv", TRADE_QUOTE, *rows), folder / "part")


def test_one_trade_with_its_quote(tmp_path):
    row = trades(tmp_path, line()).only()
    assert row["ts"] == pd.Timestamp("2025-02-14T14:30:00.123Z")
    assert (row["option_symbol"], row["exchange"], row["condition"], row["seq"]) == ("AAPL250221C00250000", "C", "a", 77)
    assert (row["nbbo_bid"], row["nbbo_ask"], row["nbbo_bid_size"], row["nbbo_ask_size"]) == (2.0, 2.1, 10, 12)


@pytest.mark.parametrize(
    ("ident", "letter"), [("125", "a"), ("136", "l"), ("147", "u"), ("148", "v"), ("118", "v"), ("18", "I"), ("", "?"), ("999", "?")]
)
def test_conditions_have_the_vendors_own_numbers(tmp_path, ident, letter):
    # 125 is SLAN here and MASL at Cboe; 118 is seen for extended hours.
    assert trades(tmp_path, line(condition=ident)).only()["condition"] == letter


def test_extended_conditions(tmp_path):
    # 255 is empty; 145 and 146 as aggressor marks are hearsay and change nothing; 118 marks extended hours.
    rows = trades(tmp_path, line(ext_condition1="145"), line(ext_condition1="118", sequence="78")).tables["option_prints"]
    assert [row["condition"] for row in rows] == ["a", "v"]


@pytest.mark.parametrize(
    ("changes", "column", "reason"),
    [
        ({"trade_timestamp": "2025-02-14T09:30:00.123Z"}, "trade_timestamp", "unreadable_value"),
        ({"trade_timestamp": "2025-11-02T01:30:00.000", "expiration": "2025-11-21"}, "trade_timestamp", "unreadable_value"),
        ({"strike": "250.0001"}, "symbol, expiration, strike, right", "unknown_symbol_form"),
        ({"right": "X"}, "symbol, expiration, strike, right", "unknown_symbol_form"),
        ({"size": "2.5"}, "size", "size_not_whole"),
        ({"bid": "-2"}, "bid", "negative_price"),
    ],
)
def test_bad_rows(tmp_path, changes, column, reason):
    result = trades(tmp_path, line(), line(**changes))
    [(row, where, why)] = result.faults()
    assert (row, why) == (1, reason)
    assert where in {column, f"nbbo_{column}"}


def test_quotes_of_options_and_stocks(tmp_path):
    header = "symbol,expiration,strike,right,timestamp,bid_size,bid_exchange,bid,bid_condition,ask_size,ask_exchange,ask,ask_condition"
    rows = ["SPXW,2025-02-14,6000.000,P,2025-02-14T09:31:00.000,10,5,2.00,50,12,46,2.10,50"]
    quote = run("thetadata", write_rows(tmp_path / "quote.csv", header, *rows), tmp_path / "p1").only("option_quotes")
    assert (quote["option_symbol"], quote["bid_exchange"], quote["ask_exchange"]) == ("SPXW250214P06000000", "C", "D")
    stock = write_rows(tmp_path / "stock.csv", "symbol,timestamp,bid_size,bid,ask_size,ask", "AAPL,2025-02-14T09:31:00.000,1,244.5,2,244.6")
    row = run("thetadata", stock, tmp_path / "p2").only("underlying_quotes")
    assert (row["underlying"], row["ask"]) == ("AAPL", 244.6)


def test_another_answer_is_refused(tmp_path):
    with pytest.raises(TapeError, match="no answer with trades or quotes"):
        run("thetadata", write_rows(tmp_path / "x.csv", "symbol,open,close", "A,1,2"), tmp_path / "part")
