"""The load run in short: twenty clients on the stream, two of them never reading."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch):
    """The benchmark script as a module, as `python benchmarks/load.py` sees it."""
    for folder in (TESTS / "api", TESTS / "bridge", TESTS.parent / "benchmarks"):
        monkeypatch.syspath_prepend(str(folder))
    for name in ("load", "fed_server", "stream_readers"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.setenv("PYTHONPATH", str(TESTS.parent))
    return importlib.import_module("load")


@pytest.fixture
def readers(load):
    return sys.modules["stream_readers"]


def test_a_reader_counts_what_is_missing_and_what_comes_twice(readers) -> None:
    """Numbers 0 1 4 4 5 by hand: 2 and 3 are missing, 4 came twice."""
    from array import array

    reader = readers.Reader(array("f"))
    text = b"".join(b'{"n":%d,"at":0.5,}' % number for number in (0, 1, 4, 4, 5))
    assert reader.take(text) == len(text) - 1
    assert (reader.expected, reader.lost, reader.repeated, len(reader.late)) == (6, 2, 1, 5)
    # A time that is cut in two is none yet.
    assert reader.take(b'{"n":6,"at":17') == 0


@pytest.mark.slow
def test_two_clients_that_never_read_cost_the_others_nothing(load, tmp_path, capsys) -> None:
    """What is looked for: nothing lost, nothing twice, no reader held up for the seconds that a silent client is waited for, no socket
    left of those, and memory that does not grow once the log (4 MB here) is full."""
    from tiny_lake import build_lake

    asked = load.Load(build_lake(tmp_path / "lake"), seconds=20.0, rate=200, clients=20, mute=2, ring_bytes=4 << 20, send_seconds=2.0)
    found = load.loaded(asked)
    load.report(asked, found)
    sys.stdout.write(capsys.readouterr().out)
    assert (found.said, len(found.late_ms)) == (4_000, 18 * 4_000)
    assert (found.lost, found.repeated) == (0, 0)
    assert float(load.np.percentile(found.late_ms, 99)) < 1_000 * asked.send_seconds
    assert found.cut_off_after(18) is not None
    assert {count for second, count in found.sockets if 12.0 < second < 19.0} == {18}
    # R10 asks for less than 5 % of a server of some 400 MB; the log itself may move by a part of its 4 MB.
    assert found.growth(10.0) < 20.0
