"""`smartmoney import` from vendor files to a tape that scores: sessions apart, selections, a kill in the middle, a file that changed."""

import io
import json
import os
import signal
import subprocess
import sys
from datetime import date
from types import SimpleNamespace

import pyarrow.parquet as pq
import pytest
from feed_runs import REAL
from rich.console import Console
from test_databento import SENT, trade
from test_datashop import BASE, GOOD
from test_massive import OPEN, QUOTES, TRADES, line

from smartmoney_pipeline.console import import_tape, scoring
from smartmoney_pipeline.console.import_tape import Job
from smartmoney_pipeline.console.terminal import CommandError
from smartmoney_pipeline.tape.errors import TapeError
from smartmoney_pipeline.tape.ingest import read_tape

DAY = 86_400 * 10**9


@pytest.fixture
def files(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "trades-a.csv").write_text("\n".join([TRADES, line(), line(size="0"), ""]))
    (folder / "trades-b.csv").write_text("\n".join([TRADES, line(ticker="O:MSFT250221C00400000"), line(price="2.1"), ""]))
    return folder


def job(folder, out, **changes):
    named = {"since": None, "until": None, "underlyings": (), "quiet": True} | changes
    return Job("massive", folder, out, **named)


def prints(folder):
    return pq.read_table(folder / "option_prints.parquet").to_pylist()


def test_one_session_is_the_folder_itself_and_can_be_read(files, tmp_path):
    [tape] = import_tape.run(job(files, tmp_path / "tape"))
    assert (tape.folder, tape.report["session"]) == (tmp_path / "tape", "2025-02-14")
    assert tape.report["missing"] == ["option_quotes", "underlying_quotes"]
    raw = read_tape(tape.folder)
    assert len(raw.tables["option_prints"]) == 3
    assert raw.quality["import"]["vendor"] == "massive"
    [bad] = pq.read_table(tape.folder / "import_quarantine.parquet").to_pylist()
    assert (bad["source_file"], bad["row"], bad["column"], bad["reason"]) == ("trades-a.csv", 1, "size", "non_positive_size")
    assert tape.report["quarantined_by_reason"] == {"non_positive_size": 1}
    listing = "they are listed in import_quarantine.parquet of each tape"
    assert import_tape.quarantine_note([tape]) == f"1 rows were quarantined (non positive size 1); {listing}"


@pytest.mark.parametrize(
    ("name", "rows", "changes", "why"),
    [
        # The file says that it holds the 13th; the rows are of the 14th.
        ("2025-02-13.csv", [line(), line()], {}, r"of 2 rows 2 cannot be used \(outside session day 2; the first: 2025-02-13\.csv, row 0"),
        # A trade of a stock instead of one of an option.
        ("stock.csv", [line(ticker="AAPL")], {}, r"unknown symbol form 1; the first: stock\.csv, row 0, column ticker, .*'AAPL'"),
        ("trades.csv", [line()], {"since": date(2025, 2, 15)}, "of 1 rows 1 are not of the days and underlyings asked for"),
        ("trades.csv", [line()], {"underlyings": ("TSLA",)}, "of 1 rows 1 are not of the days and underlyings asked for"),
        ("trades.csv", [line(size="0"), line()], {"underlyings": ("TSLA",)}, r"1 cannot be used \(non positive size 1.*\), 1 are not of"),
        ("trades.csv", [], {}, "the files hold no rows"),
    ],
)
def test_why_nothing_comes_of_a_file_is_said(tmp_path, name, rows, changes, why):
    (tmp_path / name).write_text("\n".join([TRADES, *rows, ""]))
    with pytest.raises(CommandError, match=why) as error:
        import_tape.run(job(tmp_path / name, tmp_path / "tape", **changes))
    assert error.value.code == 3
    assert not (tmp_path / "tape").exists()


def test_definitions_alone_make_no_tape(tmp_path):
    (tmp_path / "contracts.json").write_text('{"results": [{"ticker": "O:AAPL250221C00250000", "shares_per_contract": 100}]}')
    with pytest.raises(CommandError, match="of 1 rows 1 belong to no day, such as definitions"):
        import_tape.run(job(tmp_path / "contracts.json", tmp_path / "tape"))


def test_quotes_alone_are_a_tape_that_cannot_be_scored_and_it_says_so(tmp_path):
    (tmp_path / "quotes.csv").write_text(f"{QUOTES}\nO:AAPL250221C00250000,303,2.1,12,302,2.0,10,5,{OPEN}\n")
    said = io.StringIO()
    Console(file=said, width=200).print(import_tape.import_view(import_tape.run(job(tmp_path / "quotes.csv", tmp_path / "tape"))))
    assert "no prints: this tape cannot be scored; give trades and quotes in one folder" in said.getvalue()
    assert "smartmoney score" not in said.getvalue()


def cboe_report(folder, *quotes):
    """What `import.json` says of prints with these quotes: bid, ask, bid and ask of the underlying, as text."""
    rows = [[*GOOD[:2], str(100 + n), *GOOD[3:12], *quote, "0"] for n, quote in enumerate(quotes)]
    header = BASE.format(calcs="", under="underlying_bid,underlying_ask,")
    (folder / "cboe.csv").write_text("\n".join([header, *(",".join(row) for row in rows), ""]))
    [tape] = import_tape.run(Job("cboe", folder / "cboe.csv", folder / "tape", None, None, (), True))
    return tape.report["prints"]


def test_a_quote_of_zero_on_both_sides_is_no_quote(tmp_path):
    whole, half, none = ("2.05", "2.40", "6100.25", "6100.25"), ("0.0000", "2.40", "0", "6100.25"), ("0.0000", "0.0000", "0", "0")
    # Two of four have a side of each quote; an empty cell is no side.
    facts = {"prints": 4, "condition_unknown": 0, "venue_unknown": 0, "with_nbbo": 2, "with_underlying": 2}
    assert cboe_report(tmp_path, whole, half, none, ("", "", "", "")) == facts


@pytest.mark.real
@pytest.mark.skipif(not (REAL / "cboe_datashop").is_dir(), reason="the real sample does not lie beside the checkout")
def test_the_counts_of_the_real_file(tmp_path):
    [tape] = import_tape.run(Job("cboe", REAL / "cboe_datashop", tmp_path / "tape", None, None, (), True))
    # 776 prints, one without a quote: the README beside the file. Two rows, of 09:30:02.025, have 0.0000 as both underlying prices.
    facts = {"prints": 776, "condition_unknown": 0, "venue_unknown": 0, "with_nbbo": 775, "with_underlying": 774}
    assert tape.report["prints"] == facts


def test_several_sessions_are_folders_of_their_own(files, tmp_path):
    (files / "monday.csv").write_text("\n".join([TRADES, line(sip_timestamp=OPEN - 3 * DAY), ""]))
    tapes = import_tape.run(job(files, tmp_path / "tape"))
    assert [tape.folder.name for tape in tapes] == ["2025-02-11", "2025-02-14"]
    [only] = import_tape.run(job(files, tmp_path / "part", since=date(2025, 2, 12)))
    assert only.report["totals"]["option_prints"]["left_out"] == 1
    [only] = import_tape.run(job(files, tmp_path / "early", until=date(2025, 2, 12)))
    assert only.report["session"] == "2025-02-11"


def test_one_underlying(files, tmp_path):
    (files / "quotes.csv").write_text(
        "\n".join([QUOTES, *(f"O:{root}250221C00250000,303,2.1,12,302,2.0,10,5,{OPEN}" for root in ("AAPL", "MSFT")), ""])
    )
    [tape] = import_tape.run(job(files, tmp_path / "tape", underlyings=("aapl",)))
    assert {row["underlying"] for row in prints(tape.folder)} == {"AAPL"}
    assert tape.report["tables"]["option_quotes"] == 1


def test_the_same_files_give_the_same_bytes(files, tmp_path):
    for name in ("one", "two"):
        import_tape.run(job(files, tmp_path / name))
    for path in sorted((tmp_path / "one").iterdir()):
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_a_failed_import_leaves_no_tape_and_goes_on_where_it_was(files, tmp_path):
    out = tmp_path / "tape"
    (files / "z.csv").write_text("not,a,flat,file\n1,2,3,4\n")
    with pytest.raises(TapeError, match=r"z\.csv"):
        import_tape.run(job(files, out))
    assert not out.exists()
    (kept,) = (tmp_path / ".tape.import").iterdir()
    times = {path: path.stat().st_mtime_ns for path in kept.rglob("done.json")}
    assert len(times) == 2
    (files / "z.csv").write_text("\n".join([TRADES, line(price="3.0"), ""]))
    seen = []
    original = import_tape.write_part
    import_tape.write_part = lambda part, *rest: (seen.append(part), original(part, *rest))
    try:
        import_tape.run(job(files, out))
    finally:
        import_tape.write_part = original
    assert len(seen) == 1
    assert len(prints(out)) == 4
    assert not (tmp_path / ".tape.import").exists()


def databento_folder(folder):
    """A file of trades and one of bars, metadata by the vendor's own encoder, the record packed by hand."""
    dbn = pytest.importorskip("databento_dbn", reason="the optional package databento-dbn is not installed")
    names = {"AAPL  250221C00250000": "7"}
    days = {"start_date": date(2025, 2, 20), "end_date": date(2025, 2, 21)}
    mappings = [SimpleNamespace(raw_symbol=name, intervals=[SimpleNamespace(symbol=ident, **days)]) for name, ident in names.items()]
    folder.mkdir()
    for schema, records in (("trades", trade()), ("ohlcv-1m", b"")):
        head = dbn.Metadata(
            dataset="OPRA.PILLAR", start=SENT,
            stype_in=dbn.SType.RAW_SYMBOL, stype_out=dbn.SType.INSTRUMENT_ID, schema=dbn.Schema.from_str(schema),
            symbols=list(names), partial=[], not_found=[], mappings=mappings,
        ).encode()  # fmt: skip
        (folder / f"{schema}.dbn").write_bytes(bytes(head) + records)
    return folder


def test_bars_beside_trades_are_passed_over_and_said_so(tmp_path):
    folder = databento_folder(tmp_path / "dbn")
    wanted = {"since": None, "until": None, "underlyings": (), "quiet": True}
    [tape] = import_tape.run(Job("databento", folder, tmp_path / "tape", **wanted))
    assert tape.report["tables"]["option_prints"] == 1
    assert list(tape.report["passed_over"]) == ["ohlcv-1m.dbn"]
    text = Console(width=160, file=io.StringIO(), record=True)
    text.print(import_tape.import_view([tape]))
    assert "passed over: ohlcv-1m.dbn: the schema ohlcv-1m holds no prints" in text.export_text()
    with pytest.raises(TapeError, match="ohlcv-1m holds no prints"):
        import_tape.run(Job("databento", folder / "ohlcv-1m.dbn", tmp_path / "bars", **wanted))
    (folder / "trades.dbn").unlink()
    with pytest.raises(CommandError, match=r"no file can be imported; ohlcv-1m\.dbn"):
        import_tape.run(Job("databento", folder, tmp_path / "none", **wanted))


def test_a_changed_file_is_read_again(files, tmp_path):
    (files / "z.csv").write_text("not,a,flat,file\n")
    with pytest.raises(TapeError):
        import_tape.run(job(files, tmp_path / "tape"))
    (files / "z.csv").unlink()
    (files / "trades-a.csv").write_text("\n".join([TRADES, *[line(price=f"{n}.5") for n in range(1, 6)], ""]))
    [tape] = import_tape.run(job(files, tmp_path / "tape"))
    assert len(prints(tape.folder)) == 7


def test_an_adjusted_contract_abstains_in_the_scored_day(files, tmp_path):
    """A deliverable of 100 shares and cash under a plain root: only the definition tells that the contract is adjusted."""
    row = {"ticker": "O:AAPL250221C00250000", "shares_per_contract": 100, "additional_underlyings": [{"amount": 44, "underlying": "USD"}]}
    (files / "contracts.json").write_text(json.dumps({"results": [row]}))
    quotes = [f"O:{root}250221C00{strike}000,303,2.1,12,302,2.0,10,5,{OPEN - 10**9}" for root, strike in (("AAPL", 250), ("MSFT", 400))]
    (files / "quotes.csv").write_text("\n".join([QUOTES, *quotes, ""]))
    [tape] = import_tape.run(job(files, tmp_path / "tape"))
    scoring.run(scoring.Job(tape.folder, tmp_path / "scored", "canonical", quiet=True))
    events = pq.read_table(tmp_path / "scored" / "smart_money_events.parquet").to_pylist()
    adjusted = {event["underlying_id"]: "nonstandard_deliverable" in event["abstention_reasons"] for event in events}
    assert adjusted == {"AAPL": True, "MSFT": False}


def test_a_kill_leaves_no_half_table(files, tmp_path):
    """Killed after the second file was read and before the tape is renamed into place."""
    code = "import sys; from smartmoney_pipeline.cli import main; sys.argv = ['smartmoney', 'import', 'massive', *sys.argv[1:]]; main()"
    call = [sys.executable, "-c", code, str(files), "--out", str(tmp_path / "tape")]
    killed = subprocess.run(call, env={**os.environ, "SMARTMONEY_FAULT": "before_swap"}, capture_output=True, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert not (tmp_path / "tape").exists()
    done = subprocess.run([*call, "--json"], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["tapes"][0]["tables"]["option_prints"] == 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "tape"]


def test_what_cannot_be_imported(files, tmp_path):
    with pytest.raises(CommandError, match="'polygone' is no vendor; known are massive"):
        import_tape.run(Job("polygone", files, tmp_path / "tape", None, None, (), True))
    with pytest.raises(
        CommandError, match=r"of 4 rows 1 cannot be used \(non positive size 1; .*, 3 are not of the days and underlyings asked for"
    ):
        import_tape.run(job(files, tmp_path / "tape", since=date(2030, 1, 1)))
    with pytest.raises(CommandError, match="lies after"):
        import_tape.run(job(files, tmp_path / "tape", since=date(2030, 1, 1), until=date(2025, 1, 1)))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("")
    with pytest.raises(CommandError, match=r"holds other files and no import\.json.*the first is x"):
        import_tape.run(job(files, tmp_path / "full"))
    (tmp_path / "none").mkdir()
    with pytest.raises(TapeError, match="holds no file of Massive"):
        import_tape.run(job(tmp_path / "none", tmp_path / "tape"))
