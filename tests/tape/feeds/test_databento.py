"""DBN files: the real samples, and files that an independent writer packs field by field from the documented record layouts."""

import struct

import numpy as np
import pandas as pd
import pytest
from feed_runs import REAL, run

from smartmoney_pipeline.tape.errors import TapeError
from smartmoney_pipeline.tape.feeds.contract_reference import adjusted_by_shares
from smartmoney_pipeline.tape.feeds.dbn import SymbolMap

dbn = pytest.importorskip("databento_dbn", reason="the optional package databento-dbn is not installed")
FOLDER = REAL / "databento_opra_samples" / "OPRA.PILLAR"
real = pytest.mark.skipif(not FOLDER.is_dir(), reason="the real Databento samples do not lie beside the checkout")
SENT = 1740061800817657000  # 2025-02-20 14:30:00.817657 UTC
NONE_PRICE, NONE_TIME = 2**63 - 1, 2**64 - 1


def trade(price=240_000_000, size=2, ident=7, publisher=23, sent=SENT, sequence=5):
    head = struct.pack("<BBHIQ", 12, 0, publisher, ident, sent)
    return head + struct.pack("<qIccBBQiI", price, size, b"T", b"N", 194, 0, SENT + 1000, 0, sequence)


def sample(name, tmp_path):
    return run("databento", FOLDER / f"test_data.{name}.dbn.zst", tmp_path / "part")


@real
def test_real_trades(tmp_path):
    rows = sample("trades", tmp_path).tables["option_prints"]
    # The four trades that the README beside the file lists.
    assert [(row["price"], row["size"]) for row in rows] == [(0.24, 1), (0.20, 2), (0.19, 1), (0.19, 4)]
    assert str(rows[0]["ts"]).startswith("2025-02-20 14:30:00.817657")
    assert {row["condition"] for row in rows} == {"?"}
    assert [row["exchange"] for row in rows] == ["D", "I", "I", "U"]  # publishers 23, 26, 26, 37
    assert {row["option_symbol"] for row in rows} == {"AAPL250221C00250000"}


@real
def test_real_mbp_splits_venue_and_national_quotes(tmp_path):
    result = sample("mbp-1", tmp_path)
    assert sum(len(rows) for rows in result.tables.values()) == 4
    assert set(result.tables) == {"option_quotes", "venue_quotes"}


@real
@pytest.mark.parametrize("name", ["cbbo-1s", "cbbo-1m"])
def test_real_sampled_quotes(tmp_path, name):
    assert len(sample(name, tmp_path).tables["option_quotes"]) == 4


@real
def test_real_definition_leaves_an_undefined_multiplier_open(tmp_path):
    row = sample("definition", tmp_path).only("contracts")
    assert (row["option_symbol"], row["multiplier"]) == ("AAPL250221C00250000", None)


def test_a_contract_of_another_number_of_shares_is_adjusted():
    # 100 shares and none given say nothing of an adjustment; 150 and 10 shares are no standard deliverable.
    given, none = np.array([100, 150, 0, 10]), np.array([False, False, True, False])
    assert adjusted_by_shares(given, none).to_pylist() == [None, True, None, True]


@real
@pytest.mark.parametrize(("shares", "adjusted"), [(100, None), (150, True)])
def test_the_multiplier_of_a_definition_says_whether_it_is_adjusted(tmp_path, shares, adjusted):
    import zstandard

    raw = zstandard.ZstdDecompressor().decompressobj().decompress((FOLDER / "test_data.definition.dbn.zst").read_bytes())
    start = 8 + int.from_bytes(raw[4:8], "little")
    place = start + np.dtype(list(dbn.InstrumentDefMsg._dtypes)).fields["contract_multiplier"][1]
    path = tmp_path / "made.dbn"
    path.write_bytes(raw[:place] + struct.pack("<i", shares) + raw[place + 4 :])
    row = run("databento", path, tmp_path / "part").only("contracts")
    assert (row["multiplier"], row["adjusted"]) == (shares, adjusted)


@real
def test_real_open_interest_is_not_added_up(tmp_path):
    assert sample("statistics", tmp_path).only("open_interest")["open_interest"] == 57_924


@real
def test_real_tbbo_keeps_its_trades_and_not_its_book(tmp_path):
    rows = sample("tbbo", tmp_path).tables["option_prints"]
    assert len(rows) == 4
    assert "nbbo_bid" not in rows[0]


@real
@pytest.mark.parametrize("name", ["ohlcv-1s", "ohlcv-1d"])
def test_bars_are_refused(tmp_path, name):
    with pytest.raises(TapeError, match="holds no prints"):
        sample(name, tmp_path)


@real
def test_faults_of_records(tmp_path):
    import zstandard

    raw = zstandard.ZstdDecompressor().decompressobj().decompress((FOLDER / "test_data.trades.dbn.zst").read_bytes())
    head = raw[: 8 + int.from_bytes(raw[4:8], "little")]
    ident = 16783963  # of the sample
    records = [
        trade(ident=ident),
        trade(NONE_PRICE, ident=ident),
        trade(sent=NONE_TIME, ident=ident),
        trade(ident=999),
        trade(size=0, ident=ident),
    ]
    path = tmp_path / "made.dbn"
    path.write_bytes(head + b"".join(records))
    result = run("databento", path, tmp_path / "part")
    assert result.faults() == [
        (1, "price", "missing_value"),
        (2, "ts_event", "missing_value"),
        (3, "instrument_id", "unknown_symbol_form"),
        (4, "size", "non_positive_size"),
    ]
    path.write_bytes(head + trade(ident=ident)[:-3])
    with pytest.raises(TapeError, match="cut off inside a record"):
        run("databento", path, tmp_path / "part2")


def sampled(bid, ask, event, ident=16783963):
    """One record of cbbo: header, last trade, receipt, both sides with the publishers at them."""
    head = struct.pack("<BBHIQ", 20, 193, 30, ident, event)
    last = struct.pack("<qIBcBBQ8s", NONE_PRICE, 0, 0, b"N", 0, 0, SENT + 1000, b"")
    return head + last + struct.pack("<qqIIH2sH2s", bid, ask, 10, 12, 23, b"", 26, b"")


@real
def test_an_undefined_side_is_no_quote_and_a_sample_counts_from_its_receipt(tmp_path):
    import zstandard

    raw = zstandard.ZstdDecompressor().decompressobj().decompress((FOLDER / "test_data.cbbo-1s.dbn.zst").read_bytes())
    path = tmp_path / "made.dbn"
    path.write_bytes(raw[: 8 + int.from_bytes(raw[4:8], "little")] + sampled(NONE_PRICE, 240_000_000, NONE_TIME))
    result = run("databento", path, tmp_path / "part")
    row = result.only("option_quotes")
    assert (row["bid"], row["bid_size"], row["ask"], row["ask_size"]) == (0.0, 0, 0.24, 12)
    assert (row["bid_exchange"], row["ask_exchange"]) == ("D", "I")  # publishers 23 and 26
    assert row["ts"] == pd.Timestamp(SENT + 1000, unit="ns", tz="UTC")  # the time of the event is undefined before the first one


def test_a_file_that_is_no_dbn(tmp_path):
    (tmp_path / "x.dbn").write_bytes(b"not a DBN file at all")
    with pytest.raises(TapeError, match="is no DBN file"):
        run("databento", tmp_path / "x.dbn", tmp_path / "part")


def test_without_the_extra_the_message_says_what_to_install(tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "databento_dbn", None)
    (tmp_path / "x.dbn").write_bytes(b"DBN\x03....")
    with pytest.raises(TapeError, match=r"install smartmoney-pipeline\[databento\]"):
        run("databento", tmp_path / "x.dbn", tmp_path / "part")


def test_an_id_that_means_another_symbol_on_another_day():
    intervals = {
        "A  250221C00250000": [{"start_date": pd.Timestamp("2025-02-19"), "end_date": pd.Timestamp("2025-02-20"), "symbol": "7"}],
        "B  250221C00250000": [{"start_date": pd.Timestamp("2025-02-20"), "end_date": pd.Timestamp("2025-02-21"), "symbol": "7"}],
    }
    days = np.array([pd.Timestamp(day).value for day in ("2025-02-19 15:00", "2025-02-20 15:00", "2025-02-21 15:00")], np.uint64)
    found = SymbolMap(intervals).of(np.array([7, 7, 7], np.uint32), days).to_pylist()
    assert found == ["A  250221C00250000", "B  250221C00250000", "7"]
