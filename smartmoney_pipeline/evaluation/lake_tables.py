"""Evaluation of one partition of the lake: its tables read through DuckDB, its labels from where scenarios keep them."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from smartmoney_pipeline.evaluation.cases import Part, cases_of
from smartmoney_pipeline.evaluation.flat import flat_events
from smartmoney_pipeline.evaluation.look_ahead import look_ahead
from smartmoney_pipeline.evaluation.metrics import evaluate
from smartmoney_pipeline.evaluation.open_interest import confirm
from smartmoney_pipeline.evaluation.report.pictures import Picture, session_pictures
from smartmoney_pipeline.store.lake import Lake, read_parquet

EVENT_COLUMNS = (
    "event_id, underlying_id, primary_profile_id, primary_direction, abstained, abstention_reasons, profile_scores, none_probability, "
    "{'premium_usd': features.premium_usd} as features"
)

LOOK_AHEAD_COLUMNS = {
    "smart_money_events": "event_id, underlying_id, start_ts, end_ts, closed_at, features.trading_days_to_event as trading_days_to_event",
    "parent_event_members": "event_id, print_id",
    "quoted_prints": "print_id, ts, quote_age_ms",
    "event_calendar": "underlying, known_at",
}


@dataclass(frozen=True)
class Judged:
    """One session and source held against its labels: the metrics table, and pictures where there are labels."""

    metrics: pd.DataFrame
    pictures: list[Picture]


def evaluate_partition(connection: Any, lake: Lake, session: date, source: str, labels_file: Path) -> Judged:
    """Return figures and pictures of one session and source; without a labels file only the decision figures.

    `connection` is an open DuckDB connection; nothing is written through it.
    """
    events = flat_events(_rows(connection, EVENT_COLUMNS, lake.files("smart_money_events", session, source)))
    members = _rows(connection, "event_id, print_id", lake.files("parent_event_members", session, source)).to_pandas()
    labels = pd.read_parquet(labels_file) if labels_file.is_file() else None
    return Judged(evaluate(events, members, labels), session_pictures(cases_of([Part("session", events, members, labels)])))


def look_ahead_of_partition(connection: Any, lake: Lake, session: date, source: str) -> pd.DataFrame:
    """Return the faults of `look_ahead` in the tables of one session and source."""
    tables = {
        table: _rows(connection, columns, lake.files(table, session, source)).to_pandas() for table, columns in LOOK_AHEAD_COLUMNS.items()
    }
    return look_ahead(*(tables[name] for name in ("smart_money_events", "parent_event_members", "quoted_prints", "event_calendar")))


def confirmed_partition(lake: Lake, session: date, source: str, before: Path, after: Path) -> pd.DataFrame:
    """Return `confirm` of the events of one session and source.

    `before`, `after`: open_interest of the session's own tape and of the next one's, as Parquet. Raises `StoreError` that names a table
    which is not there.
    """
    columns = ["event_id", "option_symbol", "contracts"]
    legs = lake.read("event_legs", session, source, columns).to_pandas()
    sizes = lake.read("quoted_prints", session, source, ["option_symbol", "size"]).group_by("option_symbol").aggregate([("size", "sum")])
    volume = sizes.rename_columns({"size_sum": "contracts"}).to_pandas()
    return confirm(legs, volume, *(read_parquet(path).to_pandas() for path in (before, after)))


def _rows(connection: Any, columns: str, files: list[Path]) -> pa.Table:
    query = f"select {columns} from read_parquet(?)"  # noqa: S608  the columns are constants of this module
    return connection.execute(query, [[str(path) for path in files]]).to_arrow_table()
