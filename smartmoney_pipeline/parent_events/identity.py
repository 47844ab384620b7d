"""Identities of events and packets: the same members give the same id, whatever the order, the chunks or the buckets.

An id is a 128-bit hash, as 32 hexadecimal digits, of a domain tag, session, source, underlying, kind, and the sorted hashes of the
member print ids. Not cryptographic: it tells records apart, it does not protect them.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from smartmoney_pipeline.market.arrays import I64
from smartmoney_pipeline.parent_events.identity_kernel import fold_members, hash_bytes, join_heads, write_hex

U64 = npt.NDArray[np.uint64]
EVENT_DOMAIN, PACKET_DOMAIN = "smartmoney.event", "smartmoney.packet"
PACKET_KIND = "packet"
_DIGITS = np.frombuffer(b"0123456789abcdef", np.uint8)
_SEPARATOR = "\x1f"


def hash_strings(strings: pa.Array | pa.ChunkedArray) -> U64:
    """uint64[n, 2], two lanes for each string of a string or large_string array. Raises `ValueError` on nulls or other types."""
    if isinstance(strings, pa.ChunkedArray):
        return np.concatenate([hash_strings(chunk) for chunk in strings.chunks] or [np.empty((0, 2), np.uint64)])
    if strings.null_count:
        raise ValueError(f"{strings.null_count} of the strings to be hashed are null")
    if pa.types.is_string(strings.type):
        dtype: np.dtype = np.dtype(np.int32)
    elif pa.types.is_large_string(strings.type):
        dtype = np.dtype(np.int64)
    else:
        raise ValueError(f"cannot hash an array of {strings.type} as strings")
    out = np.empty((len(strings), 2), np.uint64)
    if len(strings):
        _, offsets, data = strings.buffers()
        ends = np.frombuffer(offsets, dtype)[strings.offset : strings.offset + len(strings) + 1].astype(np.int64)
        hash_bytes(np.frombuffer(data, np.uint8) if data else np.empty(0, np.uint8), ends, out)
    return out


def _ids(domain: str, session: str, source: str, underlying: U64, kind: U64, offsets: I64, members: U64) -> pa.Array:
    heads, lanes = np.empty_like(underlying), np.empty_like(underlying)
    join_heads(hash_strings(pa.array([_SEPARATOR.join((domain, session, source))]))[0], underlying, kind, heads)
    fold_members(members.copy(), offsets, heads, lanes)
    return hex_strings(lanes)


def hex_strings(lanes: U64) -> pa.Array:
    """The rows of uint64[n, 2] as a string array of 32 hexadecimal digits each."""
    text = np.empty(32 * len(lanes), np.uint8)
    write_hex(lanes, _DIGITS, text)
    ends = np.arange(len(lanes) + 1, dtype=np.int64) * 32
    wide = pa.LargeStringArray.from_buffers(len(lanes), pa.py_buffer(ends), pa.py_buffer(text))
    return wide.cast(pa.string()) if len(text) < np.iinfo(np.int32).max else wide


def event_ids(
    session: str, source: str, underlyings: pa.Array, underlying: I64, kinds: Sequence[str], kind: I64, offsets: I64, members: U64
) -> pa.Array:
    """Ids of events. `underlyings` holds the tickers, `underlying` the place of each event's ticker in it, `kinds` and `kind` likewise;
    `members` are `hash_strings` of the print ids, those of event i in rows `offsets[i]:offsets[i + 1]`, in any order."""
    tickers, names = hash_strings(underlyings), hash_strings(pa.array(list(kinds), pa.string()))
    return _ids(EVENT_DOMAIN, session, source, tickers[underlying], names[kind], offsets, members)


def packet_ids(session: str, source: str, underlyings: pa.Array, underlying: I64, offsets: I64, members: U64) -> pa.Array:
    """Ids of packets, as `event_ids` under another domain tag and one kind: no packet has the id of an event."""
    tickers = hash_strings(underlyings)
    kind = np.repeat(hash_strings(pa.array([PACKET_KIND])), len(offsets) - 1, axis=0)
    return _ids(PACKET_DOMAIN, session, source, tickers[underlying], kind, offsets, members)
