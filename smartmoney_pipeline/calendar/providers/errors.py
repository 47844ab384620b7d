"""Why a provider gave no answer that can be used. The last snapshot stays in force then."""

from smartmoney_pipeline.calendar.errors import CalendarError


class ProviderError(CalendarError):
    """A provider that is down, slow, limits its callers, refuses them, or sends nonsense; the message names it and says which."""
