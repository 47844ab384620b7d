"""Columns and code lists of the event calendar, as the providers deliver it and `CorporateEvents` reads it."""

REQUIRED_COLUMNS = ("underlying", "event_type", "event_date", "event_time", "known_at")
OPTIONAL_COLUMNS = ("amount", "source")
EVENT_COLUMNS = REQUIRED_COLUMNS + OPTIONAL_COLUMNS

EVENT_TYPES = ("earnings", "dividend", "m_and_a", "corporate_action", "fda", "macro", "other")
"""Also the order in which events of one instant are preferred."""

EVENT_TIMES = ("bmo", "amc", "during", "unknown")

CATALYST_TYPES = tuple(kind for kind in EVENT_TYPES if kind != "dividend")
"""Events that bring news. An ex-dividend date is arithmetic known in advance and has a feature of its own."""
