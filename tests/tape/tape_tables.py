"""A tiny canonical day, made by hand, that the tests of the tape damage one cell at a time."""

from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd

SESSION = date(2025, 2, 14)  # a Friday, New York is five hours behind UTC
CALL = "AAPL250221C00250000"
PUT = "SPXW250214P06000000"


def at(clock: str, day: str = "2025-02-14") -> pd.Timestamp:
    """A UTC time of day."""
    return pd.Timestamp(f"{day}T{clock}Z").as_unit("ns")


def times(clocks: list[str]) -> pd.Series:
    return pd.Series([at(clock) for clock in clocks], dtype="datetime64[ns, UTC]")


def option_prints() -> pd.DataFrame:
    """Four good prints in two contracts."""
    return pd.DataFrame(
        {
            "print_id": ["p1", "p2", "p3", "p4"],
            "ts": times(["14:30:01.5", "14:30:02", "15:00:00", "20:59:59.999999999"]),
            "seq": [11, 12, 13, 14],
            "option_symbol": [CALL, PUT, CALL, CALL],
            "underlying": ["AAPL", "SPX", "AAPL", "AAPL"],
            "price": [2.05, 11.3, 2.1, 2.1],
            "size": [10, 1, 5, 5],
            "exchange": ["C", "C", "X", "A"],
            "condition": ["I", " ", "S", "?"],
        }
    )


def option_quotes() -> pd.DataFrame:
    """Good quotes of each state: two-sided, crossed, locked, no bid, nothing."""
    return pd.DataFrame(
        {
            "ts": times(["14:30:00", "14:30:01", "14:30:02", "14:30:03", "14:30:04"]),
            "seq": [1, 2, 3, 4, 5],
            "option_symbol": [CALL, CALL, PUT, PUT, "AAPL250221P00200000"],
            "bid": [2.0, 2.2, 11.0, 0.0, 0.0],
            "ask": [2.1, 2.1, 11.0, 11.5, 0.0],
            "bid_size": [10, 10, 3, 0, 0],
            "ask_size": [12, 10, 3, 4, 0],
        }
    )


def underlying_quotes() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "ts": times(["14:30:00", "14:30:00.25"]),
            "seq": [1, 2],
            "underlying": ["AAPL", "SPX"],
            "bid": [244.5, 6100.25],
            "ask": [244.52, 6100.25],
            "bid_size": [100, 0],
            "ask_size": [200, 0],
        }
    )


def day() -> dict[str, pd.DataFrame]:
    """The required tables."""
    return {
        "option_prints": option_prints(),
        "option_quotes": option_quotes(),
        "underlying_quotes": underlying_quotes(),
    }


def damaged(table: str, column: str, value: object, row: int = 1) -> dict[str, pd.DataFrame]:
    """The day with one cell replaced."""
    tables = day()
    frame = tables[table]
    if isinstance(value, float) and frame[column].dtype == "int64":
        frame[column] = frame[column].astype("float64")
    frame.loc[row, column] = value
    return tables


def settle(expiry: date, settlement: str, root: str) -> int:
    """A stand-in for the calendar: 14:30 UTC in the morning, 21:00 UTC in the afternoon."""
    hour, minute = (14, 30) if settlement == "am" else (21, 0)
    instant = datetime(expiry.year, expiry.month, expiry.day, hour, minute, tzinfo=UTC)
    return int(instant.timestamp()) * 10**9


def real_samples() -> Path:
    """Where real samples lie beside the checkout, if they do."""
    return Path(__file__).resolve().parents[2].parent / "shared" / "real"
