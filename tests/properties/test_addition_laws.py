"""What is added to a tape and means nothing for an event leaves it as it was: strangers, prints taken back, all that comes later."""

from dataclasses import replace

from comparing import assert_same, closed_before, of_tickers
from drawn_acts import CANCEL_CODES, Act, price_at, print_row
from drawn_market import MS, SECOND, Row, underlying_rows
from drawn_tapes import Tape, acts, numbered, opening_quotes, tapes
from engine_runs import batch
from hypothesis import strategies as st
from laws import law

MINE, THEIRS = ("ABCD", "SPX"), ("WXYZ",)


@law(mine=tapes(tickers=MINE, most=8), theirs=tapes(tickers=THEIRS, most=8))
def test_prints_of_another_underlying_change_nothing(mine: Tape, theirs: Tape) -> None:
    """Ids, features and scores too. The quotes of the other underlying are on both tapes."""
    strangers = [row | {"print_id": f"other-{row['print_id']}"} for row in theirs.prints]
    both = replace(
        mine, prints=numbered([{k: v for k, v in row.items() if k != "seq"} if row["seq"] else row for row in [*mine.prints, *strangers]])
    )
    assert_same(of_tickers(batch(both.tables()), MINE), batch(mine.tables()))


@law(
    tape=tapes(),
    act=acts(("order",)),
    named=st.booleans(),
    code=st.sampled_from(CANCEL_CODES),
    delay=st.sampled_from((0, 1, MS, SECOND, 90 * SECOND)),
)
def test_a_print_and_its_cancel_leave_no_trace(tape: Tape, act: Act, named: bool, code: str, delay: int) -> None:
    """Named by the cancel, or found by its looks: a price of its own tells the added print from all others."""
    added = print_row(act, act.number, "added", seq=10**6, price=9.8713)
    cancel = added | {"print_id": "taken back", "ts": added["ts"] + delay, "seq": 10**6 + 1, "condition": code}
    cancel |= {"cancels_print_id": "added"} if named else {}
    both = replace(tape, prints=[*tape.prints, added, cancel])
    assert_same(batch(both.tables()), batch(tape.tables()))


def up_to(tape: Tape, ts: int) -> Tape:
    """What was known before this time: prints, quotes and calendar rows."""

    def before(rows: list[Row], name: str = "ts") -> list[Row]:
        return [row for row in rows if row[name] < ts]

    return replace(tape, prints=before(tape.prints), quotes=before(tape.quotes), underlyings=before(tape.underlyings),
                   calendar=before(tape.calendar, "known_at"))  # fmt: skip


@law(tape=tapes(), place=st.integers(0, 200), after=st.sampled_from((1, MS, 60 * MS, 3 * SECOND, 70 * SECOND, 140 * SECOND)))
def test_what_comes_later_changes_no_closed_event(tape: Tape, place: int, after: int) -> None:
    """The tape cut soon after one of its prints: what had closed by then is, features and scores included, what the whole tape says."""
    cut = tape.prints[place % len(tape.prints)]["ts"] + after
    assert_same(closed_before(batch(up_to(tape, cut).tables()), cut), closed_before(batch(tape.tables()), cut))


def test_a_strike_first_seen_later_changes_no_closed_event() -> None:
    """Six clips that alternate between calls of 90 and 100 while nothing is known of a call of 95, which prints six minutes later."""
    base = Act("order", 0, "ABCD", 0, 20, "ask", "C", "I", "", 1)
    clips = [print_row(base, number, f"c{k}", 8 * SECOND * k, price=price_at(number, "ask")) for k, number in enumerate((0, 4) * 3)]
    later = print_row(base, 2, "later", 400 * SECOND, price=price_at(2, "ask"))
    cut = later["ts"]
    tape = Tape(numbered([*clips, later]), numbered(opening_quotes(frozenset({2}))), underlying_rows(), [], "")
    assert_same(closed_before(batch(up_to(tape, cut).tables()), cut), closed_before(batch(tape.tables()), cut))
