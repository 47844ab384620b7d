"""The calendar as it was learned: every answer of a provider is held against what was known, and only what changed is added.

An event that moves, is confirmed or gets another amount is a new row, known from the answer that first said so. One that an answer over
its date no longer names is withdrawn from then on. Nothing is ever rewritten, so a past session can be scored as it was.
"""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from smartmoney_pipeline.calendar.corporate_events import EARNINGS_MOVE_DAYS
from smartmoney_pipeline.calendar.errors import CalendarError
from smartmoney_pipeline.calendar.event_columns import EVENT_COLUMNS
from smartmoney_pipeline.calendar.providers.rows import Fetched
from smartmoney_pipeline.calendar.standing import Standing, after_refresh, as_metadata, from_metadata
from smartmoney_pipeline.calendar.usable import usable

WITHDRAWN = "withdrawn_at"
PROVIDER = "provider"
HISTORY_COLUMNS = (*EVENT_COLUMNS, PROVIDER, WITHDRAWN)
_SCHEMA = pa.schema(
    [
        ("underlying", pa.string()),
        ("event_type", pa.string()),
        ("event_date", pa.date32()),
        ("event_time", pa.string()),
        ("known_at", pa.timestamp("ns", "UTC")),
        ("amount", pa.float64()),
        ("source", pa.string()),
        (PROVIDER, pa.string()),
        (WITHDRAWN, pa.timestamp("ns", "UTC")),
    ]
)
_SAYS = ("underlying", "event_type", "event_date", "event_time", "amount")


@dataclass(frozen=True, slots=True)
class Learned:
    """What one answer added: new events, changed ones (moved, confirmed, another amount), withdrawn ones, and rows that said it again."""

    new: int
    changed: int
    withdrawn: int
    repeated: int


class CalendarHistory:
    """All rows that were ever learned, in one Parquet file that is replaced whole."""

    def __init__(self, path: str | Path) -> None:
        """Open `path`; a file that is not there is a history without rows. Raises `CalendarError` for one that cannot be read."""
        self.path = Path(path)
        self.rows, self.standing = _read(self.path)

    def learn(self, fetched: Fetched) -> Learned:
        """Add what an answer says that was not known, and write the file."""
        told, repeats = _distinct(fetched.events)
        live = self._live(fetched.provider)
        merged = told.merge(live.reset_index(), on=list(_SAYS), how="left", suffixes=("", "_old"))
        known = merged["index"].notna().to_numpy()
        fresh = told[~known]
        changed = _near_a_live_row(fresh, live)
        gone = self._gone(fetched, told, live)
        self.rows.loc[gone, WITHDRAWN] = pd.Timestamp(fetched.retrieved_at).as_unit("ns")
        added = fresh.assign(provider=fetched.provider, withdrawn_at=pd.Series(pd.NaT, fresh.index, dtype="datetime64[ns, UTC]"))
        self.rows = pd.concat([self.rows, added[list(HISTORY_COLUMNS)]], ignore_index=True) if len(added) else self.rows
        self._write()
        return Learned(int((~changed).sum()), int(changed.sum()), len(gone), repeats + int(known.sum()))

    def refreshed(self, asked: Collection[str], warned: Mapping[str, str], at: datetime) -> None:
        """Keep what the providers asked at `at` were `warned` of, and write the file where that changed; their older warnings go."""
        standing = after_refresh(self.standing, asked, warned, at)
        if standing != self.standing:
            self.standing = standing
            self._write()

    def events(self, session_date: date) -> pd.DataFrame:
        """Return the rows that some print of the session may use, canonical columns, in the order in which they were learned.

        A row withdrawn before the open is gone; one withdrawn later stays for that session. Raises `CalendarError` for no session.
        """
        return usable(self.rows, session_date, self.rows[WITHDRAWN])

    def would_withdraw(self, fetched: Fetched) -> tuple[int, int]:
        """How many live events an answer would withdraw, and how many live ones it should speak of."""
        live = self._live(fetched.provider)
        nothing = fetched.events.iloc[:0]
        told, _ = _distinct(fetched.events)
        return len(self._gone(fetched, told, live)), len(self._gone(fetched, nothing, live))

    def _write(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        hidden = self.path.with_name(f".{self.path.name}.{os.getpid()}.tmp")
        table = pa.Table.from_pandas(self.rows[list(HISTORY_COLUMNS)], _SCHEMA, preserve_index=False)
        pq.write_table(table.replace_schema_metadata(as_metadata(self.standing)), hidden)
        with hidden.open("rb") as file:
            os.fsync(file.fileno())
        hidden.replace(self.path)

    def _live(self, provider: str) -> pd.DataFrame:
        """The last word of this provider on each event: of rows about one event, the one learned last."""
        mine = self.rows[(self.rows[PROVIDER] == provider) & self.rows[WITHDRAWN].isna()]
        ordered = mine.sort_values("known_at", kind="stable")
        last = ordered.drop_duplicates(["underlying", "event_type", "event_date"], keep="last")
        return last[[*_SAYS, "known_at"]].rename(columns={"known_at": "first_known"})

    @staticmethod
    def _gone(fetched: Fetched, told: pd.DataFrame, live: pd.DataFrame) -> pd.Index:
        """Live rows inside the span of the answer, not yet over when it came, that it does not name; a moved one is withdrawn too."""
        if fetched.covers is None or live.empty:
            return live.index[:0]
        first, last = (pd.Timestamp(day) for day in fetched.covers)
        today = pd.Timestamp(fetched.retrieved_at.astimezone(UTC).date())
        spoken = live["event_date"].between(max(first, today), last)
        named = pd.MultiIndex.from_frame(told[["underlying", "event_type", "event_date"]])
        still = pd.MultiIndex.from_frame(live[["underlying", "event_type", "event_date"]]).isin(named)
        return live.index[spoken.to_numpy() & ~still]


def _distinct(events: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Rows without those that say the same twice; of two that differ in the time of day alone, the one that states it."""
    stated = events.assign(_stated=events["event_time"] != "unknown").sort_values("_stated", kind="stable")
    keys = ["underlying", "event_type", "event_date"]
    last = stated.drop_duplicates(keys, keep="last").sort_index().drop(columns="_stated")
    return last.reset_index(drop=True), len(events) - len(last)


def _near_a_live_row(fresh: pd.DataFrame, live: pd.DataFrame) -> np.ndarray:
    """Which new rows speak of an event that is known already: the same date, or for earnings a date within half a quarter."""
    pairs = fresh.reset_index().merge(live, on=["underlying", "event_type"], how="inner", suffixes=("", "_old"))
    apart = (pairs["event_date"] - pairs["event_date_old"]).abs().dt.days
    reach = np.where(pairs["event_type"] == "earnings", EARNINGS_MOVE_DAYS, 0)
    return np.isin(fresh.index, pairs.loc[apart <= reach, "index"])


def _read(path: Path) -> tuple[pd.DataFrame, dict[str, Standing]]:
    table, standing = _SCHEMA.empty_table(), {}
    if path.exists():
        try:
            table = pq.read_table(path, schema=_SCHEMA, partitioning=None)
            standing = from_metadata(pq.read_schema(path).metadata)
        except (OSError, ValueError, KeyError, TypeError, pa.ArrowException) as fault:
            raise CalendarError(f"{path}: the calendar history cannot be read: {fault}") from fault
    rows = table.to_pandas(date_as_object=False)
    rows["event_date"] = pd.to_datetime(rows["event_date"]).dt.as_unit("s")
    return rows, standing


@dataclass(frozen=True, slots=True)
class Refreshed:
    """How a refresh went: what was learned, or the warning that says why the last snapshot stays in force.

    `rejected` holds the rows of the answer that cannot be used, as a quarantine.
    """

    provider: str
    learned: Learned | None
    rejected: pd.DataFrame
    warning: str | None
    last_known: datetime | None
