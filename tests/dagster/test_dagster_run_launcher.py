"""Whether a run that is called started is still being worked on: what the launcher says for each answer of the code server."""

from __future__ import annotations

import json

import dagster as dg
import grpc
import pytest
from dagster._core.errors import DagsterUserCodeUnreachableError
from dagster._core.launcher import WorkerStatus
from dagster._core.storage.tags import GRPC_INFO_TAG
from dagster._core.test_utils import create_run_for_test
from dagster._grpc.client import DagsterGrpcClient
from dagster._grpc.types import CanCancelExecutionResult
from dagster._serdes import serialize_value
from dagster_session import new_home

from resources.run_launcher import LocalRunLauncher, unreachable


class Slow(grpc.RpcError):
    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.DEADLINE_EXCEEDED


class Gone(grpc.RpcError):
    def code(self) -> grpc.StatusCode:
        return grpc.StatusCode.UNAVAILABLE


@pytest.fixture
def instance(tmp_path):
    """An instance with the project's settings, whose launcher is ours."""
    with dg.DagsterInstance.from_config(str(new_home(tmp_path).folder)) as found:
        yield found


def run(instance: dg.DagsterInstance, socket: str | None) -> dg.DagsterRun:
    tags = {} if socket is None else {GRPC_INFO_TAG: json.dumps({"host": "localhost", "socket": socket})}
    return create_run_for_test(instance, status=dg.DagsterRunStatus.STARTED, tags=tags)


def test_the_settings_name_our_launcher_and_monitoring_asks_it(instance):
    assert isinstance(instance.run_launcher, LocalRunLauncher)
    assert instance.run_launcher.supports_check_run_worker_health
    assert instance.run_monitoring_enabled


def test_a_run_whose_code_server_is_gone_is_lost(instance, tmp_path):
    lost = run(instance, str(tmp_path / "no_such_socket"))
    assert instance.run_launcher.check_run_worker_health(lost).status == WorkerStatus.NOT_FOUND


def test_a_run_that_no_server_started_is_lost(instance):
    assert instance.run_launcher.check_run_worker_health(run(instance, None)).status == WorkerStatus.NOT_FOUND


@pytest.mark.parametrize(("known", "status"), [(True, WorkerStatus.RUNNING), (False, WorkerStatus.NOT_FOUND)])
def test_the_code_server_is_believed(instance, monkeypatch, known, status):
    monkeypatch.setattr(
        DagsterGrpcClient, "can_cancel_execution", lambda *_, **__: serialize_value(CanCancelExecutionResult(can_cancel=known))
    )
    assert instance.run_launcher.check_run_worker_health(run(instance, "any")).status == status


@pytest.mark.parametrize(
    ("cause", "status"), [(Slow(), WorkerStatus.RUNNING), (Gone(), WorkerStatus.NOT_FOUND), (None, WorkerStatus.NOT_FOUND)]
)
def test_a_slow_server_says_nothing_against_a_run(cause, status):
    error = DagsterUserCodeUnreachableError("no answer")
    error.__cause__ = cause
    assert unreachable(error).status == status
