"""The job that looks back with the next session's open interest: what it writes, when it is asked for, and that no score reads it."""

from __future__ import annotations

import shutil
from datetime import datetime

import dagster as dg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dagster_session import QUIET, SESSION, SOURCE, failures
from file_hashes import hashes

from assets import validation
from resources.clock import NEW_YORK
from smartmoney_pipeline.definitions import build, resources_at
from smartmoney_pipeline.schemas.arrow import to_frame
from smartmoney_pipeline.schemas.published_tables import PUBLISHED
from smartmoney_pipeline.schemas.validation_table import EventValidation
from smartmoney_pipeline.store.lake import Lake

NEXT = "2026-03-19"


def look_back(lake, session: str = SESSION) -> dg.ExecuteInProcessResult:
    job = build(resources_at(str(lake))).resolve_job_def("confirm_by_open_interest")
    config = {"ops": {"confirm_events": {"config": {"session": session, "source": SOURCE}}}}
    with dg.DagsterInstance.ephemeral() as instance:
        return job.execute_in_process(run_config=QUIET | config, instance=instance, raise_on_error=False)


@pytest.fixture
def two_days(lake_copy):
    """The lake with a tape of the next session, on which every contract's open interest rose by the whole volume of the day before."""
    folder = lake_copy / "tape" / f"session={SESSION}" / f"source={SOURCE}"
    target = lake_copy / "tape" / f"session={NEXT}" / f"source={SOURCE}"
    shutil.copytree(folder, target)
    volume = Lake(lake_copy).read("quoted_prints", SESSION, SOURCE).group_by("option_symbol").aggregate([("size", "sum")]).to_pandas()
    known = pq.read_table(folder / "open_interest.parquet").to_pandas()
    traded = known["option_symbol"].map(volume.set_index("option_symbol")["size_sum"]).fillna(0).astype("int64")
    rows = pa.table({"option_symbol": known["option_symbol"], "open_interest": known["open_interest"] + traded})
    pq.write_table(rows, target / "open_interest.parquet")
    return lake_copy


def test_events_are_confirmed_where_all_volume_opened(two_days):
    before = hashes(two_days)
    result = look_back(two_days)
    assert result.success, failures(result)
    found = to_frame(Lake(two_days).read("event_validation", SESSION, SOURCE))
    EventValidation.validate(found)
    events = Lake(two_days).read("smart_money_events", SESSION, SOURCE)
    assert found["event_id"].tolist() == sorted(events["event_id"].to_pylist())
    # Where open interest rose by the whole volume, every trade opened.
    assert set(found["verdict"]) == {"confirmed"}
    # Nothing else in the lake changed: what was published stays as it was.
    written = set(hashes(two_days).items()) - set(before.items())
    assert [name for name, _ in written] == [f"event_validation/session={SESSION}/source={SOURCE}/part-0.parquet"]


def test_without_the_next_tape_the_run_fails_and_names_the_session(lake_copy):
    result = look_back(lake_copy)
    assert not result.success
    said = result.failure_data_for_node("confirm_events").user_failure_data.description
    assert said == f"no open interest on the imported tape of {NEXT}, source {SOURCE}"


def test_no_published_table_and_no_asset_is_the_validation():
    assert validation.TABLE not in PUBLISHED
    graph = build(resources_at("lake")).resolve_asset_graph()
    assert validation.TABLE not in {key.to_user_string() for key in graph.get_all_asset_keys()}


@pytest.mark.parametrize(
    ("tick", "asked"),
    [
        (datetime(2026, 3, 19, 21, 0, tzinfo=NEW_YORK), "2026-03-18"),
        (datetime(2026, 11, 30, 21, 0, tzinfo=NEW_YORK), "2026-11-27"),  # Monday after Thanksgiving: the half day before
        (datetime(2026, 11, 26, 21, 0, tzinfo=NEW_YORK), None),  # Thanksgiving
    ],
)
def test_the_schedule_asks_for_the_session_before(tick, asked):
    context = dg.build_schedule_context(scheduled_execution_time=tick)
    answer = validation.look_back(context)
    if asked is None:
        assert isinstance(answer, dg.SkipReason)
    else:
        assert answer.run_config["ops"]["confirm_events"]["config"] == {"session": asked, "source": "tape"}
