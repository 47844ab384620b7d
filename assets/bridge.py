"""Legacy records of a session: flow packets, classifier hits and alerts, derived from packets and events, published with them."""

from collections.abc import Iterator

import dagster as dg
import pyarrow as pa
import pyarrow.compute as pc

from assets.describing import described, table_spec
from assets.partitions import session_source
from smartmoney_pipeline.bridge.derive import bridge_events, first_orders
from smartmoney_pipeline.bridge.flow_packets import flow_packets as build_packets
from smartmoney_pipeline.schemas.bridge_tables import Alerts, ClassifierHits, FlowPackets

GROUP = "bridge"


@dg.asset(
    **described(
        GROUP,
        "The engine's packets in the shape of the earlier surface: one contract each, with the counts of its prints by place in the quote. "
        "An intermediate artefact; events are the result.",
        FlowPackets,
    )
)
def flow_packets(packets: pa.Table, quoted_prints: pa.Table, parent_events: pa.Table) -> pa.Table:
    """Give packets their legacy shape."""
    return build_packets(packets, quoted_prints, parent_events)


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
    name="bridge_events",
)
def bridged_events(smart_money_events: pa.Table, parent_events: pa.Table) -> Iterator[dg.Output[pa.Table]]:
    """Derive hits and alerts from the events."""
    derived = bridge_events(smart_money_events, first_orders(smart_money_events, parent_events))
    severities = {row["values"]: row["counts"] for row in pc.value_counts(derived.alerts["severity"]).to_pylist()}
    yield dg.Output(derived.classifier_hits, output_name="classifier_hits")
    yield dg.Output(derived.alerts, output_name="alerts", metadata={f"severity/{name}": n for name, n in sorted(severities.items())})
