"""DBN files packed field by field from the vendor's published layout of header and records; no test is here."""

from __future__ import annotations

import struct
from pathlib import Path

SCHEMAS = {"trades": 4, "mbp-1": 1, "definition": 9, "statistics": 10, "cbbo-1s": 15}
"""Numbers of the schemas in the header."""

SYMBOL_BYTES = {1: 22, 2: 71, 3: 71}
SENT = 1740061800817657000  # 2025-02-20 14:30:00.817657 UTC
DAY = (20250220, 20250221)
CALL, PUT = "AAPL  250221C00250000", "AAPL  250221P00250000"
IDS = {CALL: 7, PUT: 8}
NONE_PRICE, NONE_TIME = 2**63 - 1, 2**64 - 1


def text(value: str, size: int) -> bytes:
    return value.encode().ljust(size, b"\0")


def header(schema: str, version: int = 3, ts_out: bool = False, dataset: str = "OPRA.PILLAR") -> bytes:
    """The header of a file that maps the symbols to the instrument ids for one day. Version 1 counts records and has short symbols."""
    size = SYMBOL_BYTES[version]
    fixed = text(dataset, 16) + struct.pack("<HQQQ", SCHEMAS[schema], SENT, SENT + 10**9, 0)
    fixed += struct.pack("<Q", 2**64 - 1) if version == 1 else b""  # the count of records, unknown
    fixed += struct.pack("<BBB", 1, 0, ts_out)  # raw symbols in, instrument ids out
    fixed += bytes(47) if version == 1 else struct.pack("<H", size) + bytes(53)
    body = struct.pack("<II", 0, len(IDS)) + b"".join(text(name, size) for name in IDS)  # no schema definition; symbols
    body += struct.pack("<III", 0, 0, len(IDS))  # none partial, none not found; mappings
    for name, ident in IDS.items():
        body += text(name, size) + struct.pack("<III", 1, *DAY) + text(str(ident), size)
    return b"DBN" + struct.pack("<BI", version, len(fixed + body)) + fixed + body


def head(size: int, rtype: int, ident: int, publisher: int, event: int = SENT) -> bytes:
    return struct.pack("<BBHIQ", size // 4, rtype, publisher, ident, event)


def trade(size: int = 2, ident: int = 7, sequence: int = 5, sent_out: int | None = None, side: bytes = b"N") -> bytes:
    """A record of trades; with `sent_out` the vendor's server appended when it sent it, and the length says so."""
    body = struct.pack("<qIccBBQiI", 240_000_000, size, b"T", side, 194, 0, SENT + 1000, 0, sequence)
    tail = b"" if sent_out is None else struct.pack("<Q", sent_out)
    return head(48 + len(tail), 0, ident, 23) + body + tail


def quote(publisher: int, bid: int, ask: int, sequence: int = 5) -> bytes:
    """A record of mbp-1: publisher 30 is the consolidator, any other its venue."""
    body = struct.pack("<qIccBBQiI", NONE_PRICE, 0, b"M", b"N", 194, 0, SENT + 1000, 0, sequence)
    return head(80, 1, 7, publisher) + body + struct.pack("<qqIIII", bid, ask, 10, 12, 1, 1)


def statistic(quantity: int, ident: int = 7, publisher: int = 23, kind: int = 9, version: int = 3) -> bytes:
    """A record of statistics; kind 9 is open interest. Before version 3 a quantity has 32 bits."""
    width, spare = ("q", 18) if version == 3 else ("i", 6)
    body = struct.pack(f"<QQq{width}IiHHBB", SENT + 1000, NONE_TIME, NONE_PRICE, quantity, 5, 0, kind, 0, 1, 0) + bytes(spare)
    return head(16 + len(body), 24, ident, publisher) + body


def written(path: Path, schema: str, *records: bytes, version: int = 3, ts_out: bool = False, dataset: str = "OPRA.PILLAR") -> Path:
    """One file of a header and records; compressed where its name says so."""
    raw = header(schema, version, ts_out, dataset) + b"".join(records)
    if path.suffix == ".zst":
        import zstandard

        raw = zstandard.compress(raw)
    path.write_bytes(raw)
    return path
