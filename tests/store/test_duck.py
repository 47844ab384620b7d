"""DuckDB views over the published lake."""

from datetime import date

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from smartmoney_pipeline.store.duck import lake_views
from smartmoney_pipeline.store.errors import StoreError
from smartmoney_pipeline.store.lake import Lake
from smartmoney_pipeline.store.manifest import open_published, publish

ROWS = pa.table({"event_id": ["a", "b"], "x": [1.5, None]})


@pytest.fixture
def connection():
    with duckdb.connect() as connection:
        yield connection


def fill(lake: Lake, session: str, source: str, bucket: int | None = None, rows: pa.Table = ROWS) -> None:
    lake.write("features", session, source, rows, bucket=bucket)
    publish(lake, session, source, ["features"], {"code": "1"})


def test_an_empty_lake_has_an_empty_list(tmp_path, connection):
    assert lake_views(connection, Lake(tmp_path / "new")) == []
    assert connection.execute("select count(*) from published").fetchall() == [(0,)]


def test_views_hold_what_is_published_with_session_and_source(tmp_path, connection):
    lake = Lake(tmp_path / "a lake's root")
    fill(lake, "2025-01-14", "7")
    fill(lake, "2025-01-15", "tape")
    lake.write("features", "2025-01-16", "tape", ROWS)  # written, not published
    assert lake_views(connection, lake) == ["features"]
    found = connection.execute("select session, source, event_id, x from features order by all").fetchall()
    expected = [(date(2025, 1, 14), "7"), (date(2025, 1, 15), "tape")]
    assert found == [(*key, *row) for key in expected for row in (("a", 1.5), ("b", None))]
    listed = connection.execute('select session, source, "table", "rows" from published order by all').fetchall()
    assert listed == [(*key, "features", 2) for key in expected]


def test_bucketed_and_single_partitions_of_one_table_stand_together(tmp_path, connection):
    lake = Lake(tmp_path)
    fill(lake, "2025-01-14", "tape")
    fill(lake, "2025-01-15", "tape", bucket=0)
    fill(lake, "2025-01-15", "tape", bucket=1)
    lake_views(connection, lake)
    found = connection.execute("select bucket, count(*) from features group by all order by all nulls first").fetchall()
    assert found == [(None, 2), (0, 2), (1, 2)]


def test_a_column_that_came_later_is_null_before(tmp_path, connection):
    lake = Lake(tmp_path)
    fill(lake, "2025-01-14", "tape")
    fill(lake, "2025-01-15", "tape", rows=ROWS.append_column("y", pa.array([1, 2])))
    lake_views(connection, lake)
    assert connection.execute("select count(*), count(y) from features").fetchall() == [(4, 2)]


def test_a_partition_changed_after_publication_is_named(tmp_path, connection):
    lake = Lake(tmp_path)
    fill(lake, "2025-01-15", "tape")
    (path,) = open_published(lake, date(2025, 1, 15), "tape").paths("features")
    path.unlink()
    pq.write_table(ROWS.slice(1), path)
    with pytest.raises(StoreError, match="was changed after it was published"):
        lake_views(connection, lake)
    assert lake_views(connection, lake, verify=False) == ["features"]


def test_views_can_be_made_again_and_follow_the_lake(tmp_path, connection):
    lake = Lake(tmp_path)
    fill(lake, "2025-01-14", "tape")
    lake_views(connection, lake)
    fill(lake, "2025-01-15", "tape")
    lake_views(connection, lake)
    assert connection.execute("select count(distinct session) from features").fetchall() == [(2,)]


def test_python_variables_and_the_extension_host_are_out_of_reach(tmp_path, connection):
    features = ROWS  # a name that DuckDB would otherwise find
    assert features.num_rows == 2
    lake_views(connection, Lake(tmp_path))
    with pytest.raises(duckdb.CatalogException, match="features"):
        connection.execute("select * from features")
    for setting in ("autoinstall_known_extensions", "autoload_known_extensions"):
        assert connection.execute(f"select current_setting('{setting}')").fetchall() == [(False,)]
