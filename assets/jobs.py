"""Jobs over the asset graph."""

import dagster as dg

from assets.calendar import SNAPSHOT

score_session = dg.define_asset_job(
    "score_session",
    selection=dg.AssetSelection.all() - dg.AssetSelection.assets(SNAPSHOT),
    executor_def=dg.in_process_executor,
    description="One session and source from tape to published events: pick a session|source partition.",
)
