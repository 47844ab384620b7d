"""The real sample of one VIX morning. Answers: the counts in the README beside the file, made from the raw rows."""

from datetime import date

import numpy as np
import pytest
from tape_tables import real_samples, settle

from smartmoney_pipeline.tape.ingest import import_tape, read_tape
from smartmoney_pipeline.tape.layout import TapeDay

FOLDER = real_samples() / "cboe_datashop"
pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(not FOLDER.is_dir(), reason="the real Cboe sample does not lie beside the checkout"),
]


@pytest.fixture(scope="module")
def day(tmp_path_factory) -> TapeDay:
    return import_tape(FOLDER, tmp_path_factory.mktemp("day"), "cboe", None, "tape", settle)


@pytest.fixture(scope="module")
def prints(day):
    return next(
        day.print_batches(["ts", "seq", "price", "size", "condition", "venue", "nbbo_bid", "nbbo_ask", "underlying_bid", "underlying_ask"])
    )


def test_counts(day, prints):
    assert day.session_date == date(2016, 6, 1)
    assert (day.rows["option_prints"], len(day.contracts), day.rows["quarantine"]) == (776, 149, 0)
    assert int(prints["size"].sum()) == 68_541
    # 5.80 million dollars of premium, 100 shares a contract.
    premium = float((prints["price"] / 1e4 * prints["size"] * 100).sum())
    assert premium == pytest.approx(5.80e6, abs=5e3)


def test_conditions_and_venue(prints):
    letters, counts = np.unique(prints["condition"], return_counts=True)
    assert dict(zip((chr(code) for code in letters), counts.tolist(), strict=True)) == {" ": 532, "L": 224, "R": 16, "S": 4}
    assert set(prints["venue"].tolist()) == {ord("C")}


def test_first_and_last_time(prints):
    # 09:30:02.025 to 10:59:51.150 in New York, four hours behind UTC in June.
    first, last = (np.datetime64(int(prints["ts"][i]), "ns") for i in (0, -1))
    assert (str(first)[:23], str(last)[:23]) == ("2016-06-01T13:30:02.025", "2016-06-01T14:59:51.150")


def test_price_against_the_quote(prints):
    bid, ask, price = (prints[name].astype(np.int64) for name in ("nbbo_bid", "nbbo_ask", "price"))
    quoted = (bid >= 0) & (ask >= 0)
    mid = quoted & (2 * price == bid + ask)
    counts = {
        "none": int((~quoted).sum()),
        "mid": int(mid.sum()),
        "ask": int((quoted & ~mid & (price >= ask)).sum()),
        "bid": int((quoted & ~mid & (price <= bid)).sum()),
    }
    assert counts == {"none": 1, "mid": 271, "ask": 155, "bid": 132}


def test_sequence_runs_with_time(prints):
    assert bool(np.all(np.diff(prints["seq"]) >= 0))
    # 12 prints share the low bits of their sequence number, in 6 groups of one time each.
    assert int((np.diff(prints["seq"]) == 0).sum()) == 6


def test_the_underlying_is_an_index_value(prints, day):
    seen = prints["underlying_bid"] > 0
    assert bool(np.all(prints["underlying_bid"][seen] == prints["underlying_ask"][seen]))
    assert day.underlyings["is_index"].tolist() == [True]
    assert set(day.contracts["settlement"]) == {"am"}


def test_file_and_folder_read_alike():
    [path] = FOLDER.glob("*.csv")
    assert read_tape(path, "cboe").tables["option_prints"].equals(read_tape(FOLDER, "cboe").tables["option_prints"])
