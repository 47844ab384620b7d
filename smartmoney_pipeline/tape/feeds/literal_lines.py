"""Lines of a capture, each a Python literal behind its time and channel, as JSON objects: many lines at once, nothing evaluated."""

import ast
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smartmoney_pipeline.tape.errors import TapeError
from smartmoney_pipeline.tape.feeds.files import Block
from smartmoney_pipeline.tape.feeds.json_rows import line_block

_LINE = r"^[^|]*\|(?P<channel>option_trades[^|]*)\|(?P<payload>.*)$"
_STATUS = r"^.{0,4}'response'"
_WORDS = (("None", "null"), ("True", "true"), ("False", "false"))
_BEFORE_WORD = r"([:,\[] ?)"


@dataclass(frozen=True, slots=True)
class CaptureLines:
    """Prints among some lines: line numbers (i64[n]), their text, and their payloads as JSON (null where it is no literal of a dictionary).

    `others` counts the lines of other channels and the status replies; blank lines and comments count as nothing.
    """

    rows: np.ndarray
    texts: pa.Array
    payloads: pa.Array
    others: int

    def damaged(self, bad: np.ndarray) -> list[tuple[int, str]]:
        """The lines under the mask, as (number, text)."""
        return list(zip(self.rows[bad].tolist(), self.texts.filter(pa.array(bad)).to_pylist(), strict=True))


def capture_lines(raw: bytes, start: int) -> CaptureLines:
    """The prints of a block of whole lines, the first of which has the number `start`."""
    texts = pc.utf8_trim_whitespace(pa.array(raw.decode("utf-8", "replace").split("\n"), pa.string()))
    said = _mask(pc.and_not(pc.not_equal(texts, ""), pc.starts_with(texts, "#")))
    parts = pc.extract_regex(texts, _LINE)
    payloads = pc.fill_null(pc.struct_field(parts, "payload"), "")
    prints = said & _mask(parts.is_valid()) & ~_mask(pc.match_substring_regex(payloads, _STATUS))
    rows = np.flatnonzero(prints)
    return CaptureLines(start + rows, texts.take(pa.array(rows)), _json_texts(payloads.take(pa.array(rows))), int(said.sum()) - len(rows))


def _mask(flags: pa.Array) -> np.ndarray:
    return pc.fill_null(flags, False).to_numpy(zero_copy_only=False)


def _json_texts(payloads: pa.Array) -> pa.Array:
    """Payloads as JSON: quote marks and words are changed; one with a quote mark or backslash of its own is read as a literal."""
    braced = pc.and_(pc.starts_with(payloads, "{"), pc.ends_with(payloads, "}"))
    plain = pc.replace_substring(payloads, "'", '"')
    for python, word in _WORDS:
        plain = pc.replace_substring_regex(plain, rf"{_BEFORE_WORD}{python}\b", rf"\1{word}")
    plain = pc.if_else(braced, plain, pa.scalar(None, pa.string()))
    special = _mask(pc.and_(braced, pc.match_substring_regex(payloads, r'["\\]')))
    if not special.any():
        return plain
    # A handful of prints at most: no field of the vendor has a quote mark in its ordinary values.
    read = [_literal(text) for text in payloads.filter(pa.array(special)).to_pylist()]
    return pc.replace_with_mask(plain, pa.array(special), pa.array(read, pa.string()))


def _literal(payload: str) -> str | None:
    try:
        value = ast.literal_eval(payload)
        return json.dumps(value) if isinstance(value, dict) else None
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None


def text_block(path: Path, texts: pa.Array, columns: Sequence[str]) -> Block:
    """A block of JSON objects given as text. Raises `TapeError` where one is no object."""
    return line_block(path, "\n".join(texts.to_pylist()).encode(), columns, 0)


def readable(path: Path, texts: pa.Array, columns: Sequence[str]) -> np.ndarray:
    """Which texts are one JSON object each (bool[n]); null is none. Halves are tried until the damaged ones stand alone."""
    good = _mask(texts.is_valid())
    pending = [np.flatnonzero(good)] if good.any() else []
    while pending:
        rows = pending.pop()
        if _reads(path, texts.take(pa.array(rows)), columns):
            continue
        if len(rows) == 1:
            good[rows] = False
        else:
            pending += np.array_split(rows, 2)
    return good


def _reads(path: Path, texts: pa.Array, columns: Sequence[str]) -> bool:
    try:
        return len(text_block(path, texts, columns).rows) == len(texts)
    except TapeError:
        return False
