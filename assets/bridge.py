"""Legacy records of a session: flow packets, classifier hits and alerts, derived from packets and events, published with them."""

from collections.abc import Iterator

import dagster as dg
import pyarrow.compute as pc

from assets.describing import described, table_schema, table_spec
from assets.partitions import batches, session_source
from resources.lake import Kept, Made
from smartmoney_pipeline.bridge.derive import bridge_events, first_orders
from smartmoney_pipeline.bridge.flow_packets import flow_packets as build_packets
from smartmoney_pipeline.schemas.bridge_tables import Alerts, ClassifierHits, FlowPackets

GROUP = "bridge"


@dg.asset(
    **described(
        "flow_packets",
        GROUP,
        "The engine's packets in the shape of the earlier surface: one contract each, with the counts of its prints by place in the quote. "
        "An intermediate artefact; events are the result.",
        table_schema(FlowPackets),
    )
)
def flow_packets(packets: Kept, quoted_prints: Kept, parent_events: Kept) -> Made:
    """Give packets their legacy shape."""
    return Made({key: build_packets(packets[key], quoted_prints[key], parent_events[key]) for key in packets})


@dg.multi_asset(
    outs={
        "classifier_hits": table_spec(
            "classifier_hits",
            GROUP,
            "Each profile that a published event is consistent with, as a record of the earlier surface. Abstained events have none.",
            ClassifierHits,
        ),
        "alerts": table_spec(
            "alerts",
            GROUP,
            "One record of the earlier surface for each event with hits, scored by its formula, whose premium is without multiplier.",
            Alerts,
        ),
    },
    partitions_def=session_source,
    backfill_policy=batches,
    name="bridge_events",
)
def bridged_events(context: dg.AssetExecutionContext, smart_money_events: Kept, parent_events: Kept) -> Iterator[dg.Output[Made]]:
    """Derive hits and alerts from the events."""
    hits, alerts = Made(), Made()
    for key in smart_money_events:
        events = smart_money_events[key]
        derived = bridge_events(events, first_orders(events, parent_events[key]))
        hits[key], alerts[key] = derived.classifier_hits, derived.alerts
        severities = {row["values"]: row["counts"] for row in pc.value_counts(derived.alerts["severity"]).to_pylist()}
        context.add_asset_metadata({f"severity/{name}": n for name, n in sorted(severities.items())}, "alerts", key)
    yield dg.Output(hits, output_name="classifier_hits")
    yield dg.Output(alerts, output_name="alerts")
