"""Codes and numbers in words, and what may reach a terminal. Expected texts are written by hand."""

from __future__ import annotations

import pandas as pd
import pytest

from smartmoney_pipeline.console import ladder, words
from smartmoney_pipeline.console.event_table import contracts
from smartmoney_pipeline.console.results import Leg
from smartmoney_pipeline.console.terminal import plain
from smartmoney_pipeline.schemas.codes import AbstentionReason, Direction, EventKind, ProfileId
from smartmoney_pipeline.schemas.event_features import EventFeatures
from smartmoney_pipeline.schemas.sentences import ABSTENTION


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (None, "-"),
        (0.0, "$0"),
        (950.4, "$950"),
        (999.7, "$1.00k"),
        (45_120.0, "$45.1k"),
        (999_600.0, "$1.00M"),
        (1_204_000.0, "$1.20M"),
        (123e6, "$123M"),
        (2.5e9, "$2.50B"),
        (-1500.0, "$-1.50k"),
    ],
)
def test_money_has_three_digits(amount, text):
    assert words.money(amount) == text


@pytest.mark.parametrize(("share", "text"), [(None, "-"), (0.0, "0%"), (0.004, "<1%"), (0.126, "13%"), (0.996, ">99%"), (1.0, "100%")])
def test_a_share_that_is_neither_none_nor_all_is_not_rounded_to_it(share, text):
    assert words.percent(share) == text


def test_times_are_those_of_new_york_in_summer_and_winter():
    assert words.eastern(pd.Timestamp("2025-01-15T14:53:46.050846606Z")) == "09:53:46.050"
    assert words.eastern(pd.Timestamp("2025-07-15T14:53:46.050846606Z")) == "10:53:46.050"


@pytest.mark.parametrize(("ms", "text"), [(0, "one instant"), (35, "35 ms"), (4_210, "4.2 s"), (186_000, "3.1 min")])
def test_spans(ms, text):
    assert words.span(ms) == text


@pytest.mark.parametrize(
    ("symbol", "read"),
    [
        ("AAPL250117C00150000", ("AAPL 17Jan25", "150C")),
        ("SPXW250117P05012500", ("SPXW 17Jan25", "5012.5P")),
        ("NOT A SYMBOL", ("NOT A SYMBOL", "")),
    ],
)
def test_contracts_read_as_a_trader_reads_them(symbol, read):
    assert words.contract(symbol) == read


def test_legs_of_one_expiry_share_its_name():
    legs = [Leg("SPXW250221P06640000", -1, 1, 261), Leg("SPXW250221C06800000", 1, 2, 522), Leg("SPX250321C06900000", 0, 1, 261)]
    assert contracts(legs) == "SPXW 21Feb25 -1 6640P +2 6800C, SPX 21Mar25 6900C"


def test_an_outline_says_rights_tenor_and_distance():
    features = EventFeatures(call_share=1.0, dte_days=30, otm_amount=0.05, leg_count=1)
    assert words.outline(features, EventKind.SINGLE_LEG) == "calls, 30 d, 5% out of the money"
    features = EventFeatures(call_share=0.0, dte_days=2, otm_amount=-0.001, leg_count=2)
    assert words.outline(features, EventKind.MULTI_LEG) == "puts, 2 d, at the money, 2 legs"
    assert words.outline(EventFeatures(), EventKind.SINGLE_LEG) == ""


def test_every_code_has_its_word():
    assert set(ABSTENTION) == set(AbstentionReason)
    assert set(words.GLYPHS) == set(words.STYLES) == set(Direction)
    assert len(ladder.CELL_HEADER) == len(ProfileId) + 1
    assert [name[0].upper() for name in ProfileId] == list(ladder.CELL_HEADER[:-1])


def test_nothing_that_a_terminal_obeys_is_printed():
    assert plain("a\x1b[31mb\nc\x07\u202e") == "a?[31mb c??"
