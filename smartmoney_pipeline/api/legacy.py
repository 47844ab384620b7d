"""The frozen routes of the earlier surface: `/flow`, `/history`, `/replay`, `/prints` and what lies beside them. Names and bytes stay."""

from __future__ import annotations

from typing import Annotated, Any, cast

from fastapi import APIRouter, Path, Query, Request, Response

from smartmoney_pipeline.api.context import context_of
from smartmoney_pipeline.api.legacy_prints import LegacyPrints, PrintFilter
from smartmoney_pipeline.api.legacy_query import (
    BAD_QUERY,
    Filtered,
    LegacyAfter,
    LegacyBefore,
    LegacyData,
    LegacyOne,
    Limit,
    Mark,
    Tickers,
)
from smartmoney_pipeline.api.legacy_store import ABSENT, MAX_PLACE, LegacyPage, LegacyStore, Place
from smartmoney_pipeline.api.problems import problem
from smartmoney_pipeline.api.wire import joined, json_rows

router = APIRouter(tags=["legacy"])
FLOW = {"packets": "flow", "smart-money": "smart-money", "classifier-hits": "classifier-hits", "alerts": "alerts"}
PAGED = ("nbbo", "equities", "equity-quotes", "equity-joins", "flow", "smart-money", "classifier-hits", "alerts")
WITHOUT_RECORDS = ("/nbbo/options", "/prints/equities", "/quotes/equities", "/joins/equities", "/equity-joins/by-id")
OUT_OF_SCOPE = (
    "/candles/equities",
    "/replay/equity-candles",
    "/dark/inferred",
    "/history/inferred-dark",
    "/replay/inferred-dark",
)
NULLABLE_PRINT = frozenset(
    {"underlying_id", "option_type", "execution_nbbo_side", "execution_iv", "execution_iv_source"}
    | {f"execution_nbbo_{part}" for part in ("bid", "ask", "mid", "spread", "bid_size", "ask_size", "ts", "age_ms")}
    | {f"execution_underlying_{part}" for part in ("spot", "bid", "ask", "mid", "spread", "ts", "age_ms", "source")}
)


@router.get("/prints/options", response_model=LegacyData, responses=BAD_QUERY)
async def newest_prints(request: Request, wanted: Filtered, limit: Limit = 200) -> Response:
    """Return the newest option prints."""
    found = await context_of(request).timed(_prints(request).before, wanted, Place(MAX_PLACE, MAX_PLACE), limit)
    return _answer(found, NULLABLE_PRINT)


@router.get("/history/options", response_model=LegacyBefore, responses=BAD_QUERY)
async def older_prints(
    request: Request,
    wanted: Filtered,
    before_ts: Mark,
    before_seq: Mark,
    underlying_id: Tickers = [],
    underlying_ids: Tickers = [],
    option_contract_id: Annotated[str | None, Query(max_length=64)] = None,
    limit: Limit = 200,
) -> Response:
    """Return option prints before a place, newest first."""
    named = (*underlying_id, *underlying_ids)
    narrowed = PrintFilter(
        wanted.view, wanted.security, wanted.sides, wanted.types, wanted.min_notional, wanted.source, named, option_contract_id
    )
    found = await context_of(request).timed(_prints(request).before, narrowed, Place(before_ts, before_seq), limit)
    return _answer(found, NULLABLE_PRINT, "next_before")


@router.get("/replay/options", response_model=LegacyAfter, responses=BAD_QUERY)
async def later_prints(request: Request, wanted: Filtered, after_ts: Mark = 0, after_seq: Mark = 0, limit: Limit = 200) -> Response:
    """Return option prints after a place, oldest first."""
    found = await context_of(request).timed(_prints(request).after, wanted, Place(after_ts, after_seq), limit)
    return _answer(found, NULLABLE_PRINT, "next")


@router.get("/option-prints/by-trace", response_model=LegacyData, responses=BAD_QUERY)
async def traced_prints(request: Request, trace_id: Annotated[list[str], Query(max_length=1_000)] = []) -> Response:
    """Return the prints of these traces, newest first."""
    found = await context_of(request).timed(_prints(request).traced, trace_id)
    return _answer(found, NULLABLE_PRINT)


@router.get("/flow/packets/{packet_id}", response_model=LegacyOne, responses=BAD_QUERY)
async def one_packet(request: Request, packet_id: Annotated[str, Path(max_length=256)]) -> Response:
    """Return one flow packet, null where there is none."""
    found = await context_of(request).timed(_store(request).packet, packet_id)
    record = b"null" if found is None else joined(json_rows(found, ABSENT["flow"]), ",")
    return _json(b'{"data":' + record + b"}")


def _newest(channel: str) -> Any:
    async def newest(request: Request, limit: Limit = 200) -> Response:
        """Return the newest records, newest first."""
        found = await context_of(request).timed(_store(request).newest, channel, limit)
        return _answer(found, ABSENT[channel])

    return newest


def _history(channel: str) -> Any:
    async def history(request: Request, before_ts: Mark, before_seq: Mark, limit: Limit = 200) -> Response:
        """Return records before a place, newest first."""
        found = await context_of(request).timed(_store(request).before, channel, Place(before_ts, before_seq), limit)
        return _answer(found, ABSENT.get(channel, frozenset()), "next_before")

    return history


def _replay(channel: str) -> Any:
    async def replay(request: Request, after_ts: Mark = 0, after_seq: Mark = 0, limit: Limit = 200) -> Response:
        """Return records after a place, oldest first."""
        found = await context_of(request).timed(_store(request).after, channel, Place(after_ts, after_seq), limit)
        return _answer(found, ABSENT.get(channel, frozenset()), "next")

    return replay


def _nothing() -> Any:
    async def nothing(limit: Limit = 200) -> Response:
        """Return an empty page: no session publishes such records."""
        return _json(b'{"data":[]}')

    return nothing


async def _equity_range(
    underlying_id: Annotated[str, Query(min_length=1, max_length=12)], start_ts: Mark, end_ts: Mark, limit: Limit = 200
) -> Response:
    """Return an empty page: no session publishes equity prints."""
    return _json(b'{"data":[]}')


async def _out_of_scope() -> Response:
    return problem(501, "this part of the earlier surface is not offered")


for _name, _channel in FLOW.items():
    router.get(f"/flow/{_name}", response_model=LegacyData, responses=BAD_QUERY, name=f"newest {_channel}")(_newest(_channel))
for _channel in PAGED:
    router.get(f"/history/{_channel}", response_model=LegacyBefore, responses=BAD_QUERY, name=f"history {_channel}")(_history(_channel))
    router.get(f"/replay/{_channel}", response_model=LegacyAfter, responses=BAD_QUERY, name=f"replay {_channel}")(_replay(_channel))
for _path in WITHOUT_RECORDS:
    router.get(_path, response_model=LegacyData, responses=BAD_QUERY, name=f"empty {_path}")(_nothing())
router.get("/prints/equities/range", response_model=LegacyData, responses=BAD_QUERY)(_equity_range)
for _path in OUT_OF_SCOPE:
    router.get(_path, include_in_schema=False)(_out_of_scope)


def _store(request: Request) -> LegacyStore:
    return cast(LegacyStore, request.app.state.legacy)


def _prints(request: Request) -> LegacyPrints:
    return cast(LegacyPrints, request.app.state.legacy_prints)


def _answer(page: LegacyPage, absent: frozenset[str], following: str | None = None) -> Response:
    data = b",".join(joined(json_rows(part, absent), ",") for part in page.records)
    tail = b""
    if following is not None:
        place = "null" if page.last is None else f'{{"ts":{page.last.ts},"seq":{page.last.seq}}}'
        tail = f',"{following}":{place}'.encode()
    return _json(b'{"data":[' + data + b"]" + tail + b"}")


def _json(content: bytes) -> Response:
    return Response(content, media_type="application/json")
