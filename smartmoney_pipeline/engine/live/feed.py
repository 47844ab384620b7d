"""Rows with ids as the stages read them, as a stored day would hand them over."""

from __future__ import annotations

import numpy as np

from smartmoney_pipeline.engine.live.rows import Rows
from smartmoney_pipeline.schemas.units import NO_PRICE
from smartmoney_pipeline.tape.lake import CARRIED_COLUMNS, PRINT_COLUMNS
from smartmoney_pipeline.tape.layout import Batch


def print_batch(prints: Rows) -> Batch:
    """Prints for the stages; a carried column that is not there is -1 throughout."""
    absent = np.full(len(prints), NO_PRICE, dtype=np.int32)
    numbers = prints.numbers
    return {name: _sealed(numbers[name]) if name in numbers else absent for name in (*PRINT_COLUMNS, *CARRIED_COLUMNS)}


def quote_batch(quotes: Rows) -> Batch:
    """Rows of one of the quote tables for the stages."""
    return {name: _sealed(values) for name, values in quotes.numbers.items()}


def _sealed(values: np.ndarray) -> np.ndarray:
    """Read-only, as a stored day has them, so that a kernel is compiled once."""
    view = values.view()
    view.flags.writeable = False
    return view
