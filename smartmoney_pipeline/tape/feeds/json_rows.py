"""Rows out of JSON: every cell as text, so that the checks of text files judge it, whatever the vendor put there."""

import json
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.json as pa_json

from smartmoney_pipeline.tape.errors import TapeError
from smartmoney_pipeline.tape.feeds.files import Block, open_stream


def read_json(path: Path) -> Any:
    """A whole JSON document, numbers as the text that stands in the file. Raises `TapeError`."""
    with open_stream(path) as stream:
        raw = stream.read()
    try:
        return json.loads(raw, parse_float=str, parse_int=str)
    except (ValueError, RecursionError) as fault:
        raise TapeError(path, f"is no JSON: {fault}") from fault


def keyed_block(path: Path, groups: Mapping[str, Sequence[Any]], columns: Sequence[str], key: str) -> Block:
    """A block of the rows of all groups; the name of the group becomes column `key`. A row that is no object is damaged."""
    rows = list(chain.from_iterable(groups.values()))
    names = np.repeat(np.array(list(groups), dtype=object), [len(group) for group in groups.values()])
    table = {name: text_cells([row.get(name) if isinstance(row, dict) else None for row in rows]) for name in columns}
    return Block(pa.table({key: pa.array(names, pa.string()), **table}), np.arange(len(rows)), path.name, True)


def text_cells(cells: Sequence[Any]) -> pa.Array:
    """Cells as text; a list of one is that one, anything deeper stays as JSON, which no number or time is."""
    try:
        return pa.array(cells, pa.string())
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.array([_text(cell) for cell in cells], pa.string())


def _text(cell: Any) -> str | None:
    if isinstance(cell, list) and len(cell) == 1:
        cell = cell[0]
    return cell if cell is None or isinstance(cell, str) else json.dumps(cell)


def line_block(path: Path, raw: bytes, columns: Sequence[str], start: int) -> Block:
    """A block of lines, each one JSON object."""
    try:
        table = pa_json.read_json(pa.BufferReader(raw), pa_json.ReadOptions(block_size=max(len(raw), 1)))
    except pa.ArrowInvalid as fault:
        raise TapeError(path, f"holds a line that is no JSON object: {fault}") from fault
    data = {name: _column(table, name) for name in columns}
    return Block(pa.table(data), start + np.arange(len(table)), path.name, True)


def _column(table: pa.Table, name: str) -> pa.Array:
    if name not in table.column_names:
        return pa.nulls(len(table), pa.string())
    values = table[name].combine_chunks()
    if pa.types.is_list(values.type):
        return text_cells(values.to_pylist())
    if pa.types.is_timestamp(values.type):
        return pa.array(np.datetime_as_string(values.to_numpy(zero_copy_only=False)), pa.string())
    return values.cast(pa.string())
