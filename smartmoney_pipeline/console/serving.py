"""`smartmoney serve`: the HTTP server over a lake, with a tape as its live feed if asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smartmoney_pipeline.console import options as opt
from smartmoney_pipeline.console.terminal import CommandError, ExitCode, note

if TYPE_CHECKING:
    from fastapi import FastAPI

    from smartmoney_pipeline.api.alert_runner import AlertRunner
    from smartmoney_pipeline.api.settings import Settings

LOOPBACK = ("127.0.0.1", "localhost", "::1")
LakePath = Annotated[Path, typer.Argument(metavar="LAKE", help="Lake with published sessions.")]


@dataclass(frozen=True, slots=True)
class Job:
    """What is served, where, and what is played as the live feed."""

    lake: Path
    host: str = "127.0.0.1"
    port: int = 8000
    source: str | None = None
    names: tuple[str, ...] = ()
    live: Path | None = None
    speed: str = "60"
    session: date | None = None
    alerts: Path | None = None


def serve(
    lake: LakePath,
    host: Annotated[
        str, typer.Option("--host", metavar="HOST", help="Address to listen on. Any but this machine's own asks for keys.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=1, max=65_535, metavar="PORT", help="Port to listen on.")] = 8000,
    name: Annotated[
        list[str] | None, typer.Option("--name", metavar="NAME", help="Host name that requests may carry; more than once.")
    ] = None,
    source: Annotated[
        str | None, typer.Option("--source", metavar="NAME", help="Source that legacy routes show; default: the newest.")
    ] = None,
    live: Annotated[Path | None, typer.Option("--live", metavar="TAPE", help="Canonical tape to play as the live feed.")] = None,
    speed: Annotated[str, typer.Option("--speed", metavar="N", help="Seconds of the tape in one second, or max.")] = "60",
    session: opt.SessionDay = None,
    alerts: Annotated[
        Path | None, typer.Option("--alerts", metavar="FILE", help="Rules and channels of alerts on the live feed, as YAML.")
    ] = None,
    quiet: opt.Quiet = False,
) -> None:
    """Serve published sessions over HTTP, with streams and replay. Reading needs no key on this machine; changing always needs one."""
    import uvicorn  # noqa: PLC0415  heavy

    from smartmoney_pipeline.api.connections import WatchedConnection  # noqa: PLC0415

    job = Job(lake, host, port, source, tuple(name or ()), live, speed, session, alerts)
    app = application(job)
    if not quiet:
        note(f"http://{_shown(host)}:{port}/, {_access(host)}")
        _note_missing(lake)
    # A key stands in a header and never in the address, so that no log can hold one; the access log stays off all the same.
    uvicorn.run(
        app,
        host=host,
        port=port,
        http=WatchedConnection,
        access_log=False,
        log_level="warning",
        ws_max_size=64 * 1024,
        ws_per_message_deflate=False,
        server_header=False,
    )


def application(job: Job) -> FastAPI:
    """Return the server. Raises `CommandError` where the lake or the tape is not there, `TapeError` where the tape cannot be read."""
    from smartmoney_pipeline.api.app import create_app  # noqa: PLC0415  heavy: the web server
    from smartmoney_pipeline.api.live_feed import LiveFeed, LiveTape  # noqa: PLC0415
    from smartmoney_pipeline.api.secret import lake_secret  # noqa: PLC0415
    from smartmoney_pipeline.api.settings import Settings  # noqa: PLC0415
    from smartmoney_pipeline.console.replaying import parse_speed  # noqa: PLC0415

    if not job.lake.is_dir():
        raise CommandError(f"{job.lake}: there is no such folder", ExitCode.USAGE)
    local = is_local(job.host)
    hosts = (*LOOPBACK, *job.names) if local else (job.host, *job.names)
    settings = Settings(job.lake, hosts, job.source, open_reading=local, warm=True, secret=lake_secret(job.lake))
    feed = None
    if job.live is not None:
        if not job.live.exists():
            raise CommandError(f"{job.live}: there is no such tape", ExitCode.USAGE)
        feed = LiveFeed(LiveTape(job.live, parse_speed(job.speed), job.session))
        feed.read()
    return create_app(settings, feed, _alerts(job, settings))


def _alerts(job: Job, settings: Settings) -> AlertRunner | None:
    from smartmoney_pipeline.api.alert_rules import AlertFileError, read_alert_book  # noqa: PLC0415
    from smartmoney_pipeline.api.alert_runner import AlertRunner  # noqa: PLC0415

    if job.alerts is None:
        return None
    if job.live is None:
        raise CommandError("--alerts needs a live feed: --live TAPE", ExitCode.USAGE)
    try:
        return AlertRunner(read_alert_book(job.alerts), settings.lake, settings.clock)
    except AlertFileError as error:
        raise CommandError(str(error), ExitCode.USAGE) from error


def _note_missing(lake: Path) -> None:
    """Say what is not there to be shown: a server over an empty lake answers, and shows nothing."""
    import shlex  # noqa: PLC0415

    from smartmoney_pipeline.api.lacking import missing  # noqa: PLC0415
    from smartmoney_pipeline.store.lake import Lake  # noqa: PLC0415

    lacks = missing(Lake(lake), shlex.quote(str(lake)))
    if lacks is not None:
        note(lacks)


def is_local(host: str) -> bool:
    """Whether only this machine can reach a server that listens there."""
    return host in LOOPBACK or host.startswith("127.")


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _access(host: str) -> str:
    return "open for reading on this machine" if is_local(host) else "every request needs a key: smartmoney keys create"
