"""The terminal at `/`: packaged files, read once, by name. No name becomes a path."""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from smartmoney_pipeline.api.problems import not_found

router = APIRouter(include_in_schema=False)
FOLDER = "terminal"
INDEX = "index.html"
MEDIA = {
    "html": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
}


@dataclass(frozen=True, slots=True)
class PageFile:
    """One file as it is sent."""

    plain: bytes
    packed: bytes
    """The same, by gzip."""
    media: str
    etag: str


@cache
def terminal_files() -> dict[str, PageFile]:
    """Return the files of the terminal by name, from the installed package."""
    folder = resources.files(__package__ or "smartmoney_pipeline.api").joinpath(FOLDER)
    found = {file.name: file.read_bytes() for file in folder.iterdir() if file.name.rpartition(".")[2] in MEDIA}
    return {name: _page_file(name, content) for name, content in sorted(found.items())}


def _page_file(name: str, content: bytes) -> PageFile:
    packed = gzip.compress(content, mtime=0)
    return PageFile(content, packed, MEDIA[name.rpartition(".")[2]], f'"{hashlib.sha256(content).hexdigest()[:16]}"')


@router.get("/")
async def index(request: Request) -> Response:
    """Return the page itself."""
    return _answer(request, INDEX)


@router.get("/terminal/{name}")
async def part(request: Request, name: Annotated[str, Path(max_length=64)]) -> Response:
    """Return one file that the page is made of."""
    return _answer(request, name)


def _answer(request: Request, name: str) -> Response:
    found = terminal_files().get(name)
    if found is None:
        raise not_found("the terminal has no such file")
    headers = {"etag": found.etag, "cache-control": "no-cache", "vary": "Accept-Encoding"}
    if found.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(found.packed, headers=headers | {"content-encoding": "gzip"}, media_type=found.media)
    return Response(found.plain, headers=headers, media_type=found.media)
