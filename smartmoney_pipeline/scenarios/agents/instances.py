"""Which cases a pack draws on one underlying and session, and their plans."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from smartmoney_pipeline.calendar.sessions import next_session, previous_session
from smartmoney_pipeline.scenarios.acts import Burst
from smartmoney_pipeline.scenarios.agents.burst import suited_jumps
from smartmoney_pipeline.scenarios.agents.context import Task, fallen, fitting_expiries
from smartmoney_pipeline.scenarios.agents.plan import Plan, make_plan
from smartmoney_pipeline.scenarios.clock import SessionClock
from smartmoney_pipeline.scenarios.events import DatedEvent, catalyst_of, goes_ex_next
from smartmoney_pipeline.scenarios.expiries import session_on_or_before, third_friday
from smartmoney_pipeline.scenarios.market_model import MarketModel
from smartmoney_pipeline.scenarios.packs import Pack
from smartmoney_pipeline.scenarios.streams import StreamKey
from smartmoney_pipeline.scenarios.templates import Case, Difficulty, Family, Need, Variant, load_template
from smartmoney_pipeline.schemas.codes import Direction

ROLL_SESSIONS = 2
"""Sessions on either side of a third Friday in which programmes roll (CBOE-INDEX names the day itself; the rest SEED)."""


@dataclass(frozen=True)
class Instance:
    """One planned event of a case on one underlying; its number in `event` columns is its place in the list."""

    case: Case
    number: int
    """Which instance of the same case on this underlying it is, from 0."""

    @property
    def profile(self) -> str:
        """What made it: a profile, or `none`."""
        return self.case.profile

    @property
    def template(self) -> str:
        """Name of the template."""
        return self.case.template

    @property
    def variant(self) -> Variant:
        """The variant at its difficulty."""
        return self.case.variant

    @property
    def direction(self) -> Direction:
        """Direction of the variant."""
        return self.case.variant.direction

    @property
    def difficulty(self) -> Difficulty:
        """How hard it is to tell."""
        return self.case.difficulty

    @property
    def family(self) -> Family:
        """What its template is for."""
        return self.case.family

    @property
    def expected(self) -> str:
        """What a scorer should say."""
        return self.case.expected

    @property
    def guards(self) -> tuple[str, ...]:
        """Codes of the guards that should answer."""
        return self.case.variant.guards

    @property
    def purpose(self) -> str:
        """Text that tells it from every other instance of the underlying and day, for streams."""
        return f"{self.case.name} {self.number}"


@dataclass(frozen=True)
class Setting:
    """What one underlying and session offer to templates: needs that are met, and the day that reflects the next near event."""

    model: MarketModel
    offered: frozenset[Need]
    catalyst: date | None


def setting_of(model: MarketModel, events: list[DatedEvent]) -> Setting:
    """Return what an underlying and session offer."""
    ticker = model.chain.ticker
    catalyst = catalyst_of(events, ticker)
    met = {
        Need.EVENT: catalyst is not None,
        Need.DIVIDEND: goes_ex_next(events, ticker, model.clock.session),
        Need.JUMP: len(model.path.jumps.ts) > 0,
        Need.FALL: len(fallen(model)) > 0,
        Need.ROLL_WEEK: in_roll_week(model.clock),
    }
    return Setting(model, frozenset(need for need, holds in met.items() if holds), catalyst)


def plan_instances(key: StreamKey, pack: Pack, model: MarketModel, events: list[DatedEvent]) -> list[tuple[Instance, Plan]]:
    """Return the instances of all templates of a pack on one underlying with their plans.

    Each case has a priority from a stream of its own, so that a template, variant or instance more changes no draw of another. In
    demo mode a template takes no more than its share of the prints that the noise ratio leaves to templates.
    """
    setting = setting_of(model, events)
    chosen: list[tuple[Instance, Plan]] = []
    for name in sorted(pack.templates):
        left = pack.prints_for(name, model.terms.flow.print_share)
        wanted = _count(key, pack, name, model.chain.ticker)
        for case in _in_priority(key, setting, name):
            if wanted == 0:
                break
            instance = Instance(case, 0)
            plan = _plan(key, setting, instance, len(chosen))
            if not plan.is_empty and plan.likely_prints <= left:
                left, wanted = left - plan.likely_prints, wanted - 1
                chosen.append((instance, plan))
    return chosen


def _count(key: StreamKey, pack: Pack, name: str, ticker: str) -> int:
    low, high = (int(end) for end in pack.templates[name].count)
    return int(key.stream(ticker, f"count {name}").integers(low, high + 1))


def _plan(key: StreamKey, setting: Setting, instance: Instance, event: int) -> Plan:
    rng = key.stream(setting.model.chain.ticker, f"plan {instance.purpose}")
    return make_plan(Task(setting.model, rng, instance.case, event, setting.catalyst))


def _in_priority(key: StreamKey, setting: Setting, name: str) -> Iterator[Case]:
    """Yield the fitting cases of a template in random order; each variant once before any comes a second time."""
    fitting = [case for case in load_template(name).cases() if fits(case, setting)]
    ticker = setting.model.chain.ticker
    ranked = sorted(fitting, key=lambda case: key.stream(ticker, f"choice {case.name}").random())
    later: list[Case] = []
    seen: set[str] = set()
    for case in ranked:
        if case.variant.name in seen:
            later.append(case)
        else:
            seen.add(case.variant.name)
            yield case
    yield from later


def fits(case: Case, setting: Setting) -> bool:
    """Return whether the underlying and session offer what a case needs.

    A contract asked for by name counts as offered: that it is not listed is an error of the template, said when it is planned.
    """
    variant, model = case.variant, setting.model
    if model.terms.kind not in variant.kinds or not setting.offered.issuperset(variant.needs):
        return False
    if isinstance(variant.act, Burst) and len(suited_jumps(model, variant.act)) == 0:
        return False
    return variant.contract.expiry is not None or len(fitting_expiries(case, model.chain, setting.catalyst)) > 0


def in_roll_week(clock: SessionClock) -> bool:
    """Return whether the session lies within `ROLL_SESSIONS` sessions of a third Friday."""
    friday = session_on_or_before(third_friday(clock.session.year, clock.session.month))
    near = [friday]
    before, after = friday, friday
    for _ in range(ROLL_SESSIONS):
        before, after = previous_session(before), next_session(after)
        near += [before, after]
    return clock.session in near
