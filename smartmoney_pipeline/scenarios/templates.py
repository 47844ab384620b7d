"""The declarative templates of parent events: families, variants with their mirrored and graded cases, and their twins."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from smartmoney_pipeline.scenarios.acts import Act, Camouflage, ContractChoice, Reaction, Reporting, Trouble
from smartmoney_pipeline.scenarios.errors import ScenarioError
from smartmoney_pipeline.scenarios.files import Declared, data_names, parse, read_text
from smartmoney_pipeline.scenarios.ranges import Share
from smartmoney_pipeline.scenarios.underlyings import Kind
from smartmoney_pipeline.schemas.codes import Direction, ProfileId

NO_PROFILE = "none"
"""Profile of neutral templates, and what is right for flow that is consistent with none."""

ABSTAIN = "abstain"

Label = ProfileId | Literal["none"]


class Family(StrEnum):
    """What a template is for: flow consistent with a profile, with none, or flow that looks like a profile and is not."""

    PROFILE = "profile"
    NEUTRAL = "neutral"
    FALSE_POSITIVE = "false_positive"


class Difficulty(StrEnum):
    """How hard the event is to tell: its size against the background, aggression, duration and camouflage."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


class Need(StrEnum):
    """What a session must offer to a variant."""

    EVENT = "event"
    DIVIDEND = "dividend"
    JUMP = "jump"
    FALL = "fall"
    ROLL_WEEK = "roll_week"


class Overlay(Declared):
    """What one difficulty changes of a variant: keys of these groups, over the variant's own."""

    contract: dict[str, Any] = Field(default_factory=dict)
    act: dict[str, Any] = Field(default_factory=dict)
    reaction: dict[str, Any] = Field(default_factory=dict)
    camouflage: dict[str, Any] = Field(default_factory=dict)


class Mirror(Declared):
    """The same variant in the other direction, by the other right or the other side."""

    name: str
    flip: Literal["right", "side"]
    twin_of: str | None = None


class Variant(Declared):
    """One way of a template: direction, kinds of underlying, time of day, contract, side, mechanism, reaction and their difficulties."""

    name: str
    about: str = ""
    """What happens, where the name does not say it."""
    direction: Direction
    kinds: tuple[Kind, ...] = Field(min_length=1)
    needs: tuple[Need, ...] = ()
    side: Literal["buy", "sell"] = "buy"
    time_of_day: Share = (0.03, 0.97)
    contract: ContractChoice
    act: Act
    reaction: Reaction = Reaction()
    camouflage: Camouflage = Camouflage()
    reporting: Reporting | None = None
    trouble: Trouble | None = None
    profile: Label | None = None
    """Truth of this variant where it differs from the template's (false positives only)."""
    expected: ProfileId | Literal["none", "abstain"] | None = None
    """What a scorer should say: the profile, `none`, or `abstain` where the tape cannot tell; default the truth."""
    guards: tuple[str, ...] = ()
    """Codes of the guards that should answer."""
    twin_of: str | None = None
    """`template/variant` that it looks like."""
    mirror: Mirror | None = None
    difficulty: dict[Difficulty, Overlay] = Field(default_factory=dict)

    @property
    def sign(self) -> int:
        """+1 where the customer buys, -1 where it sells."""
        return 1 if self.side == "buy" else -1

    def mirrored(self) -> "Variant":
        """Return the variant in the other direction."""
        assert self.mirror is not None
        update: dict[str, Any] = {"name": self.mirror.name, "direction": _OPPOSITE.get(self.direction, self.direction), "mirror": None}
        if self.mirror.flip == "side":
            update["side"] = "sell" if self.side == "buy" else "buy"
        else:
            other = "put" if self.contract.right == "call" else "call"
            update["contract"] = self.contract.model_copy(update={"right": other})
        return self.model_copy(update=update | ({"twin_of": self.mirror.twin_of} if self.mirror.twin_of else {}))

    def graded(self, level: Difficulty) -> "Variant":
        """Return the variant with one difficulty's changes. Raises pydantic's `ValidationError` for changes that are not valid."""
        if level not in self.difficulty:
            return self
        data = self.model_dump(exclude={"difficulty"}, exclude_unset=True)
        for group, changes in self.difficulty[level].model_dump(exclude_unset=True).items():
            data[group] = {**data.get(group, {}), **changes}
        return Variant.model_validate(data)

    @model_validator(mode="after")
    def _sound(self) -> "Variant":
        if self.mirror and self.mirror.flip == "right" and self.contract.right == "either":
            raise ValueError("mirror by right needs contract.right: call or put")
        for level in self.difficulty:
            try:
                self.graded(level)
            except ValidationError as error:
                places = (f"{'.'.join(map(str, item['loc']))}: {_plain(item['type'], item['msg'])}" for item in error.errors())
                raise ValueError(f"difficulty.{level}: {'; '.join(places)}") from None
        return self


_OPPOSITE = {Direction.BULLISH: Direction.BEARISH, Direction.BEARISH: Direction.BULLISH}


def _plain(kind: str, message: str) -> str:
    return "unknown key" if kind == "extra_forbidden" else message


@dataclass(frozen=True, slots=True)
class Case:
    """One thing that a pack can draw: a variant of a template in one direction at one difficulty, with its truth."""

    template: str
    family: Family
    profile: str
    expected: str
    difficulty: Difficulty
    variant: Variant

    @property
    def name(self) -> str:
        """Name within all cases: template, variant, difficulty."""
        return f"{self.template} {self.variant.name} {self.difficulty}"


class Template(Declared):
    """One template file: its family and profile (or none), what it stands for, sources, and at least two variants."""

    template: str
    family: Family
    profile: Label
    description: str
    sources: list[str]
    variants: tuple[Variant, ...] = Field(min_length=2)

    def both_ways(self) -> Iterator[Variant]:
        """Yield every variant, and its mirror after it."""
        for variant in self.variants:
            yield variant
            if variant.mirror:
                yield variant.mirrored()

    @cached_property
    def _cases(self) -> list[Case]:
        return [self._case(v, level) for v in self.both_ways() for level in (v.difficulty or (Difficulty.MEDIUM,))]

    def cases(self) -> list[Case]:
        """Return all cases; a variant without declared difficulties is of medium difficulty."""
        return self._cases

    def _case(self, variant: Variant, level: Difficulty) -> Case:
        profile = str(variant.profile or self.profile)
        expected = str(variant.expected or profile)
        return Case(self.template, self.family, profile, expected, level, variant.graded(level))

    @model_validator(mode="after")
    def _sound(self) -> "Template":
        names = [variant.name for variant in self.both_ways()]
        if len(set(names)) != len(names):
            raise ValueError("variant names repeat")
        if (self.family is Family.PROFILE) != isinstance(self.profile, ProfileId):
            raise ValueError(f"family {self.family} does not go with profile {self.profile}")
        for variant in self.variants:
            _check_family(self.family, variant)
        return self


def _check_family(family: Family, variant: Variant) -> None:
    false = family is Family.FALSE_POSITIVE
    if family is Family.PROFILE and set(variant.difficulty) != set(Difficulty):
        raise ValueError(f"variant {variant.name}: difficulty must declare {', '.join(Difficulty)}")
    if false and (variant.expected is None or variant.twin_of is None or "guards" not in variant.model_fields_set):
        raise ValueError(f"variant {variant.name}: a false positive declares expected, guards and twin_of")
    if not false and (variant.profile is not None or variant.twin_of is not None):
        raise ValueError(f"variant {variant.name}: profile and twin_of are for false positives")


@cache
def load_template(name: str) -> Template:
    """Return one template by file stem. Raises `ScenarioError` that names file, variant and key when it is not valid."""
    file = f"templates/{name}.yaml"
    template = parse(Template, read_text(file), file)
    if template.template != name:
        raise ScenarioError(f"scenario_data/{file}: template is called {template.template!r}, not {name!r}")
    check_twins(template)
    return template


def check_twins(template: Template) -> None:
    """Raise `ScenarioError` unless every twin named is a variant of a profile template that is labelled otherwise."""
    for variant in template.both_ways():
        if variant.twin_of is None:
            continue
        where = f"scenario_data/templates/{template.template}.yaml: variants.{variant.name}.twin_of: "
        name, _, chosen = variant.twin_of.partition("/")
        if name not in template_names():
            raise ScenarioError(f"{where}there is no template {name!r}")
        twin = load_template(name)
        if twin.family is not Family.PROFILE or chosen not in {v.name for v in twin.both_ways()}:
            raise ScenarioError(f"{where}{variant.twin_of!r} is no variant of a profile template")
        if str(variant.expected) == str(twin.profile):
            raise ScenarioError(f"{where}{variant.twin_of!r} has the same answer, {twin.profile}")


def template_names() -> list[str]:
    """Return the names of all templates, sorted."""
    return data_names("templates")
