"""The tables that a session of the lake is published with."""

from smartmoney_pipeline.schemas.bridge_tables import BRIDGE_TABLES

PUBLISHED = (
    "quoted_prints",
    "packets",
    "parent_events",
    "parent_event_members",
    "event_legs",
    "event_links",
    "event_calendar",
    "event_features",
    "profile_scores",
    "event_evidence",
    "smart_money_events",
    *BRIDGE_TABLES,
    "evaluation_metrics",
)
"""Every table that the asset graph keeps of a session and source; all of them are in its manifest."""
