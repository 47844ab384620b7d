"""The job `retention`: it lists what would go and removes nothing unless told, and refuses a place that is no lake."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pyarrow as pa
import pytest
from dagster_session import QUIET, SESSION, failures

from smartmoney_pipeline.definitions import build, resources_at
from smartmoney_pipeline.store.lake import Lake


def tidied(root: Path, apply: bool = False) -> dg.ExecuteInProcessResult:
    job = build(resources_at(str(root))).resolve_job_def("retention")
    return job.execute_in_process(run_config=QUIET | {"ops": {"tidy": {"config": {"apply": apply}}}}, raise_on_error=False)


def said(result: dg.ExecuteInProcessResult) -> dict[str, object]:
    (output,) = [event.step_output_data for event in result.all_events if event.is_successful_output]
    return {name: value.value for name, value in output.metadata.items()}


@pytest.fixture
def lake(tmp_path) -> Path:
    """A lake with a file of a crashed writer."""
    Lake(tmp_path).write("event_features", SESSION, "tape", pa.table({"x": [1]}))
    (tmp_path / ".left.tmp").write_text("1")
    return tmp_path


def test_the_run_lists_what_would_go_and_removes_it_only_when_told(lake):
    facts = said(tidied(lake))
    assert (facts["temporaries"], facts["versions"], facts["first"], facts["removed"]) == (1, 0, "- .left.tmp", False)
    assert (lake / ".left.tmp").exists()
    assert said(tidied(lake, apply=True))["removed"] is True
    assert not (lake / ".left.tmp").exists()
    assert said(tidied(lake))["first"] == "nothing"


def test_a_place_that_is_no_lake_is_a_failed_run(tmp_path):
    (said_of_it,) = failures(tidied(tmp_path / "nothing")).values()
    assert f"{tmp_path / 'nothing'}: holds no lake" in said_of_it
