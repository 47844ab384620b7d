"""Checks of one session's results: figures against their limits, live against batch, nothing later than its event."""

from typing import Any

import dagster as dg
import pandas as pd
from dagster_duckdb import DuckDBResource

from assets.live_check import EVENTS, Compared, compare
from assets.partitions import TAPE, session_source
from assets.ranged_checks import result_of_range
from resources.lake import LakeResource, partition_parts
from resources.tape_source import TapeSource
from smartmoney_pipeline.engine.live.replay import read_feed
from smartmoney_pipeline.evaluation.lake_tables import look_ahead_of_partition
from smartmoney_pipeline.evaluation.limits import LIMITS, STATISTICAL, Finding

FIRST_FAULTS = 20
SEVERITY = {"warn": dg.AssetCheckSeverity.WARN, "error": dg.AssetCheckSeverity.ERROR}


def _described(name: str) -> dict[str, Any]:
    limit = LIMITS[name]
    return {
        "asset": limit.asset,
        "name": limit.check,
        "blocking": limit.blocking,
        "partitions_def": session_source,
        "description": limit.reason,
    }


def finding_result(finding: Finding) -> dg.AssetCheckResult:
    """Result of a check over figures; `told` in the metadata is false where there were too few cases."""
    facts: dict[str, str | bool | float] = {"said": finding.said, "told": finding.told, **finding.figures}
    return dg.AssetCheckResult(passed=finding.passed, severity=SEVERITY[LIMITS[finding.check].severity], metadata=facts)


def statistical_check(name: str) -> dg.AssetChecksDefinition:
    """Check of the session's metrics table by the limit of this name."""

    @dg.asset_check(**_described(name))
    def check(context: dg.AssetCheckExecutionContext, lake: LakeResource) -> dg.AssetCheckResult:

        def of(key: str) -> dg.AssetCheckResult:
            table = lake.lake().read("evaluation_metrics", *partition_parts(key))
            return finding_result(STATISTICAL[name](table.to_pandas()))

        return result_of_range(context, of)

    return check


@dg.asset_check(**_described("live_equals_batch"))
def live_equals_batch(context: dg.AssetCheckExecutionContext, lake: LakeResource, tape_source: TapeSource) -> dg.AssetCheckResult:
    """Replay the session's tape as a live feed and compare run hashes."""
    return result_of_range(context, lambda key: _replayed(key, lake, tape_source))


def _replayed(key: str, lake: LakeResource, tape_source: TapeSource) -> dg.AssetCheckResult:
    session, source = partition_parts(key)
    place = tape_source.path(session) if source == TAPE else lake.scenario_folder(session, source)
    feed = read_feed(place, tape_source.source_format if source == TAPE else "canonical", session)
    tables = {name: lake.lake().read(name, session, source) for name in ("event_calendar", EVENTS)}
    return live_result(compare(feed, source, tables["event_calendar"], tables[EVENTS]))


def live_result(found: Compared) -> dg.AssetCheckResult:
    """Result of a comparison of live with batch."""
    facts: dict[str, str | int] = {
        "underlyings": ", ".join(found.underlyings),
        "batch_hash": found.hashes[0],
        "live_hash": found.hashes[1],
        "batch_events": found.events[0],
        "live_events": found.events[1],
    }
    return dg.AssetCheckResult(passed=found.equal, severity=SEVERITY[LIMITS["live_equals_batch"].severity], metadata=facts)


@dg.asset_check(**_described("no_look_ahead"))
def no_look_ahead(context: dg.AssetCheckExecutionContext, lake: LakeResource, duckdb: DuckDBResource) -> dg.AssetCheckResult:
    """Compare times of prints, quotes and calendar entries with those of the events that use them."""

    def of(key: str) -> dg.AssetCheckResult:
        with duckdb.get_connection() as connection:
            return look_ahead_result(look_ahead_of_partition(connection, lake.lake(), *partition_parts(key)))

    return result_of_range(context, of)


def look_ahead_result(faults: pd.DataFrame) -> dg.AssetCheckResult:
    """Result of `look_ahead`: passed without a row; the first faults go into the metadata."""
    facts: dict[str, int | dg.MetadataValue] = {"faults": len(faults)}
    if len(faults):
        facts["first"] = dg.MetadataValue.md(faults.head(FIRST_FAULTS).to_string(index=False))
    return dg.AssetCheckResult(passed=faults.empty, severity=SEVERITY[LIMITS["no_look_ahead"].severity], metadata=facts)


judging_checks = [*map(statistical_check, STATISTICAL), live_equals_batch, no_look_ahead]
