"""Where a print lies in its quote, by the legacy rule, whose figures are frozen with the surface that shows them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from smartmoney_pipeline.schemas.legacy import NBBO_SIDES

MAX_AGE_MS = 1_500.0
LEAST_TOLERANCE_USD = 0.01
TOLERANCE_OF_SPREAD = 0.05
AA, A, MID, B, BB, MISSING, STALE = range(len(NBBO_SIDES))


def nbbo_sides(prints: pa.Table) -> NDArray[np.int64]:
    """Return the place in NBBO_SIDES of each of the quoted prints.

    Without an ask a quote is missing, beyond the age limit stale. The tolerance is a cent or a twentieth of the spread.
    """
    price, bid, ask, age = (numbers(prints[name]) for name in ("price_usd", "bid", "ask", "quote_age_ms"))
    bid = np.nan_to_num(bid)
    tolerance = np.maximum(LEAST_TOLERANCE_USD, TOLERANCE_OF_SPREAD * np.abs(ask - bid))
    conditions = [np.isnan(ask), age > MAX_AGE_MS, price > ask + tolerance, price >= ask - tolerance, price < bid - tolerance]
    return np.select([*conditions, price <= bid + tolerance], [MISSING, STALE, AA, A, BB, B], default=MID)


def numbers(column: pa.ChunkedArray) -> NDArray[np.float64]:
    """Return a column as float64, null as NaN."""
    return column.cast(pa.float64()).to_numpy()
