"""Contract definitions that Massive and Alpaca deliver as JSON: multiplier, exercise, and whether the deliverable is standard.

What a definition leaves open follows from the root. Settlement is never given by these vendors and always follows from the root.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smartmoney_pipeline.schemas.codes import QuarantineReason
from smartmoney_pipeline.schemas.units import DEFAULT_MULTIPLIER
from smartmoney_pipeline.tape.errors import TapeError
from smartmoney_pipeline.tape.feeds.chunk import FeedChunk, Fields, filled
from smartmoney_pipeline.tape.feeds.json_rows import keyed_block, read_json

MASSIVE = {"symbol": "ticker", "multiplier": "shares_per_contract", "exercise": "exercise_style", "others": "additional_underlyings"}
ALPACA = {"symbol": "symbol", "multiplier": "size", "exercise": "style", "others": "deliverables"}
_STYLES = ("american", "european")


def read_massive_contracts(path: Path) -> list[FeedChunk]:
    """Definitions of one file of reference answers: pages with `results`. Raises `TapeError` for another file."""
    return [_definitions(path, contract_rows(path, "results"), MASSIVE)]


def read_alpaca_contracts(path: Path, document: Any) -> list[FeedChunk]:
    """Definitions of pages with `option_contracts` that were read already."""
    pages = document if isinstance(document, list) else [document]
    rows = [row for page in pages if isinstance(page, dict) for row in page.get("option_contracts") or ()]
    return [_definitions(path, rows, ALPACA)]


def contract_rows(path: Path, key: str) -> list[Any]:
    """The rows of all pages of a file. Raises `TapeError` where a page has no list of this name."""
    document = read_json(path)
    pages = document if isinstance(document, list) else [document]
    if not all(isinstance(page, dict) and isinstance(page.get(key), list) for page in pages):
        raise TapeError(path, f"expected pages of contract definitions with a list `{key}`")
    return [row for page in pages for row in page[key]]


def _definitions(path: Path, rows: Sequence[Any], names: dict[str, str]) -> FeedChunk:
    """Contracts; more than one deliverable, or another number of shares than 100, makes a contract an adjusted one."""
    block = keyed_block(path, {"": rows}, list(names.values()), "page")
    fields = Fields.of("contracts", block, {"option_symbol": names["symbol"]})
    multiplier = fields.whole(names["multiplier"], nullable=True)
    style = pc.utf8_lower(fields.text(names["exercise"], nullable=True))
    known = pc.is_in(style, pa.array(_STYLES))
    odd = pc.and_(style.is_valid(), pc.invert(known)).to_numpy(zero_copy_only=False)
    fields.faults.at(names["exercise"]).add(odd, QuarantineReason.UNKNOWN_CODE, style)
    several = np.array([_several(row, names["others"]) for row in rows], bool)
    shares = filled(multiplier, DEFAULT_MULTIPLIER).to_numpy()
    columns = {
        "option_symbol": fields.text(names["symbol"]),
        "multiplier": multiplier,
        "exercise": pc.if_else(known, style, pa.scalar(None, pa.string())),
        "adjusted": adjusted_by_shares(shares, np.zeros(len(rows), bool), several),
    }
    return fields.chunk(columns)


def adjusted_by_shares(shares: np.ndarray, not_given: np.ndarray, several: np.ndarray | bool = False) -> pa.Array:
    """True where a contract delivers another number of shares than 100, or several things; else null: the root may still tell."""
    adjusted = (~not_given & (shares != DEFAULT_MULTIPLIER)) | several
    return pa.array(adjusted, mask=~adjusted)


def _several(row: Any, name: str) -> bool:
    """Whether a definition lists deliverables beyond the plain one; definitions are read once a contract, not once a print."""
    others = row.get(name) if isinstance(row, dict) else None
    return isinstance(others, list) and len(others) > (1 if name == ALPACA["others"] else 0)
