"""Jobs over the asset graph: one session or many, and publication alone. Jobs that are no materialisation stand in `upkeep`."""

import dagster as dg

from assets.calendar import SNAPSHOT
from assets.describing import OWNER

ONE_AT_A_TIME = {"owner": OWNER.removeprefix("team:")}
OF_A_SESSION = dg.AssetSelection.all() - dg.AssetSelection.assets(SNAPSHOT)
"""Everything but the snapshot of calendars, which belongs to a day and to no source."""

score_session = dg.define_asset_job(
    "score_session",
    selection=OF_A_SESSION,
    executor_def=dg.in_process_executor,
    tags=ONE_AT_A_TIME,
    description="Daily scoring: one session and source from tape to published events. Pick a session|source partition. Config: "
    "`resources: {tape_source: {config: {source_format: cboe}}}` for Cboe files, `{calendar_file: {config: {path: FILE}}}` for a calendar, "
    "`{scoring_executor: {config: {executor: dask, scheduler: ADDRESS}}}` to group in buckets elsewhere.",
)

scenario_backfill = dg.define_asset_job(
    "scenario_backfill",
    selection=OF_A_SESSION,
    executor_def=dg.in_process_executor,
    tags={**ONE_AT_A_TIME, "kind": "scenario"},
    description="Scenario sources such as demo-7 over many sessions. Launch it as a backfill: choose sessions and sources, and the daemon "
    "starts one run for about 20 partitions (SMARTMONEY_BATCH). A backfill that was stopped goes on with what is missing.",
)

publish_session = dg.define_asset_job(
    "publish_session",
    selection=dg.AssetSelection.assets("published_manifest"),
    executor_def=dg.in_process_executor,
    tags=ONE_AT_A_TIME,
    description="Publication alone: writes the manifest of tables that are in the lake already. Pick a session|source partition.",
)

partitioned_jobs = [score_session, scenario_backfill, publish_session]
