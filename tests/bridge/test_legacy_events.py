"""Legacy events and prints out of a scored session: exact fields, every row a legacy object, figures held against other tables."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from legacy_tape import CALL, FUND, START_MS, at, prints

from smartmoney_pipeline.bridge.contracts import legacy_contracts
from smartmoney_pipeline.bridge.prints import option_prints, signal
from smartmoney_pipeline.bridge.sides import nbbo_sides


@pytest.mark.parametrize(
    ("symbol", "dashed", "kind", "underlying"),
    [
        ("AAPL250117C00150000", "AAPL-2025-01-17-150-C", "call", "AAPL"),
        ("SPXW250117P05000500", "SPXW-2025-01-17-5000.5-P", "put", "SPX"),
        ("ZUMZ260320C00022005", "ZUMZ-2026-03-20-22.005-C", "call", "ZUMZ"),
        ("not a symbol", None, None, None),
    ],
)
def test_contract_names(symbol, dashed, kind, underlying):
    named = legacy_contracts(pa.array([symbol]))
    assert [column[0].as_py() for column in (named.option_contract_id, named.option_type, named.underlying_id)] == [
        dashed,
        kind,
        underlying,
    ]


@pytest.fixture
def tape() -> pa.Table:
    return prints(
        [
            {"print_id": "a", "ts": at(1.9), "option_symbol": CALL, "price_usd": 2.0, "size": 600, "condition": "S", "bid": 1.9, "ask": 2.0,
             "quote_age_ms": 5.4, "underlying_bid": 148.0, "underlying_ask": 148.1, "packet_number": 0},
            {"print_id": "b", "ts": at(2), "option_symbol": FUND, "price_usd": 0.5, "size": 1, "packet_number": 1},
        ]
    )  # fmt: skip


def test_a_print_on_the_legacy_surface(tape):
    first, second = option_prints(tape, 100).to_pylist()
    assert (first["seq"], first["ts"], first["source_ts"], first["trace_id"]) == (100, START_MS + 1, START_MS + 1, "a")
    # 2.00 x 600 x 100
    assert (first["notional"], first["nbbo_side"], first["conditions"]) == (120_000.0, "A", ["S"])
    assert (first["execution_nbbo_mid"], first["execution_nbbo_ts"]) == (1.95, START_MS + 1 - 5)
    assert first["execution_underlying_spot"] == 148.05
    assert first["signal_pass"] is True
    assert first["signal_reasons"] == ["large_notional", "ask_side", "intermarket_sweep", "large_size"]
    assert (second["conditions"], second["signal_pass"], second["is_etf"], second["nbbo_side"]) == ([], False, True, "MISSING")
    assert second["execution_nbbo_bid"] is None
    assert second["execution_underlying_source"] is None


# Section 4 of the description: least notional by kind of print, and a reason to keep.
@pytest.mark.parametrize(
    ("price", "size", "condition", "bid", "ask", "passes"),
    [
        (2.0, 50, " ", 1.9, 2.0, True),
        (2.0, 49, " ", 1.9, 2.0, False),
        (1.9, 100, " ", 1.9, 2.0, False),
        (1.9, 600, " ", 1.9, 2.0, True),
        (1.95, 550, " ", 1.9, 2.0, True),
        (1.95, 102, " ", 1.8, 2.1, False),
        (1.95, 140, "S", 1.8, 2.1, True),
        (1.95, 520, " ", None, None, True),
        (1.95, 250, " ", None, None, False),
    ],
)
def test_the_size_filter(price, size, condition, bid, ask, passes):
    row = {"print_id": "a", "ts": at(0), "option_symbol": CALL, "price_usd": price, "size": size, "condition": condition, "bid": bid,
           "ask": ask, "quote_age_ms": None if ask is None else 1.0, "packet_number": 0}  # fmt: skip
    table = prints([row])
    found, _ = signal(table, np.array([price * size * 100]), nbbo_sides(table), np.array([False]))
    assert found.tolist() == [passes]


def test_funds_need_more(tape):
    sides = nbbo_sides(tape)
    assert signal(tape, np.array([49_999.0, 0.0]), sides, np.array([True, True]))[0].tolist() == [False, False]
    assert signal(tape, np.array([50_000.0, 0.0]), sides, np.array([True, True]))[0].tolist() == [True, False]


def test_no_prints_give_no_rows(tape):
    assert len(option_prints(tape.slice(0, 0), 0)) == 0


def test_every_print_has_a_condition_list_of_its_own(tape):
    assert pc.list_value_length(option_prints(tape, 0)["conditions"]).to_pylist() == [1, 0]


def test_a_venue_that_nobody_knows_is_an_empty_text(tape):
    # The legacy field is a required text (`exchange: string`); a null would be left off the wire.
    place = tape.column_names.index("exchange")
    unknown = tape.set_column(place, "exchange", pa.nulls(len(tape), tape["exchange"].type))
    assert option_prints(unknown, 0)["exchange"].to_pylist() == ["", ""]
