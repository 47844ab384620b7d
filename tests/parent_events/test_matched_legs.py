"""A matched opposite leg never leaves a directional single-leg event: a law over generated orders among strangers."""

import numpy as np
from grouping_tapes import parents_of, prints, terms
from hypothesis import given, settings
from hypothesis import strategies as st

from smartmoney_pipeline.parent_events.assembled import MULTI
from smartmoney_pipeline.schemas.codes import ConditionFamily

BID, ASK = 9_500, 10_500
LISTED = [(90 + 5 * (c // 4), "CP"[c % 2], (7, 30)[c // 2 % 2]) for c in range(24)]
MARKET = terms(*LISTED)
FAMILIES = (ConditionFamily.SINGLE, ConditionFamily.SINGLE_AUCTION, ConditionFamily.FLOOR, ConditionFamily.MULTI_AUTO)

stranger = st.fixed_dictionaries({
    "ms": st.integers(0, 120), "contract": st.integers(0, 11), "size": st.sampled_from([1, 5, 10, 20, 40, 60]),
    "venue": st.sampled_from("CNX"), "price": st.sampled_from([BID, 10_000, ASK, ASK + 300]),
    "family": st.sampled_from(FAMILIES),
})  # fmt: skip

order = st.fixed_dictionaries({
    "ms": st.integers(0, 120), "size": st.sampled_from([1, 5, 10, 20, 40]), "venue": st.sampled_from("CNX"),
    "bought": st.integers(12, 23), "sold": st.integers(12, 23), "family": st.sampled_from(FAMILIES),
    "through": st.sampled_from([0, 100, 800]),
}).filter(lambda one: one["bought"] != one["sold"])  # fmt: skip


def legs(one):
    """The two prints of an order: bought at the ask or above, sold at the bid or below."""
    common = {name: one[name] for name in ("ms", "size", "venue", "family")} | {"p_buy": np.nan}
    buy = common | {"contract": one["bought"], "price": ASK + one["through"], "p_buy": 0.9}
    return [buy, common | {"contract": one["sold"], "price": BID - one["through"], "p_buy": 0.1}]


@settings(max_examples=60, deadline=None)
@given(one=order, strangers=st.lists(stranger, max_size=14), hz=st.sampled_from([0.0, 0.5, 20.0, 400.0]), swap=st.booleans())
def test_no_leg_of_a_matched_pair_is_a_single_leg_event(one, strangers, hz, swap):
    pair = legs(one)[::-1] if swap else legs(one)
    others = [row | {"p_buy": 0.5, "ms": row["ms"] + 0.25} for row in strangers]  # at no instant of the order
    rows = sorted([*pair, *others], key=lambda row: row["ms"])
    a = parents_of(prints(*rows, underlying_rate_hz=hz, contract_rate_hz=hz / 10), MARKET)
    event_of = np.repeat(np.arange(len(a)), np.diff(a.offsets))
    own = np.isin(a.packets["contract"], [one["bought"], one["sold"]])
    assert np.all(a.events["kind"][event_of[own]] == MULTI)
    assert len(set(event_of[own].tolist())) == 1


@settings(max_examples=40, deadline=None)
@given(orders=st.lists(order, min_size=2, max_size=5, unique_by=lambda one: one["ms"]), hz=st.sampled_from([0.0, 20.0, 400.0]))
def test_nor_where_several_such_orders_stand_near_one_another(orders, hz):
    # each order in contracts of its own, so that no packet holds fills of two
    apart = [one | {"bought": 2 * k + 12, "sold": 2 * k + 13} for k, one in enumerate(orders)]
    rows = sorted([row for one in apart for row in legs(one)], key=lambda row: row["ms"])
    a = parents_of(prints(*rows, underlying_rate_hz=hz, contract_rate_hz=hz / 10), MARKET)
    assert np.all(a.events["kind"] == MULTI)
    event_of = np.repeat(np.arange(len(a)), np.diff(a.offsets))
    where = dict(zip(a.packets["contract"].tolist(), event_of.tolist(), strict=True))
    assert all(where[one["bought"]] == where[one["sold"]] for one in apart)
