"""Time the server: a page of 1,000 events, and a stream to 20 clients of whom two never read.

    python benchmarks/api.py LAKE [--requests 60] [--seconds 60] [--rate 500]

The page is asked for over a real socket, in whole events and in the fields of a list. The stream says synthetic copies of published events;
with --seconds 0 there is none.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import re
import resource
import socket
import statistics
import threading
import time
from dataclasses import replace
from itertools import cycle, islice
from multiprocessing import Queue, get_context
from pathlib import Path

import numpy as np
import uvicorn
from websockets.asyncio.client import connect

from smartmoney_pipeline.api.app import create_app
from smartmoney_pipeline.api.hub import Hub, Message
from smartmoney_pipeline.api.legacy_channels import LegacyChannels
from smartmoney_pipeline.api.settings import Limits, Settings

LIST_FIELDS = "event_id,underlying_id,event_kind,closed_at,structure,assembly,profile_scores,primary_profile_id,primary_direction,abstained"
WIDE = Limits(open_reads_a_minute=10_000_000, sockets=100)


class Fed:
    """Stands where the live feed does: a log that the benchmark fills."""

    def __init__(self) -> None:
        self.hub, self.channels = Hub("benchmark"), LegacyChannels()

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Remember the loop that the log belongs to."""
        self.loop = loop

    async def close(self) -> None:
        """Nothing runs."""

    def state(self) -> dict[str, object]:
        """Say that it is none."""
        return {"state": "benchmark"}


def served(lake: Path) -> tuple[int, Fed]:
    """Start a server in a thread; its port."""
    fed = Fed()
    app = create_app(Settings(lake, limits=replace(WIDE)), fed)
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    config = uvicorn.Config(app, port=port, log_level="error", access_log=False, ws_per_message_deflate=False)
    threading.Thread(target=uvicorn.Server(config).run, daemon=True).start()
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return port, fed
        except OSError:
            time.sleep(0.05)
    raise SystemExit("the server did not start")


def timed(port: int, path: str) -> tuple[float, bytes, str | None]:
    """Milliseconds of one request, its body, and the address of the next page."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    began = time.perf_counter()
    connection.request("GET", path)
    answer = connection.getresponse()
    body = answer.read()
    following = re.match("<(.*)>", answer.headers.get("link", ""))
    return (time.perf_counter() - began) * 1e3, body, following and following[1]


def pages(port: int, requests: int) -> None:
    """Walk pages of 1,000 events, twice: the first time they are encoded, the second they are at hand."""
    for name, fields in (("whole events", ""), ("list fields", f"&fields={LIST_FIELDS}")):
        timed(port, "/v1/events?limit=1")
        for turn in ("first", "again"):
            spent = time.process_time()
            spans, url = [], f"/v1/events?limit=1000{fields}"
            while url and len(spans) < requests:
                span, _, url = timed(port, url)
                spans.append(span)
            p95 = float(np.percentile(spans, 95))
            cpu = (time.process_time() - spent) * 1e3 / len(spans)
            print(f"{name}, {turn}: median {statistics.median(spans):.0f} ms, p95 {p95:.0f} ms, CPU {cpu:.0f} ms, n={len(spans)}")


async def read(port: int, readers: int, stop_at: float) -> tuple[list[float], int]:
    """Deliveries in ms and messages lost over so many readers, until a time of the monotonic clock."""
    late: list[float] = []
    lost = [0] * readers

    async def client(place: int) -> None:
        expected = None
        async with connect(f"ws://127.0.0.1:{port}/v1/ws?snapshot=0", max_size=None) as stream:
            while (left := stop_at - time.monotonic()) > 0:
                try:
                    text = await asyncio.wait_for(stream.recv(), left)
                except TimeoutError:
                    return
                now = time.monotonic()
                for number, said in re.findall(r'"n":(\d+),"at":([\d.]+)', str(text)):
                    lost[place] += 0 if expected is None else int(number) - expected
                    expected = int(number) + 1
                    late.append((now - float(said)) * 1e3)

    await asyncio.gather(*(client(place) for place in range(readers)), return_exceptions=True)
    return late, sum(lost)


def reader(port: int, readers: int, stop_at: float, answers: Queue[tuple[list[float], int]]) -> None:
    """A process of readers."""
    answers.put(asyncio.run(read(port, readers, stop_at)))


def streams(port: int, fed: Fed, seconds: float, rate: int) -> None:
    """Say `rate` events a second to 18 clients that read, in another process, and 2 that never do."""
    events = json.loads(timed(port, "/v1/events?limit=1000")[1])["data"]
    bodies = cycle([json.dumps(event).encode() for event in events])
    mute = [socket.create_connection(("127.0.0.1", port)) for _ in range(2)]
    for one in mute:
        one.sendall(f"GET /v1/events/stream?snapshot=0 HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
    context = get_context("spawn")
    answers: Queue[tuple[list[float], int]] = context.Queue()
    began = time.monotonic() + 8
    other = context.Process(target=reader, args=(port, 18, began + seconds + 3, answers))
    other.start()
    time.sleep(began - time.monotonic())
    before, number, spent = memory_mb(), 0, time.process_time()
    while time.monotonic() - began < seconds:
        due = int((time.monotonic() - began) * rate) - number
        made = []
        for body in islice(bodies, max(due, 0)):
            made.append(Message("event", b'{"n":%d,"at":%f,' % (number, time.monotonic()) + body[1:], str(number % 1_000)))
            number += 1
        fed.loop.call_soon_threadsafe(fed.hub.publish, made)
        time.sleep(0.02)
    spent = time.process_time() - spent
    late, lost = answers.get()
    other.join()
    p50, p99 = np.percentile(late, [50, 99])
    print(f"stream of {rate}/s to 18 readers and 2 mute, {seconds:.0f} s: {len(late):,} deliveries, median {p50:.0f} ms, p99 {p99:.0f} ms")
    print(f"lost {lost}; the server used {spent / seconds:.0%} of a core; peak memory {before:.0f} MB before, {memory_mb():.0f} MB after")
    for one in mute:
        one.close()


def memory_mb() -> float:
    """Peak resident memory of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Time the pages, and the stream where it has some seconds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("lake", type=Path)
    parser.add_argument("--requests", type=int, default=60)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rate", type=int, default=500)
    asked = parser.parse_args()
    port, fed = served(asked.lake)
    pages(port, asked.requests)
    if asked.seconds:
        streams(port, fed, asked.seconds, asked.rate)


if __name__ == "__main__":
    main()
