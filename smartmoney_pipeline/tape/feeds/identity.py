"""Print ids for tapes that have none: a hash of what the row says, and how many rows before it in the file say the same.

Two identical rows are two prints and keep two ids; the same file delivered again gives the same ids, whatever is added elsewhere.
"""

import hashlib
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from smartmoney_pipeline.tape.feeds.identity_kernel import count_before, rehash
from smartmoney_pipeline.tape.rules import coded

_FIRST_SLOTS = 1 << 16
_HEX = np.frombuffer(b"".join(b"%02x" % byte for byte in range(256)), dtype=np.uint16)
_ORDINAL_DIGITS = 4
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_STEP = np.uint64(0x9E3779B97F4A7C15)


class ContentIds:
    """Ids of the rows of one file, block by block, in the order of the file."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix.encode("ascii")
        self._keys = np.zeros(_FIRST_SLOTS, np.uint64)
        self._counts = np.zeros(_FIRST_SLOTS, np.uint16)
        self._used = 0

    def of(self, columns: Sequence[pa.Array]) -> pa.Array:
        """Ids (strings) of rows with these columns: texts, times, whole numbers or numbers; nulls are values too."""
        hashes = content_hashes(columns)
        self._make_room(len(hashes))
        before = np.zeros(len(hashes), np.uint16)
        self._used += count_before(hashes, self._keys, self._counts, before)
        return _as_text(self._prefix, hashes, before)

    def _make_room(self, more: int) -> None:
        slots = len(self._keys)
        while 3 * slots < 4 * (self._used + more):
            slots *= 2
        if slots > len(self._keys):
            keys, counts = np.zeros(slots, np.uint64), np.zeros(slots, np.uint16)
            rehash(self._keys, self._counts, keys, counts)
            self._keys, self._counts = keys, counts


def content_hashes(columns: Sequence[pa.Array]) -> NDArray[np.uint64]:
    """A 64-bit hash of each row over its columns in order, never 0; the same on every machine."""
    total = np.zeros(len(columns[0]), np.uint64)
    for values in columns:
        total = _mixed(total + _STEP ^ _words_of(values))
    return np.where(total == 0, _STEP, total)


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser of SplitMix64: every input bit reaches every output bit."""
    values = (values ^ (values >> np.uint64(30))) * _MIX[0]
    values = (values ^ (values >> np.uint64(27))) * _MIX[1]
    return values ^ (values >> np.uint64(31))


def _words_of(values: pa.Array) -> NDArray[np.uint64]:
    if pa.types.is_dictionary(values.type) or pa.types.is_string(values.type):
        codes, words = coded(values)
        digests = [hashlib.blake2b(word.encode(), digest_size=8).digest() for word in words.to_pylist()]
        return np.frombuffer(b"".join(digests), "<u8").astype(np.uint64)[codes]
    if pa.types.is_floating(values.type):
        return np.ascontiguousarray(pc.fill_null(values, -1.0).to_numpy(zero_copy_only=False)).view(np.uint64)
    whole = values.cast(pa.int64()) if pa.types.is_timestamp(values.type) else values
    return pc.fill_null(whole, -1).to_numpy().astype(np.int64).view(np.uint64)


def _as_text(prefix: bytes, hashes: NDArray[np.uint64], before: NDArray[np.uint16]) -> pa.Array:
    """`prefix` + 16 hex digits + `-` + the ordinal in 4 hex digits, made as one buffer of bytes."""
    width = len(prefix) + 16 + 1 + _ORDINAL_DIGITS
    text = np.empty((len(hashes), width), np.uint8)
    text[:, : len(prefix)] = np.frombuffer(prefix, np.uint8)
    text[:, len(prefix) : len(prefix) + 16] = _hex(hashes.astype(">u8"), 8)
    text[:, len(prefix) + 16] = ord("-")
    text[:, -_ORDINAL_DIGITS:] = _hex(before.astype(">u2"), 2)
    offsets = np.arange(len(hashes) + 1, dtype=np.int32) * width
    return pa.StringArray.from_buffers(len(hashes), pa.py_buffer(offsets), pa.py_buffer(text))


def _hex(values: np.ndarray, size: int) -> NDArray[np.uint8]:
    pairs = _HEX[values.view(np.uint8).reshape(len(values), size)]
    return pairs.view(np.uint8).reshape(len(values), 2 * size)
