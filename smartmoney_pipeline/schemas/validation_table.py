"""The table of what only later data can tell of an event. Evaluation writes it; nothing that scores reads it."""

from enum import StrEnum

import numpy as np
import pandera.pandas as pa

from smartmoney_pipeline.schemas.input_tables import Price, Text
from smartmoney_pipeline.schemas.table_fields import Listed, StrictTable, listed, values

__all__ = ["EventValidation", "Verdict"]


class Verdict(StrEnum):
    """What the next session's open interest says to the claim that an event opened positions."""

    CONFIRMED = "confirmed"
    CONTRADICTED = "contradicted"
    CANNOT_TELL = "cannot_tell"


class EventValidation(StrictTable):
    """One row per event: how the open interest of its contracts changed until the next session, and what that tells."""

    event_id: Text = pa.Field(unique=True, description="the parent event")
    legs: np.int64 = pa.Field(gt=0, description="contracts that it traded")
    legs_opened: np.int64 = pa.Field(
        ge=0, description="legs whose trades must have opened: the rest of the day's volume cannot explain the rise"
    )
    legs_closed: np.int64 = pa.Field(ge=0, description="legs whose trades must have closed, unless the contract was exercised overnight")
    oi_change: Price = pa.Field(
        nullable=True, description="open interest of its contracts, next session less this one, contracts; null where unknown"
    )
    share: Price = pa.Field(nullable=True, description="oi_change over the event's contracts; null where unknown")
    verdict: Listed = listed("what that says to the claim that the event opened positions", values(Verdict))
