"""Prior shares of the classes. Base rates are unknown: reports show results over a grid of `none` priors."""

import numpy as np
from numpy.typing import NDArray

from smartmoney_pipeline.profiles.vocabulary import CLASSES

NONE_PRIOR = 0.7
"""Share of parent events that is ordinary flow: the middle of 0.6 to 0.8. Source SEED."""

NONE_PRIOR_GRID = (0.4, 0.6, 0.8)
"""Other shares under which reports repeat the result. Source SEED."""


def log_priors(none_prior: float = NONE_PRIOR) -> NDArray[np.float64]:
    """Return the log prior of each class, float64[7]; the six profiles share what `none` leaves. 0 < none_prior < 1."""
    profiles = len(CLASSES) - 1
    return np.log(np.append(np.full(profiles, (1.0 - none_prior) / profiles), none_prior))
