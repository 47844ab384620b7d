"""What an agent of a template does: its mechanism, its contract, and what the market and the tape make of it, as ranges."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from smartmoney_pipeline.scenarios.disturbances import DisturbanceKind
from smartmoney_pipeline.scenarios.files import Declared
from smartmoney_pipeline.scenarios.ranges import Above, Bounds, Count, Number, Share, Span
from smartmoney_pipeline.scenarios.structures import PATTERNS

NONE = (0.0, 0.0)


class ContractChoice(Declared):
    """Which contract is traded: by tenor and delta, or one listed expiry and strike by name."""

    right: Literal["call", "put", "either"] = "either"
    days: Span = (0, 400)
    abs_delta: Share = (0.31, 0.59)
    dated: Literal["free", "first_after_event", "last_before_event"] = "free"
    """Whether the expiry is tied to the next known event that moves the price."""
    far_days: Span = (0, 400)
    """Calendar days between near and far expiry, of structures that have both."""
    adjusted: bool = False
    """Whether it delivers something other than 100 shares."""
    expiry: date | None = None
    strike: float | None = Field(default=None, gt=0)

    @model_validator(mode="after")
    def _named_together(self) -> "ContractChoice":
        if (self.expiry is None) != (self.strike is None):
            raise ValueError("expiry and strike are named together or not at all")
        if self.expiry is not None and self.right == "either":
            raise ValueError("a contract asked for by name needs right: call or put")
        return self


class Reaction(Declared):
    """How the market answers: rise of ln volatility and factor on spreads by the end of the event, and how they fade."""

    iv_rise: Bounds = NONE
    spread_factor: Above = (1.0, 1.0)
    half_life_s: Above = (60.0, 300.0)
    kept: Share = (0.3, 0.7)


class Camouflage(Declared):
    """Unrelated orders in the same contracts at the same time, of other customers on either side; they bear no label."""

    orders: Number = NONE
    size: Above = (1, 28)
    spread_s: Span = (2, 20)
    """How long before and after the event they begin and end."""


class Reporting(Declared):
    """How the tape reports the event's orders."""

    kind: Literal["late", "out_of_sequence", "cancelled", "duplicated", "extended"]
    share: Share
    """Share of its orders that are reported so."""


class Trouble(Declared):
    """A disturbance of the quotes around the event."""

    kind: DisturbanceKind
    lead_s: Above
    """How long before the first order it begins."""
    lag_s: Above
    """How long after the last order it ends."""
    factor: Above = (1.0, 1.0)
    """Factor on spreads, of kind `wide`."""


class Sweep(Declared):
    """Market orders of one side, a few in a row, routed over venues at once in part."""

    mechanism: Literal["sweep"]
    orders: Count
    gap_s: Above
    delta_dollars: Above
    iso_share: Share
    inside_share: Share = NONE
    """Share of its orders that are filled inside the quotes."""


class Worked(Declared):
    """One large order in clips of similar size at regular intervals."""

    mechanism: Literal["worked"]
    clips: Count
    gap_s: Above
    delta_dollars: Above
    size_variation: Span
    passive_share: Share
    middle_share: Share = NONE
    alternate: bool = False
    """Whether clips change sides from one to the next."""


class Herd(Declared):
    """Many small tickets of many customers on one side within a short window, partly in price-improvement auctions."""

    mechanism: Literal["herd"]
    window_s: Above
    ticket_size: Count
    premium: Above
    strikes: Count
    auction_share: Share
    same_side_share: Share


class Package(Declared):
    """Multi-leg orders of one structure, alone or in clips, under a multi-leg condition code."""

    mechanism: Literal["package"]
    structure: Literal[tuple(PATTERNS)]  # type: ignore[valid-type]
    clips: Count
    gap_s: Above
    quantity: Above
    width: Count = (1, 3)
    aggression: Bounds
    skew: Bounds = NONE
    """Half-spreads by which all legs print above (+) or below their fair side, without change of the net price."""
    codes: dict[str, float] = Field(min_length=1)

    @field_validator("codes")
    @classmethod
    def _letters(cls, codes: dict[str, float]) -> dict[str, float]:
        if any(len(code) != 1 or weight <= 0 for code, weight in codes.items()):
            raise ValueError("codes are single letters with positive weights")
        return codes


class Legged(Declared):
    """The legs of one structure sent as separate orders: no common code, any venue, some milliseconds or seconds apart, any order."""

    mechanism: Literal["legged"]
    structure: Literal[tuple(PATTERNS)]  # type: ignore[valid-type]
    clips: Count
    gap_s: Above
    leg_gap_s: Above
    quantity: Above
    width: Count = (1, 3)
    inside_share: Share


class Burst(Declared):
    """Orders within seconds after an abrupt move of the underlying, at strikes around the chosen contract."""

    mechanism: Literal["burst"]
    after: Literal["any", "rise", "fall"] = "any"
    latency_s: Above
    span_s: Above
    orders: Count
    size: Above
    minor_side_share: Share
    strikes: Count
    protective: bool = False
    """Whether only the chosen right is bought, as protection is, rather than both rights with the move."""


class Blocks(Declared):
    """Single prints of one kind: auctions, crosses, floor trades, negotiated at the middle."""

    mechanism: Literal["blocks"]
    style: Literal["auction", "cross", "floor", "middle", "take"]
    count: Count
    size: Above


class Strangers(Declared):
    """Unrelated customers who trade equal sizes in different contracts within milliseconds, by chance."""

    mechanism: Literal["strangers"]
    orders: Count
    within_ms: Above
    size: Above


Act = Annotated[
    Sweep | Worked | Herd | Package | Legged | Burst | Blocks | Strangers,
    Field(discriminator="mechanism"),
]
