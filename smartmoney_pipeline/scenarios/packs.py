"""Packs: which underlyings, how much background flow, which templates how often; and names of sources such as `demo-7`."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from pydantic import Field, model_validator

from smartmoney_pipeline.scenarios.errors import ScenarioError
from smartmoney_pipeline.scenarios.files import Declared, data_names, parse, read_text
from smartmoney_pipeline.scenarios.mechanism import Mechanism
from smartmoney_pipeline.scenarios.ranges import Number
from smartmoney_pipeline.scenarios.templates import Family, load_template, template_names

MAX_SEED = 2**31 - 1
LEAST_NOISE = 0.85
"""Least share of prints that are background in a pack of mode `demo`."""

_SOURCE = re.compile(r"([a-z][a-z0-9_]*)-(0|[1-9][0-9]*)")


class PackEvent(Declared):
    """A corporate or macro event relative to the session."""

    underlying: str
    event_type: Literal["earnings", "dividend", "m_and_a", "corporate_action", "fda", "macro", "other"]
    sessions_ahead: int = Field(ge=0, le=120)
    event_time: Literal["bmo", "amc", "during", "unknown"]
    known_days_before: int = Field(ge=0, le=400)
    amount: float | None = None
    move: float = Field(default=0.0, ge=0, lt=1)
    """Standard deviation of the log price move that the market expects, for events that move prices."""


class Quota(Declared):
    """How much of one template a pack draws on each underlying that fits."""

    count: Number
    """Least and most cases (variant and difficulty)."""
    share: float | None = Field(default=None, ge=0, le=1)
    """Where the pack has a noise ratio: the part of all templates' prints that this one may take at most; default an equal part."""

    @model_validator(mode="before")
    @classmethod
    def _range_alone(cls, data: Any) -> Any:
        return {"count": data} if isinstance(data, list | tuple) else data


class Pack(Declared):
    """One pack; counts are ranges drawn per underlying and session."""

    pack: str
    mode: Literal["test", "demo"]
    description: str
    sources: list[str]
    rate: float
    underlyings: list[str] = Field(min_length=1)
    background_prints: int = Field(ge=0)
    noise_ratio: float | None = Field(default=None, ge=LEAST_NOISE, lt=1)
    """In mode `demo`: least share of the prints that are background; cases that would not fit are left out. None: no limit."""
    package_share: float = Field(ge=0, lt=1)
    quote_scale: float = Field(gt=0)
    venue_quotes: bool = False
    """Whether the tape carries the quotes of single venues beside the NBBO."""
    cancel_share: float = Field(ge=0, lt=0.05)
    late_share: float = Field(ge=0, lt=0.05)
    market_jumps: tuple[int, int]
    own_jumps: tuple[int, int]
    mechanism: Mechanism = Mechanism()
    templates: dict[str, Quota]
    events: list[PackEvent]

    def prints_for(self, template: str, print_share: float) -> float:
        """Return how many prints one template may make on an underlying with `print_share` of the background."""
        if self.noise_ratio is None:
            return float("inf")
        others = self.background_prints * (1.0 - self.noise_ratio) / self.noise_ratio
        share = self.templates[template].share
        return others * print_share * (1.0 / len(self.templates) if share is None else share)

    @model_validator(mode="after")
    def _sound(self) -> "Pack":
        if self.mode == "test" and self.noise_ratio is not None:
            raise ValueError("noise_ratio goes with mode demo")
        if (total := sum(quota.share or 0.0 for quota in self.templates.values())) > 1.0 + 1e-9:
            raise ValueError(f"templates: shares add up to {total:g}, more than 1")
        return self


@dataclass(frozen=True, slots=True)
class PackInfo:
    """What a user sees of a pack."""

    name: str
    mode: str
    description: str
    templates: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TemplateInfo:
    """What a user sees of a template: its cases are what packs draw."""

    name: str
    family: str
    profile: str
    description: str
    variants: tuple[str, ...]
    cases: int


@cache
def load_pack(name: str) -> Pack:
    """Return a pack. Raises `ScenarioError` for an unknown name, key, template or underlying."""
    if name not in data_names("packs"):
        raise ScenarioError(f"unknown pack {name!r} (known: {', '.join(data_names('packs'))})")
    file = f"packs/{name}.yaml"
    pack = parse(Pack, read_text(file), file)
    for template in pack.templates:
        load_template(template)
    return pack


def list_packs() -> list[PackInfo]:
    """Return all packs, sorted by name."""
    packs = [load_pack(name) for name in data_names("packs")]
    return [PackInfo(p.pack, p.mode, p.description, tuple(sorted(p.templates))) for p in packs]


def list_templates() -> list[TemplateInfo]:
    """Return all templates by family (profiles, neutral, false positives), then by name."""
    templates = [load_template(name) for name in template_names()]
    order = {family: place for place, family in enumerate(Family)}
    templates.sort(key=lambda template: order[template.family])
    return [
        TemplateInfo(t.template, str(t.family), str(t.profile), t.description, tuple(v.name for v in t.both_ways()), len(t.cases()))
        for t in templates
    ]


def parse_source(source: str) -> tuple[str, int]:
    """Return (pack, seed) of a source name such as `demo-7`. Raises `ScenarioError` for another form or an unknown pack."""
    match = _SOURCE.fullmatch(source)
    if match is None:
        raise ScenarioError(f"source {source!r} is not of the form PACK-SEED, such as demo-7")
    load_pack(match[1])
    return match[1], check_seed(int(match[2]))


def check_seed(seed: int) -> int:
    """Return `seed`. Raises `ScenarioError` unless it is a whole number from 0 to 2^31 - 1."""
    if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed <= MAX_SEED:
        raise ScenarioError(f"seed {seed!r} is not a whole number from 0 to {MAX_SEED}")
    return seed
