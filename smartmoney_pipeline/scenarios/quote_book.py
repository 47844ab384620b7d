"""The quotes of one underlying as a table that can be asked what held just before a time."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from smartmoney_pipeline.scenarios.clock import Ints

QUOTE_COLUMNS = ("contract", "ts", "bid", "ask", "bid_size", "ask_size", "bid_exchange", "ask_exchange")


@dataclass(frozen=True)
class QuoteBook:
    """NBBO rows of one underlying, sorted by contract, then ts.

    `table` has `QUOTE_COLUMNS`: contract number, UTC ns, cents (0 = none), contracts, venue letters as ASCII. Rows of contract
    `numbers[i]` are `starts[i]` to `starts[i + 1]`.
    """

    table: pd.DataFrame
    numbers: Ints
    starts: Ints

    def at(self, contract: Ints, ts: Ints) -> pd.DataFrame:
        """Return the last row strictly before each (contract, ts); the contract's first row where there is none before."""
        place = np.searchsorted(self.numbers, contract)
        first = self.starts[place]
        # One sorted key for all contracts: place in the list first, then time since the earliest quote.
        times = self.table["ts"].to_numpy()
        origin, span = int(times.min()), int(times.max()) - int(times.min()) + 2
        keys = np.repeat(np.arange(len(self.numbers)), np.diff(self.starts)) * span + (times - origin)
        wanted = place * span + np.clip(ts - origin, 0, span - 1)
        rows = np.maximum(np.searchsorted(keys, wanted, side="left") - 1, first)
        return self.table.iloc[rows].reset_index(drop=True)


def make_book(table: pd.DataFrame) -> QuoteBook:
    """Return the book of a table sorted by contract and ts."""
    numbers, first = np.unique(table["contract"].to_numpy(), return_index=True)
    return QuoteBook(table, numbers, np.concatenate([first, [len(table)]]).astype(np.int64))
