"""Asks providers and keeps what they say. A provider that fails changes nothing: the last snapshot stays in force, with a warning."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

import pandas as pd

from smartmoney_pipeline.calendar.errors import CalendarError
from smartmoney_pipeline.calendar.history import PROVIDER, CalendarHistory, Refreshed
from smartmoney_pipeline.calendar.providers.rows import Fetched
from smartmoney_pipeline.calendar.rejected import first_fault, rejected_frame

_LOG = logging.getLogger(__name__)
MOST_REJECTED = 0.5
"""An answer of which more than half is unusable is nonsense as a whole (SEED): what is left of it would withdraw real events."""

MANY_WITHDRAWN = 10
"""So many events are not called off at once (SEED); fewer may be."""


def refresh(history: CalendarHistory, provider: str, fetch: Callable[[], Fetched]) -> Refreshed:
    """Ask one provider and learn its answer. Every failure of a provider ends in a warning, which is logged as well, never in an error."""
    rejected = rejected_frame([], provider)
    try:
        fetched = fetch()
        rejected = fetched.rejected
        _refuse_nonsense(fetched)
        _refuse_emptied(history, fetched)
    except CalendarError as fault:
        last = _last_known(history, provider)
        since = "nothing was ever learned from it" if last is None else f"its calendar as of {last:%Y-%m-%d %H:%M} UTC stays in force"
        warning = f"event calendar: {fault}; {since}"
        _LOG.warning(warning)
        return Refreshed(provider, None, rejected, warning, last)
    learned = history.learn(fetched)
    return Refreshed(provider, learned, rejected, _rejected_warning(fetched), fetched.retrieved_at)


def refresh_all(history: CalendarHistory, calls: Iterable[tuple[str, Callable[[], Fetched]]], at: datetime) -> list[Refreshed]:
    """Ask several providers, one after the other; each stands for itself. What they warned of at `at` stands until they answer again."""
    outcome = [refresh(history, provider, fetch) for provider, fetch in calls]
    warned = {one.provider: one.warning for one in reversed(outcome) if one.warning is not None}
    history.refreshed({one.provider for one in outcome}, warned, at)
    return outcome


def _refuse_nonsense(fetched: Fetched) -> None:
    if fetched.row_count and len(fetched.rejected) > MOST_REJECTED * fetched.row_count:
        why = f"{len(fetched.rejected)} unusable rows of {fetched.row_count}, the first: {first_fault(fetched.rejected)}"
        raise CalendarError(f"{fetched.provider} sends {why}")


def _refuse_emptied(history: CalendarHistory, fetched: Fetched) -> None:
    gone, spoken = history.would_withdraw(fetched)
    if gone >= MANY_WITHDRAWN and gone > MOST_REJECTED * spoken:
        raise CalendarError(f"{fetched.provider} no longer names {gone} of {spoken} known events: taken for a broken answer")


def _rejected_warning(fetched: Fetched) -> str | None:
    if fetched.rejected.empty:
        return None
    counted = f"{len(fetched.rejected)} rows of {fetched.provider} cannot be used"
    warning = f"event calendar: {counted}, the first: {first_fault(fetched.rejected)}"
    _LOG.warning(warning)
    return warning


def _last_known(history: CalendarHistory, provider: str) -> pd.Timestamp | None:
    mine = history.rows.loc[history.rows[PROVIDER] == provider, "known_at"]
    return None if mine.empty else mine.max()
