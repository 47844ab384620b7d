"""The next known corporate event of each parent event, as arrays."""

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd

from smartmoney_pipeline.features.arrays import Bools, Floats, Ints


@dataclass(frozen=True)
class NextEvents:
    """Arrays of one value a parent event; NaN unknown, and no known event where `known` is False."""

    known: Bools
    day: Floats
    """Days since 1970-01-01."""
    instant_ns: Ints
    """UTC; far in the future where no event is known."""
    time_is_stated: Bools
    is_earnings: Bools
    trading_days: Floats
    ex_dividend_next_session: Floats

    def __len__(self) -> int:
        return len(self.known)

    def take(self, rows: Ints) -> "NextEvents":
        """Return the answers of `rows`, in that order."""
        return NextEvents(*(getattr(self, field.name)[rows] for field in fields(self)))

    @classmethod
    def read(cls, frame: pd.DataFrame) -> "NextEvents":
        """Read the output of `CorporateEvents.next_events`."""
        date = frame["event_date"].to_numpy()
        known = ~np.isnat(date)
        day = np.where(known, date.astype("datetime64[D]").astype(np.int64), 0)
        return cls(
            known,
            np.where(known, day.astype(np.float64), np.nan),
            frame["event_instant_ns"].to_numpy(dtype=np.int64, na_value=np.iinfo(np.int64).max),
            _is_any(frame["event_time"], ("bmo", "amc", "during")),
            _is_any(frame["event_type"], ("earnings",)),
            _numbers(frame["trading_days_to_event"]),
            _numbers(frame["ex_dividend_next_session"]),
        )


def _numbers(column: pd.Series) -> Floats:
    return np.asarray(column.to_numpy(dtype=np.float64, na_value=np.nan), dtype=np.float64)


def _is_any(column: pd.Series, codes: tuple[str, ...]) -> Bools:
    return np.asarray(column.isin(codes).to_numpy(dtype=bool, na_value=False), dtype=bool)
