"""When a contract settles: the close of its expiry session (PM) or the opening auction of it (AM).

An expiry date that is no session (Good Friday; the Saturdays on which equity options expired until 2015) settles in the
session before it (OCC_EXPIRY). The time is that of the price that decides the payoff, not of the exercise cut-off.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smartmoney_pipeline.calendar.errors import CalendarError
from smartmoney_pipeline.calendar.sessions import last_session_positions, session_table

SETTLEMENTS = ("am", "pm")


def settlement_instant_ns(expiry: date, settlement: str, root: str) -> int:
    """Return the settlement instant of one contract, UTC ns.

    PM: the close of the expiry session, 16:00 New York or 13:00 on a half day. AM: its open, 09:30, when the special opening
    quotation of SPX (Fridays) or VIX (Wednesdays) begins. Raises `CalendarError` that names `root` for an unknown settlement
    or an expiry outside the calendar.
    """
    return int(settlement_instants([expiry], [settlement], [root])[0])


def settlement_instants(expiries: Any, settlements: Sequence[str], roots: Sequence[str]) -> NDArray[np.int64]:
    """Return the settlement instants of many contracts, int64 UTC ns, in the order given.

    `expiries` is anything that numpy reads as datetime64[D]; `settlements` holds `am` or `pm`; `roots` only names a contract in
    an error. Raises `CalendarError` as `settlement_instant_ns` does.
    """
    days, kinds = np.asarray(expiries, dtype="datetime64[D]"), np.asarray(settlements, dtype=object)
    _check(days, kinds, roots)
    positions = last_session_positions(days)
    table = session_table()
    return np.where(kinds == "am", table.open_ns[positions], table.close_ns[positions])


def _check(days: NDArray[np.datetime64], kinds: NDArray[np.object_], roots: Sequence[str]) -> None:
    wrong = ~np.isin(kinds.astype(str), SETTLEMENTS)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise CalendarError(f"{roots[row]} {days[row]}: settlement is {kinds[row]!r}, expected 'am' or 'pm'")
    unknown = ~((days >= session_table().days[0]) & (days <= session_table().days[-1]))
    if unknown.any():
        row = int(np.argmax(unknown))
        raise CalendarError(f"{roots[row]} {days[row]}: the expiry is outside the calendar")
