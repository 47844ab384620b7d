"""Time the pages of the server: 1,000 events, whole and in the fields of a list. What a stream takes is in load.py.

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


def main() -> None:
    """Time the pages."""
    parser = argparse.ArgumentParser()
    parser.add_argument("lake", type=Path)
    parser.add_argument("--requests", type=int, default=60)
    asked = parser.parse_args()
    pages(served(asked.lake), asked.requests)


if __name__ == "__main__":
    main()
