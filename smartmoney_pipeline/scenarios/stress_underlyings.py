"""Replicas of the listed underlyings, for days of any size: same kind, own name, spot and streams."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from itertools import product
from string import ascii_uppercase
from typing import TYPE_CHECKING

from smartmoney_pipeline.scenarios.errors import ScenarioError
from smartmoney_pipeline.scenarios.identity import slot

if TYPE_CHECKING:
    from smartmoney_pipeline.scenarios.underlyings import Underlying

_STEM, _SUFFIX = 3, 2
"""Letters kept of the model's ticker and letters added: five together, so that the root of an adjusted contract still fits."""
_SPOT_REACH = 0.35
_BETA_REACH = 0.2
"""A replica's spot lies within 35 % of its model's, its beta within 20 % (SEED)."""


def replica_names(base: str, count: int, taken: set[int]) -> list[str]:
    """Return `count` tickers of replicas of `base`; places in print ids that are in `taken` are passed over, and new ones added to it.

    Raises `ScenarioError` when the names run out.
    """
    names: list[str] = []
    for letters in product(ascii_uppercase, repeat=_SUFFIX):
        if len(names) == count:
            return names
        name = base[:_STEM] + "".join(letters)
        if slot(name) not in taken:
            taken.add(slot(name))
            names.append(name)
    if len(names) < count:
        raise ScenarioError(f"{count} replicas of {base} are more than the {len(names)} names that are left: ask for a smaller day")
    return names


def model_of(ticker: str, known: Collection[str]) -> str | None:
    """Return the listed ticker that `ticker` replicates, or None."""
    models = [base for base in known if base[:_STEM] == ticker[:_STEM]]
    formed = len(ticker) == _STEM + _SUFFIX and ticker.isalpha() and ticker.isupper()
    return models[0] if formed and len(models) == 1 else None


def replica_terms(ticker: str, known: Mapping[str, Underlying]) -> Underlying | None:
    """Return the terms of a replica, or None where `ticker` is none. They depend on the name alone."""
    base = model_of(ticker, known)
    if base is None:
        return None
    terms, digest = known[base], hashlib.sha256(f"replica {ticker}".encode()).digest()
    first, second = (2.0 * int.from_bytes(digest[8 * i : 8 * i + 8], "big") / 2**64 - 1.0 for i in range(2))
    spot = round(terms.spot * (1.0 + _SPOT_REACH * first), 2)
    return terms.model_copy(update={"spot": spot, "beta": terms.beta * (1.0 + _BETA_REACH * second)})
