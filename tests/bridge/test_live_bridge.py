"""Hits and alerts of a live session: a withdrawn event takes its records back."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from legacy_tape import at
from test_hits_and_alerts import event

from smartmoney_pipeline.bridge.live import LiveBridge
from smartmoney_pipeline.engine.live.update import Retraction, Update, retractions_table
from smartmoney_pipeline.schemas.arrow import to_frame
from smartmoney_pipeline.schemas.bridge_tables import LegacyWithdrawals


def said(*rows) -> Update:
    """An update of events; only the columns that the bridge reads are there."""
    events = pa.Table.from_pylist([row | {"closed_at": at(100)} for row in rows])
    return Update.of_tables(events=events)


def withdrawn(*ids) -> Update:
    rows = [Retraction(name, at(5_000).value, "print_cancelled", ()) for name in ids]
    return Update.of_tables(retractions=retractions_table(rows))


@pytest.fixture
def bridge() -> LiveBridge:
    return LiveBridge(lambda events: np.arange(len(events)))


def traces(table) -> list[str]:
    return table["trace_id"].to_pylist()


def test_a_published_event_says_its_hit_and_its_alert(bridge):
    made = bridge.add(said(event()))
    assert traces(made.classifier_hits) == ["classifier:smart_money_event_driven:k1"]
    assert traces(made.alerts) == ["alert:e1"]
    assert len(made.withdrawals) == 0


def test_a_retraction_takes_both_back_once(bridge):
    bridge.add(said(event()))
    made = bridge.add(withdrawn("e1"))
    assert sorted(zip(made.withdrawals["kind"].to_pylist(), traces(made.withdrawals), strict=True)) == [
        ("alert", "alert:e1"),
        ("classifier-hit", "classifier:smart_money_event_driven:k1"),
    ]
    assert set(made.withdrawals["reason"].to_pylist()) == {"print_cancelled"}
    assert made.withdrawals["withdrawn_at"].to_pylist()[0] == at(5_000)
    assert len(LegacyWithdrawals.validate(to_frame(made.withdrawals), lazy=True)) == 2
    assert len(bridge.add(withdrawn("e1")).withdrawals) == 0


def test_an_abstained_event_has_nothing_to_take_back(bridge):
    assert len(bridge.add(said(event(abstained=True))).alerts) == 0
    assert len(bridge.add(withdrawn("e1")).withdrawals) == 0


def test_the_same_event_said_again_says_nothing_twice(bridge):
    bridge.add(said(event()))
    made = bridge.add(said(event()))
    assert (len(made.alerts), len(made.classifier_hits), len(made.withdrawals)) == (0, 0, 0)


def test_an_event_that_turned_out_otherwise_replaces_its_records(bridge):
    bridge.add(said(event()))
    made = bridge.add(said(event(top=0.8)))
    assert len(made.withdrawals) == 2
    assert made.withdrawals["reason"].to_pylist() == [None, None]
    assert made.classifier_hits["confidence"].to_pylist() == [0.8]


def test_an_event_that_abstains_in_the_end_takes_its_records_back(bridge):
    bridge.add(said(event()))
    made = bridge.add(said(event(abstained=True)))
    assert (len(made.withdrawals), len(made.alerts)) == (2, 0)
