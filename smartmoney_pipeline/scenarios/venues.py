"""Option exchanges and their shares of background volume."""

import numpy as np

from smartmoney_pipeline.scenarios.clock import Ints

# MIAX group MIAX-2024, the rest SEED: shares in percent by OPRA participant letter.
_SHARES = {
    "C": 14.5, "Z": 8.0, "W": 3.5, "E": 5.5, "X": 9.5, "Q": 6.0, "I": 5.5, "J": 3.0, "H": 2.5, "T": 1.5, "N": 9.5, "A": 8.0,
    "M": 6.0, "D": 3.8, "P": 3.3, "S": 3.0, "B": 6.0, "U": 3.4,
}  # fmt: skip
LETTERS = np.array([ord(letter) for letter in _SHARES], dtype=np.int64)
_CUMULATED = np.cumsum(list(_SHARES.values())) / sum(_SHARES.values())
_INDEX_LETTER = ord("C")


def draw_venues(rng: np.random.Generator, count: int) -> Ints:
    """Return venue letters (ASCII) by share."""
    return LETTERS[np.searchsorted(_CUMULATED, rng.random(count), side="right")]


def other_venues(rng: np.random.Generator, first: Ints, step: Ints) -> Ints:
    """Return the venues that a router visits next: `step` places on in a random order of its own, never the first again."""
    order = rng.permutation(len(LETTERS))
    place = np.empty(128, dtype=np.int64)
    place[LETTERS[order]] = np.arange(len(LETTERS))
    return LETTERS[order][(place[first] + step) % len(LETTERS)]


def listed_on_one(letters: Ints) -> Ints:
    """Return the venue of a proprietary product: its own exchange for every print."""
    return np.full(len(letters), _INDEX_LETTER, dtype=np.int64)
