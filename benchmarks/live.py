"""Time the pushes of a live session: `live.py TAPE [--pushes 300]`, a canonical tape folder.

The day is fed in pushes of single prints, of 1,000 and of 10,000, each with the quotes that came in between, without and with provisional
events. Three times are told, in milliseconds of the CPU and of the clock: of the push (checks, stages, identity, what is withdrawn); of the
push and the tables of what it said (features, scores, evidence, Arrow), which is when an event is published; and the event time between
the closing of a final event and the watermark of the push that said it. Corrections are left out and so are the first prints of the day:
they warm the kernels and fill the state.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smartmoney_pipeline.engine.live import LiveEngine, LiveParams, Update
from smartmoney_pipeline.engine.live.replay import Feed, read_feed, symbols_of

GOALS_MS = {10_000: 20.0, 1: 0.2}
"""99th percentile of the design budget for a push, by prints."""

PUBLISHED_GOAL_MS = 50.0
"""Design budget from the closing of an event to its publication."""

WARM_SHARE = 0.1
"""Share of the pushes that is left out: they meet what is compiled or filled once."""


def ns(table: pa.Table) -> np.ndarray:
    """Times of the rows."""
    return table["ts"].cast(pa.int64()).to_numpy()


def uncorrected(prints: pa.Table) -> pa.Table:
    """Prints without cancels and what they name."""
    if "cancels_print_id" not in prints.column_names:
        return prints
    named = prints["cancels_print_id"]
    gone = pc.is_in(prints["print_id"], value_set=named.drop_null().combine_chunks())
    return prints.filter(pc.and_(named.is_null(), pc.invert(gone)))


@dataclass
class Times:
    """Milliseconds of each push, CPU and clock, alone and with its tables; what it said; lag of the final events in event time."""

    push_cpu: list[float] = field(default_factory=list)
    push: list[float] = field(default_factory=list)
    published_cpu: list[float] = field(default_factory=list)
    published: list[float] = field(default_factory=list)
    said: list[int] = field(default_factory=list)
    lag: list[float] = field(default_factory=list)

    def take(self, engine: LiveEngine, tables: dict[str, pa.Table]) -> None:
        """Push, read the tables, and note how long each took."""
        clock, cpu = time.perf_counter(), time.process_time()
        update = engine.push(tables)
        self.push.append(1e3 * (time.perf_counter() - clock))
        self.push_cpu.append(1e3 * (time.process_time() - cpu))
        events = update.events
        _ = update.members, update.legs, update.evidence, update.retractions, update.links
        self.published.append(1e3 * (time.perf_counter() - clock))
        self.published_cpu.append(1e3 * (time.process_time() - cpu))
        self.said.append(len(update))
        self.lag += _lag(engine, update, events)

    def report(self) -> dict[str, Any]:
        """Percentiles by name."""
        skipped = round(WARM_SHARE * len(self.push))
        told, told_cpu = (
            [one for one, said in zip(taken[skipped:], self.said[skipped:], strict=True) if said]
            for taken in (self.published, self.published_cpu)
        )
        named = {
            "push_ms": self.push[skipped:],
            "push_cpu_ms": self.push_cpu[skipped:],
            "push_and_tables_ms": self.published[skipped:],
            "push_and_tables_cpu_ms": self.published_cpu[skipped:],
            "published_after_close_ms": told,
            "published_after_close_cpu_ms": told_cpu,
            "watermark_after_close_ms": self.lag,
        }
        return {name: percentiles(values) for name, values in named.items()}


def _lag(engine: LiveEngine, update: Update, events: pa.Table) -> list[float]:
    final = ~events["provisional"].to_numpy(zero_copy_only=False) if len(update) else np.zeros(0, np.bool_)
    return ((engine.watermark - events["closed_at"].cast(pa.int64()).to_numpy()[final]) / 1e6).tolist()


def percentiles(values: list[float]) -> dict[str, float] | None:
    """Median and 99th percentile, None without values."""
    return {"p50": round(float(np.median(values)), 2), "p99": round(float(np.percentile(values, 99)), 2)} if values else None


def chunks(feed: Feed, prints: pa.Table, first: int, size: int) -> Iterator[dict[str, pa.Table]]:
    """The first prints, then `size` at a time, each with the quotes that came since the print before."""
    times, since = ns(prints), 0
    quotes = {name: (table, ns(table)) for name, table in feed.streams.items() if name != "option_prints"}
    for start in (0, *range(first, len(prints) - size + 1, size)):
        count = size if start else first
        until = times[start + count - 1]
        tables = {"option_prints": prints.slice(start, count)}
        for name, (table, at) in quotes.items():
            low, high = np.searchsorted(at, [since, until])
            tables[name] = table.slice(int(low), int(high - low))
        since = until
        yield tables


def timed(feed: Feed, size: int, pushes: int, provisional: bool) -> dict[str, Any]:
    """Times of pushes of `size` prints after the first quarter of the day, and what they said."""
    reference = {**feed.reference, "contracts": pa.table({"option_symbol": sorted(symbols_of(feed))})}
    engine = LiveEngine(feed.session, "bench", reference, feed.streams, LiveParams(provisional=provisional))
    prints, times = uncorrected(feed.streams["option_prints"]), Times()
    fed = chunks(feed, prints, len(prints) // 4, size)
    engine.push(next(fed))
    for tables, _ in zip(fed, range(pushes), strict=False):
        times.take(engine, tables)
    return {
        "prints": size,
        "provisional": provisional,
        "pushes": len(times.push),
        "events": sum(times.said),
        **times.report(),
        "goal_push_p99_ms": GOALS_MS.get(size),
        "goal_published_ms": PUBLISHED_GOAL_MS,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main() -> None:
    """Print one line of JSON for each size of push."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tape", type=Path)
    parser.add_argument("--pushes", type=int, default=300)
    chosen = parser.parse_args()
    feed = read_feed(chosen.tape)
    timed(feed, 1, 20, True)
    for size in (1, 1_000, 10_000):
        for provisional in (True, False):
            print(json.dumps(timed(feed, size, chosen.pushes, provisional)), flush=True)


if __name__ == "__main__":
    main()
