"""What agents send: orders in one contract, and packages of legs. Prints come from their execution, never from here."""

from collections.abc import Mapping
from enum import IntEnum
from typing import Any

import numpy as np
import pandas as pd

BACKGROUND = -1
"""Event number of orders that no template made."""


class Style(IntEnum):
    """How an order in one contract meets the market."""

    TAKE = 0
    REST = 1
    INSIDE = 2
    MIDDLE = 3
    AUCTION = 4
    CROSS = 5
    FLOOR = 6


class Report(IntEnum):
    """How the tape tells of an order's prints."""

    ORDINARY = 0
    LATE = 1
    OUT_OF_SEQUENCE = 2
    CANCELLED = 3
    DUPLICATED = 4
    EXTENDED = 5


ALONE = -1
"""Unit of an order that belongs with no other."""

_DEFAULTS: dict[str, Any] = {"report": int(Report.ORDINARY), "unit": ALONE}

SINGLE_COLUMNS = {
    "ts": np.int64,
    "contract": np.int64,
    "side": np.int64,
    "size": np.int64,
    "style": np.int64,
    "sweep": np.bool_,
    "event": np.int64,
    "report": np.int64,
    "unit": np.int64,
}
"""One row per order: UTC ns, contract number, customer side (+1 buys), contracts, `Style`, whether routed as an intermarket
sweep, event number (`BACKGROUND` where no template made it), `Report`, ordinary where it is not given, and unit: orders of one
event and unit are one decision in parts (clips of a worked order, legs of a clip, tickets of a crowd), `ALONE` where it is not given."""

LEG_COLUMNS = {
    "ts": np.int64,
    "package": np.int64,
    "contract": np.int64,
    "side": np.int64,
    "size": np.int64,
    "condition": np.int64,
    "aggression": np.float64,
    "shares": np.int64,
    "event": np.int64,
    "report": np.int64,
}
"""One row per leg: package number, customer side, contracts, condition letter (ASCII), share of the half-spread that the customer
pays (0 = mid, 1 = touch), signed shares of the stock leg (on the first leg, else 0), `Report`, ordinary where it is not given."""


def single_orders(**columns: Any) -> pd.DataFrame:
    """Return single-contract orders with exactly the columns of `SINGLE_COLUMNS`; scalars are broadcast."""
    return _frame(SINGLE_COLUMNS, columns)


def package_legs(**columns: Any) -> pd.DataFrame:
    """Return package legs with exactly the columns of `LEG_COLUMNS`; scalars are broadcast."""
    return _frame(LEG_COLUMNS, columns)


def _frame(kinds: Mapping[str, Any], columns: dict[str, Any]) -> pd.DataFrame:
    columns = {**_DEFAULTS, **columns}
    length = max((len(v) for v in columns.values() if isinstance(v, np.ndarray | list)), default=1)
    data: dict[str, np.ndarray] = {name: np.broadcast_to(np.asarray(columns[name], dtype=kind), (length,)) for name, kind in kinds.items()}
    return pd.DataFrame(data)


def no_singles() -> pd.DataFrame:
    """Return an empty frame of single-contract orders."""
    return pd.DataFrame({name: np.empty(0, kind) for name, kind in SINGLE_COLUMNS.items()})


def no_legs() -> pd.DataFrame:
    """Return an empty frame of package legs."""
    return pd.DataFrame({name: np.empty(0, kind) for name, kind in LEG_COLUMNS.items()})


def renumbered(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Return package legs of several frames as one, with package numbers that stay apart."""
    offset, out = 0, []
    for frame in frames:
        out.append(frame.assign(package=frame["package"] + offset))
        offset += int(frame["package"].max()) + 1 if len(frame) else 0
    return pd.concat(out, ignore_index=True)
