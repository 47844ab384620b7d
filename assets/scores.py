"""Light stages on event rows: features, profile scores, and the published event."""

from collections.abc import Iterator

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc

from assets.describing import described, table_spec
from assets.parents import grouped_prints
from assets.partitions import partition_of, session_source
from resources.lake import LakeResource
from smartmoney_pipeline.engine.context import day_context
from smartmoney_pipeline.engine.events_table import smart_money_events as build_events
from smartmoney_pipeline.engine.from_tables import features_of, scores_of
from smartmoney_pipeline.schemas.output_tables import OUTPUT_TABLES, EventFeaturesTable, SmartMoneyEvents
from smartmoney_pipeline.tape.layout import TapeDay

GROUP = "scores"


@dg.asset(
    **described("features", "Typed features of each parent event, known when it closed. Null means unknown.", EventFeaturesTable),
    deps=[grouped_prints],
)
def event_features(
    context: dg.AssetExecutionContext, lake: LakeResource, event_calendar: pa.Table, parent_events: pa.Table, packets: pa.Table
) -> dg.Output[pa.Table]:
    """Compute the features of the session's parents."""
    day = TapeDay.open(lake.day_folder(*partition_of(context)))
    features = features_of(day_context(day, event_calendar.to_pandas()), parent_events, packets)
    rows = max(features.num_rows, 1)
    shares = {f"null_share/{name}": features[name].null_count / rows for name in features.column_names if name != "event_id"}
    return dg.Output(features, metadata=shares)


@dg.multi_asset(
    outs={
        "profile_scores": table_spec(
            "profile_scores",
            GROUP,
            "Six profile probabilities and none, with intervals, direction, reasons, and the decision to publish or abstain.",
            OUTPUT_TABLES["profile_scores"],
        ),
        "event_evidence": table_spec(
            "event_evidence",
            GROUP,
            "What moved each score of a notable event, in nats; rows of one event and class add up to its log-odds.",
            OUTPUT_TABLES["event_evidence"],
        ),
    },
    partitions_def=session_source,
    name="score_events",
)
def scored_events(parent_events: pa.Table, event_features: pa.Table) -> Iterator[dg.Output[pa.Table]]:
    """Weigh the evidence of every event."""
    scored = scores_of(parent_events, event_features)
    rate = pc.mean(scored.scores["abstained"]).as_py()
    yield dg.Output(scored.scores, output_name="profile_scores", metadata={} if rate is None else {"abstention_rate": rate})
    yield dg.Output(scored.evidence, output_name="event_evidence")


@dg.asset(
    **described(
        GROUP,
        "One row per parent event: members, features, scores, direction, reasons, suppressions, abstention. The public result.",
        SmartMoneyEvents,
    )
)
def smart_money_events(parent_events: pa.Table, event_features: pa.Table, profile_scores: pa.Table) -> dg.Output[pa.Table]:
    """Put parents, features and scores side by side."""
    events = build_events(parent_events, event_features, profile_scores)
    published = {row["values"]: row["counts"] for row in pc.value_counts(pc.drop_null(events["primary_profile_id"])).to_pylist()}
    return dg.Output(events, metadata={f"published/{name}": count for name, count in sorted(published.items())})
