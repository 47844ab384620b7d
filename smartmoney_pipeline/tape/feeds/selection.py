"""Which rows of a vendor's files an import takes: from a day, until a day, of some underlyings; and only of exchange sessions."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smartmoney_pipeline.schemas.codes import QuarantineReason
from smartmoney_pipeline.tape.feeds.checks import DAY
from smartmoney_pipeline.tape.feeds.clocks import NO_DAY
from smartmoney_pipeline.tape.rules import coded
from smartmoney_pipeline.tape.symbols import parse_symbols, root_rules

IsSession = Callable[[date], bool]


def day_number(day: date) -> int:
    """Days since 1970."""
    return int(np.datetime64(day, "D").astype(np.int64))


@dataclass(frozen=True, slots=True)
class Selection:
    """Days `since` to `until`, both included, and underlyings in the spelling of the tape; empty or None takes all."""

    since: date | None = None
    until: date | None = None
    underlyings: frozenset[str] = frozenset()

    def wanted(self, rows: pa.Table) -> np.ndarray:
        """Which checked rows are taken: bool[n]."""
        days = rows[DAY].to_numpy()
        keep = np.ones(len(rows), dtype=bool)
        if self.since is not None:
            keep &= (days >= day_number(self.since)) | (days == NO_DAY)
        if self.until is not None:
            keep &= (days <= day_number(self.until)) | (days == NO_DAY)
        return keep & self._of_underlyings(rows) if self.underlyings else keep

    def _of_underlyings(self, rows: pa.Table) -> np.ndarray:
        named = "underlying" in rows.column_names
        codes, words = coded(rows["underlying" if named else "option_symbol"].combine_chunks())
        tickers = words if named else _underlyings(words)
        return pc.is_in(tickers, pa.array(sorted(self.underlyings))).to_numpy(zero_copy_only=False)[codes]


def _underlyings(symbols: pa.Array) -> pa.Array:
    roots = pa.array(parse_symbols(symbols)["root"], pa.string(), from_pandas=True)
    return pa.array(root_rules(pc.fill_null(roots, ""))["underlying"], pa.string(), from_pandas=True)


class Sessions:
    """Answers whether day numbers are exchange sessions, asking the calendar once a day."""

    def __init__(self, is_session: IsSession) -> None:
        self._known = lru_cache(maxsize=None)(lambda number: _answer(is_session, number))

    def outside(self, days: np.ndarray) -> np.ndarray:
        """Which rows lie on a day without a session: bool[n]; a row without a day is none of them."""
        if len(days) and (days == days[0]).all():
            return np.full(len(days), bool(self.outside_of(days[:1])[0]))
        return self.outside_of(days)

    def outside_of(self, days: np.ndarray) -> np.ndarray:
        """The same for any mixture of days."""
        distinct, codes = np.unique(days, return_inverse=True)
        wrong = np.array([number != NO_DAY and not self._known(int(number)) for number in distinct], dtype=bool)
        return wrong[codes]


def _answer(is_session: IsSession, number: int) -> bool:
    try:
        return is_session(np.datetime64(number, "D").item())
    except ValueError:
        return False


OUTSIDE = QuarantineReason.OUTSIDE_SESSION_DAY
