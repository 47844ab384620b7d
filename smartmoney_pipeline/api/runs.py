"""`/v1/runs` and `/v1/scenarios`: sessions scored by the asset graph in a process of its own and published like any other."""

from __future__ import annotations

import asyncio
import json
import os
import re
import secrets
import sys
from collections import OrderedDict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Path, Request, Response

from smartmoney_pipeline.api.catalog import TAPE, SessionKey
from smartmoney_pipeline.api.context import client_of, context_of
from smartmoney_pipeline.api.datasets import key_of
from smartmoney_pipeline.api.parameters import HEX_FORM
from smartmoney_pipeline.api.problems import ProblemError, not_found, responses
from smartmoney_pipeline.api.run_models import PackOut, RunOut, RunRequest, Runs, Scenarios

router = APIRouter(prefix="/v1", tags=["runs"])
MAX_WAITING = 16
MAX_KEPT = 200
LAST_WORDS = 300
SEED = re.compile(r"0|[1-9][0-9]{0,6}")
State = Literal["queued", "running", "succeeded", "failed", "cancelled"]
Command = Callable[[SessionKey], Sequence[str]]
_LISTING = "from smartmoney_pipeline.cli import main; main()"


@dataclass
class Run:
    """One run and the process that works on it."""

    run_id: str
    key: SessionKey
    state: State = "queued"
    message: str = "waits for the run before it"
    process: asyncio.subprocess.Process | None = None
    task: asyncio.Task[None] | None = field(default=None, repr=False)

    def out(self) -> RunOut:
        """Return the run as it is answered."""
        return RunOut(run_id=self.run_id, session=self.key.session, source=self.key.source, state=self.state, message=self.message)


class RunDesk:
    """Takes runs and lets one work at a time. What was asked for with one Idempotency-Key is asked for once."""

    def __init__(self, lake: FilePath, command: Command | None = None) -> None:
        """`command` makes the words of the child process; the default is the asset graph of this installation."""
        self._lake, self._command = lake, command or materialise
        self._runs: OrderedDict[str, Run] = OrderedDict()
        self._asked: dict[tuple[str, str], tuple[SessionKey, str]] = {}
        self._turn = asyncio.Lock()
        self._packs: list[PackOut] | None = None

    def listed(self) -> list[RunOut]:
        """Return the runs, newest first."""
        return [run.out() for run in reversed(self._runs.values())]

    def get(self, run_id: str) -> Run:
        """Return a run. Raises `ProblemError` 404 where there is none."""
        if run_id not in self._runs:
            raise not_found("there is no such run")
        return self._runs[run_id]

    def waiting(self) -> set[SessionKey]:
        """Return what runs that have not ended are about to publish."""
        return {run.key for run in self._runs.values() if run.state in {"queued", "running"}}

    def start(self, key: SessionKey, client: str, idempotency_key: str | None) -> tuple[Run, bool]:
        """Take a run; whether it is new. Raises `ProblemError` where it cannot be, or the key was used for another one."""
        if idempotency_key is not None and (client, idempotency_key) in self._asked:
            before, run_id = self._asked[client, idempotency_key]
            if before != key:
                raise ProblemError(409, "this Idempotency-Key was used for another run")
            return self.get(run_id), False
        if sum(run.state in {"queued", "running"} for run in self._runs.values()) >= MAX_WAITING:
            raise ProblemError(429, "enough runs wait already", headers={"retry-after": "60"})
        run = Run(secrets.token_hex(8), key)
        self._runs[run.run_id] = run
        if idempotency_key is not None:
            self._asked[client, idempotency_key] = (key, run.run_id)
        run.task = asyncio.create_task(self._work(run))
        self._forget()
        return run, True

    async def cancel(self, run: Run) -> None:
        """End a run that has not ended."""
        if run.state in {"queued", "running"}:
            run.state, run.message = "cancelled", "was cancelled"
            if run.process is not None and run.process.returncode is None:
                run.process.terminate()
        await asyncio.sleep(0)

    async def close(self) -> None:
        """End what runs and wait for it."""
        for run in self._runs.values():
            await self.cancel(run)
        await asyncio.gather(*(run.task for run in self._runs.values() if run.task), return_exceptions=True)

    async def packs(self) -> list[PackOut]:
        """Return the scenario packs, as the command line lists them."""
        if self._packs is None:
            words = [sys.executable, "-c", _LISTING, "scenarios", "list", "--json"]
            process = await asyncio.create_subprocess_exec(*words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL)
            said, _ = await process.communicate()
            if process.returncode:
                raise ProblemError(503, "the scenario packs cannot be listed")
            self._packs = [PackOut(**pack) for pack in json.loads(said)["packs"]]
        return self._packs

    async def _work(self, run: Run) -> None:
        async with self._turn:
            if run.state != "queued":
                return
            run.state, run.message = "running", "is under way"
            environment = os.environ | {
                "SMARTMONEY_LAKE": str(self._lake.absolute()),
                "SMARTMONEY_SOURCES": run.key.source,
                "DAGSTER_DISABLE_TELEMETRY": "1",
            }
            run.process = await asyncio.create_subprocess_exec(
                *self._command(run.key), env=environment, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
            )
            _, said = await run.process.communicate()
            if run.state == "running":
                run.state, run.message = ("succeeded", "is published") if run.process.returncode == 0 else ("failed", _last_words(said))

    def _forget(self) -> None:
        ended = [name for name, run in self._runs.items() if run.state not in {"queued", "running"}]
        for name in ended[: max(0, len(self._runs) - MAX_KEPT)]:
            del self._runs[name]
        self._asked = {key: value for key, value in self._asked.items() if value[1] in self._runs}


SESSION_ASSETS = '+key:"published_manifest"'
"""All that a session's publication rests on; the other assets have partitions of their own."""


def materialise(key: SessionKey) -> Sequence[str]:
    """Return the words that materialise one session and source through the asset graph."""
    words = ["asset", "materialize", "--select", SESSION_ASSETS, "--partition", key.dataset_id, "-m", "smartmoney_pipeline.definitions"]
    return [sys.executable, "-m", "dagster", *words]


def wanted(asked: RunRequest, packs: Collection[str]) -> SessionKey:
    """Return the session and source that a request names. Raises `ProblemError` for a pack that is not there or a day without a session."""
    try:
        key = key_of(asked.dataset or f"{asked.session}|{asked.pack}-{asked.seed}")
    except ProblemError as error:
        raise ProblemError(400, error.detail, ["session" if asked.dataset is None else "dataset"]) from error
    pack, _, seed = key.source.rpartition("-")
    if key.source != TAPE and (pack not in packs or not SEED.fullmatch(seed)):
        raise not_found("there is no such pack")
    return key


def _last_words(said: bytes) -> str:
    """The last line of what a failed run said, without paths."""
    lines = [line.strip() for line in said.decode("utf-8", "replace").splitlines() if line.strip()]
    return re.sub(r"(?:/[^\s:'\"]+)+", "<path>", lines[-1])[:LAST_WORDS] if lines else "ended without a word"


@router.get("/scenarios", responses=responses())
async def scenarios(request: Request) -> Scenarios:
    """Return the scenario packs that a run can be made of."""
    context_of(request)
    return Scenarios(data=await request.app.state.runs.packs())


@router.get("/runs", responses=responses())
async def runs(request: Request) -> Runs:
    """Return the runs that this server took, newest first."""
    return Runs(data=request.app.state.runs.listed())


@router.post("/runs", status_code=202, response_model=RunOut, responses=responses(404, 409, 413, 415))
async def start_run(
    request: Request,
    asked: RunRequest,
    response: Response,
    idempotency_key: Annotated[str | None, Header(pattern=r"^[\x21-\x7e]{1,128}$")] = None,
) -> RunOut:
    """Score and publish a session: a generated one, or a real one whose tape lies where the assets look for it. Needs the scope `run`."""
    desk: RunDesk = request.app.state.runs
    key = wanted(asked, {pack.name for pack in await desk.packs()})
    run, _ = desk.start(key, client_of(request), idempotency_key)
    response.headers["location"] = f"/v1/runs/{run.run_id}"
    return run.out()


RunId = Annotated[str, Path(pattern=HEX_FORM)]


@router.get("/runs/{run_id}", responses=responses(404))
async def one_run(request: Request, run_id: RunId) -> RunOut:
    """Return one run."""
    desk: RunDesk = request.app.state.runs
    return desk.get(run_id).out()


@router.delete("/runs/{run_id}", responses=responses(404, 413))
async def cancel_run(request: Request, run_id: RunId) -> RunOut:
    """End a run. Needs a key with the scope `run`."""
    desk: RunDesk = request.app.state.runs
    run = desk.get(run_id)
    await desk.cancel(run)
    return run.out()
