"""Starts runs as Dagster does on one machine, and knows whether a run that is called started is still being worked on.

Dagster's own launcher does not say: after a loss of power the runs of before would count as started until their time is up, would hold
back other runs of their partitions, and would take up places in the queue.
"""

import dagster as dg
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.launcher import CheckRunHealthResult, DefaultRunLauncher, WorkerStatus
from dagster._grpc.types import CanCancelExecutionRequest, CanCancelExecutionResult
from dagster._serdes import deserialize_value

ANSWER_S = 30
TOOK_TOO_LONG = "DEADLINE_EXCEEDED"
"""Status of a call that was not answered in time, by the name that gRPC gives it."""


class LocalRunLauncher(DefaultRunLauncher):
    """The default launcher with a health check: the code server that started a run is asked whether the run is in its hands."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Whether run monitoring may ask: yes."""
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Say that a run is lost where its code server is gone or does not know it; a server that is slow to answer is believed to work."""
        client = self._get_grpc_client_for_termination(run.run_id)
        if client is None:
            return CheckRunHealthResult(WorkerStatus.NOT_FOUND, "no code server is known to have started the run")
        try:
            answer = client.can_cancel_execution(CanCancelExecutionRequest(run_id=run.run_id), timeout=ANSWER_S)
        except DagsterUserCodeUnreachableError as error:
            return unreachable(error)
        known = deserialize_value(answer, CanCancelExecutionResult).can_cancel
        status = WorkerStatus.RUNNING if known else WorkerStatus.NOT_FOUND
        return CheckRunHealthResult(status, None if known else "its code server does not know the run")


def unreachable(error: DagsterUserCodeUnreachableError) -> CheckRunHealthResult:
    """Return what an error of the call says of the run: an answer that took too long says nothing against it."""
    code = getattr(error.__cause__, "code", None)
    if callable(code) and code().name == TOOK_TOO_LONG:
        return CheckRunHealthResult(WorkerStatus.RUNNING, "its code server is slow to answer")
    return CheckRunHealthResult(WorkerStatus.NOT_FOUND, "its code server is gone")
