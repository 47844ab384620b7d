"""The session day of a tape: which New York date it is, and which rows lie outside."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from smartmoney_pipeline.schemas.units import NS_PER_SECOND

NEW_YORK = ZoneInfo("America/New_York")


@dataclass(frozen=True, slots=True)
class SessionDay:
    """One New York calendar day; `start_ns` included, `end_ns` not (UTC nanoseconds)."""

    day: date
    start_ns: int
    end_ns: int

    @classmethod
    def of(cls, day: date) -> "SessionDay":
        """The day from midnight to midnight in New York, 23 or 25 hours long where the clocks change."""
        return cls(day, _midnight_ns(day), _midnight_ns(day + timedelta(days=1)))

    def outside(self, ts: np.ndarray) -> np.ndarray:
        """Which times (i64[n], UTC ns) lie outside this day: bool[n]."""
        return (ts < self.start_ns) | (ts >= self.end_ns)


def _midnight_ns(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=NEW_YORK).timestamp()) * NS_PER_SECOND


def majority_day(ts: np.ndarray) -> date | None:
    """The New York date of most of the times (i64[n], UTC ns); the earlier one in a tie, None without times."""
    if not len(ts):
        return None
    local = pd.DatetimeIndex(ts.astype("datetime64[ns]"), tz="UTC").tz_convert(NEW_YORK).tz_localize(None)
    days, counts = np.unique(local.to_numpy().astype("datetime64[D]"), return_counts=True)
    return days[np.argmax(counts)].item()
