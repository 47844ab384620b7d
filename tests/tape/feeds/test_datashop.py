"""Cboe DataShop files through an import: variants of the columns, condition ids of both eras, cancels."""

import pytest
from feed_runs import REAL, run

from smartmoney_pipeline.tape.errors import TapeError

BASE = (
    "underlying_symbol,quote_datetime,sequence_number,root,expiration,strike,option_type,exchange_id,trade_size,trade_price,"
    "trade_condition_id,canceled_trade_condition_id,best_bid,best_ask,{calcs}{under}number_of_exchanges"
)
GOOD = ["^SPX", "2025-02-14 09:48:28.925", "100", "SPXW", "2025-02-21", "6000.000", "C", "5", "7", "2.1000", "0", "0", "2.0500", "2.4000"]
FOLDER = REAL / "cboe_datashop"


def trades(folder, *changes, calcs=False, under=True, name="trades.csv"):
    header = BASE.format(calcs="trade_iv,trade_delta," if calcs else "", under="underlying_bid,underlying_ask," if under else "")
    lines = [header + ",{exchange,bid_size,bid,ask_size,ask}[number_of_exchanges]"]
    for change in changes:
        named = dict(zip(header.split(","), GOOD, strict=False)) | change
        cells = [named[column] for column in header.split(",")[:14]]
        cells += (["0.2", "0.5"] if calcs else []) + (["6100.25", "6100.25"] if under else []) + ["0"]
        lines.append(",".join(cells))
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    return run("cboe", path, folder / f"part-{name}")


@pytest.mark.parametrize("calcs", [False, True])
@pytest.mark.parametrize("under", [False, True])
def test_every_variant_of_the_columns(tmp_path, calcs, under):
    row = trades(tmp_path, {}, calcs=calcs, under=under).only()
    assert (row["option_symbol"], row["nbbo_bid"], row["exchange"]) == ("SPXW250221C06000000", 2.05, "C")
    assert row.get("underlying_bid") == (6100.25 if under else None)


@pytest.mark.parametrize(
    ("day", "ident", "letter"),
    [
        # 35 (SPRD) left the feed on 2019-11-04, 125 (MASL) came with it; 18 (AUTO) is of both times.
        ("2025-02-14", "125", "l"),
        ("2025-02-14", "35", "?"),
        ("2025-02-14", "18", "I"),
        ("2016-06-01", "35", "L"),
        ("2016-06-01", "125", "?"),
        ("2016-06-01", "0", " "),
    ],
)
def test_condition_ids_of_both_eras(tmp_path, day, ident, letter):
    expiry = "2025-02-21" if day > "2020" else "2016-06-17"
    row = trades(tmp_path, {"quote_datetime": f"{day} 09:48:28.925", "trade_condition_id": ident, "expiration": expiry}).only()
    assert row["condition"] == letter


def test_a_cancel_names_its_print_and_a_lonely_mark_gets_one(tmp_path):
    result = trades(
        tmp_path,
        {"canceled_trade_condition_id": "1"},
        {"sequence_number": "99"},
        {
            "sequence_number": "200",
            "quote_datetime": "2025-02-14 09:50:00.000",
            "canceled_trade_condition_id": "2",
            "trade_condition_id": "40",
        },
        {"sequence_number": "300", "trade_size": "9", "canceled_trade_condition_id": "1"},
    )
    named = {row["print_id"]: row.get("cancels_print_id") for row in result.tables["option_prints"]}
    assert named["cboe-20250214-200"] == "cboe-20250214-100"
    assert named["cboe-20250214-300-void"] == "cboe-20250214-300"
    assert result.counts["option_prints"]["made"] == 1


def test_faults_name_the_columns_of_the_vendor(tmp_path):
    result = trades(tmp_path, {}, {"trade_size": "1.5"}, {"trade_price": "-1"}, {"strike": "0.000"}, {"underlying_symbol": "^VIX"})
    assert result.faults() == [
        (1, "trade_size", "size_not_whole"),
        (2, "trade_price", "non_positive_price"),
        (3, "root, expiration, strike, option_type", "unknown_symbol_form"),
        (4, "underlying_symbol", "underlying_mismatch"),
    ]


def test_a_compressed_file(tmp_path):
    import gzip

    trades(tmp_path, {})
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress((tmp_path / "trades.csv").read_bytes()))
    assert run("cboe", tmp_path / "t.csv.gz", tmp_path / "part-gz").only()["size"] == 7


def test_two_dates_in_one_file_are_refused(tmp_path):
    with pytest.raises(TapeError, match="more than one session date"):
        trades(tmp_path, {}, {"quote_datetime": "2025-02-18 10:00:00.000"})


@pytest.mark.real
@pytest.mark.skipif(not FOLDER.is_dir(), reason="the real Cboe sample does not lie beside the checkout")
def test_the_real_file(tmp_path):
    [path] = FOLDER.glob("*.csv")
    result = run("cboe", path, tmp_path / "part")
    codes = [row["condition"] for row in result.tables["option_prints"]]
    # Condition ids 0: 532, 35: 224, 106: 16, 95: 4: the README beside the file.
    assert {code: codes.count(code) for code in " LRS"} == {" ": 532, "L": 224, "R": 16, "S": 4}
    assert sum(row["size"] for row in result.tables["option_prints"]) == 68_541
