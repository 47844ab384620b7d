"""The live engine: what is pushed goes to its bucket, the watermark moves on, and what becomes known is said."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from datetime import date
from functools import partial

import numpy as np
from numpy.typing import NDArray

from smartmoney_pipeline.calendar.sessions import session_bounds
from smartmoney_pipeline.engine.live.book import Added, PrintBook
from smartmoney_pipeline.engine.live.bucket import Bucket, BucketAdvance, Changed
from smartmoney_pipeline.engine.live.inbox import Inbox, Tables
from smartmoney_pipeline.engine.live.intake import IGNORED, PRINTS, STREAMS, Intake, Pushed, register, rows_of
from smartmoney_pipeline.engine.live.params import LiveParams
from smartmoney_pipeline.engine.live.publishing import publish
from smartmoney_pipeline.engine.live.reach import within_reach
from smartmoney_pipeline.engine.live.rows import Rows
from smartmoney_pipeline.engine.live.universe import CALENDAR, REFERENCE_TABLES, Universe
from smartmoney_pipeline.engine.live.update import Update
from smartmoney_pipeline.engine.stages import END_OF_TIME
from smartmoney_pipeline.schemas.codes import TapeNature
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
        nature: TapeNature = TapeNature.PRINTS,
    ) -> None:
        """`reference`: contracts, open_interest, history, rates, event_calendar, as far as they are at hand, in canonical form.

        `streams`: the tables that will be pushed; without quote tables, prints carry their quotes. `nature`: what a pushed print is.
        Raises `CalendarError` where `session` is no session, `ValueError` for an unknown stream, `TapeError` for a reference table that
        cannot serve.
        """
        session_bounds(session)
        self._streams = frozenset(streams)
        if PRINTS not in self._streams or not self._streams <= frozenset(STREAMS):
            raise ValueError(f"streams are {', '.join(STREAMS)}, and {PRINTS} is always one; found {', '.join(sorted(self._streams))}")
        self._params = params or LiveParams()
        self._universe = Universe(session, source, nature)
        self._intake = Intake(SessionDay.of(session), self._universe)
        clean = {name: self._intake.clean(name, table) for name, table in (reference or {}).items() if name in REFERENCE_TABLES}
        self._universe.reference.update(clean)
        if "contracts" in clean:
            self._universe.register(set(clean["contracts"]["option_symbol"].to_pylist()), set())
        self._context = self._universe.context()
        self._bucket_of_contract, self._bucket_of_underlying = self._routes()
        self._inbox, self._book = Inbox(), PrintBook()
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

    @property
    def nature(self) -> TapeNature:
        """What a pushed print is."""
        return self._universe.nature

    def rows_received(self) -> dict[str, int]:
        """Rows received by table, good and bad."""
        return dict(self._intake.rows)

    def held_rows(self) -> int:
        """Rows held in memory: not processed yet, or kept for corrections."""
        return len(self._inbox) + len(self._book) + sum(bucket.held_rows() for bucket in self._buckets)

    def push(self, tables: Pushed) -> Update:
        """Take in rows of any tables of the canonical tape and say what they make known.

        Bad rows come back as quarantine. Raises `TapeError` for a table or column that cannot serve, `ValueError` after `finish` or for
        a stream that was not named at the start.
        """
        if self._watermark == END_OF_TIME:
            raise ValueError("the session is finished")
        late = False
        for name, rows in self._received(tables).items():
            first, last = int(rows.ts.min()), int(rows.ts.max())
            self._last_seen[name] = max(self._last_seen[name], last)
            late = late or first < self._watermark
            self._inbox.add(name, rows)
        slowest = min(self._last_seen.values())
        due = NEVER if slowest == NEVER else slowest - self._params.lateness_ns
        return self._advance(max(self._watermark, due), late)

    def advance(self, watermark: int) -> Update:
        """Say what becomes known because every stream is complete up to `watermark` (ns UTC): a heartbeat where streams are silent."""
        return self._advance(max(self._watermark, watermark), False)

    def finish(self) -> Update:
        """Say the rest: nothing more will come."""
        return self._advance(END_OF_TIME, False)

    def _received(self, tables: Pushed) -> Tables:
        """Rows of the streams, those of a table that is not plain by way of the row checks; tables without any are left out."""
        unknown = set(tables) - self._streams - set(IGNORED) - {CALENDAR}
        if unknown:
            raise ValueError(f"{', '.join(sorted(unknown))}: not named as a stream of this session")
        plain = {name: self._intake.plain(name, table) for name, table in tables.items() if name in self._streams}
        odd = {name: self._intake.clean(name, table) for name, table in tables.items() if plain.get(name) is None}
        news = odd.pop(CALENDAR, None)
        told = news is not None and len(news) > 0
        if told:
            self._universe.add_calendar(news, self._watermark)
        if register(odd, self._universe) or told:
            self._grow()
        late = {name: rows_of(name, table, self._universe) for name, table in odd.items() if name in self._streams and len(table)}
        return {name: rows for name in tables if (rows := plain.get(name) or late.get(name)) is not None}

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

    def _part(self, bucket: int, name: str, rows: Rows | None) -> Rows | None:
        """Rows of one bucket, None where there are none."""
        if rows is None or len(self._buckets) == 1:
            return rows
        by_underlying = name == "underlying_quotes"
        ids = rows.numbers["underlying_id" if by_underlying else "contract_id"]
        mine = (self._bucket_of_underlying if by_underlying else self._bucket_of_contract)[ids] == bucket
        return rows.take(mine) if mine.any() else None

    def _standing(self, bucket: int, start: int, end: int) -> Rows | None:
        return self._part(bucket, PRINTS, self._book.standing(start, end))

    def _advance(self, watermark: int, late: bool) -> Update:
        quarantined = self._intake.take_quarantined()
        if watermark <= self._watermark and not late:
            return Update(quarantined=quarantined)
        at = min(watermark, max(self._last_seen.values()))
        rows, too_late = within_reach(self._inbox.release(watermark, self._universe.symbols), self._buckets[0].oldest())
        added = None
        if PRINTS in rows:
            added = self._book.add(rows.pop(PRINTS), self._watermark, self._universe.symbols)
            rows |= {PRINTS: added.prints} if len(added.prints) else {}
        done = [(bucket.said, self._advanced(k, bucket, rows, added, watermark, at)) for k, bucket in enumerate(self._buckets)]
        self._book.drop_before(self._buckets[0].oldest())
        self._watermark = watermark
        return publish(self._context, done, [*quarantined, *too_late, *([] if added is None else added.quarantined)], at)

    def _advanced(self, number: int, bucket: Bucket, rows: Tables, added: Added | None, watermark: int, at: int) -> BucketAdvance:
        """What one bucket makes of its share."""
        mine = {name: part for name, whole in rows.items() if (part := self._part(number, name, whole)) is not None}
        changed = None if added is None else self._part(number, PRINTS, added.changed)
        return bucket.advance(mine, None if changed is None else Changed.of(changed), partial(self._standing, number), watermark, at)
