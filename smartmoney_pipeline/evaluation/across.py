"""Metrics of many published sessions side by side, read through DuckDB."""

from __future__ import annotations

from typing import Any

import pandas as pd

TREND_METRICS = ("events", "abstention_rate", "precision", "recall")
LATEST_SESSIONS = 20


def metrics_across(connection: Any) -> pd.DataFrame:
    """Return evaluation_metrics of every published session with `session` and `source`, ordered by them, metric and profile.

    `connection` holds the views of `lake_views`, `evaluation_metrics` among them.
    """
    query = (
        "select session, source, * exclude (session, source) from evaluation_metrics order by session, source, metric, profile nulls first"
    )
    return connection.execute(query).df()


def trend(metrics: pd.DataFrame) -> pd.DataFrame:
    """Return the overall figures of the latest sessions, a row each: session, source and the metrics that are there."""
    overall = metrics[metrics["profile"].isna() & metrics["metric"].isin(TREND_METRICS)]
    wide = overall.pivot_table(index=["session", "source"], columns="metric", values="value", aggfunc="first").reset_index()
    wide.columns.name = None
    return wide.tail(LATEST_SESSIONS)
