"""The short way in gives the rows of the long way, and leaves every odd table to it."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from live_days import SESSION, engine_of, generated, small

from smartmoney_pipeline.engine.live.intake import Intake, register, rows_of
from smartmoney_pipeline.engine.live.rows import Rows
from smartmoney_pipeline.engine.live.universe import Universe
from smartmoney_pipeline.tape.session import SessionDay

STREAMS = ("option_prints", "option_quotes", "underlying_quotes")


def both_ways(name: str, table: pa.Table) -> tuple[Rows | None, Rows]:
    universe = Universe(SESSION, "test")
    intake = Intake(SessionDay.of(SESSION), universe)
    clean = intake.clean(name, table)
    register({name: clean}, universe)
    intake.rows.clear()
    return intake.plain(name, table), rows_of(name, clean, universe)


def with_carried(prints: pa.Table) -> pa.Table:
    """Prints with the quotes that they carry, some of which are no quotes."""
    draw = np.random.Generator(np.random.Philox(5))
    for name in ("nbbo_bid", "nbbo_ask", "underlying_bid", "underlying_ask", "venue_bid", "venue_ask"):
        values = np.round(draw.integers(0, 4, len(prints)) * 0.05, 2)
        prints = prints.append_column(name, pa.array(values, mask=draw.random(len(prints)) < 0.3))
    for name in ("nbbo_bid_size", "nbbo_ask_size", "venue_bid_size"):
        prints = prints.append_column(name, pa.array(draw.integers(0, 50, len(prints)), mask=draw.random(len(prints)) < 0.3))
    return prints


def coded(table: pa.Table) -> pa.Table:
    """The same table with its texts as dictionaries."""
    for place, field in enumerate(table.schema):
        if pa.types.is_string(field.type) and not field.name.endswith("print_id"):
            table = table.set_column(place, field.name, table[field.name].combine_chunks().dictionary_encode())
    return table


def assert_same_rows(one: Rows, other: Rows) -> None:
    for name, values in one.numbers.items():
        assert values.dtype == other.numbers[name].dtype, name
        assert np.array_equal(values, other.numbers[name]), name
    assert all(values.equals(other.texts[name]) for name, values in one.texts.items())


@pytest.mark.parametrize("name", STREAMS)
@pytest.mark.parametrize("as_dictionary", [True, False])
def test_a_table_without_a_fault_comes_out_of_both_ways_alike(name, as_dictionary):
    table = generated()[name].slice(0, 3_000)
    if name == "option_prints":
        table = with_carried(table)
    plain, long = both_ways(name, coded(table) if as_dictionary else table)
    assert plain is not None
    assert_same_rows(plain, long)


def test_every_odd_cell_sends_the_table_the_long_way():
    """The row checks of the tape format: one bad cell quarantines one row, so the short way must not take the table."""
    prints = small()["option_prints"].slice(0, 4)
    midnight = int(np.datetime64(date(2026, 3, 17)).astype("datetime64[ns]").astype(np.int64))
    odd = {
        "price": [1.0, 0.0, 1.0, 1.0],
        "size": [1, 1, 2**31, 1],
        "exchange": ["N", "N", "?", "N"],
        "condition": ["I", "I", "no", "I"],
        "underlying": ["ZZZZ"] * 4,
        "option_symbol": ["nothing"] * 4,
        "print_id": ["a", None, "b", "c"],
        "ts": pa.array([midnight] * 4).cast(pa.timestamp("ns", tz="UTC")),
        "seq": [1.0, 2.0, 3.0, 4.0],
    }
    for name, values in odd.items():
        table = prints.set_column(prints.column_names.index(name), name, pa.array(values))
        universe = Universe(SESSION, "test")
        register({"option_prints": Intake(SessionDay.of(SESSION), universe).clean("option_prints", prints)}, universe)
        assert Intake(SessionDay.of(SESSION), universe).plain("option_prints", table) is None, name
    assert both_ways("option_prints", prints)[0] is not None


def test_a_price_off_the_grid_or_beyond_it_is_odd():
    quotes = small()["option_quotes"].slice(0, 2)
    for value in (1.00001, -0.01, 214_749.0, float("nan"), float("inf")):
        table = quotes.set_column(quotes.column_names.index("bid"), "bid", pa.array([1.0, value]))
        universe = Universe(SESSION, "test")
        intake = Intake(SessionDay.of(SESSION), universe)
        register({"option_quotes": intake.clean("option_quotes", quotes)}, universe)
        assert intake.plain("option_quotes", table) is None, value


def test_symbols_that_nobody_named_go_the_long_way_once():
    tables = small()
    engine = engine_of(tables, symbols_known=False)
    quotes = tables["option_quotes"].slice(0, 50)
    engine.push({"option_quotes": quotes})
    assert engine.rows_received()["option_quotes"] == 50
    engine.push({"option_quotes": quotes})
    assert engine.rows_received()["option_quotes"] == 100
    assert engine.held_rows() == 100
