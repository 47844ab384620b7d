"""The update of one advance: what each bucket says of what it made."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from smartmoney_pipeline.engine.context import DayContext
from smartmoney_pipeline.engine.live.bucket import BucketAdvance
from smartmoney_pipeline.engine.live.said import Part, Said, Saying
from smartmoney_pipeline.engine.live.update import Update
from smartmoney_pipeline.engine.live.window import joined_named


def publish(context: DayContext, done: Sequence[tuple[Said, BucketAdvance]], quarantined: Sequence[pa.Table], at: int) -> Update:
    """The update of one advance of all buckets; `at` is the event time reached, ns UTC."""
    sayings = [_said(context, said, advance, at) for said, advance in done]
    return Update(
        context,
        [spoken for saying in sayings for spoken in saying.spoken],
        [link for saying in sayings for link in saying.links],
        [link for saying in sayings for link in saying.withdrawn_links],
        [retraction for saying in sayings for retraction in saying.retractions],
        quarantined,
    )


def _said(context: DayContext, said: Said, advance: BucketAdvance, at: int) -> Saying:
    """What one bucket says."""
    early = [stretch.provisional for stretch in advance.stretches if stretch.provisional is not None]
    provisional = joined_named(early) if early else None
    if advance.cause is None:
        stretch = advance.stretches[0]
        return said.add(stretch.since, stretch.final, stretch.links, provisional, at)
    none = np.zeros(0, np.int64)
    parts = [Part(stretch.since, stretch.final, none, stretch.links) for stretch in advance.stretches]
    return said.replace(context, parts, provisional, advance.cause)
