"""A Dagster daemon in processes of its own: started, asked for a backfill, watched, killed. For backfill.py and the fault tests."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import dagster as dg

from smartmoney_pipeline.definitions import defs

ROOT = Path(__file__).resolve().parents[1]
LAUNCH = """mutation Launch($params: LaunchBackfillParams!) { launchPartitionBackfill(backfillParams: $params) {
  ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message } } }"""
POLL_S = 1.0
STARTED_PROCESS = re.compile(r"\(pid: (\d+)\)")


@dataclass(frozen=True)
class Site:
    """A Dagster home with the project's settings, the lake that its runs write, the sources, and how many partitions a run takes."""

    home: Path
    lake: Path
    sources: tuple[str, ...]
    batch: int

    def prepare(self) -> None:
        """Make the home."""
        self.home.mkdir(parents=True, exist_ok=True)
        (self.home / "dagster.yaml").write_bytes((ROOT / "dagster.yaml").read_bytes())

    def environment(self) -> dict[str, str]:
        """Environment of the processes, without settings of the machine."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SMARTMONEY_", "DAGSTER_"))}
        mine = {"SMARTMONEY_LAKE": str(self.lake), "SMARTMONEY_SOURCES": ",".join(self.sources), "SMARTMONEY_BATCH": str(self.batch)}
        return kept | mine | {"DAGSTER_HOME": str(self.home), "DAGSTER_DISABLE_TELEMETRY": "1", "PYTHONPATH": str(ROOT)}

    @contextlib.contextmanager
    def instance(self) -> Iterator[dg.DagsterInstance]:
        """The instance of the home, for looking at runs and backfills."""
        with dg.DagsterInstance.from_config(str(self.home)) as instance:
            yield instance

    def start(self, log: Path) -> subprocess.Popen[bytes]:
        """Start the daemon with its code server in a process group of its own."""
        command = [sys.executable, "-m", "dagster._daemon", "run", "-w", "workspace.yaml"]
        with log.open("ab") as file:
            return subprocess.Popen(command, cwd=ROOT, env=self.environment(), stdout=file, stderr=file, start_new_session=True)

    def launch(self, sessions: Sequence[date]) -> str:
        """Ask for a backfill of all sources over the sessions, as the page of the job does; returns its id."""
        keys = defs().resolve_job_def("scenario_backfill").asset_layer.executable_asset_keys
        params = {
            "assetSelection": [{"path": list(key.path)} for key in sorted(keys)],
            "partitionNames": [f"{day}|{source}" for day in sessions for source in self.sources],
        }
        told = self.home / "launched.json"
        asked = ["-w", "workspace.yaml", "-t", LAUNCH, "-v", json.dumps({"params": params}), "-o", str(told)]
        command = [sys.executable, "-c", "from dagster_graphql.cli import main; main()", *asked]
        subprocess.run(command, cwd=ROOT, env=self.environment(), capture_output=True, timeout=300, check=True)
        answer = json.loads(told.read_text())["data"]["launchPartitionBackfill"]
        return str(answer["backfillId"])


def status(instance: dg.DagsterInstance, backfill: str) -> str:
    """Return what Dagster says of the backfill: REQUESTED, COMPLETED_SUCCESS, COMPLETED_FAILED and others."""
    found = instance.get_backfill(backfill)
    return "UNKNOWN" if found is None else str(found.status.value)


def worker_of(instance: dg.DagsterInstance, run_id: str) -> int | None:
    """Return the process id that works on a run, None where it has not begun."""
    said = [STARTED_PROCESS.search(entry.message or "") for entry in instance.all_logs(run_id)]
    return next((int(match.group(1)) for match in said if match), None)


def end(daemon: subprocess.Popen[bytes], how: int = signal.SIGTERM, patience_s: float = 60.0) -> None:
    """Send the signal to the daemon, its code server and its runs, and wait until the daemon is gone; what lingers is killed."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(daemon.pid, how)
    with contextlib.suppress(subprocess.TimeoutExpired):
        daemon.wait(patience_s)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(daemon.pid, signal.SIGKILL)
    daemon.wait()


def cpu_of_group(group: int, known: dict[tuple[int, str], float]) -> None:
    """Note CPU seconds (user + system) of every process of the group by process id and start; those that ended keep their last figure."""
    ticks = os.sysconf("SC_CLK_TCK")
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group:
            known[(int(path.parent.name), fields[19])] = (int(fields[11]) + int(fields[12])) / ticks


def wait_for_backfill(site: Site, backfill: str, group: int, patience_s: float) -> tuple[str, float]:
    """Return the last status of the backfill and the CPU seconds of the process group, once it is completed or patience ends."""
    used: dict[tuple[int, str], float] = {}
    until = time.monotonic() + patience_s
    with site.instance() as instance:
        while not (said := status(instance, backfill)).startswith(("COMPLETED", "FAILED", "CANCELED")) and time.monotonic() < until:
            cpu_of_group(group, used)
            time.sleep(POLL_S)
    cpu_of_group(group, used)
    return said, sum(used.values())
