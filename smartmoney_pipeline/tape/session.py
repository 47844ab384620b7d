"""The session day of a tape: which New York date it is, and which rows lie outside."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from smartmoney_pipeline.schemas.codes import QuarantineReason
from smartmoney_pipeline.schemas.units import NS_PER_SECOND

NEW_YORK = ZoneInfo("America/New_York")

LONGEST_LISTING = timedelta(days=6 * 366)
"""No listed option lives longer: index LEAPS reach about five years (SEED). A later expiry is a damaged symbol."""


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

    def expiry_faults(self, expiry: np.ndarray) -> dict[QuarantineReason, np.ndarray]:
        """Which expiries (datetime64[D][n]) cannot trade on this day, by reason: bool[n] each; NaT is none of them."""
        day = np.datetime64(self.day)
        return {
            QuarantineReason.EXPIRED_CONTRACT: expiry < day,
            QuarantineReason.EXPIRY_OUT_OF_RANGE: expiry > day + np.timedelta64(LONGEST_LISTING),
        }


def _midnight_ns(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=NEW_YORK).timestamp()) * NS_PER_SECOND


def majority_day(ts: np.ndarray) -> date | None:
    """The New York date of most of the times (i64[n], UTC ns); the earlier one in a tie, None without times."""
    if not len(ts):
        return None
    local = pd.DatetimeIndex(ts.astype("datetime64[ns]"), tz="UTC").tz_convert(NEW_YORK).tz_localize(None)
    days, counts = np.unique(local.to_numpy().astype("datetime64[D]"), return_counts=True)
    return days[np.argmax(counts)].item()


def other_day(found: date, asked: date) -> str:
    """Return what is said of a tape whose prints are of another day than the session asked for."""
    return f"holds prints of {found}, and none that can be used of the session asked for, {asked}"
