"""Evaluation figures as tables, and the labels that they are held against."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table

from smartmoney_pipeline.console.terminal import CommandError
from smartmoney_pipeline.console.words import count, phrase
from smartmoney_pipeline.schemas.codes import ProfileId

LABELS_FILE = "labels.parquet"
LABEL_COLUMNS = ("label_id", "print_id", "profile", "direction")
_BY_PROFILE = ("published", "precision", "recall", "f1")


def read_labels(path: Path) -> pd.DataFrame:
    """Return the labels in a file, or in `labels.parquet` of a folder. Raises `CommandError` that names file and column."""
    file = path / LABELS_FILE if path.is_dir() else path
    if not file.is_file():
        raise CommandError(f"{file}: there are no labels here; `smartmoney scenarios generate` writes them into DIR/labels")
    try:
        labels = pq.read_table(file, partitioning=None).to_pandas()
    except (OSError, pa.ArrowException) as error:
        raise CommandError(f"{file}: the labels cannot be read as Parquet: {str(error).partition(chr(10))[0]}") from error
    missing = [name for name in LABEL_COLUMNS if name not in labels.columns]
    if missing:
        raise CommandError(f"{file}, column {missing[0]!r}: the column is missing from the labels")
    unknown = sorted(set(labels["profile"]) - {*ProfileId, "none"})
    if unknown:
        raise CommandError(f"{file}, column 'profile': {unknown[0]!r} is no profile")
    return labels


def metrics_json(metrics: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the metrics table as records; unknown is null."""
    records = metrics.to_dict("records")
    return [{str(name): None if pd.isna(value) else value for name, value in row.items()} for row in records]


def metrics_view(metrics: pd.DataFrame) -> RenderableType:
    """Return the figures: those of the whole session, then those by profile."""
    by_profile = metrics["metric"].isin(_BY_PROFILE)
    return Group(_profiles(metrics[by_profile]), _overall(metrics[~by_profile]))


def _profiles(rows: pd.DataFrame) -> Table:
    table = Table(title="By profile", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("profile")
    for name in ("published", "precision", "recall", "f1", "labelled"):
        table.add_column(name, justify="right")
    figures = {(row["metric"], row["profile"]): row for row in metrics_json(rows)}
    for profile in ProfileId:
        published, *shares = (figures[name, profile.value] for name in _BY_PROFILE)
        labelled = figures["recall", profile.value]["n"]
        table.add_row(profile, _value(published["value"]), *(_share(one["value"]) for one in shares), count(labelled))
    return table


def _overall(rows: pd.DataFrame) -> Table:
    table = Table(title="Whole session", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("figure")
    table.add_column("value", justify="right")
    table.add_column("cases", justify="right")
    for row in metrics_json(rows):
        about = "" if row["profile"] is None else f", {phrase(row['profile'])}"
        table.add_row(phrase(row["metric"]) + about, _value(row["value"]), count(row["n"]))
    return table


def _value(value: float | None) -> str:
    if value is None:
        return "-"
    return f"{value:,.0f}" if value.is_integer() else f"{value:.3f}"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"
