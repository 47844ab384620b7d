"""What orchestration costs: a backfill of sessions and sources through the daemon, beside library calls that do the same work.

    python benchmarks/backfill.py --sessions 4 --sources test-7,test-8

CPU seconds (user + system). The daemon's are those of the daemon, its code server and its runs, start and idling included; the library's
are those of the calls that assets and checks make, in this process, imports and the compiling of kernels left out.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
from daemon import Site, end, wait_for_backfill

from assets.checks import TABLE_MODELS
from assets.live_check import EVENTS, compare
from smartmoney_pipeline.bridge.derive import bridge_events, first_orders
from smartmoney_pipeline.bridge.flow_packets import flow_packets
from smartmoney_pipeline.calendar.sessions import next_session
from smartmoney_pipeline.calendar.usable import usable
from smartmoney_pipeline.engine.context import day_context, tape_calendar
from smartmoney_pipeline.engine.events_table import smart_money_events
from smartmoney_pipeline.engine.from_tables import features_of, scores_of
from smartmoney_pipeline.engine.group_tables import group_day
from smartmoney_pipeline.engine.ingest import import_day
from smartmoney_pipeline.engine.live.replay import read_feed
from smartmoney_pipeline.engine.score_day import versions
from smartmoney_pipeline.evaluation.lake_tables import evaluate_partition, look_ahead_of_partition
from smartmoney_pipeline.scenarios.generate import generate, write
from smartmoney_pipeline.scenarios.packs import parse_source
from smartmoney_pipeline.schemas.arrow import arrow_schema, to_frame
from smartmoney_pipeline.schemas.input_tables import EventCalendar
from smartmoney_pipeline.schemas.published_tables import PUBLISHED
from smartmoney_pipeline.store.lake import Lake
from smartmoney_pipeline.store.manifest import Manifest, publish, read_manifest

FIRST = date(2026, 3, 2)
GOAL_S = 5.0
PATIENCE_S = 7200.0


def by_library(root: Path, session: date, source: str) -> Manifest:
    """Do by calls what the assets and checks of one partition do, into a lake of its own; returns the manifest."""
    pack, seed = parse_source(source)
    lake, place = Lake(root), root / "beside" / f"{session}-{source}"
    write(generate(pack, session, seed), place / "tape", place / "labels")
    day = import_day(place / "tape", place / "day", session=session, source=source)
    known, schema = tape_calendar(day), arrow_schema(EventCalendar)
    rows = schema.empty_table() if known is None else pa.Table.from_pandas(usable(known, session), schema, preserve_index=False)
    kept: dict[str, pa.Table] = {"event_calendar": rows}
    context = day_context(day, rows.to_pandas())
    kept |= vars(group_day(context))
    kept["event_features"] = features_of(day_context(day, rows.to_pandas()), kept["parent_events"], kept["packets"])
    scored = scores_of(kept["parent_events"], kept["event_features"])
    kept |= {"profile_scores": scored.scores, "event_evidence": scored.evidence}
    kept[EVENTS] = smart_money_events(kept["parent_events"], kept["event_features"], kept["profile_scores"])
    kept["flow_packets"] = flow_packets(kept["packets"], kept["quoted_prints"], kept["parent_events"])
    derived = bridge_events(kept[EVENTS], first_orders(kept[EVENTS], kept["parent_events"]))
    kept |= {"classifier_hits": derived.classifier_hits, "alerts": derived.alerts}
    for name, table in kept.items():
        lake.write(name, session, source, table)
    checked(lake, session, source, place)
    compare(read_feed(place / "tape", "canonical", session), source, kept["event_calendar"], kept[EVENTS])
    return publish(lake, session, source, PUBLISHED, versions())


def checked(lake: Lake, session: date, source: str, place: Path) -> None:
    """Evaluation and the checks over tables, as the asset graph makes them."""
    with duckdb.connect() as connection:
        judged = evaluate_partition(connection, lake, session, source, place / "labels" / "labels.parquet")
        lake.write("evaluation_metrics", session, source, judged.metrics)
        look_ahead_of_partition(connection, lake, session, source)
    for name, model in TABLE_MODELS.items():
        model.validate(to_frame(lake.read(name, session, source)), lazy=True)


def by_daemon(base: Path, sessions: Sequence[date], sources: tuple[str, ...], batch: int) -> tuple[Site, float]:
    """Run the backfill and return its site and the CPU seconds of all processes."""
    site = Site(base / "home", base / "lake", sources, batch)
    site.prepare()
    daemon = site.start(base / "daemon.log")
    try:
        said, used = wait_for_backfill(site, site.launch(sessions), daemon.pid, PATIENCE_S)
    finally:
        end(daemon)
    if said != "COMPLETED_SUCCESS":
        sys.exit(f"the backfill ended as {said}; see {base / 'daemon.log'}")
    return site, used


def main() -> None:
    """Run both and print the overhead."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--sessions", type=int, default=4)
    asked.add_argument("--sources", default="test-7,test-8")
    asked.add_argument("--batch", type=int, default=20)
    asked.add_argument("--folder", type=Path, help="where both lakes are left; default: a temporary folder")
    args = asked.parse_args()
    sources = tuple(args.sources.split(","))
    sessions = [FIRST]
    while len(sessions) < args.sessions:
        sessions.append(next_session(sessions[-1]))
    with tempfile.TemporaryDirectory() as folder:
        base = args.folder or Path(folder)
        base.mkdir(parents=True, exist_ok=True)
        report(base, sessions, sources, args.batch)


def report(base: Path, sessions: Sequence[date], sources: tuple[str, ...], batch: int) -> None:
    """Run library and daemon, compare what they published, print."""
    pairs = [(day, source) for day in sessions for source in sources]
    by_library(base / "warm", *pairs[0])
    before = time.process_time()
    made = {pair: by_library(base / "library", *pair) for pair in pairs}
    library = (time.process_time() - before) / len(pairs)
    site, total = by_daemon(base, sessions, sources, batch)
    daemon = total / len(pairs)
    same = sum(read_manifest(Lake(site.lake), *pair) == made[pair] for pair in pairs)
    with site.instance() as instance:
        runs = instance.get_runs_count()
    print(f"{len(sessions)} sessions x {len(sources)} sources, {runs} runs, load {os.getloadavg()[0]:.1f}")
    print(f"library calls     {library:7.1f} CPU s a session and source")
    print(f"through the daemon {daemon:6.1f} CPU s a session and source ({total:.0f} in all)")
    print(f"overhead          {daemon - library:7.1f} CPU s, goal {GOAL_S:.0f}: {'met' if daemon - library <= GOAL_S else 'missed'}")
    print(f"manifests that agree, tables and hashes: {same} of {len(pairs)}")
    if same != len(pairs):
        sys.exit(1)


if __name__ == "__main__":
    main()
