"""How often a content hash was seen before: an open-addressing table of 64-bit keys that grows by doubling."""

import numpy as np
from numba import njit
from numpy.typing import NDArray


@njit(cache=True)
def count_before(hashes: NDArray[np.uint64], keys: NDArray[np.uint64], counts: NDArray[np.uint16], before: NDArray[np.uint16]) -> int:
    """Fill `before` (u16[n]) with how often each hash (u64[n], never 0) was met, in `keys` and earlier in `hashes`; new keys met.

    `keys` and `counts` are the table, a power of two long; 0 is a free slot. The caller keeps it at most three quarters full.
    """
    mask = np.uint64(len(keys) - 1)
    fresh = 0
    for row in range(len(hashes)):
        key = hashes[row]
        slot = key & mask
        while keys[slot] != 0 and keys[slot] != key:
            slot = (slot + np.uint64(1)) & mask
        if keys[slot] == 0:
            keys[slot] = key
            fresh += 1
        before[row] = counts[slot]
        counts[slot] += np.uint16(1)
    return fresh


@njit(cache=True)
def rehash(keys: NDArray[np.uint64], counts: NDArray[np.uint16], wider_keys: NDArray[np.uint64], wider_counts: NDArray[np.uint16]) -> None:
    """Move every key of the table into the wider one, which is empty."""
    mask = np.uint64(len(wider_keys) - 1)
    for place in range(len(keys)):
        if keys[place] == 0:
            continue
        slot = keys[place] & mask
        while wider_keys[slot] != 0:
            slot = (slot + np.uint64(1)) & mask
        wider_keys[slot] = keys[place]
        wider_counts[slot] = counts[place]
