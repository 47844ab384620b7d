"""What goes wrong in the market for a while: stale, crossed, locked and wide quotes, and halts of the whole underlying."""

from dataclasses import dataclass
from enum import StrEnum

from smartmoney_pipeline.scenarios.clock import Ints


class DisturbanceKind(StrEnum):
    """Kinds of trouble."""

    STALE = "stale"
    CROSSED = "crossed"
    LOCKED = "locked"
    WIDE = "wide"
    HALT = "halt"


@dataclass(frozen=True)
class Disturbance:
    """One trouble in [start, end), UTC ns, of some contracts (chain numbers; none named = all of the underlying).

    STALE: no quote updates while the fair value moves on. CROSSED, LOCKED: bid above, at the ask throughout. WIDE: spreads times
    `factor`. HALT: no trades and no quote changes of the whole underlying, then a reopening with wide quotes.
    """

    kind: DisturbanceKind
    start: int
    end: int
    contracts: Ints
    factor: float = 1.0
