"""Numbers of the words of a text column. A feed hands on one long dictionary with every push: its answers are kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

LONGEST_LIST = 2_048
"""More rows of plain text at once are put into a dictionary first."""


class Words:
    """`numbers` holds the numbers of words and may grow; a word that it does not hold has -1. Only answers for known words are kept."""

    def __init__(self, numbers: Mapping[str, int]) -> None:
        self._known = numbers
        self._key: tuple[int, ...] | None = None
        self._words: pa.Array | None = None
        self._numbers: NDArray[np.int64] | None = None

    def __getstate__(self) -> dict[str, Any]:
        """Without what is kept: its key is an address in this process."""
        return vars(self) | {"_key": None, "_words": None, "_numbers": None}

    def of(self, column: pa.Array) -> NDArray[np.int64]:
        """Number of each row, -1 for a null or a word without one."""
        if pa.types.is_dictionary(column.type):
            return self._of_dictionary(column)
        if len(column) <= LONGEST_LIST:
            return self._asked(column)
        return self._of_dictionary(column.dictionary_encode())

    def _of_dictionary(self, column: pa.DictionaryArray) -> NDArray[np.int64]:
        words = column.dictionary
        if column.null_count:
            return np.full(len(column), -1, np.int64)
        indices = column.indices.to_numpy()
        key = (len(words), words.offset, *(0 if buffer is None else buffer.address for buffer in words.buffers()))
        if key != self._key:
            # The words are held so that no other dictionary can come to lie at their address.
            self._key, self._words, self._numbers = key, words, None
            if len(words) > len(column):
                used, place = np.unique(indices, return_inverse=True)
                return self._asked(words.take(pa.array(used)))[place]
        if self._numbers is None or (self._numbers[indices] < 0).any():
            self._numbers = self._asked(words)
        return self._numbers[indices]

    def _asked(self, words: pa.Array) -> NDArray[np.int64]:
        return np.array([self._known.get(word, -1) for word in words.to_pylist()], np.int64)
