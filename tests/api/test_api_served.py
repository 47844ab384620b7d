"""A server in a process of its own, with a tape played live: what only a real socket shows."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from websockets.asyncio.client import connect

ROOT = Path(__file__).resolve().parents[2]
START = "from smartmoney_pipeline.cli import main; main()"
WAIT_SECONDS = 120


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def get(port: int, path: str, timeout: float = 30) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=timeout) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.read()


@pytest.fixture(scope="module")
def tape(tmp_path_factory) -> Path:
    """The first minutes of a generated session."""
    from datetime import date

    import pandas as pd
    import pyarrow as pa
    import pyarrow.compute as pc

    from smartmoney_pipeline.scenarios.generate import generate, write

    folder = tmp_path_factory.mktemp("tape")
    day = generate("test", date(2026, 3, 18), 7)
    end = pd.Timestamp("2026-03-18 13:45", tz="UTC")
    for name in ("option_prints", "option_quotes", "underlying_quotes"):
        rows = day.tables[name]
        day.tables[name] = rows.filter(pc.less(rows["ts"], end)) if isinstance(rows, pa.Table) else rows[rows["ts"] < end]
    write(day, folder / "tape", folder / "labels")
    return folder / "tape"


@pytest.fixture
def serve(lake, tmp_path):
    """Start servers; they end with the test."""
    started = []

    def start(*options: str) -> int:
        port = free_port()
        words = [sys.executable, "-c", START, "serve", str(lake), "--port", str(port), "-q", *options]
        log = (tmp_path / f"log{len(started)}").open("wb")
        started.append(subprocess.Popen(words, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)}, stdout=log, stderr=log))
        until = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < until and started[-1].poll() is None:
            try:
                get(port, "/health", 1)
                return port
            except OSError:
                time.sleep(0.2)
        raise AssertionError((tmp_path / f"log{len(started) - 1}").read_text()[-2000:])

    yield start
    for process in started:
        process.terminate()
        process.wait(20)


async def said(
    port: int, number: int, cursor: str | None = None, most: float = WAIT_SECONDS
) -> tuple[list[tuple[str, str, bool | None]], str]:
    """What the live stream says from a cursor on (the beginning where None), until there are so many messages; and the last cursor."""
    query = f"?cursor={cursor}" if cursor else "?snapshot=1000"
    found, last = [], cursor or ""
    async with connect(f"ws://127.0.0.1:{port}/v1/ws{query}", max_size=None) as stream, asyncio.timeout(most):
        while len(found) < number:
            frame = json.loads(await stream.recv())
            last = frame.get("cursor", last)
            if frame["type"] == "events":
                found += [(one["type"], one["data"]["event_id"], one["data"].get("provisional")) for one in frame["data"]]
    return found, last


@pytest.mark.slow
def test_a_client_loses_and_repeats_nothing_over_a_reconnect_and_a_restart(serve, tape):
    options = ("--live", str(tape), "--speed", "30")
    first = serve(*options)
    begun, cursor = asyncio.run(said(first, 30))
    onward, later = asyncio.run(said(first, 40, cursor))
    again = serve(*options)
    resumed, _ = asyncio.run(said(again, 40, later))
    seen = [*begun, *onward, *resumed]
    # The first server still runs and says the same: what it holds after the first cursor is what was seen in three pieces.
    held, _ = asyncio.run(said(first, len(seen) - len(begun), cursor))
    assert seen[len(begun) :] == held[: len(seen) - len(begun)]
    assert len(seen) == len(set(seen))


@pytest.mark.slow
def test_a_client_that_never_reads_is_cut_off_and_others_go_on(serve, tape):
    port = serve("--live", str(tape), "--speed", "20")
    mute = socket.create_connection(("127.0.0.1", port))
    mute.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    mute.sendall(f"GET /v1/events/stream?snapshot=0 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    found, _ = asyncio.run(said(port, 60))
    assert len(found) >= 60
    assert get(port, "/v1/status")[0] == 200
    mute.close()


@pytest.mark.slow
def test_raw_requests_that_are_too_much_end_early(serve):
    port = serve()
    status, _ = get(port, "/v1/events?cursor=" + "a" * 60_000)
    assert status in {400, 414, 431}
    for text in (
        b"GET /v1/events?cursor=" + b"a" * 1_000_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET /../../etc/passwd HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"GET /v1/events HTTP/1.1\r\n\r\n",
        b"GET /v1/events HTTP/1.1\r\nHost: evil.example\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
            try:
                raw.sendall(text)
                answer = raw.recv(200)
            except ConnectionError:
                continue
            assert not answer or answer.split()[1][:1] == b"4", answer
    assert get(port, "/health") == (200, b'{"status":"ok"}')
