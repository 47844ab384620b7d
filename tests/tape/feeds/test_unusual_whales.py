"""Unusual Whales: the real capture, and lines made by hand. 1747419592926 ms is 2025-05-16 18:19:52.926 UTC."""

import pandas as pd
import pytest
from feed_runs import REAL, run

from smartmoney_pipeline.tape.errors import NothingForTapeError, TapeError

SAMPLE = REAL / "uw_ws_2025-05-16" / "demo_optiontrades_20250516_131951.txt"
GOOD = {
    "id": "6be96098",
    "underlying_symbol": "TSLA",
    "executed_at": 1747419592926,
    "nbbo_bid": "0.07",
    "nbbo_ask": "0.08",
    "size": 1,
    "price": "0.07",
    "option_symbol": "TSLA250516C00355000",
    "created_at": 1747419592968,
    "tags": ["bid_side", "bearish"],
    "volume": 162849,
    "underlying_price": "347.17",
    "trade_code": "auto",
    "exchange": "XPHO",
    "open_interest": None,
}


def line(channel="option_trades:TSLA", **changes):
    return f"2025-05-16 13:19:51.910894|{channel}|{ ({**GOOD, **changes})!r}"


def capture(folder, *lines):
    path = folder / "capture.txt"
    path.write_text("\n".join(["2025-05-16 13:19:51.885894|option_trades:TSLA|{'response': {}, 'status': 'ok'}", *lines, ""]))
    return run("unusual_whales", path, folder / "part")


def test_one_print(tmp_path):
    result = capture(tmp_path, line(), "# a comment", "")
    row = result.only()
    assert row["ts"] == pd.Timestamp("2025-05-16T18:19:52.926Z")  # not the clock of the capture, which is US Central
    assert (row["exchange"], row["condition"], row["size"], row["price"]) == ("X", "I", 1, 0.07)
    assert (row["nbbo_bid"], row["underlying_bid"], row["underlying_ask"]) == (0.07, 347.17, 347.17)
    assert result.counts["option_prints"]["left_out"] == 1  # the status line


def test_a_capture_of_other_channels_holds_nothing_for_a_tape(tmp_path):
    # One status reply and two alerts.
    with pytest.raises(NothingForTapeError, match="holds no option trades: its 3 lines are of other channels or status replies"):
        capture(tmp_path, line("flow_alerts"), line("gex:SPY"))


def test_tags_and_day_totals_are_not_read(tmp_path):
    assert not {"tags", "side", "volume"} & set(capture(tmp_path, line()).only())


def test_words_of_python_inside_and_outside_of_text(tmp_path):
    result = capture(tmp_path, line(id='None of it\'s "plain" \\ True'), line(id="b", trade_code=None))
    assert [row["print_id"] for row in result.tables["option_prints"]] == ['None of it\'s "plain" \\ True', "b"]
    assert [row["condition"] for row in result.tables["option_prints"]] == ["I", "?"]


def test_damaged_lines_among_many_are_found_one_by_one(tmp_path):
    head = "2025-05-16 13:19:51|option_trades:TSLA|"
    cut, twice, list_ = head + "{'id': 'cut', 'size': 1,", head + "{'id': 'a'} {'id': 'b'}", head + "['id']"
    lines = [line(id=f"p{n}") for n in range(40)]
    lines[7:7], lines[30:30], lines[20:20] = [cut], [list_], [twice]
    result = capture(tmp_path, *lines, "another|channel|{'id': 'x'}", "no bars at all")
    assert [row["print_id"] for row in result.tables["option_prints"]] == [f"p{n}" for n in range(40)]
    wrong = [number for number, text in enumerate(lines, start=1) if text in {cut, twice, list_}]  # line 0 is the status reply
    assert result.faults() == [(number, "whole row", "unreadable_value") for number in wrong]
    assert result.counts["option_prints"]["left_out"] == 3


def test_a_word_of_python_inside_a_text_stays(tmp_path):
    assert [row["print_id"] for row in capture(tmp_path, line(id="None True")).tables["option_prints"]] == ["None True"]


def test_a_capture_of_broken_lines_alone_is_refused(tmp_path):
    path = tmp_path / "capture.txt"
    path.write_text("2025-05-16 13:19:51|option_trades:TSLA|{'id': \n")
    with pytest.raises(TapeError, match="none of its lines can be read"):
        run("unusual_whales", path, tmp_path / "part")


def test_nothing_is_evaluated(tmp_path):
    bad = "2025-05-16 13:19:51|option_trades:TSLA|{'id': __import__('os').system('touch /nowhere')}"
    result = capture(tmp_path, line(), bad)
    assert result.faults() == [(2, "whole row", "unreadable_value")]


@pytest.mark.parametrize(("code", "letter"), [("mlat", "g"), ("slan", "a"), ("isoi", "S"), ("nova", "?")])
def test_trade_codes(tmp_path, code, letter):
    assert capture(tmp_path, line(trade_code=code)).only()["condition"] == letter


@pytest.mark.parametrize(("mic", "letter"), [("XPHO", "X"), ("XPHL", "X"), ("GMNI", "H"), ("NOPE", "")])
def test_venues(tmp_path, mic, letter):
    assert capture(tmp_path, line(exchange=mic)).only()["exchange"] == letter


@pytest.mark.parametrize(
    ("changes", "column", "reason"),
    [
        ({"price": "0.0"}, "price", "non_positive_price"),
        ({"size": 0}, "size", "non_positive_size"),
        ({"underlying_symbol": "AAPL"}, "underlying", "underlying_mismatch"),
        ({"executed_at": None}, "executed_at", "missing_value"),
        ({"option_symbol": "TSLA"}, "option_symbol", "unknown_symbol_form"),
    ],
)
def test_bad_rows(tmp_path, changes, column, reason):
    assert capture(tmp_path, line(), line(**changes)).faults() == [(2, column, reason)]


def test_the_csv_of_a_day_marks_cancelled_prints(tmp_path):
    header = "id,underlying_symbol,executed_at,nbbo_bid,nbbo_ask,size,price,option_chain_id,underlying_price,upstream_condition_detail,exchange,canceled"  # noqa: E501
    row = "{},TSLA,2025-05-16 18:19:52.926+00,0.07,0.08,1,0.07,TSLA250516C00355000,347.17,auto,XPHO,{}"
    path = tmp_path / "bot.csv"
    path.write_text("\n".join([header, row.format("a", "f"), row.format("b", "t"), row.format("c", "maybe")]))
    result = run("unusual_whales", path, tmp_path / "part")
    assert {row["print_id"]: row.get("cancels_print_id") for row in result.tables["option_prints"]} == {"a": None, "b": None, "b-void": "b"}
    assert result.faults() == [(2, "canceled", "unknown_code")]


def test_a_file_that_is_no_capture(tmp_path):
    (tmp_path / "x.txt").write_text("\n\n# nothing\n")
    with pytest.raises(TapeError, match="is no capture"):
        run("unusual_whales", tmp_path / "x.txt", tmp_path / "part")


@pytest.mark.real
@pytest.mark.skipif(not SAMPLE.is_file(), reason="the real Unusual Whales sample does not lie beside the checkout")
def test_the_real_capture(tmp_path):
    result = run("unusual_whales", SAMPLE, tmp_path / "part")
    rows = result.tables["option_prints"]
    # 17 prints in 11 contracts, trade codes auto 11, mlat 4, slan 2, 10 venues: the README beside the file.
    assert (len(rows), len({row["option_symbol"] for row in rows}), len({row["exchange"] for row in rows})) == (17, 11, 10)
    codes = [row["condition"] for row in rows]
    assert {code: codes.count(code) for code in "Iga"} == {"I": 11, "g": 4, "a": 2}
    assert result.quarantine == []


def test_a_capture_that_was_stopped_in_the_middle_of_a_line_loses_that_line_alone(tmp_path):
    path = tmp_path / "capture.txt"
    path.write_text("\n".join([line(), line(id="b"), line(id="c")[:-40]]))
    result = run("unusual_whales", path, tmp_path / "part")
    assert [row["print_id"] for row in result.tables["option_prints"]] == ["6be96098", "b"]
    assert result.faults() == [(2, "whole row", "unreadable_value")]
