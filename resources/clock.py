"""The one place where the wall clock is read for orchestration: guards, sensors and retention ask here, and tests say what it is."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")


def utc_now() -> datetime:
    """Return the present instant, UTC."""
    return datetime.now(UTC)


def new_york_day(now: datetime | None = None) -> date:
    """Return the calendar day in New York at `now`, which must have a zone; None is the present."""
    return (now or utc_now()).astimezone(NEW_YORK).date()
