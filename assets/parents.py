"""The heavy pass: one engine run from the tape to quoted prints, packets and parent events."""

from collections.abc import Iterator

import dagster as dg

from assets.describing import table_spec
from assets.partitions import batches, partitions_of, session_source
from assets.tapes import tape
from resources.lake import Kept, LakeResource, Made
from resources.scoring_executor import ScoringExecutor
from smartmoney_pipeline.schemas.output_tables import OUTPUT_TABLES
from smartmoney_pipeline.store.lake import TAPE_FOLDER
from smartmoney_pipeline.tape.layout import TapeDay

GROUP = "parent_events"
GROUPED = {
    "quoted_prints": "Every print of the current view with the NBBO and underlying strictly before it, its side as a probability, and the "
    "packet that it joined.",
    "packets": "Prints of one contract that belong together: atomic fills and sweeps over venues, with the raw sums that features are "
    "made from.",
    "parent_events": "Packets joined into parents: coded and legged packages with their structure, worked orders, herds, and what stands "
    "alone.",
    "parent_event_members": "Which print belongs to which parent event, and to which leg of it.",
    "event_legs": "Which contracts each parent event traded, on which side as far as that is said, and how many.",
    "event_links": "Campaigns: parents of one contract and side within a quarter of an hour. Links never merge events.",
}


@dg.multi_asset(
    outs={name: table_spec(name, GROUP, text, OUTPUT_TABLES[name]) for name, text in GROUPED.items()},
    partitions_def=session_source,
    backfill_policy=batches,
    deps=[tape],
    name="group_prints",
)
def grouped_prints(
    context: dg.AssetExecutionContext, lake: LakeResource, scoring_executor: ScoringExecutor, event_calendar: Kept
) -> Iterator[dg.Output[Made]]:
    """Run the per-print stages once over each session, in one pass or in buckets of underlyings; the tables are the same."""
    made = {name: Made() for name in GROUPED}
    for part in partitions_of(context):
        day = TapeDay.open(lake.day_folder(part.session, part.source))
        where = lake.url_of(TAPE_FOLDER, part.session, part.source)
        grouped = scoring_executor.group(day, event_calendar[part.key].to_pandas(), where)
        for name in GROUPED:
            made[name][part.key] = getattr(grouped, name)
    for name, tables in made.items():
        yield dg.Output(tables, output_name=name)
