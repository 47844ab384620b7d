"""Traps of DBN files, each with the outcome that docs/vendors.md states. The files are packed by hand from the published layout."""

import numpy as np
import pandas as pd
import pytest
from dbn_files import DAY, NONE_PRICE, SENT, head, quote, statistic, text, trade, written
from feed_runs import run

from smartmoney_pipeline.tape.errors import TapeError

dbn = pytest.importorskip("databento_dbn", reason="the optional package databento-dbn is not installed")
CONTRACT = "AAPL250221C00250000"


@pytest.mark.parametrize("version", [1, 2, 3])
@pytest.mark.parametrize("name", ["made.dbn", "made.dbn.zst"])
def test_trades_of_every_version_are_read_alike(tmp_path, version, name):
    path = written(tmp_path / name, "trades", trade(), trade(size=3, ident=8, sequence=6), version=version)
    rows = run("databento", path, tmp_path / "part").tables["option_prints"]
    assert [(row["option_symbol"], row["size"], row["price"], row["seq"]) for row in rows] == [
        (CONTRACT, 2, 0.24, 5),
        ("AAPL250221P00250000", 3, 0.24, 6),
    ]
    # The time of the trade at the consolidator, not that of receipt, by which the vendor's own frames are indexed.
    assert [pd.Timestamp(row["ts"]).value for row in rows] == [SENT, SENT]
    assert [pd.Timestamp(row["ts_recv"]).value for row in rows] == [SENT + 1000, SENT + 1000]


@pytest.mark.parametrize("version", [1, 2, 3])
def test_the_time_of_sending_behind_each_record_is_passed_over(tmp_path, version):
    records = [trade(sequence=n, sent_out=SENT + 10**6) for n in (5, 6)]
    path = written(tmp_path / "made.dbn", "trades", *records, version=version, ts_out=True)
    rows = run("databento", path, tmp_path / "part").tables["option_prints"]
    assert [(row["seq"], row["size"], row["option_symbol"]) for row in rows] == [(5, 2, CONTRACT), (6, 2, CONTRACT)]
    assert {pd.Timestamp(row["ts"]).value for row in rows} == {SENT}


def test_a_header_that_promises_times_of_sending_which_are_not_there(tmp_path):
    path = written(tmp_path / "made.dbn", "trades", *[trade(sequence=n) for n in range(7)], ts_out=True)  # 7 x 48 = 6 x 56
    with pytest.raises(TapeError, match=r"made\.dbn: records of DBN version 3 have another form here"):
        run("databento", path, tmp_path / "part")


@pytest.mark.parametrize("version", [1, 2, 3])
def test_open_interest_that_every_publisher_repeats_is_one_row(tmp_path, version):
    told = [(57_924, 23), (57_924, 26), (57_924, 37)]
    records = [statistic(quantity, publisher=publisher, version=version) for quantity, publisher in told]
    records += [statistic(411, ident=8, version=version), statistic(999, kind=6, version=version)]  # 6: volume, no open interest
    result = run("databento", written(tmp_path / "made.dbn", "statistics", *records, version=version), tmp_path / "part")
    rows = result.tables["open_interest"]
    assert [(row["option_symbol"], row["open_interest"]) for row in rows] == [(CONTRACT, 57_924), ("AAPL250221P00250000", 411)]
    assert result.counts["open_interest"] == {"rows": 5, "read": 2, "quarantined": 0, "left_out": 3, "made": 0}


def test_of_two_numbers_the_later_counts(tmp_path):
    path = written(tmp_path / "made.dbn", "statistics", statistic(100), statistic(120, publisher=26))
    assert run("databento", path, tmp_path / "part").only("open_interest")["open_interest"] == 120


@pytest.mark.parametrize(("version", "none"), [(1, 2**31 - 1), (2, 2**31 - 1), (3, 2**63 - 1)])
def test_an_undefined_quantity_is_no_open_interest(tmp_path, version, none):
    records = [statistic(100, version=version), statistic(none, publisher=26, version=version)]
    result = run("databento", written(tmp_path / "made.dbn", "statistics", *records, version=version), tmp_path / "part")
    assert result.only("open_interest")["open_interest"] == 100
    assert result.faults() == [(1, "quantity", "missing_value")]


def test_the_same_change_under_two_publishers_is_one_quote_of_the_nation_and_one_of_its_venue(tmp_path):
    path = written(tmp_path / "made.dbn", "mbp-1", quote(23, 2_000_000_000, 2_100_000_000), quote(30, 2_050_000_000, 2_100_000_000))
    result = run("databento", path, tmp_path / "part")
    national, venue = result.only("option_quotes"), result.only("venue_quotes")
    assert (national["bid"], national["ask"]) == (2.05, 2.10)
    assert (venue["bid"], venue["exchange"]) == (2.00, "D")
    assert national["seq"] == venue["seq"] == 5


def test_an_undefined_price_of_a_book_is_no_quote_on_that_side(tmp_path):
    path = written(tmp_path / "made.dbn", "mbp-1", quote(30, NONE_PRICE, 2_100_000_000))
    row = run("databento", path, tmp_path / "part").only("option_quotes")
    assert (row["bid"], row["bid_size"], row["ask"], row["ask_size"]) == (0.0, 0, 2.10, 12)


@pytest.mark.parametrize("side", [b"A", b"B", b"N"])
def test_no_side_is_taken_from_the_record(tmp_path, side):
    # The vendor never fills it for options; whatever stands there is no column of the tape.
    row = run("databento", written(tmp_path / "made.dbn", "trades", trade(side=side)), tmp_path / "part").only()
    assert "side" not in row
    assert row["condition"] == "?"


def definition(version, multiplier=2**31 - 1, expiration=1740096000 * 10**9):
    """A definition of the call by the offsets of the published layout; it expires at midnight UTC, 2025-02-21."""
    size = {1: 360, 2: 400, 3: 520}[version]
    places = {  # expiration, contract_multiplier, raw_symbol, cfi, instrument_class
        1: (40, 160, 200, 255, 325),
        2: (40, 164, 200, 304, 374),
        3: (40, 176, 238, 346, 487),
    }[version]
    values = (
        np.uint64(expiration).tobytes(),
        np.int32(multiplier).tobytes(),
        text("AAPL  250221C00250000", 22),
        text("OCASPS", 7),
        b"C",
    )
    raw = bytearray(head(size, 19, 7, 30) + bytes(size - 16))
    raw[16:24] = np.uint64(SENT).tobytes()
    for place, value in zip(places, values, strict=True):
        raw[place : place + len(value)] = value
    return bytes(raw)


@pytest.mark.parametrize("version", [1, 2, 3])
@pytest.mark.parametrize(("multiplier", "adjusted"), [(2**31 - 1, None), (100, None), (150, True)])
def test_definitions_of_every_version(tmp_path, version, multiplier, adjusted):
    path = written(tmp_path / "made.dbn", "definition", definition(version, multiplier), version=version)
    row = run("databento", path, tmp_path / "part").only("contracts")
    assert (row["option_symbol"], row["exercise"], row["adjusted"]) == (CONTRACT, "american", adjusted)
    assert row["multiplier"] == (None if multiplier == 2**31 - 1 else multiplier)


def test_the_expiration_of_a_definition_is_not_the_time_of_expiry(tmp_path):
    # Midnight UTC before the contract's last day: its symbol says the day, the root the time.
    midnights = [1740096000 * 10**9, 0]
    rows = [
        run("databento", written(tmp_path / f"{n}.dbn", "definition", definition(3, expiration=at)), tmp_path / f"p{n}").only("contracts")
        for n, at in enumerate(midnights)
    ]
    assert rows[0] == rows[1]
    assert not {"expiration", "expiry"} & set(rows[0])


def test_a_version_that_nobody_knows_is_refused(tmp_path):
    path = written(tmp_path / "made.dbn", "trades", trade())
    path.write_bytes(b"DBN\x63" + path.read_bytes()[4:])
    with pytest.raises(TapeError, match=r"made\.dbn: the DBN metadata cannot be read"):
        run("databento", path, tmp_path / "part")


def test_a_symbol_holds_for_the_days_of_its_mapping_alone(tmp_path):
    # The header maps the ids for one day; the same id a day later is no symbol.
    later = head(48, 0, 7, 23, SENT + 86_400 * 10**9) + trade()[16:32]
    later += np.uint64(SENT + 86_400 * 10**9).tobytes() + trade()[40:]
    result = run("databento", written(tmp_path / "made.dbn", "trades", trade(), later), tmp_path / "part")
    assert DAY[1] - DAY[0] == 1
    assert result.faults() == [(1, "instrument_id", "unknown_symbol_form")]
