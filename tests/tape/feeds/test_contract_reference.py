"""Contract definitions in the documented layouts, and what the day makes of them."""

import json

import pyarrow as pa
import pytest
from feed_runs import run
from tape_tables import settle

from smartmoney_pipeline.tape.contracts import build_contracts
from smartmoney_pipeline.tape.errors import TapeError

MASSIVE = [
    {"ticker": "O:AAPL250221C00250000", "shares_per_contract": 100, "exercise_style": "american"},
    {"ticker": "O:XYZ1250221C00010000", "shares_per_contract": 150, "exercise_style": "american"},
    {"ticker": "O:ABC250221C00010000", "shares_per_contract": 100, "additional_underlyings": [{"amount": 44, "underlying": "USD"}]},
    {"ticker": "O:SPXW250221C06000000", "shares_per_contract": 100, "exercise_style": "bermudan"},
    {"ticker": "O:QQQ250221C00500000", "shares_per_contract": 0, "exercise_style": "american"},
]


def definitions(folder, vendor, document):
    (folder / "contracts.json").write_text(json.dumps(document))
    return run(vendor, folder / "contracts.json", folder / "part")


def test_massive_definitions(tmp_path):
    result = definitions(tmp_path, "massive", {"results": MASSIVE, "next_url": "more"})
    rows = {row["option_symbol"]: (row["multiplier"], row["exercise"], row["adjusted"]) for row in result.tables["contracts"]}
    assert rows == {
        "AAPL250221C00250000": (100, "american", None),
        "XYZ1250221C00010000": (150, "american", True),
        "ABC250221C00010000": (100, None, True),
    }
    assert result.faults() == [(3, "exercise_style", "unknown_code"), (4, "multiplier", "non_positive_size")]


def test_alpaca_definitions(tmp_path):
    rows = [{"symbol": "AAPL250221C00250000", "size": "100", "style": "american", "deliverables": [{"symbol": "AAPL"}]}]
    row = definitions(tmp_path, "alpaca", {"option_contracts": rows}).only("contracts")
    assert (row["multiplier"], row["exercise"], row["adjusted"]) == (100, "american", None)


def test_a_definition_wins_over_the_root_and_the_root_over_nothing():
    symbols = pa.array(["SPXW250221C06000000", "SPX250221C06000000", "XYZ1250221C00010000", "AAPL250221C00250000"])
    stated = pa.table({"option_symbol": ["XYZ1250221C00010000"], "multiplier": [150], "adjusted": pa.array([None], pa.bool_())})
    days = build_contracts(symbols, stated, settle).set_index("option_symbol")
    assert days["multiplier"].to_dict()["XYZ1250221C00010000"] == 150
    assert days["adjusted"].to_dict() == dict.fromkeys(days.index, False) | {"XYZ1250221C00010000": True}
    assert [days["settlement"][name] for name in symbols.to_pylist()] == ["pm", "am", "pm", "pm"]
    assert [days["exercise"][name] for name in symbols.to_pylist()] == ["european", "european", "american", "american"]


def test_another_document_is_refused(tmp_path):
    with pytest.raises(TapeError, match="contract definitions"):
        definitions(tmp_path, "massive", {"status": "OK"})
