"""Order and names of prints: given after the global sort, so that they say when a print came and nothing else."""

import numpy as np

from smartmoney_pipeline.scenarios.clock import Ints
from smartmoney_pipeline.scenarios.streams import StreamKey

_BITS = 48
_MASK = (1 << _BITS) - 1
_HEX = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)


def print_ids(key: StreamKey, count: int) -> np.ndarray:
    """Return `count` distinct ids of 12 hexadecimal digits for prints in tape order.

    The running number goes through a bijection of 48-bit numbers that depends on the day only (odd multiplier, shift, odd multiplier).
    """
    secret = key.digest("MARKET", "print ids")
    first, second, start = (int.from_bytes(secret[8 * i : 8 * i + 8], "big") for i in range(3))
    number = np.arange(count, dtype=np.uint64) + np.uint64(start & 0xFFFF)
    mask = np.uint64(_MASK)
    mixed = (number * np.uint64((first & _MASK) | 1)) & mask
    mixed ^= mixed >> np.uint64(23)
    mixed = (mixed * np.uint64((second & _MASK) | 1)) & mask
    return _hexadecimal(mixed)


def _hexadecimal(numbers: np.ndarray) -> np.ndarray:
    shifts = np.arange(_BITS - 4, -1, -4, dtype=np.uint64)
    digits = _HEX[((numbers[:, None] >> shifts) & np.uint64(15)).astype(np.int64)]
    return np.ascontiguousarray(digits).view(f"S{_BITS // 4}").ravel().astype(str)


def sequence_numbers(rng: np.random.Generator, count: int) -> Ints:
    """Return rising feed sequence numbers with gaps, as other products share the feed."""
    return 1_000 + np.cumsum(rng.integers(1, 4, count)).astype(np.int64)
