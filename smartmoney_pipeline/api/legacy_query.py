"""Parameters and bodies of the earlier surface, and how it said that a query was wrong."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import Depends, Query
from pydantic import BaseModel, BeforeValidator
from starlette.responses import Response

from smartmoney_pipeline.api.legacy_prints import PrintFilter
from smartmoney_pipeline.api.legacy_store import MAX_PLACE
from smartmoney_pipeline.api.problems import responses
from smartmoney_pipeline.schemas.legacy import NBBO_SIDES

SOURCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
TICKER = re.compile(r"[A-Z0-9.]{1,12}")


class LegacyPlace(BaseModel):
    """Place of the last record of a page."""

    ts: int
    seq: int


class LegacyData(BaseModel):
    """A page of records; their fields stand in the description of the legacy surface."""

    data: list[dict[str, Any]]


class LegacyBefore(LegacyData):
    """A page that runs backward."""

    next_before: LegacyPlace | None


class LegacyAfter(LegacyData):
    """A page that runs forward."""

    next: LegacyPlace | None


class LegacyOne(BaseModel):
    """One record, or null."""

    data: dict[str, Any] | None


class LegacyError(BaseModel):
    """What is wrong with a query."""

    error: str
    detail: str | None = None


BAD_QUERY: dict[int | str, dict[str, Any]] = responses() | {
    400: {"model": LegacyError, "description": "a parameter is wrong"},
    404: {"model": LegacyError, "description": "not found"},
}


def _zero_if_empty(value: Any) -> Any:
    return 0 if value == "" else value


Limit = Annotated[int, Query(ge=1, le=1_000)]
Mark = Annotated[int, BeforeValidator(_zero_if_empty), Query(ge=0, le=MAX_PLACE)]


def _listed(allowed: tuple[str, ...] | None, form: re.Pattern[str] | None = None, fold: Callable[[str], str] = str) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        parts = [fold(part.strip()) for text in value for part in str(text).split(",") if part.strip()]
        wrong = [part for part in parts if (allowed and part not in allowed) or (form and not form.fullmatch(part))]
        if wrong or len(parts) > 100:
            raise ValueError("holds an unknown value, or too many")
        return parts

    return check


def _source(value: Any) -> Any:
    if not SOURCE.fullmatch(str(value)):
        raise ValueError("a source is a letter or digit, then up to 63 letters, digits, _ and -")
    return str(value).lower()


Sides = Annotated[list[str], BeforeValidator(_listed(NBBO_SIDES, fold=str.upper)), Query(alias="side")]
Types = Annotated[list[str], BeforeValidator(_listed(("call", "put"), fold=str.lower)), Query(alias="type")]
Tickers = Annotated[list[str], BeforeValidator(_listed(None, TICKER, str.upper)), Query(max_length=100)]
SourcePrefix = Annotated[str | None, BeforeValidator(lambda value: None if value is None else _source(value)), Query()]


def print_filter(
    view: Literal["signal", "raw"] = "signal",
    security: Literal["stock", "etf", "all"] | None = None,
    side: Sides = [],
    type_: Types = [],
    min_notional: Annotated[float, Query(ge=0, le=1e15, allow_inf_nan=False)] = 0.0,
    source: SourcePrefix = None,
) -> PrintFilter:
    """Filters of prints. Signal prints of funds are hidden unless asked for, as they always were."""
    shown = security or ("stock" if view == "signal" else "all")
    return PrintFilter(view, shown, tuple(side), tuple(type_), min_notional, source)


Filtered = Annotated[PrintFilter, Depends(print_filter)]


ERRORS = {
    "/prints/options": "invalid options query",
    "/prints/equities/range": "invalid equity range query",
    "/history/options": "invalid options history query",
    "/replay/options": "invalid options replay query",
}
"""What the earlier surface called a bad query of these routes; other routes had no word for it."""

LEGACY_PREFIXES = (
    "/prints",
    "/nbbo",
    "/quotes",
    "/joins",
    "/flow",
    "/history",
    "/replay",
    "/option-prints",
    "/equity-joins",
    "/candles",
    "/dark",
)


def is_legacy(path: str) -> bool:
    """Whether a path belongs to the earlier surface."""
    return path.startswith(LEGACY_PREFIXES)


def error_answer(path: str, faults: list[str]) -> Response:
    """Return a bad query as the earlier surface answered it."""
    said = LegacyError(error=ERRORS.get(path, "invalid query"), detail="; ".join(faults))
    return Response(said.model_dump_json(), 400, media_type="application/json")


def not_found_answer() -> Response:
    """Return what the earlier surface said of an unknown path or method."""
    return Response('{"error":"not found"}', 404, media_type="application/json")
