"""Light stages on event rows: features, profile scores, and the published event."""

from collections.abc import Iterator

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc

from assets.describing import described, table_schema, table_spec
from assets.partitions import batches, partitions_of, session_source
from assets.tapes import tape
from resources.lake import Kept, LakeResource, Made
from smartmoney_pipeline.engine.context import day_context
from smartmoney_pipeline.engine.events_table import smart_money_events as build_events
from smartmoney_pipeline.engine.from_tables import features_of, scores_of
from smartmoney_pipeline.schemas.output_tables import OUTPUT_TABLES, EventFeaturesTable, SmartMoneyEvents
from smartmoney_pipeline.tape.layout import TapeDay

GROUP = "scores"
EVENTS_TEXT = """The public result: one row per parent event, those that abstain too, in the order in which they closed.

- `primary_profile_id` is the profile that the event is *consistent with*. It is null where nothing is published, as for most events:
  most of a tape is ordinary flow. `abstention_reasons` says why.
- `profile_scores` is the ladder of the six profiles, highest first, each with interval, direction and reasons. `none_probability` is
  the rest.
- `primary_direction` is the sign of the exposure that the event adds. It is no forecast.
- Why a score is what it is: `event_evidence`. What was traded: `event_legs` and `parent_event_members`.

No column says who traded or why. Null means unknown, never zero."""


@dg.asset(
    **described(
        "event_features",
        "features",
        "Typed features of each parent event, from what was known when it closed: size, aggression, route, contract terms, structure, "
        "volatility, the next corporate event. Each column states its unit. Null means unknown, never zero; null_share in the metadata "
        "says how often.",
        table_schema(EventFeaturesTable),
    ),
    deps=[tape],
)
def event_features(context: dg.AssetExecutionContext, lake: LakeResource, event_calendar: Kept, parent_events: Kept, packets: Kept) -> Made:
    """Compute the features of each session's parents."""
    made = Made()
    for part in partitions_of(context):
        day = TapeDay.open(lake.day_folder(part.session, part.source))
        known = day_context(day, event_calendar[part.key].to_pandas())
        made[part.key] = features_of(known, parent_events[part.key], packets[part.key])
    return made


def abstention_rate(rows: pa.Table) -> dict[str, float]:
    """Return the share of events that abstain, 0 to 1, as metadata; nothing for a table without rows."""
    rate = pc.mean(rows["abstained"]).as_py()
    return {} if rate is None else {"abstention_rate": rate}


@dg.multi_asset(
    outs={
        "profile_scores": table_spec(
            "profile_scores",
            GROUP,
            "How well each event fits the six profiles and none of them, with intervals, direction and reasons, and the decision to "
            "publish a profile or to abstain. `calibration_version` says how far the numbers are probabilities.",
            OUTPUT_TABLES["profile_scores"],
        ),
        "event_evidence": table_spec(
            "event_evidence",
            GROUP,
            "Why a notable event has its scores: one row per event, class and piece of evidence, in nats. Rows of one event and class add "
            "up to its log-odds.",
            OUTPUT_TABLES["event_evidence"],
        ),
    },
    partitions_def=session_source,
    backfill_policy=batches,
    name="score_events",
)
def scored_events(context: dg.AssetExecutionContext, parent_events: Kept, event_features: Kept) -> Iterator[dg.Output[Made]]:
    """Weigh the evidence of every event."""
    scored = {key: scores_of(parent_events[key], event_features[key]) for key in parent_events}
    for key, tables in scored.items():
        context.add_asset_metadata(abstention_rate(tables.scores), "profile_scores", key)
    yield dg.Output(Made({key: tables.scores for key, tables in scored.items()}), output_name="profile_scores")
    yield dg.Output(Made({key: tables.evidence for key, tables in scored.items()}), output_name="event_evidence")


@dg.asset(**described("smart_money_events", GROUP, EVENTS_TEXT, table_schema(SmartMoneyEvents)))
def smart_money_events(context: dg.AssetExecutionContext, parent_events: Kept, event_features: Kept, profile_scores: Kept) -> Made:
    """Put parents, features and scores side by side."""
    made = Made()
    for key in parent_events:
        events = made[key] = build_events(parent_events[key], event_features[key], profile_scores[key])
        published = {row["values"]: row["counts"] for row in pc.value_counts(pc.drop_null(events["primary_profile_id"])).to_pylist()}
        counts = {f"published/{name}": count for name, count in sorted(published.items())}
        context.add_asset_metadata(abstention_rate(events) | counts, partition_key=key)
    return made
