"""Time the pushes of a live session: `live.py TAPE [--pushes 300]`, a canonical tape folder.

The day is fed twice, in pushes of 10,000 prints and of single prints, each with the quotes that came in between. The time of a push is
all of it: checks, stages, features, scores and tables of what became known. Corrections are left out and so are the first prints of the
day: they warm the kernels and fill the state.
"""

from __future__ import annotations

import argparse
import json
import resource
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smartmoney_pipeline.engine.live import LiveEngine, LiveParams
from smartmoney_pipeline.engine.live.replay import Feed, read_feed, symbols_of

GOALS_MS = {10_000: 20.0, 1: 0.2}
"""99th percentile of the design budget, by prints a push."""


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


def timed(feed: Feed, size: int, first: int, pushes: int, provisional: bool) -> dict[str, Any]:
    """Milliseconds of pushes of `size` prints after the first ones, and what they said."""
    reference = {**feed.reference, "contracts": pa.table({"option_symbol": sorted(symbols_of(feed))})}
    engine = LiveEngine(feed.session, "bench", reference, feed.streams, LiveParams(provisional=provisional))
    prints = uncorrected(feed.streams["option_prints"])
    quotes = {name: (table, ns(table)) for name, table in feed.streams.items() if name != "option_prints"}
    times, spent, said = ns(prints), [], 0

    def push(start: int, count: int) -> None:
        nonlocal said
        since, until = (times[start - 1] if start else 0), times[start + count - 1]
        tables = {"option_prints": prints.slice(start, count)}
        for name, (table, at) in quotes.items():
            low, high = np.searchsorted(at, [since, until])
            tables[name] = table.slice(int(low), int(high - low))
        began = time.perf_counter()
        update = engine.push(tables)
        spent.append(1e3 * (time.perf_counter() - began))
        said += len(update.events)

    push(0, first)
    for start in range(first, min(first + pushes * size, len(prints) - size + 1), size):
        push(start, size)
    found = spent[1 + len(spent) // 10 :]
    return {
        "prints": size,
        "provisional": provisional,
        "pushes": len(found),
        "events": said,
        "p50_ms": round(float(np.median(found)), 2),
        "p99_ms": round(float(np.percentile(found, 99)), 2),
        "goal_p99_ms": GOALS_MS.get(size),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def main() -> None:
    """Print one line of JSON for each size of push."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tape", type=Path)
    parser.add_argument("--pushes", type=int, default=300)
    chosen = parser.parse_args()
    feed = read_feed(chosen.tape)
    first = len(feed.streams["option_prints"]) // 4
    for size in (1, 1_000, 10_000):
        for provisional in (True, False):
            print(json.dumps(timed(feed, size, first, chosen.pushes, provisional)))


if __name__ == "__main__":
    main()
