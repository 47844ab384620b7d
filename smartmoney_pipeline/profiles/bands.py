"""Bands around probabilities: the delta method on log-odds, from the uncertainty of weights and of the data they rest on.

A weight of grade g has the relative deviation s_g; what rests on data of quality q adds 1 - q. Rows of one family vary
independently; the family's 90 % range passes through its cap, which cuts it where evidence is more than enough, and so does the
total (`kernel.py`). Ranges of classes combine on the log-odds of p: d logit p_k / d eta_k = 1, d logit p_k / d eta_j =
-p_j / (1 - p_k). All at full quality of the rivals, so that worse data can only widen a band.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def log_odds_bands(full: Floats, down: Floats, up: Floats) -> tuple[Floats, Floats]:
    """Return reach below and above on the log-odds of each profile's probability, [n, 6] each.

    `full` [n, 7]: calibrated log-odds at full quality; a rival's share among the rivals is p_j / (1 - p_k). `down` and `up`
    [n, 7]: how far each class's own log-odds may move.
    """
    odds = np.exp(full - full.max(axis=1, keepdims=True))
    squares = odds**2
    rest = np.maximum(odds.sum(axis=1, keepdims=True) - odds, 1e-300) ** 2
    below = down**2 + _rivals(squares * up**2) / rest
    above = up**2 + _rivals(squares * down**2) / rest
    return np.sqrt(below)[:, :-1], np.sqrt(above)[:, :-1]


def _rivals(per_class: Floats) -> Floats:
    """Sum over the other classes."""
    return np.maximum(per_class.sum(axis=1, keepdims=True) - per_class, 0.0)


def around(probability: Floats, below: Floats, above: Floats) -> tuple[Floats, Floats]:
    """Return the probability moved down and up on its log-odds; low <= probability <= high."""
    odds = probability / np.maximum(1.0 - probability, 1e-300)
    low, high = odds * np.exp(-below), odds * np.exp(above)
    return np.minimum(low / (1.0 + low), probability), np.maximum(high / (1.0 + high), probability)
