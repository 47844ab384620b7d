"""The lake as a Dagster resource, and as the place where tables of one session and source are kept between assets."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import dagster as dg
import pandas as pd
import pyarrow as pa

from smartmoney_pipeline.store.lake import LABELS_FOLDER, SCENARIO_FOLDER, TAPE_FOLDER, Lake
from smartmoney_pipeline.store.object_lake import open_lake
from smartmoney_pipeline.store.urls import object_url

DAY_MARKER = "day.json"
LABELS_FILE = "labels.parquet"
COLUMN_LINEAGE = "dagster/column_lineage"
"""Metadata entry under which the interface looks, in what was materialised, for what columns are made from."""


def partition_parts(key: str) -> tuple[date, str]:
    """Split a `session|source` key. Raises `dagster.DagsterInvariantViolationError` for any other form."""
    session, bar, source = key.partition("|")
    if not bar:
        raise dg.DagsterInvariantViolationError(f"{key!r} is not a session|source partition key")
    return date.fromisoformat(session), source


def null_shares(rows: pa.Table) -> dict[str, float]:
    """Return the share of nulls, 0 to 1, of each column that may hold them; nothing for a table without rows."""
    nullable = [field.name for field in rows.schema if field.nullable] if rows.num_rows else []
    return {f"null_share/{name}": rows[name].null_count / rows.num_rows for name in nullable}


class LakeResource(dg.ConfigurableResource):
    """Root of the lake, a folder or an s3:// URL, and of the day folders and scenario folders that lie beside its tables."""

    root: str

    def lake(self) -> Lake:
        """Return the lake of tables."""
        return open_lake(self.root)

    def day_folder(self, session: date, source: str) -> Path:
        """Return where the tape of one session and source can be read in the lake layout."""
        return self.lake().bring_folder(self.target(TAPE_FOLDER, session, source))

    def scenario_folder(self, session: date, source: str) -> Path:
        """Return where a generated tape can be read, in the canonical form."""
        return self.lake().bring_folder(self.target(SCENARIO_FOLDER, session, source))

    def labels_file(self, session: date, source: str) -> Path:
        """Return where the labels of a generated tape can be read: apart from the tape, for evaluation alone."""
        return self.lake().bring_folder(self.target(LABELS_FOLDER, session, source)) / LABELS_FILE

    def target(self, name: str, session: date, source: str) -> Path:
        """Return where one of these folders is written; `Lake.send_folder` follows."""
        return self.lake().root / name / f"session={session.isoformat()}" / f"source={source}"

    def url_of(self, name: str, session: date, source: str) -> str | None:
        """Return the URL of one of these folders, None in a lake of this machine."""
        return object_url(self.lake().address(self.target(name, session, source)))


class Made(dict[str, pa.Table | pd.DataFrame]):
    """What an asset returns: a table for each partition key of the run, one or those of a range."""


@dataclass(frozen=True)
class Kept(Mapping[str, pa.Table]):
    """An upstream table by partition key; a partition is read when it is asked for, so a range is never in memory as a whole."""

    lake: Lake
    table: str
    keys_: tuple[str, ...]

    def __getitem__(self, key: str) -> pa.Table:
        """Read one partition. Raises `StoreError` that names the file where it is missing or damaged."""
        if key not in self.keys_:
            raise KeyError(key)
        return self.lake.read(self.table, *partition_parts(key))

    def __iter__(self) -> Iterator[str]:
        """Go through the partition keys of the run."""
        return iter(self.keys_)

    def __len__(self) -> int:
        """Count the partitions of the run."""
        return len(self.keys_)


class LakeTables(dg.ConfigurableIOManager):
    """Stores each asset's tables as partitions of the lake and reads them back as Arrow tables, one partition at a time."""

    root: str

    def handle_output(self, context: dg.OutputContext, obj: Made) -> None:
        """Replace the partitions of this output; report what columns are made from, and rows, bytes, null shares and place of each.

        Raises `dagster.DagsterInvariantViolationError` where a partition of the run has no table.
        """
        name, keys = context.asset_key.path[-1], [str(key) for key in context.asset_partition_keys]
        if sorted(obj) != sorted(keys):
            raise dg.DagsterInvariantViolationError(f"{name}: the run has the partitions {sorted(keys)}, made are {sorted(obj)}")
        rows = {key: _as_rows(table) for key, table in obj.items()}
        lake = open_lake(self.root)
        paths = {key: lake.write(name, *partition_parts(key), table) for key, table in rows.items()}
        facts = {key: _facts(table, paths[key], lake.address(paths[key])) for key, table in rows.items()}
        stated = {name: value for name, value in context.definition_metadata.items() if name == COLUMN_LINEAGE}
        if len(keys) == 1:
            context.add_output_metadata(stated | facts[keys[0]])
            return
        context.add_output_metadata(stated)
        for key, found in facts.items():
            context.step_context.add_asset_metadata(found, context.asset_key, key)

    def load_input(self, context: dg.InputContext) -> Kept:
        """Return the upstream partitions of this run."""
        return Kept(open_lake(self.root), context.asset_key.path[-1], tuple(str(key) for key in context.asset_partition_keys))


def _facts(rows: pa.Table, path: Path, address: str) -> dict[str, Any]:
    """What is said of one partition; numbers are plotted over the partitions."""
    return {"dagster/row_count": rows.num_rows, "bytes": path.stat().st_size, "path": dg.MetadataValue.path(address)} | null_shares(rows)


def _as_rows(table: pa.Table | pd.DataFrame) -> pa.Table:
    return pa.Table.from_pandas(table, preserve_index=False) if isinstance(table, pd.DataFrame) else table
