"""The kernel against Arrow's own CSV reader, on rows that both can read, and on rows that the kernel must leave alone."""

import io

import numpy as np
import pyarrow as pa
import pyarrow.csv as pa_csv
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartmoney_pipeline.tape.feeds.plain_csv import CODE_TYPE, WORD_TYPE, plain_table

NAMES = ["word", "code", "left", "number", "whole"]
KINDS = {"word": WORD_TYPE, "code": CODE_TYPE, "number": pa.float64(), "whole": pa.int64()}
NUMBERS = st.decimals(-99999, 99999, places=4).map(str) | st.just("") | st.integers(0, 10**14).map(str)
ROWS = st.tuples(
    st.text("ABC", min_size=1, max_size=3),
    st.integers(0, 999).map(str) | st.just(""),
    st.text("xyz.", max_size=2),
    NUMBERS,
    st.integers(-(2**62), 2**62).map(str) | st.just(""),
)


@settings(deadline=None, max_examples=60)
@given(st.lists(ROWS, min_size=1, max_size=20), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_it_reads_what_arrow_reads(rows, end, closed):
    text = end.join(",".join(row) for row in rows) + (end if closed else "")
    plain = plain_table(text.encode(), NAMES, KINDS)
    types = {"word": pa.string(), "code": pa.string(), "number": pa.float64(), "whole": pa.int64()}
    convert = pa_csv.ConvertOptions(column_types=types, include_columns=list(types), null_values=[""], strings_can_be_null=True)
    expected = pa_csv.read_csv(io.BytesIO(text.encode()), pa_csv.ReadOptions(column_names=NAMES), convert_options=convert)
    assert plain is not None
    for name in KINDS:
        found = plain[name].cast(expected[name].type) if name in {"word", "code"} else plain[name]
        assert found.to_pylist() == expected[name].to_pylist(), name


@pytest.mark.parametrize(
    "line",
    ['"A",1,x,1.0,1', "A,1,x,1.0", "A,1,x,1.0,1,2", "A,01,x,1.0,1", "A,-1,x,1.0,1", "A,1,x,1.0.0,1", "A,1,x,1e3,1", "A,1,x,1.0,1.0", "A,9999,x,1,1",  # noqa: E501
     # The bytes beside those of the digits, and one beyond ASCII.
     "A,1,x,1/0,1", "A,1,x,1:5,1", "A,1,x,1.5:,1", "A,1/,x,1,1", "A,1:,x,1,1", "A,1,x,1.0,1/", "A,1,x,1.0,1:", "A,1,x,1\u00b2,1",
     "A,1,x,1.0,9999999999999999999", "A,1,x,-,1", ",1,x,1.0,1", " A,1,x,1.0,1", "A,1,x,1.2345678901234567,1", "A,1,x,nan,1"],
)  # fmt: skip
def test_it_leaves_other_rows_alone(line):
    assert plain_table(f"B,2,y,2.5,2\n{line}\n".encode(), NAMES, KINDS) is None


def test_blank_lines_are_no_rows():
    table = plain_table(b"A,1,x,1.5,1\n\n\r\nA,1,x,2.5,2\n", NAMES, KINDS)
    assert np.array_equal(table["number"].to_numpy(), [1.5, 2.5])
