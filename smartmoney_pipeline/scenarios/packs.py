"""Packs: which underlyings, how much background flow, which templates how often; and names of sources such as `demo-7`."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from pydantic import Field

from smartmoney_pipeline.scenarios.errors import ScenarioError
from smartmoney_pipeline.scenarios.files import Declared, data_names, parse, read_text
from smartmoney_pipeline.scenarios.templates import load_template

MAX_SEED = 2**31 - 1
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


class Pack(Declared):
    """One pack; counts are ranges drawn per underlying and session."""

    pack: str
    mode: Literal["test", "demo"]
    description: str
    sources: list[str]
    rate: float
    underlyings: list[str] = Field(min_length=1)
    background_prints: int = Field(ge=0)
    package_share: float = Field(ge=0, lt=1)
    quote_scale: float = Field(gt=0)
    cancel_share: float = Field(ge=0, lt=0.05)
    late_share: float = Field(ge=0, lt=0.05)
    market_jumps: tuple[int, int]
    own_jumps: tuple[int, int]
    templates: dict[str, tuple[int, int]]
    """Template name: least and most instances of each of its variants on each underlying that fits."""
    events: list[PackEvent]


@dataclass(frozen=True, slots=True)
class PackInfo:
    """What a user sees of a pack."""

    name: str
    mode: str
    description: str
    templates: tuple[str, ...]


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
