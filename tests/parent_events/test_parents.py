"""Parents: tapes by hand with the parents that design D5 asks for, and laws over random tapes."""

import math
from itertools import pairwise

import numpy as np
import pytest
from grouping_tapes import (
    MS,
    OPEN_NS,
    SECOND,
    condition_bits,
    cut,
    described,
    market_terms,
    packet_arrays,
    parents_of,
    prints,
    random_tape,
    terms,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from smartmoney_pipeline.parent_events.assembled import MULTI, SINGLE
from smartmoney_pipeline.parent_events.packet_params import PacketParams
from smartmoney_pipeline.parent_events.packets import PacketBuilder
from smartmoney_pipeline.parent_events.parents import ParentBuilder
from smartmoney_pipeline.schemas.codes import Assembly, ConditionFamily

MULTI_LEG = {"family": ConditionFamily.MULTI_AUTO, "condition": "f"}
CONDOR_TERMS = terms((90, "P"), (95, "P"), (105, "C"), (110, "C"), (120, "C"), (125, "C"))


def kinds(a):
    """How many events of each assembly."""
    return {str(list(Assembly)[code]): int(n) for code, n in enumerate(np.bincount(a.events["assembly"])) if n}


class TestCodedPackages:
    def test_four_legs_at_one_instant_are_one_package(self):
        legs = [{"ms": 0, "contract": c, "size": 25, "price": p} for c, p in ((1, 10_200), (3, 10_200), (0, 10_200), (2, 10_200))]
        a = parents_of(prints(*legs, **MULTI_LEG), CONDOR_TERMS)
        assert described(a) == [("package", "iron_condor", [1, 3, 0, 2])]
        assert a.packets["leg"].tolist() == [1, 3, 0, 2]
        assert abs(a.packets["leg_sign"] @ np.array([1, -1, -1, 1])) == 4  # wings against body: contracts 1, 3, 0, 2
        assert a.events["kind"].tolist() == [MULTI]

    def test_two_verticals_at_one_instant_are_two_packages(self):
        sizes = {0: 30, 1: 30, 2: 7, 3: 7}
        legs = [{"ms": 0, "contract": c, "size": sizes[c]} for c in (0, 2, 1, 3)]
        found = described(parents_of(prints(*legs, **MULTI_LEG), CONDOR_TERMS))
        assert found == [("package", "vertical", [0, 1]), ("package", "vertical", [2, 3])]

    def test_a_butterfly_beside_a_vertical(self):
        wings = terms((95, "C"), (100, "C"), (105, "C"), (80, "P"), (85, "P"))
        sizes = {0: 10, 1: 20, 2: 10, 3: 4, 4: 4}
        found = described(parents_of(prints(*({"ms": 0, "contract": c, "size": n} for c, n in sizes.items()), **MULTI_LEG), wings))
        assert found == [("package", "butterfly", [0, 1, 2]), ("package", "vertical", [3, 4])]

    def test_a_leg_filled_in_parts_and_out_of_order(self):
        legs = [{"ms": 0, "contract": 3, "size": 4}, {"ms": 0, "contract": 2, "size": 10}, {"ms": 0, "contract": 3, "size": 6}]
        a = parents_of(prints(*legs, **MULTI_LEG), CONDOR_TERMS)
        assert described(a) == [("package", "vertical", [3, 2])]
        assert a.events["print_count"].tolist() == [3]

    def test_legs_of_other_venues_times_or_ratios_stay_unmatched(self):
        for second in ({"venue": "X"}, {"ms": 1.001}, {"size": 70}, {"family": ConditionFamily.MULTI_AUCTION}, {"underlying": 1}):
            legs = prints({"ms": 0, "contract": 2, **MULTI_LEG}, {"ms": 0, "contract": 3, **MULTI_LEG} | second)
            found = described(parents_of(legs, CONDOR_TERMS))
            assert found == [("package", "unmatched_leg", [2]), ("package", "unmatched_leg", [3])]

    @pytest.mark.parametrize(("family", "apart_ms"), [(ConditionFamily.MULTI_AUTO, 1), (ConditionFamily.MULTI_AUCTION, 10),
                                                      (ConditionFamily.MULTI_FLOOR, 2_000)])  # fmt: skip
    def test_windows_by_family(self, family, apart_ms):
        legs = [{"ms": 0, "contract": 2}, {"ms": apart_ms, "contract": 3}]
        a = parents_of(prints(*legs, family=family), CONDOR_TERMS)
        assert described(a) == [("package", "vertical", [2, 3])]

    def test_a_package_never_joins_single_legs(self):
        legs = prints({"ms": 0, "contract": 2, **MULTI_LEG}, {"ms": 0, "contract": 3, **MULTI_LEG}, {"ms": 0, "contract": 2})
        assert kinds(parents_of(legs, CONDOR_TERMS)) == {"fill": 1, "package": 1}

    def test_one_option_tied_to_stock_is_a_multi_leg_event(self):
        a = parents_of(prints({"contract": 2, "price": 9_500}, family=ConditionFamily.STOCK_OPTION, condition="n"), CONDOR_TERMS)
        assert described(a) == [("package", "covered_call", [2])]
        assert (a.events["kind"].tolist(), a.events["stock_tied"].tolist()) == ([MULTI], [True])

    def test_four_equal_legs_that_no_pairs_explain_are_one_custom_package(self):
        # a call and three puts, each of its own expiry: two puts could be a diagonal, but the call has no partner
        mixed = terms((90, "C", 10), (95, "P", 20), (105, "P", 40), (115, "P", 60))
        found = described(parents_of(prints(*({"ms": 0, "contract": c} for c in range(4)), **MULTI_LEG), mixed))
        assert found == [("package", "custom", [0, 1, 2, 3])]

    def test_two_calendars_of_one_size_and_other_expiries_are_two_packages(self):
        listed = terms((90, "C", 20), (90, "C", 50), (110, "P", 20), (110, "P", 80))
        found = described(parents_of(prints(*({"ms": 0, "contract": c} for c in range(4)), **MULTI_LEG), listed))
        assert found == [("package", "calendar", [0, 1]), ("package", "calendar", [2, 3])]


class TestAlone:
    def test_one_print_is_a_fill_and_certain(self):
        a = parents_of(prints({"ms": 0}), CONDOR_TERMS)
        assert described(a) == [("fill", None, [0])]
        assert (a.events["reconstruction_confidence"].tolist(), a.events["kind"].tolist()) == ([1.0], [SINGLE])

    def test_an_order_over_three_venues_is_a_sweep(self):
        sweep = [{"ms": 0.2 * k, "venue": v, "condition": "S", "price": 10_500} for k, v in enumerate("CNX")]
        a = parents_of(prints(*sweep, contract_rate_hz=10.0), CONDOR_TERMS)
        assert described(a) == [("sweep", None, [0])]
        # two joins after 0.2 ms at 10.2 strangers a second, 85 to 1 against, sweep codes 3 x 7 times for: each right with 1 / (1 + chance)
        chance = (1 - math.exp(-0.00204)) * 85 / 21
        assert a.events["reconstruction_confidence"][0] == pytest.approx((1 / (1 + chance)) ** 2)

    def test_strangers_in_a_busy_name_are_two_events(self):
        strangers = [{"ms": 0, "price": 10_500}, {"ms": 4, "price": 10_000}]
        assert described(parents_of(prints(*strangers, contract_rate_hz=20.0), CONDOR_TERMS)) == [("fill", None, [0])] * 2


class TestLegged:
    pair = ({"ms": 0, "contract": 2, "price": 10_500, "size": 40}, {"ms": 5, "contract": 3, "price": 9_500, "size": 40})

    def legged(self, *changes, **common):
        rows = [row | change for row, change in zip(self.pair, changes or ({}, {}), strict=True)]
        return kinds(parents_of(prints(*rows, **({"underlying_rate_hz": 0.5} | common)), CONDOR_TERMS))

    def test_equal_legs_at_opposite_touches_of_one_venue(self):
        assert self.legged() == {"legged_package": 1}

    @pytest.mark.parametrize(
        "second",
        [{"size": 41}, {"ms": 51}, {"contract": 2, "price": 10_500, "ms": 300}, {"price": 10_500}, {"underlying": 1},
         {"family": ConditionFamily.SINGLE_AUCTION}],
        ids=["size", "time", "same contract", "same side of one right", "underlying", "family"],
    )  # fmt: skip
    def test_what_does_not_complement_stays_alone(self, second):
        assert self.legged({}, second) == {"fill": 2}

    def test_small_equal_sizes_say_nothing(self):
        assert self.legged({"size": 9}, {"size": 9}) == {"fill": 2}

    def test_in_a_busy_name_the_window_shrinks(self):
        assert self.legged(underlying_rate_hz=50.0) == {"fill": 2}
        assert self.legged({}, {"ms": 0.1}, underlying_rate_hz=50.0) == {"legged_package": 1}

    def test_other_venues_need_better_odds(self):
        # -ln(1 - exp(-1.5 x 5 ms)) 4.90 + equal size 1.86 + opposite touch 0.69 = 7.45 and without the touch 6.76: both above 6;
        # at 6 ms and 1.6/s without quotes nothing but the size is left of the four criteria
        assert self.legged({}, {"venue": "N"}, underlying_rate_hz=1.5) == {"legged_package": 1}
        assert self.legged({"bid": -1, "ask": -1}, {"venue": "N", "bid": -1, "ask": -1}, underlying_rate_hz=1.5) == {"fill": 2}

    def test_an_iron_condor_without_a_code(self):
        legs = [{"ms": k, "contract": c, "size": 15, "price": 10_500 if c in {0, 3} else 9_500} for k, c in enumerate((0, 1, 2, 3))]
        found = described(parents_of(prints(*legs, underlying_rate_hz=0.2), CONDOR_TERMS))
        assert found == [("legged_package", "iron_condor", [0, 1, 2, 3])]


class TestWorked:
    def clips(self, times_s, sizes=20, contracts=0, **more):
        count = len(times_s)
        sizes, contracts = np.broadcast_to(sizes, count), np.broadcast_to(contracts, count)
        rows = [{"ms": 1_000 * t, "size": int(n), "contract": int(c)} for t, n, c in zip(times_s, sizes, contracts, strict=True)]
        return parents_of(prints(*rows, **({"p_buy": 0.8, "contract_rate_hz": 0.01, "underlying_rate_hz": 1.0} | more)), CONDOR_TERMS)

    def test_regular_clips_of_one_size_are_one_order(self):
        a = self.clips([0, 10, 20, 30, 40])
        assert kinds(a) == {"worked": 1}
        assert a.events["reconstruction_confidence"][0] > 0.99

    def test_sizes_within_a_quarter_on_a_regular_clock_are_one_order(self):
        # equal gaps give 4 ln 4 - ln 3! - 3 = 0.75 nats each: four of them speak for a clock by more than 9:1 (2.2 nats)
        assert kinds(self.clips([0, 10, 20, 30, 40], sizes=[20, 24, 16, 25, 19])) == {"worked": 1}
        assert kinds(self.clips([0, 10, 20, 30, 40], sizes=[20, 26, 14, 27, 13])) == {"fill": 5}

    def test_clips_either_side_of_a_size_bucket_are_one_order(self):
        # one ruler's edges lie at powers of 2.5 (15.6, 39.1, 97.7): 14 and 17 lie either side of the first
        assert kinds(self.clips([0, 10, 20, 30, 40], sizes=[15, 17, 14, 17, 15])) == {"worked": 1}

    def test_uneven_clips_at_uneven_times_are_a_crowd(self):
        # gaps of 5, 16, 6 and 13 s: 4 x 0.753 + 3 (ln 5 + ln 16 + ln 6 + ln 13 - 4 ln 10) = 1.6 nats for a clock, fewer than 2.2
        assert kinds(self.clips([0, 5, 21, 27, 40], sizes=[20, 24, 16, 25, 19])) == {"fill": 5}
        assert kinds(self.clips([0, 5, 21, 27, 40], sizes=20)) == {"worked": 1}, "one large size is an order at any pace"

    def test_different_sizes_are_no_order(self):
        assert kinds(self.clips([0, 10, 20, 30, 40], sizes=[20, 35, 50, 11, 80])) == {"fill": 5}

    def test_in_a_busy_contract_the_same_clips_are_chance(self):
        assert kinds(self.clips([0, 13, 20, 38, 40], contract_rate_hz=3.0)) == {"fill": 5}

    def test_in_a_rush_every_size_has_its_strangers(self):
        # three more of 20 lots among twelve of other sizes: 12 x 0.155 / 0.845 = 2.2 are expected, and 3 ln(3 / 2.2) - 3 + 2.2 is little
        rush = [20, 31, 60, 12, 20, 90, 33, 11, 20, 47, 14, 80, 25, 64, 20, 38]
        times = [2.0 * k for k in range(len(rush))]
        assert kinds(self.clips(times, sizes=rush)) == {"fill": 16}
        alone = [(t, n) for t, n in zip(times, rush, strict=True) if n == 20]
        assert kinds(self.clips([t for t, _ in alone], sizes=20)) == {"worked": 1}

    def test_prints_without_a_side_are_no_order(self):
        assert kinds(self.clips([0, 10, 20, 30, 40], p_buy=0.5)) == {"fill": 5}

    def test_the_window_is_anchored_at_the_first_clip(self):
        a = self.clips([0, 15, 30, 45, 60, 75, 90, 105], contract_rate_hz=0.002)
        assert kinds(a) == {"worked": 2}
        assert sorted(np.diff(a.offsets).tolist()) == [3, 5]

    def test_neighbouring_strikes_count_and_distant_ones_do_not(self):
        ladder = self.clips([0, 8, 16, 24, 32, 40], contracts=[2, 3, 2, 3, 2, 3], contract_rate_hz=0.001)
        assert kinds(ladder) == {"worked": 1}
        assert sorted(set(ladder.packets["leg"].tolist())) == [0, 1]
        assert kinds(self.clips([0, 8, 16, 24, 32, 40], contracts=[2, 4, 2, 5, 3, 5], contract_rate_hz=0.02)) == {"fill": 6}

    def test_random_prints_make_few_orders(self):
        draw = np.random.default_rng(5)
        n, rate = 600, 0.2
        times = np.cumsum(draw.exponential(1 / rate, n))
        sizes = draw.choice([1, 2, 3, 5, 10, 20, 25, 50, 100], n, p=[0.3, 0.15, 0.1, 0.1, 0.15, 0.08, 0.04, 0.05, 0.03])
        a = self.clips(times, sizes=sizes, contract_rate_hz=rate)
        joined = a.events["print_count"][a.events["assembly"] == list(Assembly).index(Assembly.WORKED)].sum()
        assert joined <= 0.03 * n  # chance merges in busy names at most 3 %, the project's goal


class TestHerds:
    sizes = (1, 3, 2, 5, 1, 10, 2, 4, 7, 1, 2, 6)
    times = (0, 1.3, 2.1, 6.5, 7.2, 15.8, 16.1, 24.9, 33.3, 34.0, 41.5, 58.0)

    def herd(self, count=12, **changes):
        rows = [
            {"ms": 1_000 * t, "size": n, "contract": 2 + k % 4} | {name: values[k] for name, values in changes.items()}
            for k, (t, n) in enumerate(zip(self.times[:count], self.sizes, strict=False))
        ]
        return kinds(parents_of(prints(*rows, p_buy=0.8, underlying_rate_hz=0.2, contract_rate_hz=0.05), CONDOR_TERMS))

    def test_twelve_small_tickets_of_one_side_are_a_herd(self):
        assert self.herd() == {"herd": 1}

    def test_tickets_in_auctions_join_those_in_the_book(self):
        auction, book = ConditionFamily.SINGLE_AUCTION, ConditionFamily.SINGLE
        assert self.herd(family=[auction, book] * 6) == {"herd": 1}
        assert self.herd(family=[ConditionFamily.FLOOR, book] * 6) == {"fill": 12}

    def test_several_small_prints_in_one_packet_are_tickets(self):
        # three tickets of 5 within the packet gap make 15 contracts: more than one ticket may hold, in prints that are none
        rows = [{"ms": 1_000 * t + k, "size": 5, "contract": 2 + i % 4} for i, t in enumerate(self.times) for k in range(3)]
        assert kinds(parents_of(prints(*rows, p_buy=0.8, underlying_rate_hz=0.2, contract_rate_hz=0.05), CONDOR_TERMS)) == {"herd": 1}

    def test_seven_are_too_few(self):
        assert self.herd(count=7) == {"fill": 7}

    def test_large_tickets_and_the_other_right_stay_out(self):
        # an exchange counts more than ten contracts as retail up to 5,000 USD (NYSE-RETAIL-2023): 50 x 1.00 x 100 is that, 51 is more
        assert self.herd(size=[51, *self.sizes[1:]]) == {"fill": 1, "herd": 1}
        assert self.herd(size=[50, *self.sizes[1:]]) == {"herd": 1}
        assert self.herd(contract=[0] * 6 + [2, 3, 4, 5, 2, 3]) == {"fill": 12}

    def test_dear_tickets_are_tickets_in_an_auction_below_fifty_contracts(self):
        auction = [ConditionFamily.SINGLE_AUCTION] * 12
        dear = {"price": [50_000] * 12, "bid": [49_000] * 12, "ask": [50_000] * 12, "family": auction}
        assert self.herd(size=[49, *self.sizes[1:]], **dear) == {"herd": 1}
        assert self.herd(size=[50, *self.sizes[1:]], **dear) == {"fill": 1, "herd": 1}
        book = dear | {"family": [ConditionFamily.SINGLE] * 12}
        assert self.herd(size=[11, *self.sizes[1:]], **book) == {"fill": 1, "herd": 1}

    def against(self, others):
        """Twelve buys, and `others` sells of the same strikes spread over the same minute."""
        bought = [
            {"ms": 1_000 * t, "size": n, "contract": 2 + k % 4, "p_buy": 0.8}
            for k, (t, n) in enumerate(zip(self.times, self.sizes, strict=True))
        ]
        sold = [{"ms": 500 + 57_000 * k / max(others, 1), "size": 1 + k % 7, "contract": 2 + k % 4, "p_buy": 0.2} for k in range(others)]
        rows = sorted(bought + sold, key=lambda row: row["ms"])
        return kinds(parents_of(prints(*rows, underlying_rate_hz=0.2, contract_rate_hz=0.05), CONDOR_TERMS))

    def test_a_crowd_on_both_sides_is_no_herd(self):
        # k = 11 more buys where the other side had 9: 11 ln(11 / 9) - 11 + 9 = 0.2 nats, where 6 are needed
        assert self.against(9) == {"fill": 21}

    def test_the_few_on_the_other_side_stand_alone(self):
        # 11 ln(11 / 2) - 11 + 2 = 9.8 nats
        assert self.against(2) == {"fill": 2, "herd": 1}

    def test_in_a_busy_underlying_as_many_are_usual(self):
        rows = [{"ms": 1_000 * t, "size": n, "contract": 2 + k % 4} for k, (t, n) in enumerate(zip(self.times, self.sizes, strict=True))]
        a = parents_of(prints(*rows, p_buy=0.8, underlying_rate_hz=5.0, contract_rate_hz=1.0), CONDOR_TERMS)
        assert kinds(a) == {"fill": 12}


class TestClosing:
    def test_an_event_is_returned_once_nothing_can_change_it(self):
        packets = PacketBuilder(6, PacketParams(), condition_bits())
        packets.push(*prints({"ms": 0, "p_buy": 0.9}))
        builder = ParentBuilder(CONDOR_TERMS)
        assert len(builder.push(packet_arrays(packets.finish()), OPEN_NS + 100 * SECOND)) == 0
        assert builder.waiting() == 1
        # a small signed ticket: 50 ms for legs, then a minute each for worked orders and herds
        closed_at = OPEN_NS + 50 * MS + 120 * SECOND
        assert len(builder.push(packet_arrays(packets.finish()), closed_at)) == 0
        assert builder.push(packet_arrays(packets.finish()), closed_at + 1).events["closed_at"].tolist() == [closed_at]

    def test_nothing_gives_nothing(self):
        assert len(ParentBuilder(CONDOR_TERMS).finish()) == 0


def run(tape, contract_terms, edges, watermarks_behind_ns=0):
    """Events of a tape that arrives in pieces, as a sorted list of (members, columns)."""
    packets, builder = PacketBuilder(len(contract_terms), PacketParams(), condition_bits()), ParentBuilder(contract_terms)
    found = []
    for start, stop in pairwise(edges):
        chunk = packets.push(*cut(tape, start, stop))
        watermark = int(tape[0].ts[stop - 1]) - watermarks_behind_ns
        flushed = packets.flush(watermark)
        since = packets.open_since()
        until = watermark if since is None else min(watermark, since)
        found.append(builder.push(packet_arrays(chunk.rows), 0))
        found.append(builder.push(packet_arrays(flushed), until))
    found.append(builder.push(packet_arrays(packets.finish()), 0))
    found.append(builder.finish())
    return [row for a in found for row in rows_of(a)]


def rows_of(a):
    """Every event as bytes of its columns and of its packets', running numbers left out."""
    rows = []
    for k in range(len(a)):
        own = slice(a.offsets[k], a.offsets[k + 1])
        event = tuple(a.events[name][k].tobytes() for name in sorted(a.events) if name != "event")
        members = tuple(a.packets[name][own].tobytes() for name in sorted(a.packets) if name != "event")
        rows.append((int(a.events["first_order"][k]), a.packets["packet_number"][own].tolist(), event, members))
    return rows


class TestLaws:
    @settings(max_examples=20, deadline=None)
    @given(seed=st.integers(0, 10_000), cuts=st.lists(st.integers(1, 599), max_size=10), behind=st.sampled_from([0, MS, 3 * SECOND]))
    def test_events_do_not_depend_on_the_cuts(self, seed, cuts, behind):
        tape = random_tape(seed, 600, span_s=300.0)
        whole = sorted(run(tape, market_terms(), [0, 600]))
        assert whole == sorted(run(tape, market_terms(), sorted({0, 600, *cuts}), behind))

    @settings(max_examples=20, deadline=None)
    @given(seed=st.integers(0, 10_000), span_s=st.sampled_from([5.0, 60.0, 600.0]))
    def test_every_packet_is_in_exactly_one_event(self, seed, span_s):
        tape = random_tape(seed, 500, span_s=span_s)
        rows = run(tape, market_terms(), [0, 100, 350, 500])
        packets = sorted(number for row in rows for number in row[1])
        assert packets == list(range(len(packets)))

    def test_families_and_underlyings_never_mix(self):
        tape = random_tape(3, 4_000, span_s=40.0)
        a = parents_of(tape, market_terms())
        in_herd = np.repeat(a.events["assembly"] == list(Assembly).index(Assembly.HERD), np.diff(a.offsets))
        tickets = in_herd & (a.packets["family"] == ConditionFamily.SINGLE_AUCTION)
        family = np.where(tickets, int(ConditionFamily.SINGLE), a.packets["family"])
        for values in (family, a.packets["underlying"]):
            assert np.array_equal(values, np.repeat(values[a.offsets[:-1]], np.diff(a.offsets)))
        assert a.events["print_count"].sum() == 4_000
        assert set(kinds(a)) == {"fill", "sweep", "package", "legged_package", "worked", "herd"} - missing(a)
        assert np.all((a.events["reconstruction_confidence"] > 0) & (a.events["reconstruction_confidence"] <= 1))
        assert np.all(a.events["closed_at"] >= a.events["end_ts"])

    def test_a_thousand_pushes_forget_what_is_done(self):
        tape = random_tape(4, 12_000, span_s=3_600.0)
        rows = run(tape, market_terms(), list(range(0, 12_001, 12)))
        assert sorted(rows) == sorted(run(tape, market_terms(), [0, 12_000]))


def missing(a):
    """Assemblies that a random tape need not contain."""
    return {"worked", "herd", "legged_package"} - set(kinds(a))
