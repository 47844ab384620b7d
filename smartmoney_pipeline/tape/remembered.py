"""Answers about words, kept: a live feed asks about the same few symbols with every batch. Belongs here: the memory, no answer."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pyarrow as pa

LONGEST_QUESTION = 2_048
"""More words at once are worked out afresh: then the answer costs more than asking."""

MOST_WORDS = 1 << 18
"""The memory is emptied when it holds more."""


class Remembered:
    """A function from an array of words to a frame with one row each, which must depend on each word alone."""

    def __init__(self, function: Callable[[pa.Array], pd.DataFrame]) -> None:
        self._function = function
        self._rows: dict[str | None, int] = {}
        self._frame = pd.DataFrame()

    def __call__(self, words: pa.Array) -> pd.DataFrame:
        """The rows of these words, numbered from 0."""
        if len(words) > LONGEST_QUESTION:
            return self._function(words)
        asked = words.to_pylist()
        fresh = [word for word in dict.fromkeys(asked) if word not in self._rows]
        if len(self._rows) + len(fresh) > MOST_WORDS:
            self._rows, self._frame, fresh = {}, pd.DataFrame(), list(dict.fromkeys(asked))
        self._learn(fresh)
        found = self._frame.take(np.array([self._rows[word] for word in asked], np.int64))
        found.index = pd.RangeIndex(len(found))
        return found

    def _learn(self, words: list[str | None]) -> None:
        if not words and len(self._frame.columns):
            return
        learned = self._function(pa.array(words, pa.string()))
        first = len(self._rows)
        self._frame = _joined(self._frame, learned) if first else learned
        self._rows |= {word: first + i for i, word in enumerate(words)}


def _joined(one: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """Rows of both; text in one piece, since joined text columns stay in pieces, which Arrow hands on."""
    whole = pd.concat([one, other], ignore_index=True)
    for name, kind in whole.dtypes.items():
        if isinstance(kind, pd.StringDtype):
            whole[name] = pd.Series(whole[name].to_numpy(dtype=object), dtype=kind)
    return whole
