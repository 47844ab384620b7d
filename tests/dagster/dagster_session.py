"""One generated session materialised by the demo's script, once for all tests that look at it; runs of the job inside this process."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg

ROOT = Path(__file__).resolve().parents[2]
SESSION = "2026-03-18"
SOURCE = "test-7"
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
COLD_SECONDS = 400
"""A first run compiles the kernels, which takes a minute or more; later ones take seconds."""


@dataclass(frozen=True)
class Home:
    """A Dagster home and the lake that its run wrote."""

    folder: Path
    lake: Path

    def environment(self) -> dict[str, str]:
        """Environment of a process that works on this home, without settings of the machine."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SMARTMONEY_", "DAGSTER_"))}
        return kept | {"DAGSTER_HOME": str(self.folder), "SMARTMONEY_LAKE": str(self.lake), "DAGSTER_DISABLE_TELEMETRY": "1"}


def new_home(base: Path) -> Home:
    """An empty home under `base` with the project's settings."""
    home = Home(base / "dagster_home", base / "lake")
    home.folder.mkdir(parents=True)
    (home.folder / "dagster.yaml").write_bytes((ROOT / "dagster.yaml").read_bytes())
    return home


def scored_home(base: Path) -> tuple[Home, str]:
    """The home in which `scripts/run_session.py` ran once, and what it printed; a second call finds the first one's."""
    said = base / "scored_session" / "said.txt"
    if said.exists():
        return Home(said.parent / "dagster_home", said.parent / "lake"), said.read_text()
    home = new_home(said.parent)
    command = [sys.executable, "scripts/run_session.py", SESSION, SOURCE]
    ended = subprocess.run(command, cwd=ROOT, env=home.environment(), capture_output=True, text=True, timeout=COLD_SECONDS, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr[-3000:]
    said.write_text(ended.stdout)
    return home, ended.stdout


def run_job(lake: Path, session: str = SESSION, source: str = SOURCE, only: tuple[str, ...] = (), config: dict[str, Any] | None = None):
    """Run the job `score_session`, or some assets of it, over `lake` in this process with an instance of its own."""
    from smartmoney_pipeline.definitions import build, resources_at

    job = build(resources_at(str(lake))).resolve_job_def("score_session")
    with dg.DagsterInstance.ephemeral() as instance:
        return job.execute_in_process(
            partition_key=dg.MultiPartitionKey({"session": session, "source": source}),
            instance=instance,
            run_config=QUIET | (config or {}),
            asset_selection=[dg.AssetKey(name) for name in only] or None,
            raise_on_error=False,
        )


def materialised(result: dg.ExecuteInProcessResult) -> dict[str, dict[str, Any]]:
    """Metadata of each asset that the run materialised, in the order of the run."""
    made = [event.step_materialization_data.materialization for event in result.get_asset_materialization_events()]
    return {one.asset_key.to_user_string(): {name: value.value for name, value in one.metadata.items()} for one in made}


def failures(result: dg.ExecuteInProcessResult) -> dict[str, str]:
    """What each failed step says, by step; checks that failed are among them."""
    failed = [event for event in result.all_events if event.is_step_failure]
    return {event.step_key: _said(event.step_failure_data) for event in failed}


def _said(data: Any) -> str:
    stated = data.user_failure_data.description if data.user_failure_data else None
    return stated or str(data.error)
