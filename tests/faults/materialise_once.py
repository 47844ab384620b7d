"""Runs the daily job over one real tape, as the daemon's runs do: the victim of kill tests. Arguments: lake, folder of tapes, session."""

from __future__ import annotations

import os
import sys

import dagster as dg


def main(lake: str, tapes: str, session: str) -> None:
    """Materialise the session; ends with 1 where a step or a check fails."""
    os.environ.update({"SMARTMONEY_LAKE": lake, "SMARTMONEY_TAPES": tapes})
    from smartmoney_pipeline.definitions import defs

    job = defs().resolve_job_def("score_session")
    sys.stdout.write("started\n")
    sys.stdout.flush()
    with dg.DagsterInstance.ephemeral() as instance:
        key = dg.MultiPartitionKey({"session": session, "source": "tape"})
        ended = job.execute_in_process(partition_key=key, instance=instance, raise_on_error=False)
    sys.exit(0 if ended.success else 1)


if __name__ == "__main__":
    main(*sys.argv[1:4])
