"""Flow packets against packets worked out by hand from the description of the legacy surface."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from legacy_tape import CALL, FUND, PUT, START_MS, at, packets, parents, prints

from smartmoney_pipeline.bridge.baselines import baseline
from smartmoney_pipeline.bridge.flow_packets import flow_packets
from smartmoney_pipeline.bridge.sides import nbbo_sides
from smartmoney_pipeline.schemas.arrow import to_frame
from smartmoney_pipeline.schemas.bridge_tables import FlowPackets
from smartmoney_pipeline.schemas.legacy import NBBO_SIDES, FlowPacket


def quoted(price, bid, ask, age=10.0):
    return {
        "print_id": f"p{price}{bid}{ask}{age}", "ts": at(0), "option_symbol": CALL, "price_usd": price, "bid": bid, "ask": ask,
        "quote_age_ms": age, "packet_number": 0,
    }  # fmt: skip


# Spread 1.00, so the tolerance is 0.05; spread 0.10, so it is a cent. Sides by the rule of the legacy surface, section 3.6.
@pytest.mark.parametrize(
    ("price", "bid", "ask", "age", "side"),
    [
        (3.06, 2.0, 3.0, 10.0, "AA"),
        (3.05, 2.0, 3.0, 10.0, "A"),
        (2.95, 2.0, 3.0, 10.0, "A"),
        (2.94, 2.0, 3.0, 10.0, "MID"),
        (2.05, 2.0, 3.0, 10.0, "B"),
        (1.95, 2.0, 3.0, 10.0, "B"),
        (1.94, 2.0, 3.0, 10.0, "BB"),
        (2.08, 2.0, 2.1, 10.0, "MID"),
        (2.5, None, None, None, "MISSING"),
        (2.5, 2.0, None, 10.0, "MISSING"),
        (0.01, None, 0.05, 10.0, "B"),
        (3.0, 2.0, 3.0, 1_501.0, "STALE"),
        (3.0, 2.0, 3.0, 1_500.0, "A"),
        (3.0, 2.0, 3.0, None, "A"),
    ],
)
def test_the_place_in_the_quote(price, bid, ask, age, side):
    assert NBBO_SIDES[nbbo_sides(prints([quoted(price, bid, ask, age)]))[0]] == side


@pytest.fixture
def table() -> pa.Table:
    """A sweep of two prints in a call, the put beside it as a vertical's other leg, and one print of a fund without a quote."""
    tape = prints(
        [
            {"print_id": "a", "ts": at(0), "option_symbol": CALL, "price_usd": 2.0, "size": 10, "bid": 1.9, "ask": 2.0, "quote_age_ms": 5.0,
             "packet_number": 0},
            {"print_id": "b", "ts": at(2), "option_symbol": PUT, "price_usd": 1.0, "size": 30, "bid": 1.0, "ask": 1.2, "quote_age_ms": 8.0,
             "packet_number": 1},
            {"print_id": "c", "ts": at(3.7), "option_symbol": CALL, "price_usd": 2.1, "size": 20, "bid": 2.0, "ask": 2.1,
             "quote_age_ms": 1.25, "packet_number": 0},
            {"print_id": "d", "ts": at(9), "option_symbol": FUND, "price_usd": 0.5, "size": 1, "packet_number": 2},
        ]
    )  # fmt: skip
    made = packets(
        [
            {"packet_id": "k3", "event_id": "e2", "option_symbol": FUND, "packet_number": 2, "start_ts": at(9), "end_ts": at(9),
             "first_order": 3, "print_count": 1, "contracts": 1, "premium_ticks": 5_000, "price_first": 5_000, "price_last": 5_000},
            {"packet_id": "k1", "event_id": "e1", "option_symbol": CALL, "packet_number": 0, "start_ts": at(0), "end_ts": at(3.7),
             "first_order": 0, "print_count": 2, "contracts": 30, "premium_ticks": 620_000, "price_first": 20_000, "price_last": 21_000,
             "bid_size_first": 7, "ask_size_first": 8, "u_bid_first": 1_480_000, "u_ask_first": 1_480_200, "u_age_us_first": 4_000},
            {"packet_id": "k2", "event_id": "e1", "option_symbol": PUT, "packet_number": 1, "start_ts": at(2), "end_ts": at(2),
             "first_order": 1, "print_count": 1, "contracts": 30, "premium_ticks": 300_000, "price_first": 10_000, "price_last": 10_000,
             "bid_size_first": 5, "ask_size_first": 6},
        ]
    )  # fmt: skip
    return flow_packets(made, tape, parents([("e1", "multi_leg_event", "strangle"), ("e2", "single_leg_event", None)]))


def test_packets_stand_in_the_order_of_the_tape_with_their_prints(table):
    assert table["id"].to_pylist() == ["k1", "k2", "k3"]
    assert table["members"].to_pylist() == [["a", "c"], ["b"], ["d"]]
    assert table["seq"].to_pylist() == [0, 1, 3]
    assert table["source_ts"].to_pylist() == [START_MS, START_MS + 2, START_MS + 9]
    assert table["ingest_ts"].to_pylist() == [START_MS + 3, START_MS + 2, START_MS + 9]


def test_a_packet_of_two_prints(table):
    features = table["features"].to_pylist()[0]
    # 2.00 x 10 + 2.10 x 20 = 62.00 per share, x 100 = 6,200 dollars.
    expected = {
        "option_contract_id": "AAPL-2025-02-21-150-C", "underlying_id": "AAPL", "option_type": "call", "is_etf": False, "count": 2,
        "total_size": 30, "total_premium": 62.0, "total_notional": 6_200.0, "first_price": 2.0, "last_price": 2.1, "window_ms": 500,
        "nbbo_a_count": 2, "nbbo_aa_count": 0, "nbbo_mid_count": 0, "nbbo_missing_count": 0, "nbbo_coverage_ratio": 1.0,
        "nbbo_aggressive_buy_ratio": 1.0, "nbbo_aggressive_sell_ratio": 0.0, "nbbo_aggressive_ratio": 1.0, "nbbo_bid": 2.0, "nbbo_ask": 2.1,
        "nbbo_mid": 2.05, "nbbo_spread": 0.1, "underlying_bid": 148.0, "underlying_ask": 148.02, "underlying_quote_ts": START_MS - 4,
        "structure_type": "strangle", "structure_legs": 2, "structure_strikes": 2, "structure_strike_span": 10.0, "structure_rights": "C/P",
    }  # fmt: skip
    assert {name: features[name] for name in expected} == pytest.approx(expected)
    # The sizes of the quote are known before the first print alone, and the last one is another.
    assert features["nbbo_bid_size"] is None
    assert table["join_quality"].to_pylist()[0] == {
        "nbbo_coverage_ratio": 1.0, "nbbo_missing": None, "nbbo_age_ms": 1.25, "nbbo_stale": None, "underlying_quote_missing": None,
        "underlying_quote_age_ms": 4.0,
    }  # fmt: skip


def test_sizes_of_the_quote_are_given_where_there_is_one_print(table):
    features = table["features"].to_pylist()[1]
    assert (features["nbbo_bid_size"], features["nbbo_ask_size"]) == (5, 6)
    assert (features["nbbo_b_count"], features["nbbo_aggressive_sell_ratio"]) == (1, 1.0)


def test_what_is_not_known_is_null(table):
    features, quality = table["features"].to_pylist()[2], table["join_quality"].to_pylist()[2]
    unknown = (
        "nbbo_bid",
        "nbbo_ask",
        "nbbo_mid",
        "nbbo_spread",
        "underlying_bid",
        "underlying_quote_ts",
        "structure_type",
        "structure_legs",
    )
    assert [features[name] for name in unknown] == [None] * len(unknown)
    assert (features["is_etf"], features["nbbo_missing_count"], features["nbbo_coverage_ratio"]) == (True, 1, 0.0)
    assert (quality["nbbo_missing"], quality["nbbo_age_ms"], quality["underlying_quote_missing"]) == (1, None, 1)


def test_the_table_fits_its_model_and_every_row_is_a_flow_packet(table):
    assert len(FlowPackets.validate(to_frame(table), lazy=True)) == 3
    for row in table.to_pylist():
        row.pop("event_id")
        assert FlowPacket.model_validate(row).id == row["id"]


def test_a_packet_without_prints_is_an_error():
    made = packets([{"packet_id": "k", "event_id": "e", "option_symbol": CALL, "packet_number": 7, "start_ts": at(0), "end_ts": at(0)}])
    with pytest.raises(ValueError, match="no prints"):
        flow_packets(made, prints([quoted(2.0, 1.9, 2.0)]), parents([("e", "single_leg_event", None)]))


def test_no_packets_give_no_rows():
    assert len(flow_packets(packets([]), prints([]), parents([]))) == 0


def test_baselines_look_back_on_the_same_contract_alone():
    # By hand: before the third 1 and 3 have mean 2 and deviation 1; the other contract has nothing before it.
    found = baseline(np.array([1.0, 100.0, 3.0, 5.0]), np.array([0, 1, 0, 0]))
    assert found.n.tolist() == [0, 0, 1, 2]
    assert np.isnan(found.mean[:2]).all()
    assert found.mean[2:].tolist() == [1.0, 2.0]
    assert found.std[3] == pytest.approx(1.0)
    assert found.z[3] == pytest.approx(3.0)
    assert np.isnan(found.z[2])


def test_baselines_hold_fifty_values_at_most_and_skip_unknown_ones():
    values = np.arange(60.0)
    values[55] = np.nan
    found = baseline(values, np.zeros(60, np.int64))
    assert found.n[[49, 50, 51, 59]].tolist() == [49, 50, 50, 49]
    # The fifty before number 51 are 1 to 50: their mean is 25.5.
    assert found.mean[51] == pytest.approx(25.5)
