"""Small tapes drawn by hypothesis: acts of many kinds laid out as rows of a tape.

Each act becomes prints and quotes in a fixed way, so a failing tape shrinks to few acts. Times cluster on purpose: what joins and what
does not is decided by milliseconds.
"""

from dataclasses import dataclass, replace

import pyarrow as pa
from drawn_acts import KINDS, ORDER_CODES, PLACES, QUOTE_STATES, STRUCTURES, VENUES, Act, cancel_of, prints_of, quote_row, quotes_of
from drawn_market import CONTRACTS, FIRST, MS, OPEN, SECOND, TICKERS, Row, calendar_rows, history_rows, interest_rows, underlying_rows
from hypothesis import strategies as st

from smartmoney_pipeline.tape.tables import Kind, table_spec

Tables = dict[str, pa.Table]
STREAMS = ("option_prints", "option_quotes", "underlying_quotes")


@dataclass(frozen=True, repr=False)
class Tape:
    """Rows of one day by table; shown by the acts that made them."""

    prints: list[Row]
    quotes: list[Row]
    underlyings: list[Row]
    calendar: list[Row]
    made_of: str

    def __repr__(self) -> str:
        return f"Tape({self.made_of})"

    def tables(self) -> Tables:
        """The canonical tables of the tape; those without rows are left out, streams excepted."""
        rows = {
            "option_prints": self.prints, "option_quotes": self.quotes, "underlying_quotes": self.underlyings,
            "event_calendar": self.calendar, "open_interest": interest_rows(), "history": history_rows() if self.calendar else [],
        }  # fmt: skip
        return {name: table_of(name, found) for name, found in rows.items() if found or name in STREAMS}


def table_of(name: str, rows: list[Row]) -> pa.Table:
    """One canonical table from rows; optional columns that no row has are left out. Times are whole nanoseconds."""
    columns = {}
    for spec in table_spec(name):
        if spec.required or any(spec.name in row for row in rows):
            values = [row.get(spec.name) for row in rows]
            columns[spec.name] = (
                pa.array(values, pa.int64()).cast(spec.kind.value) if spec.kind is Kind.TIME else pa.array(values, spec.kind.value)
            )
    return pa.table(columns)


def opening_quotes(missing: frozenset[int] = frozenset()) -> list[Row]:
    """The usual market of every contract, quoted a minute after the open and again in the last second before the first act.

    A contract whose number, less 7 for each ticker before its own, is in `missing` never is.
    """
    return [
        quote_row(ts + place * CONTRACTS * MS + number * MS, ticker, number, 0, 10)
        for ts in (OPEN + 60 * SECOND, FIRST - SECOND)
        for place, ticker in enumerate(TICKERS)
        for number in range(CONTRACTS)
        if (number + 7 * place) % CONTRACTS not in missing
    ]


def numbered(rows: list[Row], step: int = 10) -> list[Row]:
    """The rows in order of time with rising `seq`; rows that have one keep it."""
    ranked = sorted(rows, key=lambda row: row["ts"])
    return [{"seq": step * place, **row} for place, row in enumerate(ranked)]


def laid_out(acts: list[Act], missing: frozenset[int], ties: bool, calendar: bool) -> Tape:
    """The tape of these acts. With `ties` every row has one `seq`, so that rows of one time are ordered by what they hold.

    Without `calendar` nothing is known of corporate events and past sessions. Where clips ladder over strikes every contract is quoted,
    for a strike first seen later changes what neighbours are: `test_a_strike_first_seen_later_changes_no_closed_event`.
    """
    missing = frozenset() if any(act.kind == "ladder" for act in acts) else missing
    prints = [row for k, act in enumerate(acts) for row in prints_of(act, f"{k:02d}")]
    prints += [row for k, act in enumerate(acts) if act.kind == "cancel" for row in cancel_of(prints, act, f"{k:02d}")]
    quotes = opening_quotes(missing) + [row for act in acts for row in quotes_of(act)]
    if ties:
        prints, quotes = [{**row, "seq": 0} for row in prints], [{**row, "seq": 0} for row in quotes]
    made_of = f"{acts}, missing={sorted(missing)}, ties={ties}, calendar={calendar}"
    return Tape(numbered(prints), numbered(quotes), underlying_rows(), calendar_rows() if calendar else [], made_of)


def times() -> st.SearchStrategy[int]:
    """Milliseconds after the first instant: clusters, nine seconds apart, over three minutes."""
    offsets = (0, 1, 2, 5, 8, 12, 30, 60, 100, 260, 900, 4_000)
    return st.builds(lambda cluster, offset: 9_000 * cluster + offset, st.integers(0, 19), st.sampled_from(offsets))


def acts(kinds: tuple[str, ...] = KINDS, tickers: tuple[str, ...] = TICKERS, codes: str = ORDER_CODES) -> st.SearchStrategy[Act]:
    """One act of these kinds."""
    shapes, states = sorted(STRUCTURES), sorted(QUOTE_STATES)
    drawn = st.builds(
        Act, st.sampled_from(kinds), times(), st.sampled_from(tickers), st.integers(0, CONTRACTS - 1),
        st.sampled_from((1, 2, 5, 10, 11, 20, 25, 50, 150, 400)), st.sampled_from(sorted(PLACES)), st.sampled_from(VENUES[:6]),
        st.sampled_from(codes), st.sampled_from(shapes), st.integers(2, 5),
    )  # fmt: skip
    return drawn.map(lambda act: replace(act, shape=states[shapes.index(act.shape) % len(states)]) if act.kind == "quote" else act)


def tapes(
    kinds: tuple[str, ...] = KINDS, tickers: tuple[str, ...] = TICKERS, codes: str = ORDER_CODES, most: int = 12
) -> st.SearchStrategy[Tape]:
    """Tapes of up to `most` acts with at least one print; one in four has a calendar and past sessions."""
    missing, one_in_four = st.frozensets(st.integers(0, CONTRACTS - 1), max_size=4), st.integers(0, 3).map(lambda n: n == 3)
    drawn = st.builds(laid_out, st.lists(acts(kinds, tickers, codes), min_size=1, max_size=most), missing, st.booleans(), one_in_four)
    return drawn.filter(lambda tape: bool(tape.prints))
