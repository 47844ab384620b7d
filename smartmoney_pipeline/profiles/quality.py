"""How far the data behind evidence can be trusted, in [0, 1], by what the evidence rests on."""

import numpy as np
from numpy.typing import NDArray

from smartmoney_pipeline.profiles.conditions import Columns
from smartmoney_pipeline.profiles.vocabulary import Rests
from smartmoney_pipeline.schemas.codes import Assembly

UNKNOWN_QUALITY = 0.75
"""Where nothing is known of the quality (no quote age, no odds of the join): a seed between sound and half trusted."""

SURE_SIDE = 0.44
"""|2 p - 1| from which a side counts in full: p = 0.72, the best measured accuracy of one print at the quote (BILZ-THESIS)."""

QUALITY_COLUMNS = (
    "side_certainty",
    "quoted_share",
    "quote_staleness",
    "crossed_or_locked_share",
    "reconstruction_confidence",
    "assembly",
)


def qualities(columns: Columns) -> dict[Rests, NDArray[np.float64]]:
    """Return the quality of signs, quotes and joins per event, float64 in [0, 1], never NaN."""
    return {Rests.SIGN: _sign(columns), Rests.QUOTES: _quotes(columns), Rests.JOIN: _join(columns)}


def _known(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.where(np.isnan(values), UNKNOWN_QUALITY, np.clip(values, 0.0, 1.0))


def _sign(columns: Columns) -> NDArray[np.float64]:
    """Certainty of the side against the best that signing reaches; 0 without a side.

    Stability over quote lags acts here too: an unstable sign has its log-odds shrunk before it is summed.
    """
    return np.clip(np.nan_to_num(columns["side_certainty"]) / SURE_SIDE, 0.0, 1.0)


def _quotes(columns: Columns) -> NDArray[np.float64]:
    """Share of contracts on a sound quote that is not stale."""
    unsound = np.nan_to_num(columns["crossed_or_locked_share"])
    sound = np.minimum(_known(columns["quoted_share"]), 1.0 - unsound)
    return sound * _known(1.0 - columns["quote_staleness"])


def _join(columns: Columns) -> NDArray[np.float64]:
    """Probability that the prints belong together; a single fill joins nothing."""
    fill = columns["assembly"] == list(Assembly).index(Assembly.FILL)
    return np.where(fill & np.isnan(columns["reconstruction_confidence"]), 1.0, _known(columns["reconstruction_confidence"]))
