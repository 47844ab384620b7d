"""Scores a stored day into a folder and publishes it into a lake: the victim of the kill tests. Arguments: day, lake, session, source."""

from __future__ import annotations

import sys
from pathlib import Path

import pyarrow.parquet as pq

from smartmoney_pipeline.engine.context import day_context
from smartmoney_pipeline.engine.score_day import SLICED_TABLES, score_day, versions
from smartmoney_pipeline.store.lake import Lake
from smartmoney_pipeline.store.manifest import publish
from smartmoney_pipeline.tape.layout import TapeDay


def main(folder: str, root: str, session: str, source: str) -> None:
    """Score, write the tables into the lake, publish."""
    lake = Lake(root)
    lake.root.mkdir(parents=True, exist_ok=True)
    lake.clean_temporaries()
    sys.stdout.write("started\n")
    sys.stdout.flush()
    scored = score_day(day_context(TapeDay.open(Path(folder))), lake.root / "result")
    for name in SLICED_TABLES:
        lake.write(name, session, source, pq.read_table(scored.folder / f"{name}.parquet"))
    publish(lake, session, source, SLICED_TABLES, versions())


if __name__ == "__main__":
    main(*sys.argv[1:5])
