"""Evaluation of one partition of the lake: its tables read through DuckDB, its labels from where scenarios keep them."""

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from smartmoney_pipeline.evaluation.metrics import evaluate
from smartmoney_pipeline.store.lake import Lake

EVENT_COLUMNS = "event_id, primary_profile_id, primary_direction, abstained, abstention_reasons, profile_scores, none_probability"


def evaluate_partition(connection: Any, lake: Lake, session: date, source: str, labels_file: Path) -> pd.DataFrame:
    """Return the metrics table of one session and source; without a labels file only the decision figures.

    `connection` is an open DuckDB connection; nothing is written through it.
    """
    events = _rows(connection, EVENT_COLUMNS, lake.files("smart_money_events", session, source))
    members = _rows(connection, "event_id, print_id", lake.files("parent_event_members", session, source))
    labels = pd.read_parquet(labels_file) if labels_file.is_file() else None
    return evaluate(events, members, labels)


def _rows(connection: Any, columns: str, files: list[Path]) -> pd.DataFrame:
    query = f"select {columns} from read_parquet(?)"  # noqa: S608  the columns are constants of this module
    return connection.execute(query, [[str(path) for path in files]]).to_arrow_table().to_pandas()
