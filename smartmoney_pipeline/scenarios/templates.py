"""The declarative templates of parent events: what an agent trades, when, how large and how, as ranges to draw from."""

from functools import cache
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from smartmoney_pipeline.scenarios.errors import ScenarioError
from smartmoney_pipeline.scenarios.files import Declared, data_names, parse, read_text
from smartmoney_pipeline.scenarios.structures import PATTERNS
from smartmoney_pipeline.scenarios.underlyings import Kind
from smartmoney_pipeline.schemas.codes import Direction, ProfileId

NO_PROFILE = "none"
"""Profile of neutral templates."""


def _ordered(bounds: tuple[float, float]) -> tuple[float, float]:
    if bounds[0] > bounds[1]:
        raise ValueError(f"low end {bounds[0]:g} is above high end {bounds[1]:g}")
    return bounds


Bounds = Annotated[tuple[float, float], AfterValidator(_ordered)]
"""A range [low, high] to draw from."""


class ContractChoice(Declared):
    """Which contract is traded: by tenor and delta, or one listed expiry and strike by name."""

    right: Literal["call", "put", "either"] = "either"
    days: Bounds = (0, 400)
    abs_delta: Bounds = (0.3, 0.6)
    first_after_event: bool = False
    expiry: str | None = None
    strike: float | None = None


class Reaction(Declared):
    """How the market answers: rise of ln volatility and factor on spreads by the end of the event, and how they fade."""

    iv_rise: Bounds = (0.0, 0.0)
    spread_factor: Bounds = (1.0, 1.0)
    half_life_s: Bounds = (60.0, 300.0)
    kept: Bounds = (0.3, 0.7)


class Sweep(Declared):
    """Market orders routed over venues at once, a few in a row."""

    mechanism: Literal["sweep"]
    orders: Bounds
    gap_s: Bounds
    delta_dollars: Bounds
    iso_share: Bounds


class Worked(Declared):
    """One large order in clips of similar size at regular intervals."""

    mechanism: Literal["worked"]
    clips: Bounds
    gap_s: Bounds
    delta_dollars: Bounds
    size_variation: Bounds
    passive_share: Bounds


class Herd(Declared):
    """Many small tickets of many customers on one side within a short window, partly in price-improvement auctions."""

    mechanism: Literal["herd"]
    window_s: Bounds
    ticket_size: Bounds
    premium: Bounds
    strikes: Bounds
    auction_share: Bounds
    same_side_share: Bounds


class Package(Declared):
    """Multi-leg orders of one structure, alone or in clips."""

    mechanism: Literal["package"]
    structure: Literal[tuple(PATTERNS)]  # type: ignore[valid-type]
    clips: Bounds
    gap_s: Bounds
    quantity: Bounds
    width: Bounds = (1, 3)
    aggression: Bounds
    codes: dict[str, float]


class Burst(Declared):
    """Orders on both sides near the money within seconds after an abrupt move of the underlying."""

    mechanism: Literal["burst"]
    latency_s: Bounds
    span_s: Bounds
    orders: Bounds
    size: Bounds
    minor_side_share: Bounds
    strikes: Bounds


class Blocks(Declared):
    """Single prints of one kind: auctions, crosses, floor trades."""

    mechanism: Literal["blocks"]
    style: Literal["auction", "cross", "floor"]
    count: Bounds
    size: Bounds


Mechanism = Annotated[Sweep | Worked | Herd | Package | Burst | Blocks, Field(discriminator="mechanism")]


class Variant(Declared):
    """One way of a template: direction, kinds of underlying, time of day, contract, side, mechanism and reaction."""

    name: str
    direction: Direction
    kinds: tuple[Kind, ...] = Field(min_length=1)
    needs_event: bool = False
    side: Literal["buy", "sell"] = "buy"
    time_of_day: Bounds = (0.03, 0.97)
    contract: ContractChoice
    act: Mechanism
    reaction: Reaction = Reaction()

    @property
    def sign(self) -> int:
        """+1 where the customer buys, -1 where it sells."""
        return 1 if self.side == "buy" else -1


class Template(Declared):
    """One template file: its profile (or none), what it stands for, sources, and at least two variants."""

    template: str
    profile: ProfileId | Literal["none"]
    description: str
    sources: list[str]
    variants: tuple[Variant, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _distinct_names(self) -> "Template":
        names = [variant.name for variant in self.variants]
        if len(set(names)) != len(names):
            raise ValueError("variant names repeat")
        return self


@cache
def load_template(name: str) -> Template:
    """Return one template by file stem. Raises `ScenarioError` that names file and key when it is not valid."""
    file = f"templates/{name}.yaml"
    template = parse(Template, read_text(file), file)
    if template.template != name:
        raise ScenarioError(f"scenario_data/{file}: template is called {template.template!r}, not {name!r}")
    return template


def template_names() -> list[str]:
    """Return the names of all templates, sorted."""
    return data_names("templates")
