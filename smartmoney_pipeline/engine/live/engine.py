"""The live engine: what is pushed goes to its bucket, the watermark moves on, and what becomes known is said."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from smartmoney_pipeline.calendar.sessions import session_bounds
from smartmoney_pipeline.engine.live.bucket import Bucket
from smartmoney_pipeline.engine.live.inbox import times
from smartmoney_pipeline.engine.live.intake import IGNORED, PRINTS, STREAMS, Intake, Pushed, register, with_ids
from smartmoney_pipeline.engine.live.params import LiveParams
from smartmoney_pipeline.engine.live.publishing import publish
from smartmoney_pipeline.engine.live.universe import REFERENCE_TABLES, Universe
from smartmoney_pipeline.engine.live.update import Update
from smartmoney_pipeline.engine.stages import END_OF_TIME
from smartmoney_pipeline.tape.session import SessionDay

DEFAULT_STREAMS = (PRINTS, "option_quotes", "underlying_quotes")
NEVER = np.iinfo(np.int64).min


class LiveEngine:
    """Scores one session as its tape comes in; the same stages as for a stored day, and the same events.

    The watermark is the time up to which every stream is complete: the last time seen on the slowest stream less the lateness bound, or
    what `advance` was told. Rows before it are processed in tape order; a row that comes later than that is a correction. Results do not
    depend on how the rows are cut into pushes, nor on the number of buckets.
    """

    def __init__(
        self,
        session: date,
        source: str = "live",
        reference: Pushed | None = None,
        streams: Iterable[str] = DEFAULT_STREAMS,
        params: LiveParams | None = None,
    ) -> None:
        """`reference`: contracts, open_interest, history, rates, event_calendar, as far as they are at hand, in canonical form.

        `streams`: the tables that will be pushed; without quote tables, prints carry their quotes. Raises `CalendarError` where
        `session` is no session, `ValueError` for an unknown stream, `TapeError` for a reference table that cannot serve.
        """
        session_bounds(session)
        self._streams = frozenset(streams)
        if PRINTS not in self._streams or not self._streams <= frozenset(STREAMS):
            raise ValueError(f"streams are {', '.join(STREAMS)}, and {PRINTS} is always one; found {', '.join(sorted(self._streams))}")
        self._params = params or LiveParams()
        self._intake = Intake(SessionDay.of(session))
        clean = {name: self._intake.clean(name, table) for name, table in (reference or {}).items() if name in REFERENCE_TABLES}
        self._universe = Universe(session, source, clean)
        if "contracts" in clean:
            self._universe.register(set(clean["contracts"]["option_symbol"].to_pylist()), set())
        self._context = self._universe.context()
        self._bucket_of_contract, self._bucket_of_underlying = self._routes()
        self._buckets = [Bucket(self._context, self._watched(k), self._streams, self._params) for k in range(self._params.buckets)]
        self._last_seen = dict.fromkeys(self._streams, NEVER)
        self._watermark = NEVER

    @property
    def watermark(self) -> int:
        """Everything before this time (ns UTC) has been processed."""
        return self._watermark

    @property
    def source(self) -> str:
        """Name of the source, a part of every event id."""
        return self._universe.source

    @property
    def session(self) -> date:
        """The session that is scored."""
        return self._universe.session

    def rows_received(self) -> dict[str, int]:
        """Rows received by table, good and bad."""
        return dict(self._intake.rows)

    def held_rows(self) -> int:
        """Rows held in memory: not processed yet, or kept for corrections."""
        return sum(bucket.held_rows() for bucket in self._buckets)

    def waiting_rows(self) -> int:
        """Rows received and not processed yet."""
        return sum(len(bucket.inbox) for bucket in self._buckets)

    def push(self, tables: Pushed) -> Update:
        """Take in rows of any tables of the canonical tape and say what they make known.

        Bad rows come back as quarantine. Raises `TapeError` for a table or column that cannot serve, `ValueError` after `finish` or for
        a stream that was not named at the start.
        """
        if self._watermark == END_OF_TIME:
            raise ValueError("the session is finished")
        clean = self._cleaned(tables)
        late = False
        for name, table in clean.items():
            if name in self._streams and len(table):
                self._last_seen[name] = max(self._last_seen[name], int(times(table).max()))
                late = late or int(times(table).min()) < self._watermark
                self._route(name, with_ids(name, table, self._universe))
        slowest = min(self._last_seen.values())
        due = NEVER if slowest == NEVER else slowest - self._params.lateness_ns
        return self._advance(max(self._watermark, due), late)

    def advance(self, watermark: int) -> Update:
        """Say what becomes known because every stream is complete up to `watermark` (ns UTC): a heartbeat where streams are silent."""
        return self._advance(max(self._watermark, watermark), False)

    def finish(self) -> Update:
        """Say the rest: nothing more will come."""
        return self._advance(END_OF_TIME, False)

    def _cleaned(self, tables: Pushed) -> dict[str, pa.Table]:
        unknown = set(tables) - self._streams - set(IGNORED) - {"event_calendar"}
        if unknown:
            raise ValueError(f"{', '.join(sorted(unknown))}: not named as a stream of this session")
        clean = {name: self._intake.clean(name, table) for name, table in tables.items()}
        news = clean.pop("event_calendar", None)
        grown = register(clean, self._universe)
        if news is not None and len(news):
            self._universe.add_calendar(news)
        if grown or (news is not None and len(news)):
            self._grow()
        return clean

    def _grow(self) -> None:
        self._context = self._universe.context()
        self._bucket_of_contract, self._bucket_of_underlying = self._routes()
        for number, bucket in enumerate(self._buckets):
            bucket.grow(self._context, self._watched(number))

    def _routes(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Bucket of every contract and underlying: by a hash of the ticker that is the same everywhere."""
        buckets = [zlib.crc32(ticker.encode()) % self._params.buckets for ticker in self._context.tickers]
        of_underlying = np.array(buckets, np.int64)
        return of_underlying[self._context.contracts.underlying], of_underlying

    def _watched(self, bucket: int) -> NDArray[np.bool_]:
        return self._bucket_of_contract == bucket

    def _route(self, name: str, table: pa.Table) -> None:
        if len(self._buckets) == 1:
            self._buckets[0].inbox.add(name, table)
            return
        by_underlying = name == "underlying_quotes"
        ids = table["underlying_id" if by_underlying else "contract_id"].to_numpy()
        of_row = (self._bucket_of_underlying if by_underlying else self._bucket_of_contract)[ids]
        for number in np.unique(of_row).tolist():
            self._buckets[number].inbox.add(name, table.filter(pa.array(of_row == number)))

    def _advance(self, watermark: int, late: bool) -> Update:
        quarantined = self._intake.take_quarantined()
        done = []
        if watermark > self._watermark or late:
            at = min(watermark, max(self._last_seen.values()))
            done = [(bucket.said, bucket.advance(watermark, at)) for bucket in self._buckets]
            self._watermark = watermark
        if not done and not quarantined:
            return Update.empty()
        return publish(self._context, done, quarantined, min(watermark, max(self._last_seen.values())))
