"""`smartmoney import` from vendor files to a tape that scores: sessions apart, selections, a kill in the middle, a file that changed."""

import json
import os
import signal
import subprocess
import sys
from datetime import date

import pyarrow.parquet as pq
import pytest
from test_massive import OPEN, QUOTES, TRADES, line

from smartmoney_pipeline.console import import_tape
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
    assert import_tape.quarantined([tape]) == 1


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


def test_a_changed_file_is_read_again(files, tmp_path):
    (files / "z.csv").write_text("not,a,flat,file\n")
    with pytest.raises(TapeError):
        import_tape.run(job(files, tmp_path / "tape"))
    (files / "z.csv").unlink()
    (files / "trades-a.csv").write_text("\n".join([TRADES, *[line(price=f"{n}.5") for n in range(1, 6)], ""]))
    [tape] = import_tape.run(job(files, tmp_path / "tape"))
    assert len(prints(tape.folder)) == 7


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
    with pytest.raises(CommandError, match="no row can be used"):
        import_tape.run(job(files, tmp_path / "tape", since=date(2030, 1, 1)))
    with pytest.raises(CommandError, match="lies after"):
        import_tape.run(job(files, tmp_path / "tape", since=date(2030, 1, 1), until=date(2025, 1, 1)))
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("")
    with pytest.raises(CommandError, match="holds x"):
        import_tape.run(job(files, tmp_path / "full"))
    (tmp_path / "none").mkdir()
    with pytest.raises(TapeError, match="holds no file of Massive"):
        import_tape.run(job(tmp_path / "none", tmp_path / "tape"))
