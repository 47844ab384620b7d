"""The fast way through a CSV block: the kernel's arrays as Arrow columns, or None where a row is not plain."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from smartmoney_pipeline.tape.feeds.csv_kernel import CODE, CODES, NUMBER, SKIP, WHOLE, WORD, parse_rows

WORD_TYPE = pa.dictionary(pa.int32(), pa.string())
"""A column of words that repeat from row to row, as symbols do in a file sorted by them: at most one a file for the fast way."""

CODE_TYPE = pa.dictionary(pa.int16(), pa.string())
"""A column of small numeric ids, kept as text: an id is a name, not a quantity."""

_KINDS = {pa.int64(): WHOLE, pa.float64(): NUMBER, CODE_TYPE: CODE, WORD_TYPE: WORD}
_STORED = {WHOLE: np.int64, NUMBER: np.float64, CODE: np.int16}


def plain_table(raw: bytes, names: list[str], columns: dict[str, pa.DataType]) -> pa.Table | None:
    """The wanted columns of a block of whole lines in their types; None if any row needs the slower reader."""
    kinds = np.array([_KINDS.get(columns[name], SKIP) if name in columns else SKIP for name in names], np.uint8)
    if (kinds == WORD).sum() > 1 or any(columns[name] not in _KINDS for name in columns):
        return None
    data = np.frombuffer(raw if raw.endswith(b"\n") else raw + b"\n", np.uint8)
    limit = raw.count(b"\n") + 1
    places = np.zeros(len(names), np.int64)
    cells = {}
    for kind, stored in _STORED.items():
        places[kinds == kind] = np.arange((kinds == kind).sum())
        cells[kind] = np.empty((max((kinds == kind).sum(), 1), limit), stored)
    null = np.zeros((len(names), limit), np.bool_)
    index_of = np.full((len(cells[CODE]), CODES), -1, np.int16)
    runs, bounds = np.empty(limit, np.int32), np.empty((limit if (kinds == WORD).any() else 1, 2), np.int64)
    rows, words = parse_rows(data, kinds, places, cells[WHOLE], cells[NUMBER], cells[CODE], null, runs, bounds, index_of)
    if rows < 0:
        return None
    table = {}
    for column, (name, kind) in enumerate(zip(names, kinds.tolist(), strict=True)):
        if kind == WORD:
            table[name] = _words(raw, runs[:rows], bounds[:words])
        elif kind != SKIP:
            values = _masked(cells[kind][places[column], :rows], null[column, :rows])
            table[name] = pa.DictionaryArray.from_arrays(values, _ids(index_of[places[column]])) if kind == CODE else values
    return None if any(column is None for column in table.values()) else pa.table({name: table[name] for name in columns})


def _masked(values: np.ndarray, null: np.ndarray) -> pa.Array:
    return pa.array(values, mask=null) if null.any() else pa.array(values)


def _ids(index_of: np.ndarray) -> pa.Array:
    """The ids that occur, as text, in the order of their numbers."""
    seen = np.flatnonzero(index_of >= 0)
    return pa.array([str(code) for code in seen[np.argsort(index_of[seen])].tolist()], pa.string())


def _words(raw: bytes, runs: np.ndarray, bounds: np.ndarray) -> pa.Array | None:
    """The word of each row as a dictionary of the distinct words; None where the bytes are no UTF-8."""
    try:
        distinct = pa.array([raw[start:end] for start, end in bounds.tolist()], pa.binary()).cast(pa.string()).dictionary_encode()
    except pa.ArrowInvalid:
        return None
    indices = pc.fill_null(distinct.indices, 0).to_numpy()
    return pa.DictionaryArray.from_arrays(pa.array(indices[runs] if len(indices) else runs), distinct.dictionary)
