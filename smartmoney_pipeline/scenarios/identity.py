"""Names and sequence numbers of rows, made underlying by underlying: they say when a row came and of which underlying, and nothing else.

Both depend on the rows of the same underlying only, so a day can be written as a stream, and another underlying renames nothing.
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, date, datetime

import numpy as np

from smartmoney_pipeline.scenarios.clock import Ints
from smartmoney_pipeline.scenarios.errors import ScenarioError
from smartmoney_pipeline.scenarios.streams import StreamKey
from smartmoney_pipeline.schemas.units import NS_PER_SECOND

_SLOT_BITS = 11
_ID_BITS = 48
_MASK = (1 << _ID_BITS) - 1
_HEX = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
_TICK_BITS, _DRAW_BITS = 14, 9
"""Width of a sequence tick (2^14 ns, about 16 microseconds) and of the draw inside it; a day stays below 2^53."""


def slot(ticker: str) -> int:
    """Return the place of an underlying in ids and sequence numbers, 0 to 2047, the same on every day."""
    return int.from_bytes(hashlib.sha256(ticker.encode()).digest()[:2], "big") & ((1 << _SLOT_BITS) - 1)


def check_slots(tickers: Iterable[str]) -> None:
    """Raise `ScenarioError` where two underlyings share a place, so that ids could repeat."""
    taken: dict[int, str] = {}
    for ticker in tickers:
        other = taken.setdefault(slot(ticker), ticker)
        if other != ticker:
            raise ScenarioError(f"underlyings {other} and {ticker} share a place in print ids: rename one of them")


def print_ids(key: StreamKey, ticker: str, count: int) -> np.ndarray:
    """Return `count` distinct ids of 12 hexadecimal digits for the prints of one underlying in tape order.

    Place and running number go through a bijection of 48-bit numbers that depends on the day only: three rounds of an odd multiplier
    and a folding shift, so that no digit tells the order.
    """
    secret = key.digest("MARKET", "print ids")
    number = np.arange(count, dtype=np.uint64) | np.uint64(slot(ticker) << (_ID_BITS - _SLOT_BITS))
    mask = np.uint64(_MASK)
    mixed = number ^ np.uint64(int.from_bytes(secret[24:30], "big"))
    for i in range(3):
        odd = np.uint64((int.from_bytes(secret[8 * i : 8 * i + 8], "big") & _MASK) | 1)
        mixed = (mixed * odd) & mask
        mixed ^= mixed >> np.uint64(25)
    return _hexadecimal(mixed)


def _hexadecimal(numbers: np.ndarray) -> np.ndarray:
    digits = np.empty((len(numbers), _ID_BITS // 4), dtype=np.uint8)
    for place in range(_ID_BITS // 4):
        shift = np.uint64(_ID_BITS - 4 * (place + 1))
        digits[:, place] = _HEX[((numbers >> shift) & np.uint64(15)).astype(np.uint8)]
    return digits.view(f"S{_ID_BITS // 4}").ravel().astype(str)


def sequence_numbers(key: StreamKey, ticker: str, purpose: str, ts: Ints) -> Ints:
    """Return strictly rising sequence numbers for rows of one underlying sorted by `ts` (UTC ns of the session's day).

    The high bits are the time, the low ones the underlying's place, between them a draw: numbers of one table rise with time over all
    underlyings but for ties within 16 microseconds, and never repeat.
    """
    draw = key.stream(ticker, purpose).integers(0, 1 << _DRAW_BITS, len(ts))
    tick = (np.asarray(ts, dtype=np.int64) - _midnight(key.session)) >> _TICK_BITS
    # Draws are put in order inside each tick; where a tick holds too many rows they run on into the next.
    rising = np.sort((tick << _DRAW_BITS) + draw)
    rows = np.arange(len(rising))
    rising = np.maximum.accumulate(rising - rows) + rows if len(rising) else rising
    return (rising << _SLOT_BITS) + slot(ticker)


def _midnight(session: date) -> int:
    instant = datetime(session.year, session.month, session.day, tzinfo=UTC)
    return int(instant.timestamp()) * NS_PER_SECOND
