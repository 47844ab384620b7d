"""Answers: each cell read by eye."""

import pyarrow as pa
import pytest

from smartmoney_pipeline.tape.columns import WrongTypeError, convert
from smartmoney_pipeline.tape.tables import ColumnSpec, Kind


def read(kind, cells, *, name="size", nullable=False, is_text=True):
    result = convert(cells if isinstance(cells, pa.Array) else pa.array(cells), ColumnSpec(name, kind, True, nullable), is_text=is_text)
    return result.cells.to_pylist(), {r.value: m.nonzero()[0].tolist() for m, r in result.faults if m.any()}


def test_numbers_as_text():
    cells, faults = read(Kind.NUMBER, ["1.5", " 2 ", "nan", "-Inf", "-", "1e400", None, "1e3", ".5", "+3", "=1+1"])
    assert cells == [1.5, 2.0, None, None, None, None, None, 1000.0, 0.5, 3.0, None]
    assert faults["unreadable_value"] == [4, 10]
    assert set(faults["not_a_number"]) <= {2, 3, 5}


def test_not_a_number_is_no_value_where_a_column_may_be_empty():
    assert read(Kind.NUMBER, ["nan", "1"], nullable=True) == ([None, 1.0], {})
    assert read(Kind.NUMBER, pa.array([float("nan"), 1.0]), nullable=True, is_text=False) == ([None, 1.0], {})
    assert read(Kind.NUMBER, pa.array([float("nan"), 1.0]), is_text=False) == ([None, 1.0], {"not_a_number": [0]})
    assert read(Kind.NUMBER, pa.array([float("inf"), 1.0]), nullable=True, is_text=False)[1] == {"not_a_number": [0]}


def test_whole_numbers_as_text():
    cells, faults = read(Kind.WHOLE, ["1", "+2", "2.5", "10.0", "nan", "x", None, "123456789012345678", "1" * 25])
    assert cells == [1, 2, None, 10, None, None, None, 123456789012345678, None]
    assert faults == {"not_a_number": [4], "unreadable_value": [5], "size_not_whole": [2], "size_out_of_range": [8]}


def test_a_fraction_outside_sizes_is_unreadable():
    assert read(Kind.WHOLE, ["1.5"], name="seq")[1] == {"unreadable_value": [0]}


def test_times_as_text():
    cells, faults = read(
        Kind.TIME,
        [
            "2025-02-14T14:30:00Z",
            "2025-02-14 09:30:00.123456789-05:00",
            "2025-02-14T14:30:00",
            "2025-02-30T14:30:00Z",
            "yesterday",
            None,
            "9999-01-01T00:00:00Z",
        ],
    )
    assert [None if cell is None else cell.value for cell in cells] == [
        1_739_543_400_000_000_000,
        1_739_543_400_123_456_789,
        None,
        None,
        None,
        None,
        None,
    ]
    assert faults == {"time_zone_missing": [2], "unreadable_value": [3, 4, 6]}


def test_times_beyond_nanoseconds_alone():
    assert read(Kind.TIME, ["9999-01-01T00:00:00Z"])[1] == {"unreadable_value": [0]}
    assert read(Kind.TIME, pa.array([-(2**63), 5], pa.timestamp("ms", "UTC")), is_text=False)[1] == {"unreadable_value": [0]}


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
def test_every_resolution_and_zone_of_typed_times(unit):
    typed = pa.array([1_739_543_400], pa.timestamp("s", "America/New_York")).cast(pa.timestamp(unit, "America/New_York"))
    cells, faults = read(Kind.TIME, typed, is_text=False)
    assert (cells[0].value, faults) == (1_739_543_400_000_000_000, {})


def test_dates_and_flags_as_text():
    assert read(Kind.DATE, ["2025-02-14", "2025-02-30", None])[1] == {"unreadable_value": [1]}
    assert read(Kind.FLAG, ["true", "0", "maybe", None]) == ([True, False, None, None], {"unreadable_value": [2]})


@pytest.mark.parametrize(
    ("kind", "cells"),
    [
        (Kind.NUMBER, pa.array(["1"])),
        (Kind.NUMBER, pa.array([1.0], pa.float32())),
        (Kind.WHOLE, pa.array(["1"])),
        (Kind.TEXT, pa.array([1])),
        (Kind.TEXT, pa.array([1]).dictionary_encode()),
        (Kind.TIME, pa.array([1])),
        (Kind.TIME, pa.array([1], pa.timestamp("ns"))),
        (Kind.DATE, pa.array(["2025-02-14"])),
        (Kind.FLAG, pa.array([1])),
    ],
)
def test_a_column_of_the_wrong_type_is_refused(kind, cells):
    with pytest.raises(WrongTypeError):
        read(kind, cells, is_text=False)


def test_decimals_and_floats_serve_where_they_can():
    from decimal import Decimal

    assert read(Kind.NUMBER, pa.array([Decimal("2.05")]), is_text=False) == ([2.05], {})
    assert read(Kind.WHOLE, pa.array([1.0, 2.5, None]), is_text=False) == ([1, None, None], {"size_not_whole": [1]})
