"""Alignment of prints with the market strictly before them (D1, D2). Belongs here: the order of the passes over one chunk.

Underlying quotes, option quotes and venue quotes are joined one stream at a time: no stream needs another's place in time, only the
print's. The option pass reads the underlying that the first pass wrote beside each print.
"""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from smartmoney_pipeline.market import baseline_kernel, quote_pass, underlying_pass
from smartmoney_pipeline.market.align_params import align_params
from smartmoney_pipeline.market.align_state import FamilyRules, family_rules, grown_state, new_state, slots_of
from smartmoney_pipeline.market.aligned import AlignedPrints
from smartmoney_pipeline.market.arrays import I64, U8, Bool, Columns, column, empty_columns, optional_column
from smartmoney_pipeline.market.contracts import ContractArrays, contract_years
from smartmoney_pipeline.market.streams import StreamCursor
from smartmoney_pipeline.market.venue_kernel import VenueOut, VenueQuoteIn, advance_venues, apply_venues
from smartmoney_pipeline.schemas.units import TICKS_PER_DOLLAR

Chunks = Iterator[Columns] | None
Named = dict[str, npt.NDArray[Any]]


def drive(rows: int, cursor: StreamCursor[Any], chunks: Chunks, step: Callable[[int], tuple[int, int]]) -> None:
    """Call `step` from the row reached until all rows are joined, loading the stream's next chunk whenever it stops before."""
    cursor.ended = chunks is None
    if cursor.used_up() and not cursor.ended:
        cursor.load_next(chunks)
    row, cursor.row = step(0)
    while row < rows:
        cursor.load_next(chunks)
        row, cursor.row = step(row)


class Aligner:
    """Aligns one day's prints, chunk by chunk; the result does not depend on any chunk size.

    `watched` marks the contracts whose quotes are kept (`watched_contracts`); every contract that prints must be among them.
    `family_of_condition` (256 uint8) maps the ASCII of a sale condition to its `ConditionFamily`; without it, chunks need `family`.
    """

    def __init__(
        self,
        contracts: ContractArrays,
        watched: Bool | None = None,
        family_of_condition: U8 | None = None,
        with_venue_quotes: bool = False,
    ) -> None:
        mask = np.ones(len(contracts), np.bool_) if watched is None else np.asarray(watched, np.bool_)
        self._contracts = contracts
        self._state = new_state(contracts, mask, with_venue_quotes)
        self._rules: FamilyRules = family_rules()
        self._families = family_of_condition
        self._params = align_params(contracts.session_open_ns, contracts.session_close_ns)
        self._quotes = StreamCursor(quote_pass.QuoteIn, frozenset({"bid_exchange", "ask_exchange"}))
        self._underlyings = StreamCursor(underlying_pass.UnderlyingIn)
        self._venues = StreamCursor(VenueQuoteIn)
        self._rows = 0

    def align(
        self, print_chunk: Columns, quotes: Chunks = None, underlying_quotes: Chunks = None, venue_quotes: Chunks = None
    ) -> AlignedPrints:
        """Prints of the chunk with the state strictly before each, in the order given (ts, seq).

        The iterators yield later chunks of each table (columns as in the day's layout, nulls as -1) and are asked only when a
        print needs them; give the same iterator again with the next chunk. None: the day has no such table, and quotes carried
        on prints (`nbbo_*`, `underlying_*`, `venue_*`) are used where present. An iterator that stops says that nothing before
        these prints is missing. Raises `KeyError` for a missing column and `ValueError` for a contract that is not watched.
        """
        base = self._base_columns(print_chunk)
        spot, mid2, reference_mid2 = self._join_underlying(print_chunk, base, underlying_quotes)
        option = self._join_quotes(print_chunk, base, mid2, reference_mid2, quotes)
        venue = self._join_venues(print_chunk, base, venue_quotes)
        baseline = self._trail(base)
        self._rows += len(base["ts"])
        return AlignedPrints(**base, **spot, **option, **venue, **baseline)

    def catch_up(self, quotes: Chunks = None, underlying_quotes: Chunks = None, venue_quotes: Chunks = None) -> None:
        """Apply every quote that the iterators hold: every print at or before them has been aligned. None as in `align`."""
        state, p = self._state, self._params
        for underlying, row in self._underlyings.rest(underlying_quotes):
            underlying_pass.apply_underlyings(state.underlyings, state.underlying_floats, underlying, row, p)
        for option, row in self._quotes.rest(quotes):
            quote_pass.apply_quotes(state.quotes, state.slot, option, row, p)
        for venue, row in self._venues.rest(venue_quotes):
            apply_venues(state.venues, state.slot, venue, row)

    def grow(self, contracts: ContractArrays, watched: Bool) -> None:
        """Go on with more contracts; those known so far keep their ids. `watched` marks those whose quotes are kept, old ones too."""
        self._state = grown_state(self._state, self._contracts, contracts, watched)
        self._contracts = contracts

    def _base_columns(self, chunk: Columns) -> Named:
        """Columns that pass through, and what is known of each print's contract and condition."""
        contract = column(chunk, "contract_id", np.int32)
        unwatched = contract[self._state.slot[contract] < 0]
        if len(unwatched):
            raise ValueError(f"contract {unwatched[0]} prints but is not watched")
        condition = column(chunk, "condition", np.uint8)
        if self._families is None and "family" not in chunk:
            raise KeyError("family: the chunk has no such column and no map of conditions was given")
        return {
            "ts": column(chunk, "ts", np.int64),
            "contract": contract,
            "underlying": self._contracts.underlying[contract],
            "price": column(chunk, "price", np.int32),
            "size": column(chunk, "size", np.int32),
            "venue": column(chunk, "venue", np.uint8),
            "condition": condition,
            "family": column(chunk, "family", np.uint8) if self._families is None else self._families[condition],
            "order": np.arange(self._rows, self._rows + len(contract), dtype=np.int64),
            "rate": self._contracts.rate[contract],
        }

    def _join_underlying(self, chunk: Columns, base: Named, quotes: Chunks) -> tuple[Named, I64, I64]:
        """Underlying columns; bid + ask of the underlying at the print and at its reference time (0 none)."""
        n, state, cursor = len(base["ts"]), self._state, self._underlyings
        out, floats = np.empty((5, n), np.int64), np.empty((3, n))
        bid, ask = (optional_column(chunk, name, np.int32) for name in ("underlying_bid", "underlying_ask"))
        timely = self._rules.is_timely[base["family"]]
        drive(
            n, cursor, quotes,
            lambda row: underlying_pass.advance_underlyings(
                state.underlyings, state.underlying_floats, base["ts"], base["underlying"], bid, ask, timely, row,
                cursor.chunk, cursor.row, cursor.ended, quotes is not None, out, floats, self._params,
            ),
        )  # fmt: skip
        sides = out[1:3].astype(np.int32)
        named = {"u_quote_ts": out[0], "u_bid": sides[0], "u_ask": sides[1]}
        return named | dict(zip(underlying_pass.FLOAT_COLUMNS, floats, strict=True)), out[3], out[4]

    def _quote_prints(self, chunk: Columns, base: Named, mid2: I64, reference_mid2: I64) -> quote_pass.QuotePrints:
        contracts, contract, slot = self._contracts, base["contract"], self._state.slot
        years = contract_years(contracts, base["ts"], contract)
        names = ("nbbo_bid", "nbbo_ask", "nbbo_bid_size", "nbbo_ask_size")
        return quote_pass.QuotePrints(
            base["ts"], slot[contract], slots_of(slot, contracts.pair[contract]), contracts.slice_id[contract], years,
            np.exp(np.nan_to_num(base["rate"]) * years), mid2,
            np.where(contracts.underlying_forward_only[base["underlying"]], 0, mid2), reference_mid2,
            self._rules.is_timely[base["family"]], *(optional_column(chunk, name, np.int32) for name in names),
        )  # fmt: skip

    def _join_quotes(self, chunk: Columns, base: Named, mid2: I64, reference_mid2: I64, quotes: Chunks) -> Named:
        """Columns of the option's own quotes, its pair, its reference state and the forward."""
        n, state, cursor = len(base["ts"]), self._state, self._quotes
        out, times = np.empty((len(quote_pass.COLUMNS), n), np.int32), np.empty((2, n), np.int64)
        forward = np.empty(n)
        prints = self._quote_prints(chunk, base, mid2, reference_mid2)
        drive(
            n, cursor, quotes,
            lambda row: quote_pass.advance_quotes(
                state.quotes, state.slot, state.slices, prints, row, cursor.chunk, cursor.row, cursor.ended,
                quotes is not None, out, times, forward, self._params,
            ),
        )  # fmt: skip
        named: Named = dict(zip(quote_pass.COLUMNS, out, strict=True))
        for name, dtype in (("bid_exchange", np.uint8), ("ask_exchange", np.uint8), ("forward_source", np.uint8)):
            named[name] = named[name].astype(dtype)
        for name in ("disagrees", "history_short"):
            named[name] = named[name] == 1
        spot = np.where(times[1] > 0, 0.5 * times[1] / TICKS_PER_DOLLAR, np.nan)
        return named | {"quote_ts": times[0], "ref_mid_u": spot, "forward": forward}

    def _join_venues(self, chunk: Columns, base: Named, quotes: Chunks) -> Named:
        """The printing venue's own quote: from its table, else as carried on the print, else none."""
        n, state, cursor = len(base["ts"]), self._state, self._venues
        if quotes is None:
            absent = np.full(n, -1, np.int32)
            return {name: column(chunk, name, np.int32) if name in chunk else absent for name in VenueOut._fields}
        out = empty_columns(VenueOut, n)
        drive(
            n, cursor, quotes,
            lambda row: advance_venues(
                state.venues, state.slot, base["ts"], base["contract"], base["venue"], row, cursor.chunk, cursor.row,
                cursor.ended, out,
            ),
        )  # fmt: skip
        return out._asdict()

    def _trail(self, base: Named) -> Named:
        """Trailing baselines as they stood before each print."""
        n, contract, family = len(base["ts"]), base["contract"], base["family"]
        counts, floats = np.empty((4, n), np.int64), np.empty((len(baseline_kernel.FLOAT_COLUMNS), n))
        baseline_kernel.trail_baselines(
            *self._state.baselines, base["ts"], self._state.slot[contract], base["underlying"], base["price"], base["size"],
            self._contracts.multiplier[contract], self._rules.counts[family], self._rules.sets_price[family],
            counts, floats, self._params,
        )  # fmt: skip
        named: Named = dict(zip(baseline_kernel.COUNT_COLUMNS, counts, strict=True))
        named["last_price"] = named["last_price"].astype(np.int32)
        return named | dict(zip(baseline_kernel.FLOAT_COLUMNS, floats, strict=True))
