"""A made-up Cboe DataShop file; what each field means follows the vendor's column list."""

import numpy as np
import pytest
from tape_tables import at

from smartmoney_pipeline.tape.cboe import unwrap_sequence
from smartmoney_pipeline.tape.errors import TapeError
from smartmoney_pipeline.tape.ingest import read_tape

HEADER = (
    "underlying_symbol,quote_datetime,sequence_number,root,expiration,strike,option_type,exchange_id,trade_size,trade_price,"
    "trade_condition_id,canceled_trade_condition_id,best_bid,best_ask,underlying_bid,underlying_ask,number_of_exchanges,"
    "{exchange,bid_size,bid,ask_size,ask}[number_of_exchanges]"
)
FIELDS = HEADER.split(",")[:17]
VALUES = (
    "^SPX|2025-02-14 09:48:28.925|100|SPXW|2025-02-21|6000.000|C|5|7|2.1000",
    "0|0|2.0500|2.4000|6100.25|6100.25|2",
)
GOOD = dict(zip(FIELDS, "|".join(VALUES).split("|"), strict=True))
GROUPS = "6,11,2.0500,12,2.4500,5,21,2.0000,22,2.4000"


def line(groups=GROUPS, **changes):
    return ",".join([*{**GOOD, **changes}.values(), *([groups] if groups else [])])


def read(folder, *lines, header=HEADER):
    path = folder / "trades.csv"
    path.write_text("\n".join([header, *lines]) + "\n")
    raw = read_tape(path, "cboe")
    counts = raw.quality["tables"]["option_prints"]
    assert counts["read"] + counts["quarantined"] == counts["rows"] == len(lines)
    return raw


def only(raw):
    [row] = raw.tables["option_prints"].to_pylist()
    return row


def test_one_print(tmp_path):
    row = only(read(tmp_path, line()))
    assert row["print_id"] == "cboe-20250214-100"
    assert row["ts"] == at("14:48:28.925")  # New York in winter
    assert row["option_symbol"] == "SPXW250221C06000000"
    assert (row["price"], row["size"], chr(row["venue"]), chr(row["condition"])) == (21000, 7, "C", " ")
    assert (row["nbbo_bid"], row["nbbo_ask"]) == (20500, 24000)
    assert (row["underlying_bid"], row["underlying_ask"]) == (61002500, 61002500)


def test_the_printing_venue_has_its_own_quote(tmp_path):
    row = only(read(tmp_path, line()))
    assert (row["venue_bid"], row["venue_ask"], row["venue_bid_size"], row["venue_ask_size"]) == (20000, 24000, 21, 22)


def test_a_venue_without_a_group_and_a_row_without_quotes(tmp_path):
    none = {"number_of_exchanges": "0", "best_bid": "0.0", "best_ask": "0.0", "underlying_bid": "0", "underlying_ask": "0"}
    raw = read(tmp_path, line(exchange_id="42"), line("", sequence_number="101", **none))
    rows = raw.tables["option_prints"].to_pylist()
    assert [row["venue_bid"] for row in rows] == [None, None]
    assert [row["nbbo_bid"] for row in rows] == [20500, None]
    assert [row["underlying_ask"] for row in rows] == [61002500, None]


def test_summer_time_and_the_calcs_product(tmp_path):
    header = HEADER.replace("underlying_bid", "trade_iv,trade_delta,underlying_bid", 1)
    fields = line(quote_datetime="2025-07-01 09:30:00.000", expiration="2025-07-18").split(",")
    row = only(read(tmp_path, ",".join([*fields[:14], "0.2", "0.5", *fields[14:]]), header=header))
    assert row["ts"] == at("13:30:00", "2025-07-01")
    assert (row["underlying_bid"], row["venue_bid_size"]) == (61002500, 21)


NOW, BEFORE = ("2025-02-14", "2025-02-21"), ("2018-03-02", "2018-03-16")


@pytest.mark.parametrize(
    ("number", "letter", "era"),
    [("35", "L", BEFORE), ("35", "?", NOW), ("106", "R", BEFORE), ("106", "?", NOW), ("95", "S", NOW), ("0", " ", NOW), ("777", "?", NOW)],
)
def test_condition_ids(tmp_path, number, letter, era):
    """L and R left the feed on 2019-11-04 (opra-conditions.csv); a file of a later day that has them says nothing by it."""
    day, expiration = era
    row = only(read(tmp_path, line(quote_datetime=f"{day} 09:48:28.925", expiration=expiration, trade_condition_id=number)))
    assert chr(row["condition"]) == letter


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"trade_size": "0"}, "non_positive_size"),
        ({"trade_size": "x"}, "unreadable_value"),
        ({"trade_size": "1.5"}, "size_not_whole"),
        ({"trade_price": ""}, "missing_value"),
        ({"trade_price": "-1"}, "non_positive_price"),
        ({"quote_datetime": "2025-02-14 25:00:00"}, "unreadable_value"),
        ({"quote_datetime": "2025-02-14 09:48:28-05:00"}, "unreadable_value"),
        ({"sequence_number": "ten"}, "unreadable_value"),
        ({"strike": "0.000"}, "unknown_symbol_form"),
        ({"strike": "6000.0001"}, "unknown_symbol_form"),
        ({"option_type": "X"}, "unknown_symbol_form"),
        ({"expiration": "2025-02-30"}, "unknown_symbol_form"),
        ({"expiration": "2025-02-13"}, "expired_contract"),
        ({"underlying_symbol": "^VIX"}, "underlying_mismatch"),
        ({"canceled_trade_condition_id": "3"}, "unknown_code"),
        ({"best_bid": "-1"}, "negative_price"),
        ({"number_of_exchanges": "3"}, "ragged_row"),
        ({"number_of_exchanges": "many"}, "ragged_row"),
    ],
)
def test_bad_rows(tmp_path, changes, reason):
    raw = read(tmp_path, line(sequence_number="99"), line(**changes))
    assert [(row["row"], row["reason"]) for row in raw.quarantine.to_pylist()] == [(1, reason)]


@pytest.mark.parametrize("clock", ["2025-03-09 02:30:00.000", "2025-11-02 01:30:00.000"])
def test_an_hour_that_never_was_or_was_twice(tmp_path, clock):
    # The clocks went from 02:00 to 03:00 and from 02:00 back to 01:00.
    later = {"quote_datetime": f"{clock[:10]} 10:00:00.000", "sequence_number": "101"}
    raw = read(tmp_path, line(quote_datetime=clock, expiration="2025-12-19"), line(expiration="2025-12-19", **later))
    assert [(row["row"], row["reason"]) for row in raw.quarantine.to_pylist()] == [(0, "unreadable_value")]


@pytest.mark.parametrize("text", ["^SPX,2025-02-14", "", line() + ",1", "a\x01b", "\xff"])
def test_damaged_lines(tmp_path, text):
    lines = [line(sequence_number="99"), text, line()]
    path = tmp_path / "trades.csv"
    path.write_bytes("\n".join([HEADER, *lines, ""]).encode("latin-1"))
    raw = read_tape(path, "cboe")
    assert len(raw.tables["option_prints"]) == 2
    assert raw.quarantine["reason"].to_pylist() == (["ragged_row"] if text else [])


def test_bust_cancel_and_rebook(tmp_path):
    raw = read(
        tmp_path,
        line(canceled_trade_condition_id="1"),
        line(sequence_number="99"),  # alike, earlier in sequence, and live
        line(sequence_number="200", quote_datetime="2025-02-14 09:50:00.000", canceled_trade_condition_id="2", trade_condition_id="40"),
        line(sequence_number="201", quote_datetime="2025-02-14 09:50:00.000", trade_price="2.2"),
    )
    assert raw.tables["option_prints"]["print_id"].to_pylist() == ["cboe-20250214-99", "cboe-20250214-201"]
    [correction] = raw.corrections.to_pylist()
    assert correction["cancel_print_id"] == "cboe-20250214-200"
    assert correction["cancelled_print_id"] == "cboe-20250214-100"
    assert correction["ts"] == at("14:50:00")


def test_a_flag_without_a_cancel_and_a_cancel_without_a_flag(tmp_path):
    raw = read(
        tmp_path, line(canceled_trade_condition_id="1"), line(sequence_number="200", canceled_trade_condition_id="2", trade_size="8")
    )
    assert raw.quarantine["reason"].to_pylist() == ["cancel_without_print"]
    assert raw.corrections.select(["cancel_print_id", "cancelled_print_id", "rule"]).to_pylist() == [
        {"cancel_print_id": None, "cancelled_print_id": "cboe-20250214-100", "rule": "flagged"}
    ]


def test_a_folder_of_files(tmp_path):
    for number, root in enumerate(["SPXW", "SPX"]):
        text = "\n".join([HEADER, line(sequence_number=str(100 - number), root=root)])
        (tmp_path / f"UnderlyingOptionsTrades_{root}.csv").write_text(text)
    (tmp_path / "README.md").write_text("not a table")
    raw = read_tape(tmp_path, "cboe")
    assert raw.tables["option_prints"]["print_id"].to_pylist() == ["cboe-20250214-99", "cboe-20250214-100"]


def refused(path, match):
    with pytest.raises(TapeError, match=match):
        read_tape(path, "cboe")


def test_files_that_cannot_be_read(tmp_path):
    refused(tmp_path, "no CSV file")
    refused(tmp_path / "nowhere.csv", "nowhere.csv: not a file")
    path = tmp_path / "trades.csv"
    path.write_text("")
    refused(path, r"trades\.csv: the file is empty")
    path.write_text(HEADER + "\n")
    refused(path, "no rows")
    path.write_text(HEADER.replace("trade_price", "price") + "\n" + line() + "\n")
    refused(path, "'trade_price'.*missing")
    path.write_text("\n".join([HEADER, line(), line(quote_datetime="2025-02-18 10:00:00.000", expiration="2025-02-21")]))
    refused(path, "more than one session date: 20250214")


def test_sequence_numbers_follow_time_across_a_wrap():
    span = 1 << 26
    # High bits carry no time; the low part starts again after the second print. Given out of order.
    ts = np.array([3, 1, 2, 4])
    sequence = np.array([5, 7 * span + span - 20, span - 10, 3 * span + 9])
    assert unwrap_sequence(ts, sequence).tolist() == [span + 5, span - 20, span - 10, span + 9]


def test_a_wrap_inside_one_time_stamp_goes_back():
    span = 1 << 26
    ts = np.array([1, 2, 2, 3])
    sequence = np.array([span - 9, 4, span - 4, 30])
    unwrapped = unwrap_sequence(ts, sequence)
    assert (unwrapped - unwrapped[0]).tolist() == [0, 13, 5, 39]
    assert unwrap_sequence(ts[:0], sequence[:0]).tolist() == []


def test_an_unknown_venue_is_none_and_the_print_stays(tmp_path):
    row = only(read(tmp_path, line(exchange_id="999")))
    assert row["venue"] is None
