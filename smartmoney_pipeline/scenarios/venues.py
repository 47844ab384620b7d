"""Option exchanges and their shares of background volume."""

import numpy as np

from smartmoney_pipeline.scenarios.clock import Floats, Ints

# MIAX group MIAX-2024, the rest SEED: shares in percent by OPRA participant letter.
_SHARES = {
    "C": 14.5, "Z": 8.0, "W": 3.5, "E": 5.5, "X": 9.5, "Q": 6.0, "I": 5.5, "J": 3.0, "H": 2.5, "T": 1.5, "N": 9.5, "A": 8.0,
    "M": 6.0, "D": 3.8, "P": 3.3, "S": 3.0, "B": 6.0, "U": 3.4,
}  # fmt: skip
LETTERS = np.array([ord(letter) for letter in _SHARES], dtype=np.int64)
_CUMULATED = np.cumsum(list(_SHARES.values())) / sum(_SHARES.values())
_INDEX_LETTER = ord("C")


_STRIDES = np.array([1, 5, 7, 11, 13, 17], dtype=np.int64)
"""Steps that visit every one of the 18 venues before any again."""


def venues_at(uniforms: Floats) -> Ints:
    """Return venue letters (ASCII) by share, from uniforms."""
    return LETTERS[np.searchsorted(_CUMULATED, uniforms, side="right")]


def draw_venues(rng: np.random.Generator, count: int) -> Ints:
    """Return venue letters (ASCII) by share."""
    return venues_at(rng.random(count))


def other_venues(uniforms: Floats, first: Ints, step: Ints) -> Ints:
    """Return the venue that a router visits `step` places after `first`, never one twice; each order has a way of its own."""
    place = np.zeros(128, dtype=np.int64)
    place[LETTERS] = np.arange(len(LETTERS))
    stride = _STRIDES[(uniforms * len(_STRIDES)).astype(np.int64)]
    return LETTERS[(place[first] + step * stride) % len(LETTERS)]


def listed_on_one(letters: Ints) -> Ints:
    """Return the venue of a proprietary product: its own exchange for every print."""
    return np.full(len(letters), _INDEX_LETTER, dtype=np.int64)
