"""Two 64-bit lanes of hash over bytes and over members. Belongs here: mixing; what goes into an identity is said elsewhere.

A lane takes a word w by h = mix(h xor w), where mix is the finaliser of SplitMix64 (two multiply-xorshift rounds). Bytes are read as
little-endian words of eight, the last one padded with zeros, and their number is taken last. The lanes differ in their first state.
"""

import numpy as np
from numba import njit

from smartmoney_pipeline.market.arrays import I64, U8

SEED_A, SEED_B = np.uint64(0x243F6A8885A308D3), np.uint64(0x13198A2E03707344)
"""First states of the lanes: the leading 128 bits of the fraction of pi."""

FIRST, SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
STEP = np.uint64(0x9E3779B97F4A7C15)
S27, S30, S31 = np.uint64(27), np.uint64(30), np.uint64(31)


@njit(cache=True, nogil=True)
def mix(word: np.uint64) -> np.uint64:
    """Finaliser of SplitMix64 after one step of its counter."""
    word = word + STEP
    word = (word ^ (word >> S30)) * FIRST
    word = (word ^ (word >> S27)) * SECOND
    return word ^ (word >> S31)


@njit(cache=True, nogil=True)
def hash_bytes(data: U8, offsets: I64, out: np.ndarray) -> None:
    """Both lanes of every string `data[offsets[i]:offsets[i + 1]]` into `out` uint64[n, 2]."""
    for i in range(len(offsets) - 1):
        begin, end = offsets[i], offsets[i + 1]
        a, b = SEED_A, SEED_B
        for at in range(begin, end, 8):
            word = np.uint64(0)
            for k in range(min(8, end - at)):
                word |= np.uint64(data[at + k]) << np.uint64(8 * k)
            a, b = mix(a ^ word), mix(b ^ word)
        length = np.uint64(end - begin)
        out[i, 0], out[i, 1] = mix(a ^ length), mix(b ^ length)


@njit(cache=True, nogil=True)
def _sort_pairs(pairs: np.ndarray) -> None:
    """Sort rows of two lanes in place by lane 0, then lane 1 (Shell's method)."""
    n, gap = len(pairs), 1
    while gap < n // 3:
        gap = 3 * gap + 1
    while gap > 0:
        for i in range(gap, n):
            a, b, j = pairs[i, 0], pairs[i, 1], i
            while j >= gap and (pairs[j - gap, 0] > a or (pairs[j - gap, 0] == a and pairs[j - gap, 1] > b)):
                pairs[j, 0], pairs[j, 1] = pairs[j - gap, 0], pairs[j - gap, 1]
                j -= gap
            pairs[j, 0], pairs[j, 1] = a, b
        gap //= 3


@njit(cache=True, nogil=True)
def fold_members(members: np.ndarray, offsets: I64, heads: np.ndarray, out: np.ndarray) -> None:
    """Identity of every group: its head, then its members in sorted order, then their number. Sorts `members` within the groups.

    `members` uint64[m, 2], `heads` and `out` uint64[n, 2]; group i holds rows `offsets[i]:offsets[i + 1]`.
    """
    for i in range(len(offsets) - 1):
        group = members[offsets[i] : offsets[i + 1]]
        _sort_pairs(group)
        a, b = heads[i, 0], heads[i, 1]
        for k in range(len(group)):
            a, b = mix(a ^ group[k, 0]), mix(b ^ group[k, 1])
        count = np.uint64(len(group))
        out[i, 0], out[i, 1] = mix(a ^ count), mix(b ^ count)


@njit(cache=True, nogil=True)
def join_heads(common: np.ndarray, underlying: np.ndarray, kind: np.ndarray, out: np.ndarray) -> None:
    """Head of every group from the hashes of the common part, its underlying and its kind; uint64[n, 2] or [2]."""
    for i in range(len(out)):
        for lane in range(2):
            out[i, lane] = mix(mix(common[lane] ^ underlying[i, lane]) ^ kind[i, lane])


@njit(cache=True, nogil=True)
def write_hex(lanes: np.ndarray, digits: U8, out: U8) -> None:
    """32 hexadecimal digits a row of `lanes`, most significant first, lane 0 before lane 1, into `out` uint8[32 n]."""
    at = 0
    for i in range(len(lanes)):
        for lane in range(2):
            for shift in range(60, -4, -4):
                out[at] = digits[np.int64((lanes[i, lane] >> np.uint64(shift)) & np.uint64(15))]
                at += 1
