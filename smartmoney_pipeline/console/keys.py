"""`smartmoney keys`: make, list and revoke the keys of a server; a key is shown once and stored as a hash. Heavy imports happen inside."""

# ruff: noqa: PLC0415

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from smartmoney_pipeline.console import options as opt
from smartmoney_pipeline.console import terminal
from smartmoney_pipeline.console.terminal import CommandError

if TYPE_CHECKING:
    from smartmoney_pipeline.api.keys import KeyRing, StoredKey

keys = typer.Typer(no_args_is_help=True, help="Keys of the HTTP server.")
LakePath = Annotated[Path, typer.Argument(metavar="LAKE", help="Lake that the server serves.")]
MS_A_DAY = 86_400_000


@dataclass(frozen=True, slots=True)
class Listed:
    """A key as it is listed: never its text, which nobody has."""

    key_id: str
    name: str
    scope: str
    expires: str | None


@keys.command()
def create(
    lake: LakePath,
    name: Annotated[str, typer.Option("--name", metavar="NAME", help="Whom the key is for.")],
    scope: Annotated[
        Literal["read", "run", "admin"], typer.Option("--scope", help="What it may do; each scope holds those before it.")
    ] = "read",
    days: Annotated[int | None, typer.Option("--days", min=1, metavar="N", help="Days until it expires; default: never.")] = None,
    as_json: opt.AsJson = False,
) -> None:
    """Make a key and print it. It is shown this once."""
    from smartmoney_pipeline.api.clock import system_clock
    from smartmoney_pipeline.api.keys import Scope

    ring = _ring(lake)
    expires = None if days is None else system_clock().wall_ms() + days * MS_A_DAY
    text, key = ring.create(name, Scope(scope), expires)
    if as_json:
        terminal.show_json({"key": text, **asdict(_listed(key))})
        return
    terminal.show(text)
    terminal.note(f"key {key.key_id} with the scope {key.scope}; it is stored as a hash and cannot be shown again")


@keys.command("list")
def list_keys(lake: LakePath, as_json: opt.AsJson = False) -> None:
    """List the keys of a lake."""
    found = [_listed(key) for key in _ring(lake).stored()]
    if as_json:
        terminal.show_json({"keys": [asdict(key) for key in found]})
        return
    lines = [f"{key.key_id}  {key.scope:<5}  {key.expires or 'never expires':<20}  {terminal.plain(key.name)}" for key in found]
    terminal.show("\n".join(lines) or "there are no keys")


@keys.command()
def revoke(lake: LakePath, key_id: Annotated[str, typer.Argument(metavar="KEY_ID", help="Id of the key, from list.")]) -> None:
    """Revoke a key; a running server refuses it from then on."""
    if not _ring(lake).revoke(key_id):
        raise CommandError(f"there is no key {key_id}")
    terminal.note(f"key {key_id} is revoked")


def _ring(lake: Path) -> KeyRing:
    from smartmoney_pipeline.api.keys import KeyRing

    if not lake.is_dir():
        raise CommandError(f"{lake}: there is no such folder")
    return KeyRing(lake)


def _listed(key: StoredKey) -> Listed:
    expires = None if key.expires_ms is None else datetime.fromtimestamp(key.expires_ms // 1_000, UTC).strftime("%Y-%m-%dT%H:%MZ")
    return Listed(key.key_id, key.name, str(key.scope), expires)
