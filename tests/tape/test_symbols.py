"""Answers: the option symbology initiative's form (root, yymmdd, C or P, strike in thousandths) worked by hand."""

from datetime import date

import pyarrow as pa
import pytest

from smartmoney_pipeline.tape.symbols import parse_symbols, root_rules, tickers


@pytest.mark.parametrize("written", ["AAPL250221C00250000", "AAPL  250221C00250000", "O:AAPL250221C00250000"])
def test_three_forms_of_one_contract(written):
    row = parse_symbols(pa.array([written])).iloc[0]
    assert (row["valid"], row["option_symbol"], row["root"]) == (True, "AAPL250221C00250000", "AAPL")
    assert (row["expiry"].date(), row["right"], row["strike"]) == (date(2025, 2, 21), "C", 250.0)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "AAPL",
        "AAPL250221X00250000",
        "AAPL250231C00250000",
        "AAPL251301C00250000",
        "AAPL250200C00250000",
        "AAPL250221C00000000",
        "AAPL250221C0025000",
        "aapl250221C00250000",
        "SPY-2025-02-21-450-C",
        "TOOLONGX250221C00250000",
        "AAPL 250221C00250000",
        "BRK.B250221C00250000",
        None,
    ],
)
def test_other_forms_are_not_valid(written):
    assert not parse_symbols(pa.array([written, "AAPL250221C00250000"])).loc[0, "valid"]


def test_adjusted_root_and_smallest_strike():
    row = parse_symbols(pa.array(["AAPL1240229P00000005"])).iloc[0]
    assert (row["valid"], row["root"], row["adjusted"], row["strike"]) == (True, "AAPL1", True, 0.005)
    assert row["expiry"].date() == date(2024, 2, 29)


@pytest.mark.parametrize(
    ("root", "answer"),
    [
        ("SPX", ("SPX", True, "am", "european")),
        ("SPXW", ("SPX", True, "pm", "european")),
        ("NDXP", ("NDX", True, "pm", "european")),
        ("RUTW", ("RUT", True, "pm", "european")),
        ("XSP", ("XSP", True, "pm", "european")),
        ("VIX", ("VIX", True, "am", "european")),
        ("VIXW", ("VIX", True, "am", "european")),
        ("OEX", ("OEX", True, "pm", "american")),
        ("AAPL1", ("AAPL", False, "pm", "american")),
        ("BRKB", ("BRK.B", False, "pm", "american")),
        ("SPY", ("SPY", False, "pm", "american")),
    ],
)
def test_rules_of_roots(root, answer):
    # Exchange contract specifications of the index roots; equities settle in the afternoon and exercise early.
    assert tuple(root_rules(pa.array([root])).iloc[0]) == answer


def test_one_spelling_of_a_ticker():
    assert tickers(pa.array(["^VIX", "BRK/B", "BRK.B", "AAPL", None])).to_pylist() == ["VIX", "BRK.B", "BRK.B", "AAPL", None]
