"""The one error of the calendar package."""


class CalendarError(ValueError):
    """A date or a calendar entry that cannot be used; the message names it and says why."""
