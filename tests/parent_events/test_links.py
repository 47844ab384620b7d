"""Campaign links over tapes by hand."""

from itertools import pairwise

import numpy as np
import pytest
from grouping_tapes import OPEN_NS, SECOND, market_terms, parents_of, prints, random_tape, terms

from smartmoney_pipeline.parent_events.assembled import Assembled
from smartmoney_pipeline.parent_events.links import END_OF_TIME, LinkBuilder

MINUTE_MS = 60_000
TERMS = terms((100, "C"), (105, "C"))


def links(*rows):
    """Links as pairs of the times (minutes) of the two parents, with the gap in minutes."""
    a = parents_of(prints(*rows, p_buy=0.8, size=100), TERMS)
    start = dict(zip(a.events["event"].tolist(), ((a.events["start_ts"] - OPEN_NS) // (60 * SECOND)).tolist(), strict=True))
    found = LinkBuilder().push(a, END_OF_TIME)
    assert set(found["kind"]) <= {"campaign"}
    pairs = zip(found["event"].tolist(), found["linked_event"].tolist(), found["gap_ns"].tolist(), strict=True)
    return sorted((start[one], start[other], gap / (60 * SECOND)) for one, other, gap in pairs)


def test_each_parent_is_linked_to_the_one_before_it():
    assert links({"ms": 0}, {"ms": 10 * MINUTE_MS}, {"ms": 25 * MINUTE_MS}) == [(0, 10, 10.0), (10, 25, 15.0)]


@pytest.mark.parametrize(
    "second",
    [{"ms": 15.001 * MINUTE_MS}, {"contract": 1}, {"p_buy": 0.2}, {"p_buy": 0.5}, {"size": 49}],
    ids=["too late", "another contract", "another side", "no side", "too small"],
)
def test_what_is_not_linked(second):
    assert links({"ms": 0}, {"ms": 10 * MINUTE_MS} | second) == []


def test_links_do_not_merge_and_packages_take_no_part():
    a = parents_of(random_tape(11, 3_000, span_s=3_600.0), market_terms())
    found = LinkBuilder().push(a, END_OF_TIME)
    assert len(found["event"]) > 0
    kind = dict(zip(a.events["event"].tolist(), a.events["kind"].tolist(), strict=True))
    assert {kind[event] for event in [*found["event"].tolist(), *found["linked_event"].tolist()]} == {0}


def part(a, chosen):
    """Some events of an assembly."""
    rows = np.flatnonzero(np.repeat(chosen, np.diff(a.offsets)))
    offsets = np.r_[0, np.cumsum(np.diff(a.offsets)[chosen])]
    return Assembled({n: v[rows] for n, v in a.packets.items()}, {n: v[chosen] for n, v in a.events.items()}, offsets)


def test_links_do_not_depend_on_the_pushes():
    a = parents_of(random_tape(12, 2_000, span_s=7_200.0), market_terms())
    builder, found = LinkBuilder(), []
    for low, high in pairwise(OPEN_NS + SECOND * np.array([0, 1, 500, 501, 3_000, 5_000, 8_000])):
        found.append(builder.push(part(a, (a.events["start_ts"] >= low) & (a.events["start_ts"] < high)), int(high) - 5 * SECOND))
    found.append(builder.finish())
    pieces = {(e, f, g) for links in found for e, f, g in zip(links["event"], links["linked_event"], links["gap_ns"], strict=True)}
    whole = LinkBuilder().push(a, END_OF_TIME)
    assert pieces == set(zip(whole["event"], whole["linked_event"], whole["gap_ns"], strict=True))
