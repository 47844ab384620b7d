"""Faults of a request in words: which parameter and what is expected of it. No value that was sent is repeated, no text is long."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

MOST_FAULTS = 10
MOST_CHARS = 300
"""Of one fault, without the words that say how much more there is."""

NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
UNNAMED = "a name that cannot be shown"
_BETWEEN = re.compile(r", | or ")


def in_words(faults: Sequence[Any]) -> list[str]:
    """Return the faults that a model found, the first of them one by one and how many more there are."""
    said = [f"{_where(fault['loc'])}: {shortened(fault['msg'])}" for fault in faults[:MOST_FAULTS]]
    return said + ([f"and {len(faults) - MOST_FAULTS} more"] if len(faults) > MOST_FAULTS else [])


def shortened(text: str) -> str:
    """Return a text of bearable length: a list is cut after a whole entry and says how many more there are, other text after a word."""
    if len(text) <= MOST_CHARS:
        return text
    cuts = list(_BETWEEN.finditer(text))
    kept = [cut for cut in cuts if cut.start() <= MOST_CHARS]
    if kept:
        return f"{text[: kept[-1].start()]} and {len(cuts) - len(kept) + 1} more"
    return text[:MOST_CHARS].rpartition(" ")[0] + " ..."


def _where(place: Sequence[Any]) -> str:
    """Names of the parameter and of what lies in it; those that a client made up are shown only where they look like names."""
    names = [str(part) for part in place[1:]]
    return ".".join(name if NAME.fullmatch(name) else UNNAMED for name in names) or "body"
