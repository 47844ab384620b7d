"""The vendors whose files can be imported: how their files are found and read, and what their tapes cannot say."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from smartmoney_pipeline.schemas.codes import TapeNature
from smartmoney_pipeline.tape.errors import TapeError
from smartmoney_pipeline.tape.feeds.alpaca import read_alpaca
from smartmoney_pipeline.tape.feeds.chunk import FeedChunk
from smartmoney_pipeline.tape.feeds.databento import read_databento
from smartmoney_pipeline.tape.feeds.datashop import read_datashop
from smartmoney_pipeline.tape.feeds.files import plain_name
from smartmoney_pipeline.tape.feeds.lean import read_lean
from smartmoney_pipeline.tape.feeds.massive import read_massive
from smartmoney_pipeline.tape.feeds.thetadata import read_thetadata
from smartmoney_pipeline.tape.feeds.unusual_whales import read_unusual_whales


@dataclass(frozen=True, slots=True)
class Feed:
    """One vendor: `suffixes` of its files without compression, their reader, what a row is, and what cannot be graded from it."""

    name: str
    title: str
    suffixes: tuple[str, ...]
    read: Callable[[Path], Iterator[FeedChunk]]
    not_graded: tuple[str, ...] = ()
    nature: TapeNature = TapeNature.PRINTS
    keeps_zip: bool = False

    def files(self, path: Path) -> list[Path]:
        """The file itself, or every file of a folder and its folders that may be of this vendor, in order of their names.

        Raises `TapeError` where there is none.
        """
        if path.is_file():
            return [path]
        if not path.is_dir():
            raise TapeError(path, "no such file or folder")
        found = sorted(file for file in path.rglob("*") if file.is_file() and self._fits(file))
        if not found:
            raise TapeError(path, f"the folder holds no file of {self.title}: none ends in {', '.join(self.suffixes)}")
        return found

    def _fits(self, file: Path) -> bool:
        name = file.name if self.keeps_zip else plain_name(file)
        return not file.name.startswith(".") and name.lower().endswith(self.suffixes)


NO_CONDITION = "sale condition: every code is ?, so auctions, crosses, floor trades, sweeps and coded packages are not told apart"

NO_UNDERLYING = "underlying prices, unless imported beside it: no moneyness, no volatility, no greeks"
QUOTE_AGE = "age of the quote on a print: its quality counts as 0.75"

_FEEDS = (
    Feed("massive", "Massive (Polygon) flat files", (".csv", ".json"), read_massive, ("order of prints within one nanosecond",)),
    Feed(
        "databento",
        "Databento OPRA",
        (".dbn",),
        read_databento,
        (NO_CONDITION, "quote of tbbo: whether it is the venue's or national is not known, so it is left out"),
    ),
    Feed("cboe", "Cboe DataShop", (".csv",), read_datashop, (QUOTE_AGE, "times finer than 25 ms: the sequence number orders prints")),
    Feed("thetadata", "ThetaData", (".csv",), read_thetadata, (NO_UNDERLYING, "order finer than a millisecond but for the sequence")),
    Feed("alpaca", "Alpaca", (".json",), read_alpaca, (NO_UNDERLYING,)),
    Feed(
        "unusual_whales",
        "Unusual Whales",
        (".txt", ".csv"),
        read_unusual_whales,
        (QUOTE_AGE, "sizes at the quote", "spread of the underlying: one price stands for both sides", "order within a millisecond"),
    ),
    Feed(
        "lean",
        "QuantConnect LEAN",
        (".zip",),
        read_lean,
        (NO_CONDITION, "side, number, venue and order of the trades inside a minute", "sweeps, fills, packages and legs"),
        TapeNature.MINUTE_BARS,
        keeps_zip=True,
    ),
)
FEEDS = {feed.name: feed for feed in _FEEDS}
"""Every vendor by the name that the command line takes."""
