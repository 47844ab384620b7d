"""The feed changed its condition codes once: a code of the other era says nothing, whichever vendor sent it."""

import numpy as np
import pyarrow as pa

from smartmoney_pipeline.tape.conditions import BLANK, UNKNOWN, conditions
from smartmoney_pipeline.tape.rules import coded

NEW_CODES = np.datetime64("2019-11-04", "D").astype(np.int32)
"""First day of the new codes: a legacy code after it, or a new one before it, says nothing."""


def of_their_era(letters: pa.Array, days: np.ndarray) -> pa.Array:
    """Return condition codes (text or dictionary, [n]) with `?` for a code of the other era; `days` since 1970 in New York (i32[n])."""
    codes, words = coded(letters)
    table = conditions()
    known = [table.get(word or BLANK) for word in words.to_pylist()]
    legacy = np.array([entry is not None and entry.legacy for entry in known], dtype=bool)
    modern = np.array([entry is not None and entry.code.islower() for entry in known], dtype=bool)
    recent = days >= NEW_CODES
    wrong = (legacy[codes] & recent) | (modern[codes] & ~recent)
    if not wrong.any():
        return letters
    with_unknown = pa.concat_arrays([words, pa.array([UNKNOWN])])
    return pa.DictionaryArray.from_arrays(pa.array(np.where(wrong, len(words), codes).astype(np.int32)), with_unknown)
