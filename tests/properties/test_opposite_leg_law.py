"""A leg whose opposite is on the tape is no bet of its own: it never ends as a single-leg event with a direction."""

from dataclasses import replace

from drawn_acts import PACKAGE_CODES, price_at
from drawn_market import FIRST, MS, TICKERS, Row, symbol
from drawn_tapes import Tape, numbered, tapes
from engine_runs import Run, batch
from hypothesis import strategies as st
from laws import law

PAIRS = ((0, 2), (2, 6), (1, 3), (5, 7), (4, 14), (3, 6), (2, 7), (4, 5), (14, 16))
"""Contracts of one underlying that the catalogue knows as a pair: verticals, a calendar, risk reversals, a synthetic."""

PARTS = st.tuples(st.integers(1, 3), st.integers(1, 3))
ORDER_LETTERS = " ISaebv"
AFTER_ALL = FIRST + 400_000 * MS
"""Later than every drawn print: the last act starts 175 s after the first instant and lasts 60 s at most."""


def leg(name: str, ticker: str, number: int, place: str, parts: int, size: int, after_ns: int, venue: str, code: str) -> list[Row]:
    """One leg, in parts of one instant."""
    share = [size // parts + (k < size % parts) for k in range(parts)]
    row = {"ts": AFTER_ALL + after_ns, "option_symbol": symbol(ticker, number), "underlying": ticker, "price": price_at(number, place),
           "exchange": venue, "condition": code}  # fmt: skip
    return [row | {"print_id": f"{name}{k}", "size": n} for k, n in enumerate(share)]


def with_pair(tape: Tape, legs: list[Row]) -> Tape:
    """The tape with these prints after all others."""
    bare = [{name: value for name, value in row.items() if name != "seq"} for row in [*tape.prints, *legs]]
    return replace(tape, prints=numbered(bare))


def events_of(run: Run, legs: list[Row]) -> list[dict]:
    """Events that hold one of the legs."""
    names = {row["print_id"] for row in legs}
    return [row for row in run.rows() if names & set(row["member_print_ids"])]


@law(
    tape=tapes(), pair=st.sampled_from(PAIRS), ticker=st.sampled_from(TICKERS), turned=st.booleans(), parts=PARTS,
    size=st.integers(10, 500), apart=st.sampled_from((0, MS // 10, MS, 5 * MS, 10 * MS)), code=st.sampled_from(ORDER_LETTERS),
    venue=st.sampled_from("ACHX"),
)  # fmt: skip
def test_legs_at_opposite_touches_are_one_package(tape, pair, ticker, turned, parts, size, apart, code, venue) -> None:
    """Equal size of at least ten, one venue, at most ten milliseconds apart, one at the bid and one at the ask: four criteria of the
    evidence base's two, whatever the tape held before."""
    fresh = replace(tape, quotes=[row for row in tape.quotes if row["ts"] <= FIRST])
    sides = ("ask", "bid") if turned else ("bid", "ask")
    legs = [row for k in range(2) for row in leg("ab"[k], ticker, pair[k], sides[k], parts[k], size, k * apart, venue, code)]
    found = events_of(batch(with_pair(fresh, legs).tables()), legs)
    assert [(event["event_kind"], sorted(event["member_print_ids"])) for event in found] == [
        ("multi_leg_event", sorted(row["print_id"] for row in legs))
    ]


@law(tape=tapes(("order", "package", "fill", "legged", "quote"), codes=PACKAGE_CODES))
def test_a_coded_leg_is_never_a_bet(tape: Tape) -> None:
    """Every print here has a package code, with its partners on the tape or without: none is an event of a single leg, and a leg
    without partners has no direction, for the rest of its package is not seen."""
    for event in batch(tape.tables()).rows():
        assert event["event_kind"] == "multi_leg_event" or event["assembly"] == "legged_package"
        if event["structure"] == "unmatched_leg":
            assert event["primary_direction"] == "unknown"
