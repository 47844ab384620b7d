"""`smartmoney publish`, `restore`, `backfill`, `retention`: what the daily operation needs without a browser. Heavy imports come inside."""

# ruff: noqa: PLC0415

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from smartmoney_pipeline.console import options as opt
from smartmoney_pipeline.console import terminal

LakeFolder = Annotated[Path, typer.Argument(metavar="LAKE", help="Root of the lake: a folder, or an s3:// URL.")]
OneSource = Annotated[str, typer.Option("--source", metavar="NAME", help="tape, or a scenario pack with its seed, such as demo-7.")]


def publish(lake: LakeFolder, session: opt.ExchangeSession, source: OneSource, quiet: opt.Quiet = False) -> None:
    """Write the manifest of a session whose tables are in the lake: it becomes what readers see."""
    from smartmoney_pipeline.console.words import count
    from smartmoney_pipeline.engine.score_day import versions
    from smartmoney_pipeline.schemas.published_tables import PUBLISHED
    from smartmoney_pipeline.store.manifest import publish as write_manifest
    from smartmoney_pipeline.store.object_lake import existing_lake

    manifest = write_manifest(existing_lake(lake), session, source, PUBLISHED, versions())
    if not quiet:
        terminal.show(f"published {session} {source}: {count(len(manifest.tables))} tables, run {(manifest.run_hash or '')[:12]}")


def restore(
    lake: LakeFolder,
    session: opt.ExchangeSession,
    source: OneSource,
    to: Annotated[
        str | None, typer.Option("--to", metavar="HASH", help="Publish this kept result again; a beginning of its hash will do.")
    ] = None,
    as_json: opt.AsJson = False,
) -> None:
    """List the kept results of a published session, or publish one of them again. Retention removes them after a day."""
    from smartmoney_pipeline.console import restoring
    from smartmoney_pipeline.store.object_lake import existing_lake
    from smartmoney_pipeline.store.restoring import restore as put_back

    opened = existing_lake(lake)
    if to is not None:
        put_back(opened, session, source, to)
    kept = restoring.kept_of(opened, session, source)
    if as_json:
        terminal.show_json(restoring.kept_json(kept))
    else:
        terminal.show(restoring.kept_view(kept))


def backfill(
    lake: LakeFolder,
    source: Annotated[list[str], typer.Option("--source", metavar="NAME", help="tape or a scenario such as demo-7; may be repeated.")],
    since: Annotated[date, typer.Option("--since", parser=opt.parse_day, metavar="DATE", help="First session.")],
    until: Annotated[date, typer.Option("--until", parser=opt.parse_day, metavar="DATE", help="Last session.")],
    batch: Annotated[int, typer.Option("--batch", min=1, metavar="N", help="Sessions of one run; all of them are in memory at once.")] = 20,
    calendar: opt.CalendarFile = None,
    again: Annotated[bool, typer.Option("--again", help="Sessions that are published already too.")] = False,
    quiet: opt.Quiet = False,
) -> None:
    """Score many sessions of a lake through the asset graph, in batches. What is published is left out, so a stopped backfill goes on."""
    from smartmoney_pipeline.console import backfilling, stopping

    job = backfilling.Job(lake, tuple(source), since, until, batch, calendar, again)
    for step in stopping.told(backfilling.run(job), "stopped; what is published stays, and the same command goes on with the rest"):
        if not quiet:
            terminal.show(step)


def retention(
    lake: LakeFolder,
    apply: Annotated[bool, typer.Option("--apply", help="Remove; without it only say what would go.")] = False,
    grace: Annotated[float, typer.Option("--grace", min=0, metavar="HOURS", help="Versions younger than this stay.")] = 24.0,
    tapes_before: Annotated[
        date | None,
        typer.Option("--tapes-before", parser=opt.parse_day, metavar="DATE", help="Imported tapes of published sessions before this go."),
    ] = None,
    as_json: opt.AsJson = False,
) -> None:
    """Say what may go from a lake, or remove it: files of crashed writers, versions that no manifest lists, old imported tapes."""
    from datetime import timedelta

    from resources.clock import utc_now
    from smartmoney_pipeline.console import retaining
    from smartmoney_pipeline.store.object_lake import existing_lake
    from smartmoney_pipeline.store.object_retention import removable_of

    found = removable_of(existing_lake(lake), utc_now() - timedelta(hours=grace), tapes_before)
    size = found.size()
    if apply:
        found.remove()
    if as_json:
        terminal.show_json(retaining.removable_json(found, size, apply))
    else:
        terminal.show(retaining.removable_view(found, size, apply, grace))
