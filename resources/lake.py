"""The lake as a Dagster resource, and as the place where tables of one session and source are kept between assets."""

from datetime import date
from pathlib import Path

import dagster as dg
import pandas as pd
import pyarrow as pa

from smartmoney_pipeline.store.lake import Lake

DAY_MARKER = "day.json"
LABELS_FILE = "labels.parquet"


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
    """Root folder of the lake, and of the day folders and scenario folders that lie beside its tables."""

    root: str

    def lake(self) -> Lake:
        """Return the lake of tables."""
        return Lake(Path(self.root))

    def day_folder(self, session: date, source: str) -> Path:
        """Return where the tape of one session and source lies in the lake layout."""
        return self._folder("tape", session, source)

    def scenario_folder(self, session: date, source: str) -> Path:
        """Return where a generated tape lies, in the canonical form."""
        return self._folder("scenario_tape", session, source)

    def labels_file(self, session: date, source: str) -> Path:
        """Return where the labels of a generated tape lie: apart from the tape, for evaluation alone."""
        return self._folder("scenario_labels", session, source) / LABELS_FILE

    def _folder(self, name: str, session: date, source: str) -> Path:
        return Path(self.root, name, f"session={session.isoformat()}", f"source={source}")


class LakeTables(dg.ConfigurableIOManager):
    """Stores each asset's table as one partition of the lake and reads it back as an Arrow table."""

    root: str

    def handle_output(self, context: dg.OutputContext, obj: pa.Table | pd.DataFrame) -> None:
        """Replace the partition of this output and report its rows, null shares, bytes and place."""
        rows = pa.Table.from_pandas(obj, preserve_index=False) if isinstance(obj, pd.DataFrame) else obj
        path = Lake(self.root).write(context.asset_key.path[-1], *partition_parts(context.asset_partition_key), rows)
        facts = {"dagster/row_count": rows.num_rows, "bytes": path.stat().st_size, "path": dg.MetadataValue.path(str(path))}
        context.add_output_metadata(facts | null_shares(rows))

    def load_input(self, context: dg.InputContext) -> pa.Table:
        """Read the upstream partition. Raises `StoreError` that names the file where it is missing or damaged."""
        return Lake(self.root).read(context.asset_key.path[-1], *partition_parts(context.asset_partition_key))
