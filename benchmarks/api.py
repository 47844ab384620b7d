"""Time the pages of the server: 1,000 events, whole and in the fields of a list, and the first page of lists that are filtered or sorted.
What a stream takes is in load.py.

python benchmarks/api.py LAKE [--requests 60]
"""

from __future__ import annotations

import argparse
import http.client
import re
import socket
import statistics
import threading
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import uvicorn

from smartmoney_pipeline.api.app import create_app
from smartmoney_pipeline.api.settings import Limits, Settings

LIST_FIELDS = "event_id,underlying_id,event_kind,closed_at,structure,assembly,profile_scores,primary_profile_id,primary_direction,abstained"
WIDE = replace(Limits(), open_reads_a_minute=10_000_000)


def served(lake: Path) -> int:
    """Start a server in a thread; its port."""
    app = create_app(Settings(lake, limits=WIDE))
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = int(found.getsockname()[1])
    config = uvicorn.Config(app, port=port, log_level="error", access_log=False)
    threading.Thread(target=uvicorn.Server(config).run, daemon=True).start()
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return port
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
            spans: list[float] = []
            url: str | None = f"/v1/events?limit=1000{fields}"
            while url and len(spans) < requests:
                span, _, url = timed(port, url)
                spans.append(span)
            p95 = float(np.percentile(spans, 95))
            cpu = (time.process_time() - spent) * 1e3 / len(spans)
            print(f"{name}, {turn}: median {statistics.median(spans):.0f} ms, p95 {p95:.0f} ms, CPU {cpu:.0f} ms, n={len(spans)}")


FIRST_PAGES = {
    "all": "/v1/events",
    "published": "/v1/events?abstained=false",
    "largest": "/v1/events?sort=-premium_usd&limit=20",
    "likeliest arbitrage": "/v1/events?likeliest=arbitrage",
}
SETTLE_SECONDS = 0.5
TURNS = 5


def first_pages(lake: Path) -> None:
    """Ask for the first page of each list from servers that have read the session and encoded none of those events."""
    for name, url in FIRST_PAGES.items():
        spans, cpu = [], []
        for _ in range(TURNS):
            port = served(lake)
            timed(port, "/v1/events?limit=1&sort=-closed_at")
            time.sleep(SETTLE_SECONDS)
            spent = time.process_time()
            spans.append(timed(port, url)[0])
            cpu.append((time.process_time() - spent) * 1e3)
        print(f"first page, {name}: median {statistics.median(spans):.0f} ms, CPU {statistics.median(cpu):.0f} ms, n={TURNS}")


def main() -> None:
    """Time the pages."""
    parser = argparse.ArgumentParser()
    parser.add_argument("lake", type=Path)
    parser.add_argument("--requests", type=int, default=60)
    asked = parser.parse_args()
    first_pages(asked.lake)
    pages(served(asked.lake), asked.requests)


if __name__ == "__main__":
    main()
