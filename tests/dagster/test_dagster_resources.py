"""Resources: tables there and back, folders of a session, and defaults that a launch with one field does not lose."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import dagster as dg
import pandas as pd
import pyarrow as pa
import pytest
from dagster_session import QUIET

from resources.calendar_provider import CalendarFile
from resources.lake import COLUMN_LINEAGE, LakeResource, LakeTables, Made, null_shares, partition_parts
from resources.tape_source import TapeSource
from smartmoney_pipeline.store.errors import StoreError
from smartmoney_pipeline.store.lake import Lake

KEY = dg.MultiPartitionKey({"session": "2026-03-18", "source": "test-7"})
SCHEMA = pa.schema(
    [pa.field("event_id", pa.string(), nullable=False), pa.field("value", pa.float64()), pa.field("texts", pa.list_(pa.string()))]
)
TABLE = pa.table({"event_id": ["a", "b", "c", "d"], "value": [0.5, None, 1.5, 2.5], "texts": [["x"], [], None, None]}, schema=SCHEMA)
DAY = date(2026, 3, 18)


def partitioned() -> dg.PartitionsDefinition:
    from assets.partitions import session_source

    return session_source


def output_context(name: str = "table") -> dg.OutputContext:
    return dg.build_output_context(asset_key=dg.AssetKey(name), partition_key=KEY, asset_partitions_def=partitioned())


def input_context(name: str = "table") -> dg.InputContext:
    return dg.build_input_context(asset_key=dg.AssetKey(name), partition_key=KEY, asset_partitions_def=partitioned())


def test_a_table_comes_back_as_it_was_stored(tmp_path):
    store = LakeTables(root=str(tmp_path))
    context = output_context()
    store.handle_output(context, Made({str(KEY): TABLE}))
    assert store.load_input(input_context())[str(KEY)].equals(TABLE)
    path = tmp_path / "table" / "session=2026-03-18" / "source=test-7" / "part-0.parquet"
    facts = {name: getattr(value, "value", value) for name, value in context.get_logged_metadata().items()}
    # Two of the three columns may hold nulls: one of four values, and two of four lists; an empty list is no null.
    assert facts == {
        "dagster/row_count": 4,
        "bytes": path.stat().st_size,
        "path": str(path),
        "null_share/value": 0.25,
        "null_share/texts": 0.5,
    }


def test_each_partition_of_a_range_has_figures_of_its_own(tmp_path):
    # Plotted over partitions, a sum over the range would be wrong for each of them.
    made = {"2026-03-17|test-7": TABLE.slice(0, 3), "2026-03-18|test-7": TABLE}
    lineage = dg.TableColumnLineage({"value": [dg.TableColumnDep(dg.AssetKey("before"), "price")]})

    @dg.asset(partitions_def=partitioned(), backfill_policy=dg.BackfillPolicy.single_run(), metadata={COLUMN_LINEAGE: lineage})
    def table() -> Made:
        return Made(made)

    start, end = (f"dagster/asset_partition_range_{end}" for end in ("start", "end"))
    with dg.DagsterInstance.ephemeral() as instance:
        first, last = made
        result = dg.materialize(
            [table],
            instance=instance,
            tags={start: first, end: last},
            resources={"io_manager": LakeTables(root=str(tmp_path))},
            run_config=QUIET,
        )
    told = {one.partition: one.step_materialization_data.materialization.metadata for one in result.get_asset_materialization_events()}
    assert {key: (facts["dagster/row_count"].value, facts["null_share/value"].value) for key, facts in told.items()} == {
        first: (3, pytest.approx(1 / 3)),
        last: (4, 0.25),
    }
    assert all(facts[COLUMN_LINEAGE].value == lineage for facts in told.values())


def test_a_frame_is_stored_as_a_table_without_an_index(tmp_path):
    store = LakeTables(root=str(tmp_path))
    frame = pd.DataFrame({"metric": ["events", "recall"], "value": [3.0, None]}, index=[7, 8])
    store.handle_output(output_context("metrics"), Made({str(KEY): frame}))
    assert store.load_input(input_context("metrics"))[str(KEY)].to_pydict() == {"metric": ["events", "recall"], "value": [3.0, None]}


def test_a_partition_is_replaced(tmp_path):
    store = LakeTables(root=str(tmp_path))
    store.handle_output(output_context(), Made({str(KEY): TABLE}))
    store.handle_output(output_context(), Made({str(KEY): TABLE.slice(1, 2)}))
    assert store.load_input(input_context())[str(KEY)].equals(TABLE.slice(1, 2))
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1


def test_a_table_without_rows_has_no_null_shares(tmp_path):
    assert null_shares(TABLE.slice(0, 0)) == {}
    store = LakeTables(root=str(tmp_path))
    store.handle_output(output_context(), Made({str(KEY): TABLE.slice(0, 0)}))
    assert store.load_input(input_context())[str(KEY)].schema.equals(SCHEMA)


def test_a_missing_partition_is_an_error_that_names_the_file(tmp_path):
    with pytest.raises(StoreError, match=r"session=2026-03-18/source=test-7/part-0\.parquet: the partition does not exist"):
        LakeTables(root=str(tmp_path)).load_input(input_context())[str(KEY)]


def test_the_store_and_the_library_agree_on_the_place(tmp_path):
    LakeTables(root=str(tmp_path)).handle_output(output_context(), Made({str(KEY): TABLE}))
    assert LakeResource(root=str(tmp_path)).lake().read("table", DAY, "test-7").equals(TABLE)
    assert Lake(tmp_path).read("table", DAY, "test-7").equals(TABLE)


def test_tape_scenario_and_labels_lie_in_folders_of_their_own(tmp_path):
    lake = LakeResource(root=str(tmp_path))
    end = Path("session=2026-03-18", "source=test-7")
    assert lake.day_folder(DAY, "test-7") == tmp_path / "tape" / end
    assert lake.scenario_folder(DAY, "test-7") == tmp_path / "scenario_tape" / end
    assert lake.labels_file(DAY, "test-7") == tmp_path / "scenario_labels" / end / "labels.parquet"


def test_a_key_is_split_into_session_and_source():
    assert partition_parts("2026-03-18|test-7") == (DAY, "test-7")
    with pytest.raises(dg.DagsterInvariantViolationError, match="is not a session"):
        partition_parts("2026-03-18")


@pytest.fixture
def tapes_folder(tmp_path, monkeypatch) -> Path:
    """The folder of tapes that the environment names, with one session."""
    (tmp_path / "mine" / "2026-03-18").mkdir(parents=True)
    monkeypatch.setenv("SMARTMONEY_TAPES", str(tmp_path / "mine"))
    return tmp_path / "mine"


def launched(config: dict[str, str]) -> TapeSource:
    """What an op is handed of the resource of the definitions when a launch configures it so."""
    from smartmoney_pipeline.definitions import resources_at

    handed: list[TapeSource] = []

    @dg.op
    def look(tape_source: TapeSource) -> None:
        handed.append(tape_source)

    @dg.job(resource_defs={"tape_source": resources_at("lake")["tape_source"]})
    def looking() -> None:
        look()

    with dg.DagsterInstance.ephemeral() as instance:
        looking.execute_in_process(
            instance=instance, run_config=QUIET | {"resources": {"tape_source": {"config": config}}} if config else QUIET
        )
    return handed[0]


@pytest.mark.parametrize("source_format", ["canonical", "cboe"])
def test_a_launch_with_a_format_alone_keeps_the_folder_of_the_environment(tapes_folder, source_format):
    source = launched({"source_format": source_format})
    assert (source.root, source.source_format) == (str(tapes_folder), source_format)
    assert source.path(DAY) == tapes_folder / "2026-03-18"


def test_a_launch_may_name_another_folder(tapes_folder, tmp_path):
    assert launched({"root": str(tmp_path)}).root == str(tmp_path)
    assert launched({}).root == str(tapes_folder)


def test_without_a_setting_tapes_lie_in_tapes(monkeypatch):
    monkeypatch.delenv("SMARTMONEY_TAPES", raising=False)
    assert (TapeSource().root, TapeSource().source_format) == ("tapes", "canonical")


def test_the_definitions_take_their_places_from_the_environment(tmp_path, monkeypatch, tapes_folder):
    from smartmoney_pipeline.definitions import defs

    monkeypatch.setenv("SMARTMONEY_LAKE", str(tmp_path / "lake"))
    monkeypatch.setenv("SMARTMONEY_CALENDAR", str(tmp_path / "calendar.csv"))
    resources = defs().resources
    assert resources["lake"].root == resources["io_manager"].root == str(tmp_path / "lake")
    assert resources["calendar_file"].path == str(tmp_path / "calendar.csv")
    assert resources["tape_source"].root == str(tapes_folder)


def test_without_a_calendar_file_no_corporate_event_is_known():
    assert CalendarFile().opened() is None


def test_a_calendar_file_gives_what_was_known_by_the_session(tmp_path):
    # One event announced before the session, one announced the day after it.
    file = tmp_path / "calendar.csv"
    file.write_text(
        "underlying,event_type,event_date,event_time,known_at\n"
        "AAA,earnings,2026-03-25,amc,2026-03-02T14:00:00Z\n"
        "BBB,earnings,2026-03-25,amc,2026-03-19T14:00:00Z\n"
    )
    assert list(CalendarFile(path=str(file)).opened().events(DAY)["underlying"]) == ["AAA"]
