"""Load the stream: readers over WebSocket and server-sent events, some clients that never read, for as long as wanted.

    python benchmarks/load.py LAKE [--seconds 600] [--rate 500] [--clients 20] [--mute 2]

The server has a process of its own and says synthetic copies of published events, each under an id of its own; the readers have another.
Printed are the times from saying to reading, what was lost or came twice, the server's memory, and when silent clients were cut off.
"""

from __future__ import annotations

import argparse
import socket
import time
import urllib.request
from dataclasses import dataclass
from multiprocessing import Queue, get_context
from pathlib import Path
from typing import Any

import numpy as np
from fed_server import Load, serve
from stream_readers import END_SECONDS, read, silent

START_SECONDS = 15.0


@dataclass(frozen=True)
class Outcome:
    """What came of it. `late_ms`: from saying to reading. `rss_mb`, `sockets`: (second, value) of the server while it spoke."""

    said: int
    late_ms: np.ndarray[Any, np.dtype[np.float32]]
    lost: int
    repeated: int
    rss_mb: list[tuple[float, float]]
    sockets: list[tuple[float, int]]
    cpu_share: float

    def growth(self, after: float) -> float:
        """Return how many MB the server grew from that second on, between the means of the first and last tenth of the samples."""
        kept = [value for second, value in self.rss_mb if second >= after]
        tenth = max(1, len(kept) // 10)
        return float(np.mean(kept[-tenth:]) - np.mean(kept[:tenth]))

    def cut_off_after(self, left: int) -> float | None:
        """Return the second from which on so few sockets were open, None where it never came to that."""
        return next((second for second, count in self.sockets if count <= left), None)


def loaded(load: Load) -> Outcome:
    """Load a server and return what came of it."""
    context = get_context("spawn")
    port, begin = _free_port(), time.monotonic() + START_SECONDS
    server = context.Process(target=serve, args=(load, port, begin), daemon=True)
    server.start()
    _await(port)
    process = Path(f"/proc/{server.pid}")
    own = _own_sockets(process)
    answers: Queue[tuple[bytes, int, int]] = context.Queue()
    readers = context.Process(target=read, args=(load, port, begin, answers), daemon=True)
    readers.start()
    mute = [silent(port, place) for place in range(load.mute)]
    time.sleep(max(0.0, begin - time.monotonic()))
    rss, sockets = [], []
    spent = _cpu_seconds(process)
    while (since := time.monotonic() - begin) < load.seconds:
        rss.append((since, _rss_mb(process)))
        sockets.append((since, _sockets(process) - own))
        time.sleep(min(1.0, load.seconds / 50))
    spent = _cpu_seconds(process) - spent
    late, lost, repeated = answers.get(timeout=END_SECONDS + 60)
    readers.join()
    for one in mute:
        one.close()
    server.terminate()
    server.join()
    return Outcome(int(load.rate * load.seconds), np.frombuffer(late, np.float32), lost, repeated, rss, sockets, spent / load.seconds)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _await(port: int) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server did not start")


def _rss_mb(process: Path) -> float:
    return int((process / "statm").read_text().split()[1]) * 4_096 / 1e6


def _cpu_seconds(process: Path) -> float:
    words = (process / "stat").read_text().rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / 100


def _sockets(process: Path) -> int:
    """Open sockets of the server."""
    found = [fd.readlink() for fd in (process / "fd").iterdir() if fd.is_symlink()]
    return sum(str(target).startswith("socket:") for target in found)


def _own_sockets(process: Path) -> int:
    """Sockets of the server itself: the fewest in a second, since that of the question whether it answers may still be closing."""
    found = []
    for _ in range(20):
        found.append(_sockets(process))
        time.sleep(0.05)
    return min(found)


def report(load: Load, found: Outcome) -> None:
    """Print what came of a load."""
    p50, p99 = np.percentile(found.late_ms, [50, 99])
    print(
        f"{load.rate}/s for {load.seconds:.0f} s to {load.clients - load.mute} readers and {load.mute} that never read: {found.said:,} said"
    )
    print(f"delivery: {len(found.late_ms):,}, median {p50:.0f} ms, p99 {p99:.0f} ms, longest {found.late_ms.max():.0f} ms")
    print(f"lost {found.lost}, twice {found.repeated}; the server used {found.cpu_share:.0%} of a core")
    first, last = found.rss_mb[0][1], found.rss_mb[-1][1]
    settled = min(load.seconds / 2, 60.0)
    print(f"memory: {first:.0f} MB at the start, {last:.0f} MB at the end; {found.growth(settled):+.1f} MB from second {settled:.0f} on")
    cut = found.cut_off_after(load.clients - load.mute)
    print("clients that never read were " + ("not cut off" if cut is None else f"cut off by second {cut:.0f}"))


def main() -> None:
    """Load a server as asked."""
    parser = argparse.ArgumentParser()
    parser.add_argument("lake", type=Path)
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--rate", type=int, default=500)
    parser.add_argument("--clients", type=int, default=20)
    parser.add_argument("--mute", type=int, default=2)
    asked = parser.parse_args()
    load = Load(asked.lake, asked.seconds, asked.rate, asked.clients, asked.mute)
    report(load, loaded(load))


if __name__ == "__main__":
    main()
