"""DuckDB views over what is published in the lake. DuckDB only reads here: no table is written through it."""

from pathlib import Path
from typing import Any

from smartmoney_pipeline.store.lake import Lake
from smartmoney_pipeline.store.manifest import Published, open_published, published_sessions, read_manifest

PUBLISHED_VIEW = "published"
_SETTINGS = ("python_enable_replacements", "autoinstall_known_extensions", "autoload_known_extensions")


def lake_views(connection: Any, lake: Lake, verify: bool = True) -> list[str]:
    """Create one view a published table on a DuckDB connection, and the table `published`; return the names of the views.

    Each view has the columns of its table and `session` (date), `source` (text) and, for tables in buckets, `bucket` (integer);
    its files are those published at the time of the call. `published` lists session, source, table and rows, and exists for an
    empty lake too. With `verify` every file is checked first, and `StoreError` names one that was changed since.
    The connection is closed to Python variables and to extensions from the network.
    """
    for setting in _SETTINGS:
        connection.execute(f"set {setting} = false")
    opened = [_open(lake, session, source, verify) for session, source in published_sessions(lake)]
    _list_published(connection, opened)
    names = sorted({name for published in opened for name in published.manifest.tables})
    for name in names:
        connection.execute(_view(name, [path for published in opened for path in published.paths(name)]))
    return names


def _open(lake: Lake, session: Any, source: str, verify: bool) -> Published:
    if verify:
        return open_published(lake, session, source)
    return Published(lake, read_manifest(lake, session, source))


def _list_published(connection: Any, opened: list[Published]) -> None:
    connection.execute(f'create or replace table {PUBLISHED_VIEW} (session date, source varchar, "table" varchar, "rows" bigint)')
    for published in opened:
        manifest = published.manifest
        for name, table in sorted(manifest.tables.items()):
            row = [manifest.session, manifest.source, name, table.rows]
            connection.execute(f"insert into {PUBLISHED_VIEW} values (?, ?, ?, ?)", row)  # noqa: S608  a constant


def _view(name: str, paths: list[Path]) -> str:
    """SQL of one view; DuckDB refuses a list in which only some files lie in bucket folders, so those are read apart."""
    bucketed = [path for path in paths if path.parent.name.startswith("bucket=")]
    single = [path for path in paths if path not in set(bucketed)]
    parts = [_scan(single, ""), _scan(bucketed, ", bucket: integer")]
    return f'create or replace view "{name}" as ' + " union all by name ".join(part for part in parts if part)


def _scan(paths: list[Path], bucket_type: str) -> str:
    """SQL that reads these files, or nothing; the names in the paths were checked when they were written."""
    if not paths:
        return ""
    files = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
    types = f"hive_types = {{session: date, source: varchar{bucket_type}}}"
    return f"select * from read_parquet([{files}], hive_partitioning = true, union_by_name = true, {types})"  # noqa: S608
