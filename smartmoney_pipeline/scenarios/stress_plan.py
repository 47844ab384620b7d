"""The cut of a stress day into replicas, and the steering of their sizes towards the totals that were asked for."""

from dataclasses import dataclass
from functools import cache

from pydantic import Field

from smartmoney_pipeline.scenarios.errors import ScenarioError
from smartmoney_pipeline.scenarios.files import Declared, parse, read_text
from smartmoney_pipeline.scenarios.identity import slot
from smartmoney_pipeline.scenarios.packs import Pack, load_pack
from smartmoney_pipeline.scenarios.stress_underlyings import replica_names
from smartmoney_pipeline.scenarios.underlyings import load_underlyings

FILE = "stress.yaml"
MAX_REPLICAS = 1_200
LEAST_PRINTS, MAX_PRINTS = 2_000, 200_000_000
_WAVES = (0.12, 0.5, 1.0)
"""Shares of each kind's replicas that are done at the end of each wave; sizes are corrected between waves."""
_TYPICAL_CONTRACTS = 250
"""Contracts that quote at full rate in a replica, about; only the first wave depends on it (SEED)."""
_LEAST_FACTOR, _MOST_FACTOR = 0.1, 10.0


class StressTerms(Declared):
    """The whole of `stress.yaml`: the pack that lends templates and rates, sizes by default, prints of one replica by kind."""

    note: str
    sources: list[str]
    pack: str
    prints: int = Field(gt=0)
    quotes: int = Field(gt=0)
    least_replicas: int = Field(ge=1)
    cell_prints: dict[str, int]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Totals of a day: option prints and option quotes."""

    prints: int
    quotes: int


@dataclass(frozen=True, slots=True)
class Cell:
    """One replica: its ticker, the listed ticker it is modelled on, its wave, and the rows that it should have."""

    ticker: str
    base: str
    wave: int
    wanted: Wanted


@cache
def stress_terms() -> StressTerms:
    """Return the terms of the stress pack."""
    return parse(StressTerms, read_text(FILE), FILE)


def check_wanted(prints: int, quotes: int) -> Wanted:
    """Return the totals. Raises `ScenarioError` for a day that is too small to cut, too large, or without enough quotes to trade on."""
    if not LEAST_PRINTS <= prints <= MAX_PRINTS:
        raise ScenarioError(f"{prints} prints: a stress day has from {LEAST_PRINTS} to {MAX_PRINTS}")
    if not 4 * prints <= quotes <= 1_000 * prints:
        raise ScenarioError(f"{quotes} quotes for {prints} prints: a stress day has from 4 to 1000 quotes a print")
    return Wanted(prints, quotes)


def cut(terms: StressTerms, wanted: Wanted) -> list[Cell]:
    """Return the replicas of a day, wave after wave, the kinds in turn; the same for the same totals."""
    known, pack = load_underlyings(), load_pack(terms.pack)
    share = {base: known[base].flow.print_share for base in pack.underlyings}
    whole = sum(share.values())
    counts = {base: max(terms.least_replicas, -(-int(wanted.prints * share[base] / whole) // terms.cell_prints[base])) for base in share}
    shrink = max(sum(counts.values()) / MAX_REPLICAS, 1.0)
    taken = {slot(base) for base in known}
    cells: list[Cell] = []
    for base in sorted(share):
        count = max(int(counts[base] / shrink), 1)
        size = Wanted(int(wanted.prints * share[base] / whole / count), int(wanted.quotes * share[base] / whole / count))
        cells += [Cell(name, base, _wave(i, count), size) for i, name in enumerate(replica_names(base, count, taken))]
    return sorted(cells, key=lambda cell: (cell.wave, cell.ticker[-2:], cell.base))


def _wave(number: int, count: int) -> int:
    return next(wave for wave, share in enumerate(_WAVES) if number < max(share * count, 1 + wave))


class Steering:
    """Turns the rows that a replica should have into the pack's knobs, and learns from the replicas that are done.

    Only replicas of earlier waves are looked at, so the sizes do not depend on how many processes work.
    """

    def __init__(self, terms: StressTerms, wanted: Wanted, cells: list[Cell]) -> None:
        self._terms, self._wanted, self._cells = terms, wanted, cells
        self._factor = {cell.base: [1.0, 1.0] for cell in cells}
        self._goal = [1.0, 1.0]
        self._done: list[tuple[Cell, Wanted]] = []

    def pack(self, cell: Cell) -> Pack:
        """Return the pack of one replica alone: its share of the flow, its events, and quotes in proportion."""
        pack, terms = load_pack(self._terms.pack), load_underlyings()[cell.base]
        prints = cell.wanted.prints * self._factor[cell.base][0] * self._goal[0]
        quotes = cell.wanted.quotes * self._factor[cell.base][1] * self._goal[1]
        events = [e.model_copy(update={"underlying": cell.ticker}) for e in pack.events if e.underlying == cell.base]
        return pack.model_copy(
            update={
                "underlyings": [cell.ticker],
                "background_prints": int(prints / terms.flow.print_share),
                "quote_scale": quotes / (_TYPICAL_CONTRACTS * terms.liquidity.quote_rate),
                "events": events,
            }
        )

    def learn(self, wave: int, made: dict[str, Wanted]) -> None:
        """Take the rows by ticker that a whole wave gave, and correct each kind's factors and the goal of what is left."""
        mine = [cell for cell in self._cells if cell.wave == wave]
        for base in sorted({cell.base for cell in mine}):
            here = [cell for cell in mine if cell.base == base]
            for i, name in enumerate(("prints", "quotes")):
                asked = sum(getattr(cell.wanted, name) for cell in here) * self._goal[i]
                got = sum(getattr(made[cell.ticker], name) for cell in here)
                self._factor[base][i] *= min(max(asked / max(got, 1), _LEAST_FACTOR), _MOST_FACTOR)
        self._done += [(cell, made[cell.ticker]) for cell in mine]
        self._goal = [self._left(name) for name in ("prints", "quotes")]

    def _left(self, name: str) -> float:
        """What is left to make as a share of what the replicas to come were meant to make."""
        done = {cell.ticker for cell, _ in self._done}
        planned = sum(getattr(cell.wanted, name) for cell in self._cells if cell.ticker not in done)
        left = getattr(self._wanted, name) - sum(getattr(rows, name) for _, rows in self._done)
        return min(max(left / planned, _LEAST_FACTOR), _MOST_FACTOR) if planned else 1.0
