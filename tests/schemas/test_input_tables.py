"""The input schemas accept the tape that the format describes and refuse its opposites. Answers: the tape format's tables."""

import pandas as pd
import pandera.pandas as pa
import pytest

from smartmoney_pipeline.schemas.input_tables import INPUT_TABLES, Corrections, OptionPrints, Quarantine

PRINT = {
    "print_id": ["p1"],
    "ts": pd.Series([pd.Timestamp("2025-02-14T14:30:00Z")], dtype="datetime64[ns, UTC]"),
    "seq": [1],
    "option_symbol": ["AAPL250221C00250000"],
    "underlying": ["AAPL"],
    "price": [2.05],
    "size": [10],
    "exchange": ["C"],
    "condition": [" "],
}


@pytest.mark.parametrize("model", [*INPUT_TABLES.values(), Quarantine, Corrections])
def test_every_column_and_table_is_described(model):
    assert model.__doc__
    assert all(column.description for column in model.to_schema().columns.values())


def test_required_and_optional_tables():
    assert list(INPUT_TABLES) == [
        "option_prints",
        "option_quotes",
        "underlying_quotes",
        "venue_quotes",
        "underlying_prints",
        "event_calendar",
        "open_interest",
        "rates",
        "history",
        "contracts",
    ]


def test_a_print_with_and_without_its_optional_columns():
    frame = pd.DataFrame(PRINT)
    OptionPrints.validate(frame)
    OptionPrints.validate(frame.assign(nbbo_bid=2.0, nbbo_ask=pd.Series([None], dtype="float64"), cancels_print_id="p0"))


@pytest.mark.parametrize(("column", "value"), [("price", 0.0), ("price", -1.0), ("size", 0), ("nbbo_bid", -0.01)])
def test_a_print_out_of_bounds_is_refused(column, value):
    with pytest.raises(pa.errors.SchemaError):
        OptionPrints.validate(pd.DataFrame(PRINT).assign(**{column: value}))


def test_a_missing_column_and_a_time_without_zone_are_refused():
    frame = pd.DataFrame(PRINT)
    with pytest.raises(pa.errors.SchemaError):
        OptionPrints.validate(frame.drop(columns="price"))
    with pytest.raises(pa.errors.SchemaError):
        OptionPrints.validate(frame.assign(ts=frame["ts"].dt.tz_localize(None)))


def test_reasons_and_rules_are_closed_lists():
    row = {"table": ["option_prints"], "row": [0], "reason": ["missing_value"], "value": [None], "source_file": ["x.csv"]}
    Quarantine.validate(pd.DataFrame(row).astype({"value": "str"}))
    with pytest.raises(pa.errors.SchemaError):
        Quarantine.validate(pd.DataFrame({**row, "reason": ["bad luck"]}).astype({"value": "str"}))
