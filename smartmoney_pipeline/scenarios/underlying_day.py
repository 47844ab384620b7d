"""One underlying's session from path to prints: plan orders, quote what trades, execute, add errors."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from smartmoney_pipeline.scenarios.agents.context import Task
from smartmoney_pipeline.scenarios.agents.plan import Plan, make_plan
from smartmoney_pipeline.scenarios.background import contract_weights, plan_singles
from smartmoney_pipeline.scenarios.background_packages import plan_packages
from smartmoney_pipeline.scenarios.chain import build_chain
from smartmoney_pipeline.scenarios.clock import Ints, SessionClock
from smartmoney_pipeline.scenarios.corrections import with_cancels, with_late_reports
from smartmoney_pipeline.scenarios.events import DatedEvent, catalyst_of, dividends_of, variance_of
from smartmoney_pipeline.scenarios.execution import execute_singles
from smartmoney_pipeline.scenarios.impulses import Impulse, jump_impulses
from smartmoney_pipeline.scenarios.market_model import MarketModel
from smartmoney_pipeline.scenarios.orders import renumbered
from smartmoney_pipeline.scenarios.package_execution import execute_packages
from smartmoney_pipeline.scenarios.packs import Pack
from smartmoney_pipeline.scenarios.paths import MarketPath, simulate
from smartmoney_pipeline.scenarios.quote_book import QuoteBook
from smartmoney_pipeline.scenarios.quotes import quote_contracts
from smartmoney_pipeline.scenarios.reactions import with_reactions
from smartmoney_pipeline.scenarios.streams import StreamKey
from smartmoney_pipeline.scenarios.templates import Variant, load_template
from smartmoney_pipeline.scenarios.underlyings import underlying

_NEAR_STRIKES = 2
"""Strikes on either side of the middle that are quoted in every expiry that trades."""


@dataclass(frozen=True)
class Instance:
    """One planned event of a template on this underlying; its number in `event` columns is its place in the list."""

    profile: str
    template: str
    variant: Variant


@dataclass(frozen=True)
class UnderlyingDay:
    """Everything of one underlying: model, prints (`execution.PRINT_COLUMNS`, cancels, cancelled), quotes, stock prints, events."""

    ticker: str
    model: MarketModel
    prints: pd.DataFrame
    book: QuoteBook
    stock: pd.DataFrame
    instances: list[Instance]


def make_underlying_day(
    key: StreamKey, pack: Pack, clock: SessionClock, ticker: str, events: list[DatedEvent], market: MarketPath
) -> UnderlyingDay:
    """Return the session of one underlying; nothing in it depends on the pack's other underlyings but the common factor."""
    model = _model(key, pack, clock, ticker, events, market)
    instances, plans = _plan_templates(key, pack, model, catalyst_of(events, ticker))
    singles, legs = _all_orders(key, pack, model, plans)
    impulses = [*jump_impulses(model.path.jumps.ts), *(i for plan in plans for i in plan.impulses)]
    contracts = quoted_contracts(model, np.concatenate([singles["contract"], legs["contract"]]).astype(np.int64))
    book = _quote(key, pack, model, contracts, impulses)
    rng = key.stream(ticker, "execution")
    prints, touched = execute_singles(rng, model, singles, book)
    packages = execute_packages(key.stream(ticker, "package execution"), model, legs, book)
    book = with_reactions(key.stream(ticker, "reactions"), model.terms.chain.tick_class, book, touched, clock.close_ns)
    tape = _with_errors(key, pack, model, pd.concat([prints, packages.legs], ignore_index=True))
    return UnderlyingDay(ticker, model, tape, book, packages.stock, instances)


def _model(key: StreamKey, pack: Pack, clock: SessionClock, ticker: str, events: list[DatedEvent], market: MarketPath) -> MarketModel:
    terms = underlying(ticker)
    path = simulate(key, ticker, terms, clock, market, pack.own_jumps)
    chain = build_chain(ticker, terms, clock, float(np.exp(path.log_spot[0])))
    return MarketModel(terms, clock, chain, path, pack.rate, dividends_of(events, ticker), variance_of(events, ticker))


def _plan_templates(key: StreamKey, pack: Pack, model: MarketModel, catalyst: date | None) -> tuple[list[Instance], list[Plan]]:
    instances: list[Instance] = []
    plans: list[Plan] = []
    for name, count in sorted(pack.templates.items()):
        template = load_template(name)
        for variant in template.variants:
            if model.terms.kind not in variant.kinds or (variant.needs_event and catalyst is None):
                continue
            rng = key.stream(model.chain.ticker, f"template {name} {variant.name}")
            for _ in range(int(rng.integers(count[0], count[1] + 1))):
                plans.append(make_plan(Task(model, rng, variant, len(instances), catalyst)))
                instances.append(Instance(str(template.profile), name, variant))
    return instances, plans


def _all_orders(key: StreamKey, pack: Pack, model: MarketModel, plans: list[Plan]) -> tuple[pd.DataFrame, pd.DataFrame]:
    prints = pack.background_prints * model.terms.flow.print_share
    # About 1.2 fills an order in one contract and 2.3 legs a package.
    singles = plan_singles(key, model, int(prints * (1.0 - pack.package_share) / 1.2))
    legs = [plan_packages(key, model, int(prints * pack.package_share / 2.3)), *(plan.legs for plan in plans)]
    return pd.concat([singles, *(p.singles for p in plans)], ignore_index=True), renumbered(legs)


def quoted_contracts(model: MarketModel, traded: Ints) -> Ints:
    """Return the contracts that get quotes: those that trade, their put/call partners near the money, and the middle strikes."""
    chain = model.chain
    traded = np.unique(traded)
    spot = float(model.terms.spot)
    near = np.abs(np.log(chain.column("strike")[traded] / spot)) < 0.12
    partners = chain.partner(traded[near])
    middle = [_middle(model, int(index), spot) for index in np.unique(chain.column("expiry_index")[traded])]
    return np.unique(np.concatenate([traded, partners, *middle]))


def _middle(model: MarketModel, expiry_index: int, spot: float) -> Ints:
    chain = model.chain
    center = int(chain.nearest(expiry_index, np.array([spot]))[0])
    places = np.arange(center - _NEAR_STRIKES, center + _NEAR_STRIKES + 1)
    expiry = np.full(len(places), expiry_index)
    calls = chain.number(expiry, places, np.ones(len(places), dtype=bool))
    return np.concatenate([calls, calls + 1])


def _quote(key: StreamKey, pack: Pack, model: MarketModel, contracts: Ints, impulses: list[Impulse]) -> QuoteBook:
    weight = contract_weights(model)
    activity = np.sqrt(weight[contracts] / weight.max())
    updates = pack.quote_scale * model.terms.liquidity.quote_rate * (0.25 + 2.5 * activity)
    return quote_contracts(key, model, contracts, updates.astype(np.int64) + 1, impulses)


def _with_errors(key: StreamKey, pack: Pack, model: MarketModel, prints: pd.DataFrame) -> pd.DataFrame:
    rng = key.stream(model.chain.ticker, "tape errors")
    close_ns = model.clock.close_ns
    prints = with_late_reports(rng, prints, pack.late_share, close_ns)
    return with_cancels(rng, prints, pack.cancel_share, close_ns)
