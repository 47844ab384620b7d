"""Which coded legs make which package: tapes by hand. The answers follow the rule of the evidence base: most explained contracts, then
fewest legs."""

import itertools

import pytest
from grouping_tapes import described, parents_of, prints, terms

from smartmoney_pipeline.schemas.codes import ConditionFamily

CODED = {"family": ConditionFamily.MULTI_AUTO, "condition": "f"}
CALLS = terms(*((90 + 5 * k, "C") for k in range(20)))
CONDOR = terms((90, "P"), (95, "P"), (105, "C"), (110, "C"))


def packages(*fills, market=CALLS, **more):
    """Structure and contracts of each package of fills (contract, size[, price]) at one instant."""
    rows = [{"ms": 0, "contract": c, "size": n, "price": (p or [10_000])[0]} for c, n, *p in fills]
    return [event[1:] for event in described(parents_of(prints(*rows, **(CODED | more)), market))]


class TestSharedContract:
    def test_two_verticals_that_share_a_strike_are_two_packages(self):
        found = packages((2, 10), (3, 10, 10_100), (3, 7, 10_200), (4, 7))
        assert found == [("vertical", [2, 3]), ("vertical", [3, 4])]

    def test_so_are_those_whose_sizes_make_small_ratios(self):
        # 10, 15 and 5 contracts would be a custom order of 2:3:1, which explains none of the thirty
        found = packages((2, 10), (3, 5, 10_200), (3, 10, 10_100), (5, 5))
        assert sorted(found) == [("vertical", [2, 3]), ("vertical", [3, 5])]

    def test_with_one_size_they_are_a_butterfly(self):
        assert packages((2, 10), (3, 10, 10_100), (3, 10, 10_200), (4, 10)) == [("butterfly", [2, 3, 3, 4])]
        assert packages((2, 10), (3, 20), (4, 10)) == [("butterfly", [2, 3, 4])]

    def test_one_fill_cannot_be_parted(self):
        # 17 contracts at one price are one fill, however many prints it has: nothing explains 10, 17 and 7
        whole = packages((2, 10), (3, 17), (4, 7))
        assert packages((2, 10), (3, 10), (3, 7), (4, 7)) == whole
        assert [name for name, _ in whole] == ["unmatched_leg"] * 3

    def test_parting_needs_to_explain_more(self):
        assert packages((2, 10), (3, 4, 10_100), (3, 6, 10_200)) == [("vertical", [2, 3, 3])]

    def test_a_leg_filled_at_two_prices_beside_a_shared_strike(self):
        found = packages((2, 10), (3, 4, 10_100), (3, 7, 10_300), (3, 6, 10_200), (4, 7))
        assert sorted(found) == [("vertical", [2, 3, 3]), ("vertical", [3, 4])]


class TestFourLegs:
    def test_equal_legs_that_make_a_name_are_one_package(self):
        assert packages((0, 10), (1, 10), (2, 10), (3, 10), market=CONDOR) == [("iron_condor", [0, 1, 2, 3])]

    def test_unequal_spreads_are_two(self):
        assert packages((0, 10), (1, 10), (2, 12), (3, 12), market=CONDOR) == [("vertical", [0, 1]), ("vertical", [2, 3])]

    @pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
    def test_the_order_on_the_tape_says_nothing(self, order):
        [(name, legs)] = packages(*((c, 10) for c in order), market=CONDOR)
        assert (name, sorted(legs)) == ("iron_condor", [0, 1, 2, 3])

    def test_legs_of_a_floor_package_come_in_any_order_within_its_window(self):
        for order in itertools.permutations(range(4)):
            rows = [{"ms": 400 * k, "contract": c} for k, c in enumerate(order)]
            a = parents_of(prints(*rows, family=ConditionFamily.MULTI_FLOOR, condition="f"), CONDOR)
            assert [event[1] for event in described(a)] == ["iron_condor"]


class TestManyLegs:
    @pytest.mark.parametrize("count", [5, 7, 15])
    def test_an_odd_number_of_one_size_is_one_custom_order(self, count):
        assert packages(*((c, 10) for c in range(count))) == [("custom", list(range(count)))]

    def test_an_even_number_that_pairs_explain_is_pairs(self):
        # six calls of one size: three verticals explain every contract, a custom order none
        assert packages(*((c, 10) for c in range(6))) == [("vertical", [0, 1]), ("vertical", [2, 3]), ("vertical", [4, 5])]

    def test_seventeen_legs_are_more_than_an_order_may_have(self):
        found = packages(*((c, 10) for c in range(17)))
        assert sorted(name for name, _ in found) == ["unmatched_leg"] + ["vertical"] * 8


def test_a_crowd_at_one_instant_falls_apart_in_spreads():
    """Many unlike spreads at one instant: each size finds its own partner, and every leg has one place."""
    fills = [(c, 11 + 2 * (c // 2)) for c in range(20)]
    found = packages(*fills)
    assert found == [("vertical", [c, c + 1]) for c in range(0, 20, 2)]


GRID = terms(
    *((95, "C", 30), (100, "C", 30), (95, "C", 60), (100, "C", 60), (95, "P", 30), (95, "P", 60), (105, "C", 60), (100, "C", 90)),
    *((90, "P", 30), (90, "P", 60)),
)


class TestSameLegsInTwoExpiries:
    """A position against its later self is one order: two strangers hardly choose the same strikes, rights, size, venue and instant."""

    @pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
    def test_a_calendar_of_verticals_is_one_order_without_a_name(self, order):
        [(name, legs)] = packages(*((c, 10) for c in order), market=GRID)
        assert (name, sorted(legs)) == ("custom", [0, 1, 2, 3])

    @pytest.mark.parametrize("order", list(itertools.permutations((1, 3, 8, 9))))
    def test_so_is_a_strangle_against_a_later_one(self, order):
        [(name, legs)] = packages(*((c, 10) for c in order), market=GRID)
        assert (name, sorted(legs)) == ("custom", [1, 3, 8, 9])

    def test_at_one_strike_it_keeps_its_name(self):
        assert packages((0, 10), (2, 10), (4, 10), (5, 10), market=GRID) == [("jelly_roll", [0, 2, 4, 5])]

    def test_a_leg_filled_at_two_prices_changes_nothing(self):
        assert packages((0, 10), (1, 4, 10_100), (1, 6, 10_200), (2, 10), (3, 10), market=GRID) == [("custom", [0, 1, 1, 2, 3])]

    def test_beside_another_package_it_is_found_by_its_size(self):
        found = packages((0, 10), (1, 10), (2, 10), (3, 10), (4, 7), (5, 7), market=GRID)
        assert found == [("custom", [0, 1, 2, 3]), ("calendar", [4, 5])]

    @pytest.mark.parametrize(
        "fills",
        [((0, 10), (1, 10), (2, 12), (3, 12)), ((0, 10), (1, 10), (2, 10), (6, 10)), ((0, 10), (1, 10), (2, 10), (7, 10))],
        ids=["two sizes", "another strike", "three expiries"],
    )
    def test_anything_else_stays_two_packages(self, fills):
        assert [len(legs) for _, legs in packages(*fills, market=GRID)] == [2, 2]
