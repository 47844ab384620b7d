"""Bytes of generated tables, and the rows of one underlying in them."""

import hashlib

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc


def as_table(table: pa.Table | pd.DataFrame) -> pa.Table:
    return table if isinstance(table, pa.Table) else pa.Table.from_pandas(table, preserve_index=False)


def rows_of(table: pa.Table | pd.DataFrame, ticker: str) -> pa.Table:
    """Rows of one underlying, by its column or by the root of the option symbol."""
    data = as_table(table)
    if "underlying" in data.schema.names:
        return data.filter(pc.equal(data["underlying"], ticker))
    return data.filter(pc.match_substring_regex(data["option_symbol"], rf"^{ticker}W?\d{{6}}[CP]"))


def table_digest(table: pa.Table | pd.DataFrame) -> str:
    """Hash of names, types and values in their order."""
    data = as_table(table).combine_chunks()
    digest = hashlib.sha256(str(data.schema.remove_metadata()).encode())
    for column in data.columns:
        # As text: filtered and sliced columns may share buffers with rows that are not theirs.
        plain = pc.binary_join(column, "|") if pa.types.is_list(column.type) else column
        text = plain if pa.types.is_string(plain.type) else plain.cast(pa.string())
        digest.update("\x1f".join(pc.fill_null(text, "\0").to_pylist()).encode() + b"\x1e")
    return digest.hexdigest()
