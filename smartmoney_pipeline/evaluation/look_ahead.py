"""Whether any event used what was known only later, as far as its tables can tell: times of prints, quotes and calendar entries."""

from __future__ import annotations

import pandas as pd

CLOSED_EARLY = "closed before its last print"
PRINT_OUTSIDE = "a member print lies outside the event's window"
QUOTE_NOT_BEFORE = "a member print stands against a quote that is not before it"
UNKNOWN_EVENT = "a corporate event is used that nobody knew at the first print"


def look_ahead(events: pd.DataFrame, members: pd.DataFrame, prints: pd.DataFrame, calendar: pd.DataFrame) -> pd.DataFrame:
    """Return one row a fault: event_id, fault. No row: nothing in these tables is later than its event.

    `events`: event_id, underlying_id, start_ts, end_ts, closed_at, trading_days_to_event (null: no event was known). `members`: event_id,
    print_id. `prints`: print_id, ts, quote_age_ms (null unknown). `calendar`: underlying, known_at.
    """
    joined = members.merge(prints, on="print_id", how="inner").merge(events[["event_id", "start_ts", "end_ts"]], on="event_id", how="inner")
    outside = (joined["ts"] < joined["start_ts"]) | (joined["ts"] > joined["end_ts"])
    first_known = pd.to_datetime(calendar["known_at"], utc=True).groupby(calendar["underlying"].astype(object)).min()
    first = pd.DataFrame({"underlying_id": first_known.index.astype(object), "known_at": pd.DatetimeIndex(first_known)})
    known_at = events[["underlying_id"]].astype(object).merge(first, on="underlying_id", how="left")["known_at"].set_axis(events.index)
    used = events["trading_days_to_event"].notna()
    found = {
        CLOSED_EARLY: events.loc[events["closed_at"] < events["end_ts"], "event_id"],
        PRINT_OUTSIDE: joined.loc[outside, "event_id"],
        QUOTE_NOT_BEFORE: joined.loc[joined["quote_age_ms"] <= 0, "event_id"],
        UNKNOWN_EVENT: events.loc[used & ~(known_at < events["start_ts"]), "event_id"],
    }
    rows = [pd.DataFrame({"event_id": ids.drop_duplicates(), "fault": fault}) for fault, ids in found.items()]
    return pd.concat(rows, ignore_index=True).sort_values(["fault", "event_id"], ignore_index=True)
