"""The results of a live session as a folder: the tables that stand, as scoring writes them, and the log of what was said when."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa

from smartmoney_pipeline.engine.data_quality import EventCounts
from smartmoney_pipeline.engine.live.engine import LiveEngine
from smartmoney_pipeline.engine.live.views import EventLog
from smartmoney_pipeline.engine.score_day import MARKER, DayOutput, described, versions, write_json, write_table
from smartmoney_pipeline.schemas.codes import TapeNature
from smartmoney_pipeline.store.object_folder import built_folder
from smartmoney_pipeline.store.run_hash import run_hash
from smartmoney_pipeline.tape.quality import row_counts

LOG = "event_log"


def write_results(engine: LiveEngine, log: EventLog, out: Path) -> DayOutput:
    """Write the current view of `log` into `out`, a folder or a URL, where it appears whole or not at all and replaces an older one.

    Beside the tables of scoring stands `event_log`, every event as it was said, with the number of its update. Raises `StoreError`
    where `out` holds other files.
    """
    current, known = log.current(), log.as_known()
    with built_folder(out, MARKER) as staging:
        for name, table in current.items():
            write_table(staging, name, table)
        write_table(staging, LOG, known["events"])
        quality = _quality(engine, current, known)
        write_json(staging / "data_quality.json", quality)
        manifest = {
            "session": engine.session.isoformat(),
            "source": engine.source,
            "tape_hash": None,
            "run_hash": run_hash(current["smart_money_events"]),
            "tables": {path.stem: described(path) for path in sorted(staging.glob("*.parquet"))},
            "versions": versions(),
        }
        write_json(staging / MARKER, manifest)
    return DayOutput(Path(out), manifest, quality)


def _quality(engine: LiveEngine, current: dict[str, pa.Table], known: dict[str, pa.Table]) -> dict[str, Any]:
    """Rows by table with what was quarantined, the events as they stand, and how much was taken back."""
    counts, rows = EventCounts(), engine.rows_received()
    counts.add(current["smart_money_events"])
    quarantine = current["quarantine"]
    put_aside = {name: quarantine["table"].to_pylist().count(name) for name in rows}
    read = {name: count - put_aside[name] for name, count in rows.items()}
    said = known["events"]
    imported = {} if engine.nature is TapeNature.PRINTS else {"import": {"nature": engine.nature}}
    return imported | {
        "tables": row_counts(rows, read, quarantine),
        "events": counts.report(),
        "live": {
            "said": len(said),
            "provisional": int(said["provisional"].to_numpy(zero_copy_only=False).sum()),
            "revised": int((said["revision"].to_numpy() > 0).sum()),
            "retracted": len(known["retractions"]),
        },
    }
