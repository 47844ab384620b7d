"""A fill reported in parts is the same fill: one venue, price, code and instant, the sizes adding up.

Print rates count arrivals, so grouping is the same. The mean premium of an underlying counts prints, so scores are the same for what no
later print of the underlying reads: the parts themselves, and an underlying's last fill.
"""

from dataclasses import replace

from comparing import Event
from drawn_acts import Act, print_row
from drawn_market import SECOND, Row, underlying_rows
from drawn_tapes import Tape, numbered, opening_quotes, tapes
from engine_runs import batch
from hypothesis import assume
from hypothesis import strategies as st
from laws import law

SMALL = 10
"""Largest small ticket, contracts: a part that is one where the whole is none is other evidence, so the law does not make any."""

QUOTED = frozenset({25, 40})
"""Sizes of the drawn quotes: a fill of just the size that its venue quotes is signed by it, and its parts are not. Found by the
law at 25 contracts."""

KEPT = (
    "underlying_id",
    "event_kind",
    "assembly",
    "structure",
    "start_ts",
    "end_ts",
    "primary_profile_id",
    "primary_direction",
    "abstained",
)
GROUPED = ("underlying_id", "event_kind", "assembly", "start_ts", "end_ts")
KEPT_FEATURES = ("contracts", "premium_usd", "aggressor_mix", "leg_count", "strike_count", "venue_count", "call_share", "quote_age_ms")


def divisible(rows: list[Row], parts: int) -> list[Row]:
    """Prints that so many parts leave on their side of a small ticket, and of the rule on quoted sizes."""
    apart = [row for row in rows if QUOTED.isdisjoint({row["size"], row["size"] // parts, row["size"] // parts + 1})]
    return [row for row in apart if parts <= row["size"] <= SMALL or row["size"] > parts * (SMALL + 1)]


def in_parts(tape: Tape, chosen: Row, parts: int) -> Tape:
    """The tape with one print in so many parts, as equal as may be; the first keeps its name."""
    rows = []
    for k in range(parts):
        size = chosen["size"] // parts + (k < chosen["size"] % parts)
        name = chosen["print_id"] + (f"/{k}" if k else "")
        rows.append(chosen | {"print_id": name, "size": size, "seq": chosen["seq"] + k * (chosen["seq"] > 0)})
    return replace(tape, prints=[one for row in tape.prints for one in (rows if row is chosen else [row])])


def kept(event: Event) -> Event:
    """Kind, assembly, structure, times, side, sizes and profile; floats without the noise of another order of sums."""
    values = {name: event["features"][name] for name in KEPT_FEATURES}
    return {name: event[name] for name in KEPT} | {name: None if v is None else float(f"{v:.9e}") for name, v in values.items()}


def parents(tape: Tape) -> dict[tuple[str, ...], Event]:
    """What is kept of every event, under its prints as they were before one came in parts."""
    rows = batch(tape.tables()).rows()
    return {tuple(name for name in row["member_print_ids"] if "/" not in name): kept(row) for row in rows}


def grouping(tape: Tape) -> dict[tuple[str, ...], Event]:
    """Kind, assembly and times of every event, under its prints as they were before one came in parts."""
    return {members: {name: event[name] for name in GROUPED} for members, event in parents(tape).items()}


@law(tape=tapes(), place=st.integers(0, 200), parts=st.integers(2, 5))
def test_the_parts_of_a_fill_are_in_one_event(tape: Tape, place: int, parts: int) -> None:
    """Wherever the fill stands, its parts are together, in an event of the same kind."""
    fit = divisible(tape.prints, parts)
    assume(bool(fit))
    chosen = fit[place % len(fit)]
    name = chosen["print_id"]
    whole = next(row for row in batch(tape.tables()).rows() if name in row["member_print_ids"])
    split = [
        row for row in batch(in_parts(tape, chosen, parts).tables()).rows() if any(p.split("/")[0] == name for p in row["member_print_ids"])
    ]
    assert [row["event_kind"] for row in split] == [whole["event_kind"]]
    assert sum(p.split("/")[0] == name for p in split[0]["member_print_ids"]) == parts


@law(tape=tapes(), ticker=st.sampled_from(("ABCD", "SPX", "WXYZ")), parts=st.integers(2, 5))
def test_the_last_fill_of_an_underlying_in_parts_is_the_same_fill(tape: Tape, ticker: str, parts: int) -> None:
    """Every event of the tape has the same prints, kind, assembly, structure, times, side, sizes and profile; ids differ."""
    mine = [row for row in tape.prints if row["underlying"] == ticker]
    last = [row for row in divisible(mine, parts) if row is mine[-1] and all(row["ts"] > other["ts"] for other in mine[:-1])]
    assume(bool(last))
    assert parents(in_parts(tape, last[0], parts)) == parents(tape)


@law(tape=tapes(), place=st.integers(0, 200), parts=st.integers(2, 5))
def test_a_fill_in_parts_groups_nothing_else_otherwise(tape: Tape, place: int, parts: int) -> None:
    """Every event of the tape has the same prints, kind, assembly and times: parts of one instant are one arrival."""
    fit = divisible(tape.prints, parts)
    assume(bool(fit))
    assert grouping(in_parts(tape, fit[place % len(fit)], parts)) == grouping(tape)


def test_a_fill_in_parts_leaves_later_events_alone() -> None:
    """A fill of 150 contracts, and 20 s later three clips of 20 contracts, 7 s apart: a worked order beside one earlier print, three
    fills beside five parts of it."""
    act = Act("order", 0, "ABCD", 4, 20, "ask", "C", "I", "", 1)
    clips = [print_row(act, 4, f"c{k}", (20 + 7 * k) * SECOND) for k in range(3)]
    fill = print_row(act, 4, "a", size=150)
    tape = Tape(numbered([fill, *clips]), numbered(opening_quotes()), underlying_rows(), [], "")
    assert parents(in_parts(tape, tape.prints[0], 5)) == parents(tape)
