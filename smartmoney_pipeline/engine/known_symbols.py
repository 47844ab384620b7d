"""What a live engine is told before the open of a tape that is played to it."""

from __future__ import annotations

import pyarrow as pa

from smartmoney_pipeline.engine.live.replay import Feed, symbols_of


def reference_of(feed: Feed) -> dict[str, pa.Table]:
    """Return the reference tables of the feed; the symbols of the day among them, as a feed's list of series would tell them."""
    reference = dict(feed.reference)
    if "contracts" not in reference:
        reference["contracts"] = pa.table({"option_symbol": pa.array(sorted(symbols_of(feed)), pa.string())})
    return reference
