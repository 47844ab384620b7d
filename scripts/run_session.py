"""Materialise one session and source through Dagster in this process, and say what each asset made: `run_session.py 2026-03-18 demo-7`."""

from __future__ import annotations

import sys
import time

import dagster as dg

SCHEMA = "schema"
QUIET = {"loggers": {"console": {"config": {"log_level": "ERROR"}}}}


def main(session: str, source: str) -> int:
    """Run the job `score_session`; print one line an asset. Returns the exit code."""
    from smartmoney_pipeline.definitions import defs

    started = time.perf_counter()
    job = defs().resolve_job_def("score_session")
    key = dg.MultiPartitionKey({"session": session, "source": source})
    with dg.DagsterInstance.get() as instance:
        result = job.execute_in_process(partition_key=key, instance=instance, run_config=QUIET, raise_on_error=False)
        for event in result.get_asset_materialization_events():
            made = event.step_materialization_data.materialization
            rows = made.metadata.get("dagster/row_count")
            sys.stdout.write(f"  {made.asset_key.to_user_string():<22} {'' if rows is None else f'{rows.value:>10,} rows'}\n")
    checks = result.get_asset_check_evaluations()
    for check in checks:
        if not check.passed:
            said = check.metadata.get("said")
            name = f"{check.severity.value} {check.asset_key.to_user_string()}.{check.check_name}"
            sys.stdout.write(f"  {name}: {said.value if said else 'failed'}\n")
    schema = [check.passed for check in checks if check.check_name == SCHEMA]
    other = [check.passed for check in checks if check.check_name != SCHEMA]
    sys.stdout.write(
        f"{len(schema)} schema checks, {sum(schema)} passed; {len(other)} other checks, {sum(other)} passed; "
        f"{time.perf_counter() - started:.0f} s\n"
    )
    return 0 if result.success else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
