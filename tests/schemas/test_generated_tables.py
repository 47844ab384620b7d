"""Tables generated from EventFeatures and the packet columns: same names, types, bounds, meanings; nothing else gets in."""

import numpy as np
import pandas as pd
import pandera.pandas as pa
import pytest
from pydantic import ValidationError

from smartmoney_pipeline.schemas.event_features import FEATURE_NAMES, EventFeatures
from smartmoney_pipeline.schemas.generated_tables import NULL_BELOW_ZERO, EventFeaturesTable, Packets
from smartmoney_pipeline.schemas.packet_columns import FLOAT_COLUMNS, INT_COLUMNS, PRICED_COLUMNS

COLUMNS = EventFeaturesTable.to_schema().columns


def frame(**values) -> pd.DataFrame:
    empty = {name: [None, None] for name in FEATURE_NAMES}
    return pd.DataFrame({"event_id": ["e1", "e2"], **empty, **values})


def test_columns_are_the_fields_with_their_meaning():
    assert list(COLUMNS) == ["event_id", *FEATURE_NAMES]
    assert all(COLUMNS[name].description == field.description for name, field in EventFeatures.model_fields.items())
    assert all(COLUMNS[name].nullable for name in FEATURE_NAMES)


def test_unknown_features_pass_and_stay_unknown():
    out = EventFeaturesTable.validate(frame(), lazy=True)
    assert out.drop(columns="event_id").isna().all(axis=None)


def test_whole_numbers_and_flags_survive_a_pass_through_floats():
    out = EventFeaturesTable.validate(frame(contracts=[500.0, np.nan], index_or_etf=[True, None]), lazy=True)
    assert (out["contracts"].dtype, out["contracts"].tolist()[0]) == (pd.Int64Dtype(), 500)
    assert out["index_or_etf"].dtype == pd.BooleanDtype()


BOUNDED = [("buy_probability", 1.01), ("aggressor_mix", -1.01), ("quote_age_ms", -0.5), ("trading_days_to_event", -1)]


@pytest.mark.parametrize(("name", "value"), BOUNDED)
def test_table_and_contract_share_their_bounds(name, value):
    with pytest.raises(pa.errors.SchemaErrors, match=name):
        EventFeaturesTable.validate(frame(**{name: [value, None]}), lazy=True)
    with pytest.raises(ValidationError, match=name):
        EventFeatures(**{name: value})


@pytest.mark.parametrize(
    "bad", [{"premium_usd": [np.inf, None]}, {"surprise": [1.0, 2.0]}, {"event_id": ["e1", "e1"]}, {"contracts": [1.5, 2]}]
)
def test_infinite_unknown_repeated_or_broken_values_are_refused(bad):
    with pytest.raises(pa.errors.SchemaErrors):
        EventFeaturesTable.validate(frame(**bad), lazy=True)


def test_packets_hold_every_packet_column():
    names = [column.name for column in INT_COLUMNS + FLOAT_COLUMNS + PRICED_COLUMNS]
    assert list(Packets.to_schema().columns) == ["packet_id", "event_id", "option_symbol", *names, "leg", "leg_sign", "leg_ratio"]


def test_marks_for_nothing_become_null():
    """Columns whose description says -1 none or -1 unknown, read by hand; `touch` uses -1 for the bid."""
    assert {"bid_first", "ask_first", "age_us_max", "u_age_us_first", "ref_ask_first"} <= set(NULL_BELOW_ZERO)
    assert not {"touch", "contracts", "price_first", "start_ts"} & set(NULL_BELOW_ZERO)
    columns = Packets.to_schema().columns
    assert all(columns[name].nullable for name in NULL_BELOW_ZERO)
    assert not any("-1 none" in column.description or "NaN" in column.description for column in columns.values())


def test_packet_times_are_times():
    assert str(Packets.to_schema().columns["closed_at"].dtype) == "datetime64[ns, UTC]"
