"""The Dagster code location: wires assets, checks, jobs, schedules, sensors and resources, and nothing else."""

import os
from pathlib import Path

import dagster as dg
from dagster_duckdb import DuckDBResource

from assets import bridge, calendar, checks, jobs, judging, parents, publication, schedules, scores, sensors, tapes, upkeep, validation
from resources.alert_sink import AlertSink
from resources.calendar_provider import CalendarFeeds, CalendarFile
from resources.lake import LakeResource, LakeTables
from resources.scoring_executor import ScoringExecutor
from resources.tape_source import TapeSource
from smartmoney_pipeline.store.urls import object_url

DEFAULT_LAKE = "lake"
HISTORY = "calendar_history.parquet"
"""What providers of events said when, beside the tables of the lake; `SMARTMONEY_CALENDAR` may name it.

A lake at a URL has it in the folder `lake` of this machine."""


def resources_at(root: str, calendar: str = "") -> dict[str, object]:
    """Resources over the lake under `root`; tests and other places pass their own."""
    return {
        "lake": LakeResource(root=root),
        "io_manager": LakeTables(root=root),
        "duckdb": DuckDBResource(database=":memory:"),
        "calendar_file": CalendarFile(path=calendar),
        "calendar_feeds": CalendarFeeds(history=str(Path(DEFAULT_LAKE if object_url(root) else root, HISTORY))),
        "tape_source": TapeSource(),
        "scoring_executor": ScoringExecutor(),
        "alert_sink": AlertSink(),
    }


def build(resources: dict[str, object]) -> dg.Definitions:
    """Return the definitions with these resources."""
    return dg.Definitions(
        assets=dg.load_assets_from_modules([calendar, tapes, parents, scores, bridge, publication]),
        asset_checks=[checks.tape_schema, *checks.table_checks, *judging.judging_checks],
        jobs=[*jobs.partitioned_jobs, *upkeep.upkeep_jobs, validation.confirm_by_open_interest, calendar.snapshot_calendar],
        schedules=[schedules.daily_scoring, validation.look_back, calendar.every_morning],
        sensors=sensors.all_sensors,
        resources=resources,
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """Definitions over the lake of SMARTMONEY_LAKE, tapes of SMARTMONEY_TAPES and the calendar file of SMARTMONEY_CALENDAR."""
    named = os.environ.get("SMARTMONEY_LAKE", DEFAULT_LAKE)
    root = object_url(named) or str(Path(named).absolute())
    return build(resources_at(root, os.environ.get("SMARTMONEY_CALENDAR", "")))
