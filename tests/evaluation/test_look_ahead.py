"""A sound session has no fault; each planted one is found under its name. Times are seconds of one morning."""

import pandas as pd
import pytest

from smartmoney_pipeline.evaluation import look_ahead as la


def at(second: float) -> pd.Timestamp:
    return pd.Timestamp("2026-03-18 14:30", tz="UTC") + pd.Timedelta(seconds=second)


def tables() -> dict[str, pd.DataFrame]:
    return {
        "events": pd.DataFrame(
            {
                "event_id": ["a", "b"],
                "underlying_id": ["SPY", "AAPL"],
                "start_ts": [at(10), at(20)],
                "end_ts": [at(11), at(20)],
                "closed_at": [at(12), at(20.25)],
                "trading_days_to_event": pd.array([3, None], dtype="Int64"),
            }
        ),
        "members": pd.DataFrame({"event_id": ["a", "a", "b"], "print_id": ["p", "q", "r"]}),
        "prints": pd.DataFrame({"print_id": ["p", "q", "r"], "ts": [at(10), at(11), at(20)], "quote_age_ms": [5.0, None, 0.001]}),
        "calendar": pd.DataFrame({"underlying": ["SPY"], "known_at": [at(-1e6)]}),
    }


def faults(**changed: pd.DataFrame) -> list[tuple[str, str]]:
    return list(la.look_ahead(**(tables() | changed)).itertuples(index=False, name=None))


def test_a_sound_session_has_no_fault():
    assert faults() == []


@pytest.mark.parametrize(
    ("name", "row", "column", "value", "fault"),
    [
        ("events", 0, "closed_at", at(10.5), la.CLOSED_EARLY),
        ("prints", 1, "ts", at(11.5), la.PRINT_OUTSIDE),
        ("prints", 0, "ts", at(9), la.PRINT_OUTSIDE),
        ("prints", 0, "quote_age_ms", 0.0, la.QUOTE_NOT_BEFORE),
        ("prints", 0, "quote_age_ms", -3.0, la.QUOTE_NOT_BEFORE),
        ("calendar", 0, "known_at", at(10), la.UNKNOWN_EVENT),
        ("calendar", 0, "underlying", "GME", la.UNKNOWN_EVENT),
    ],
)
def test_a_planted_fault_is_found(name, row, column, value, fault):
    table = tables()[name]
    table.loc[row, column] = value
    assert faults(**{name: table}) == [("a", fault)]


def test_without_a_calendar_no_event_may_be_known():
    assert faults(calendar=tables()["calendar"].iloc[:0]) == [("a", la.UNKNOWN_EVENT)]


def test_no_events_have_no_faults():
    assert faults(events=tables()["events"].iloc[:0]) == []
