"""Packets: what joins, what does not, the sums by hand, and independence of the cuts. Expected values are hand arithmetic unless said."""

import math
from itertools import pairwise

import numpy as np
import pytest
from grouping_tapes import MS, OPEN_NS, SECOND, condition_bits, cut, prints, random_tape
from hypothesis import given, settings
from hypothesis import strategies as st

from smartmoney_pipeline.parent_events import packet_sums_kernel
from smartmoney_pipeline.parent_events.packet_kernel import adaptive_gap, log_chance, touch_of
from smartmoney_pipeline.parent_events.packet_params import PacketParams
from smartmoney_pipeline.parent_events.packets import PacketBuilder, PacketRows
from smartmoney_pipeline.schemas.codes import ConditionFamily
from smartmoney_pipeline.schemas.packet_columns import CONDITION_BITS, FLOAT_COLUMNS, FLOAT_INDEX, INT_COLUMNS, INT_INDEX


def builder(contracts=8):
    return PacketBuilder(contracts, PacketParams(), condition_bits())


def groups(*rows, **common):
    """Packet number of each print of a tape by hand."""
    return builder().push(*prints(*rows, **common)).packet_of_print.tolist()


def only_packet(*rows, **common):
    """The single packet of a tape by hand, as a dict of its columns."""
    b = builder()
    b.push(*prints(*rows, **common))
    rows_out = b.finish()
    assert len(rows_out) == 1
    return {name: values[0] for name, values in rows_out.columns().items()}


def in_order(parts):
    """Rows of all parts, sorted by packet number."""
    ints, floats = np.concatenate([part.ints for part in parts]), np.concatenate([part.floats for part in parts])
    order = np.argsort(ints[:, 0])
    return PacketRows(ints[order], floats[order])


class TestColumns:
    def test_the_kernel_positions_are_those_of_the_schema(self):
        assert all(getattr(packet_sums_kernel, c.name.upper()) == i for i, c in enumerate(INT_COLUMNS[:45]))
        assert all(getattr(packet_sums_kernel, c.name.upper()) == i for i, c in enumerate(FLOAT_COLUMNS[:7]))


class TestGap:
    @pytest.mark.parametrize(("rate", "gap_ms"), [(0.0, 250), (0.02, 250), (0.1, 100), (1.0, 10), (2.0, 5), (100.0, 5), (math.nan, 250)])
    def test_one_percent_rule_within_its_limits(self, rate, gap_ms):
        assert adaptive_gap(rate, 0.01, 5 * MS, 250 * MS) == gap_ms * MS

    def test_chances_of_the_published_table(self):
        # taxonomy table of chances: 1/s within 10 ms is .010, 10/s within 50 ms is .39
        assert math.exp(log_chance(1.0, 10 * MS)) == pytest.approx(0.010, abs=5e-4)
        assert math.exp(log_chance(10.0, 50 * MS)) == pytest.approx(0.39, abs=5e-3)
        assert log_chance(1.0, 0) == pytest.approx(math.log(1e-6))

    def test_the_gap_shrinks_with_the_rate_of_the_latest_member(self):
        # 1 % at 1 + 0.2 strangers a second is 8.3 ms, at 0.1 + 0.2 it is 33 ms
        assert groups({"ms": 0}, {"ms": 8}, contract_rate_hz=1.0) == [0, 0]
        assert groups({"ms": 0}, {"ms": 9}, contract_rate_hz=1.0) == [0, 1]
        assert groups({"ms": 0, "contract_rate_hz": 0.1}, {"ms": 33, "contract_rate_hz": 1.0}) == [0, 0]

    def test_the_gap_is_inclusive_and_the_span_has_an_end(self):
        assert groups({"ms": 0}, {"ms": 50}) == [0, 0]
        assert groups(*({"ms": 45 * k} for k in range(24))) == [0] * 23 + [1]

    def test_the_gap_shrinks_in_a_rush_of_the_contract(self):
        # six orders in three seconds excite 0.06 (exp(-.05) + ... + exp(-.3)) = 0.30 a second beside the 0.2: 1 % is 20 ms, alone 50 ms
        rush = [{"ms": 500 * k, "price": 10_500} for k in range(6)]
        assert groups(*rush, {"ms": 3_000}, {"ms": 3_019})[-2:] == [6, 6]
        assert groups(*rush, {"ms": 3_000}, {"ms": 3_021})[-2:] == [6, 7]
        assert groups({"ms": 3_000}, {"ms": 3_049}) == [0, 0]

    def test_the_gap_shrinks_in_a_rush_of_the_underlying(self):
        # ten orders of other contracts within half a second stand for 1 a second, where 0.1 is usual: 0.02 a second becomes 0.2
        rates = {"underlying_rate_hz": 0.1, "contract_rate_hz": 0.02}
        rush = [{"ms": 50 * k, "contract": 1 + k % 5, "price": 10_500 - k * (k % 2)} for k in range(10)]
        mine = [{"ms": 500}, {"ms": 535}]
        assert len({*groups(*rush, *mine, **rates)[-2:]}) == 2
        assert groups(*mine, **rates) == [0, 0]
        assert len({*groups(*rush, *mine, **(rates | {"underlying_rate_hz": 5.0}))[-2:]}) == 1


class TestJoining:
    def test_a_sweep_over_three_venues_is_one_packet(self):
        sweep = [{"ms": 0.1 * k, "venue": v, "condition": "S", "price": 10_500, "size": 5} for k, v in enumerate("CNX")]
        packet = only_packet(*sweep, contract_rate_hz=20.0)
        assert (packet["print_count"], packet["contracts"], packet["iso_contracts"]) == (3, 15, 15)
        assert packet["venue_mask"] == (1 << 2) | (1 << 13) | (1 << 23)  # C, N, X

    def test_strangers_in_a_busy_name_stay_apart(self):
        busy = {"contract_rate_hz": 5.0}
        assert groups({"ms": 0, "price": 10_000}, {"ms": 3, "price": 9_900, "venue": "N"}, **busy) == [0, 1]
        assert groups({"ms": 0}, {"ms": 3}, **busy) == [0, 1]  # same venue, not the same instant

    @pytest.mark.parametrize(
        ("second", "joins"),
        [
            ({"ms": 1}, True),
            ({"ms": 3, "venue": "N"}, True),
            ({"ms": 3, "price": 10_600}, True),
            ({"ms": 3, "price": 10_400}, False),
            ({"ms": 3, "condition": "S"}, False),
            ({"ms": 1, "condition": "a"}, False),
        ],
    )
    def test_what_a_join_needs_in_a_busy_name(self, second, joins):
        first = {"ms": 0, "price": 10_500}
        assert groups(first, {"price": 10_500} | second, contract_rate_hz=5.0) == [0, 0 if joins else 1]

    @pytest.mark.parametrize(
        ("second", "most_ms"),
        [
            ({}, 50),  # the same venue at the price at which an order rests
            ({"price": 10_600}, 50 / 3),  # the same venue at another price
            ({"venue": "N"}, 50 / 3),  # another venue without a sweep code
            ({"price": 10_400, "bid": 9_000, "ask": 10_900}, 50 / 7 / 3),  # a buyer's order does not come back lower
            ({"venue": "N", "condition": "S"}, 50 / 4),  # one of the two has the code
        ],
    )
    def test_what_looks_like_a_stranger_has_less_time(self, second, most_ms):
        first = {"ms": 0, "price": 10_500}
        most_ms = max(most_ms, 5)  # the least gap
        joined = [groups(first, {"price": 10_500, "ms": ms} | second) == [0, 0] for ms in (most_ms - 0.1, most_ms + 0.1)]
        assert joined == [True, False]

    def test_a_sweep_code_and_none_within_a_millisecond_only(self):
        # a feed's example shows fills of one order under mixed codes and one time stamp; later than that the gap counts
        busy = {"contract_rate_hz": 1.0, "price": 10_500}
        assert groups({"ms": 0}, {"ms": 0.9, "venue": "N", "condition": "S"}, **busy) == [0, 0]
        assert groups({"ms": 0}, {"ms": 3, "venue": "N", "condition": "S"}, **busy) == [0, 1]
        assert groups({"ms": 0}, {"ms": 3, "venue": "N"}, **busy) == [0, 0]

    def test_sweep_codes_on_both_prints_give_more_time(self):
        sweep = {"price": 10_500, "condition": "S"}  # 50 ms, and three times that
        assert groups({"ms": 0} | sweep, {"ms": 149, "venue": "N"} | sweep) == [0, 0]
        assert groups({"ms": 0} | sweep, {"ms": 151, "venue": "N"} | sweep) == [0, 1]
        assert groups({"ms": 0} | sweep, {"ms": 149, "venue": "N"} | sweep | {"condition": "I"}) == [0, 1]

    def test_the_opposite_touch_starts_another_packet(self):
        assert groups({"ms": 0, "price": 10_500}, {"ms": 2, "price": 9_500, "venue": "N"}) == [0, 1]
        assert groups({"ms": 0, "price": 10_500}, {"ms": 2, "price": 10_000, "venue": "N"}) == [0, 0]

    def test_a_crossed_quote_gives_no_touch(self):
        assert touch_of(10_500, 10_600, 10_500) == 0
        assert touch_of(10_500, 0, 10_500) == 0
        assert groups({"ms": 0, "price": 10_500}, {"ms": 2, "price": 9_500, "bid": 10_600, "ask": 10_500}) == [0, 0]

    def test_a_moved_quote_does_not_split_one_fill(self):
        moved = {"ms": 0.5, "price": 10_500, "bid": 10_500, "ask": 11_000}
        assert groups({"ms": 0, "price": 10_500}, moved) == [0, 0]

    def test_families_never_join(self):
        assert groups({"ms": 0}, {"ms": 0, "family": ConditionFamily.SINGLE_AUCTION}) == [0, 1]

    def test_bars_never_join(self):
        # one contract, instant, venue and price: of prints that is one fill
        assert groups({"ms": 0}, {"ms": 0}) == [0, 0]
        assert groups({"ms": 0, "family": ConditionFamily.BAR}, {"ms": 0, "family": ConditionFamily.BAR}) == [0, 1]

    @pytest.mark.parametrize(
        ("family", "inside_ms", "outside_ms"),
        [(ConditionFamily.MULTI_AUTO, 1, 1.001), (ConditionFamily.MULTI_AUCTION, 10, 11), (ConditionFamily.MULTI_FLOOR, 2000, 2001)],
    )
    def test_package_families_have_their_own_windows_and_one_venue(self, family, inside_ms, outside_ms):
        assert groups({"ms": 0}, {"ms": inside_ms}, family=family) == [0, 0]
        assert groups({"ms": 0}, {"ms": outside_ms}, family=family) == [0, 1]
        assert groups({"ms": 0}, {"ms": 0, "venue": "N"}, {"ms": 0}, family=family) == [0, 1, 0]


class TestSums:
    def test_sums_of_two_prints_by_hand(self):
        packet = only_packet(
            {"ms": 0, "price": 10_500, "size": 4, "p_buy": 0.8, "quote_ts": OPEN_NS - 2 * MS},
            {"ms": 3, "price": 10_000, "size": 6, "p_buy": 0.3, "quote_ts": OPEN_NS - 997 * MS, "venue": "N"},
            contract_rate_hz=1.0,
        )
        expected = {
            "print_count": 2, "contracts": 10, "premium_ticks": 4 * 10_500 + 6 * 10_000, "size_square_sum": 16 + 36, "size_max": 6,
            "same_size_prints": 1, "small_ticket_contracts": 10, "price_first": 10_500, "price_last": 10_000, "price_min": 10_000,
            "price_max": 10_500, "touch": 1, "signed_contracts": 10, "buy_contracts": 4, "sell_contracts": 6, "ask_lift_contracts": 4,
            "bid_hit_contracts": 0, "mid_contracts": 6, "inside_contracts": 0, "outside_contracts": 0, "quoted_contracts": 10,
            "age_known_contracts": 10, "age_us_sum": 4 * 2_000 + 6 * 1_000_000, "age_us_max": 1_000_000, "stale_contracts": 0,
            "end_ts": OPEN_NS + 3 * MS, "closed_at": OPEN_NS + 3 * MS + 8_333_333,
        }  # fmt: skip
        assert {name: int(packet[name]) for name in expected} == expected
        assert packet["aggressor_size_sum"] == pytest.approx(4 * 0.6 - 6 * 0.4)
        assert packet["logit_size_sum"] == pytest.approx(4 * math.log(4) + 6 * math.log(3 / 7))
        assert packet["spread_position_size_sum"] == pytest.approx(4 * 1.0 + 6 * 0.5)
        assert packet["relative_spread_size_sum"] == pytest.approx(10 * 0.1)
        assert packet["gap_ms_square_sum"] == pytest.approx(9.0)
        # 1.2 strangers a second for 3 ms; another venue without sweep codes, and a lower price after a buy: 3 x 7 times likelier a stranger
        assert packet["chance_log_odds"] == pytest.approx(math.log((1 - math.exp(-0.0036)) * 21))

    def test_a_lone_print_owes_nothing_to_chance(self):
        packet = only_packet({"ms": 0})
        assert (packet["chance_log_odds"], packet["gap_ms_square_sum"]) == (0.0, 0.0)

    @pytest.mark.parametrize(
        ("bid", "ask", "column"),
        [(-1, -1, "unquoted"), (0, 0, "unquoted"), (0, 10_500, "one_sided"), (9_500, 0, "one_sided"), (10_000, 10_000, "locked"),
         (10_500, 9_500, "crossed"), (9_500, 10_500, "quoted")],
    )  # fmt: skip
    def test_every_print_has_one_kind_of_quote(self, bid, ask, column):
        packet = only_packet({"ms": 0, "bid": bid, "ask": ask, "size": 7})
        kinds = ("unquoted", "one_sided", "locked", "crossed", "quoted")
        assert {kind: packet[f"{kind}_contracts"] for kind in kinds} == {kind: 7 * (kind == column) for kind in kinds}

    def test_unknown_ages_and_signs_add_nothing(self):
        packet = only_packet({"ms": 0})
        assert (packet["age_known_contracts"], packet["age_us_max"], packet["signed_contracts"], packet["u_age_us_first"]) == (0, -1, 0, -1)

    def test_old_quotes_and_codes_are_marked(self):
        packet = only_packet({"ms": 0, "quote_ts": OPEN_NS - 901 * SECOND, "condition": "f", "size": 3})
        assert packet["stale_contracts"] == 3
        assert packet["condition_bits"] == 1 << CONDITION_BITS["multi_leg"]

    def test_years_and_the_first_state_come_from_the_first_print(self):
        tape, signs = prints({"ms": 0, "forward": 101.5, "rate": 0.04}, {"ms": 1, "forward": 99.0, "rate": 0.01})
        b = builder()
        b.push(tape, signs, np.array([0.25, 0.5]))
        floats = b.finish().floats[0]
        assert [floats[FLOAT_INDEX[name]] for name in ("forward_first", "rate_first", "years_first")] == [101.5, 0.04, 0.25]


class TestCuts:
    @settings(max_examples=25, deadline=None)
    @given(seed=st.integers(0, 10_000), cuts=st.lists(st.integers(0, 400), max_size=12))
    def test_packets_do_not_depend_on_chunks_or_flushes(self, seed, cuts):
        tape = random_tape(seed, 400)
        whole = builder(40)
        expected = whole.push(*tape)
        edges = sorted({0, 400, *cuts})
        pieces, numbers, b = [], [], builder(40)
        for start, stop in pairwise(edges):
            chunk = b.push(*cut(tape, start, stop))
            numbers.append(chunk.packet_of_print)
            pieces += [chunk.rows, b.flush(int(tape[0].ts[stop - 1]))]
        pieces.append(b.finish())
        a, c = in_order([expected.rows, whole.finish()]), in_order(pieces)
        assert a.ints.tobytes() == c.ints.tobytes()
        assert a.floats.tobytes() == c.floats.tobytes()
        assert np.concatenate(numbers).tolist() == expected.packet_of_print.tolist()

    def test_prints_and_contracts_are_kept(self):
        tape = random_tape(7, 5_000)
        b = builder(40)
        chunk = b.push(*tape)
        rows = in_order([chunk.rows, b.finish()])
        assert rows.ints[:, INT_INDEX["packet_number"]].tolist() == list(range(len(rows)))
        assert rows.ints[:, INT_INDEX["print_count"]].tolist() == np.bincount(chunk.packet_of_print).tolist()
        assert rows.ints[:, INT_INDEX["contracts"]].sum() == tape[0].size.sum()

    def test_more_open_packets_than_first_slots(self):
        tape = prints(*({"ms": 0, "contract": c} for c in range(3_000)))
        b = builder(3_000)
        assert b.push(*tape).packet_of_print.tolist() == list(range(3_000))
        assert (b.open_since(), len(b.finish()), b.open_since()) == (OPEN_NS, 3_000, None)

    def test_a_packet_stays_open_at_its_closing_time(self):
        b = builder()
        b.push(*prints({"ms": 0}))
        assert len(b.flush(OPEN_NS + 50 * MS)) == 0
        assert len(b.flush(OPEN_NS + 50 * MS + 1)) == 1

    def test_unordered_prints_are_refused(self):
        b = builder()
        b.push(*prints({"ms": 5}))
        with pytest.raises(ValueError, match="time order"):
            b.push(*prints({"ms": 4}))

    def test_a_short_table_of_conditions_is_refused(self):
        with pytest.raises(ValueError, match="256"):
            PacketBuilder(1, PacketParams(), np.zeros(10, np.int64))
