"""One underlying's session from path to prints: plan orders, quote what trades, execute, tell the tape."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from smartmoney_pipeline.scenarios.agents.instances import Instance, plan_instances
from smartmoney_pipeline.scenarios.agents.plan import Plan
from smartmoney_pipeline.scenarios.background import contract_weights, plan_singles
from smartmoney_pipeline.scenarios.background_packages import plan_packages
from smartmoney_pipeline.scenarios.chain import build_chain
from smartmoney_pipeline.scenarios.clock import Ints, SessionClock
from smartmoney_pipeline.scenarios.corrections import in_extended_hours, joined, reported
from smartmoney_pipeline.scenarios.disturbances import Disturbance
from smartmoney_pipeline.scenarios.events import DatedEvent, dividends_of, variance_of
from smartmoney_pipeline.scenarios.execution import execute_singles
from smartmoney_pipeline.scenarios.impact import daily_volumes, places, pressure, spot_push, vol_response
from smartmoney_pipeline.scenarios.impulses import jump_impulses
from smartmoney_pipeline.scenarios.market_model import MarketModel
from smartmoney_pipeline.scenarios.orders import Report, renumbered
from smartmoney_pipeline.scenarios.package_execution import execute_packages
from smartmoney_pipeline.scenarios.packs import Pack
from smartmoney_pipeline.scenarios.paths import MarketPath, simulate
from smartmoney_pipeline.scenarios.quote_book import QuoteBook, make_book
from smartmoney_pipeline.scenarios.quotes import Market, quote_contracts
from smartmoney_pipeline.scenarios.reactions import with_reactions
from smartmoney_pipeline.scenarios.streams import StreamKey
from smartmoney_pipeline.scenarios.troubles import halts, reopening, through_halts, undisturbed
from smartmoney_pipeline.scenarios.underlyings import underlying

_NEAR_STRIKES = 2
"""Strikes on either side of the middle that are quoted in every expiry that trades."""
_REOPENING = ord("J")


@dataclass(frozen=True)
class UnderlyingDay:
    """Everything of one underlying: model, prints (`execution.PRINT_COLUMNS` and those of `corrections.reported`), quotes, stock, events.

    `halts` are the times without trade; `background_contracts` the contracts that the background traded, whatever templates did.
    """

    ticker: str
    model: MarketModel
    prints: pd.DataFrame
    book: QuoteBook
    stock: pd.DataFrame
    instances: list[Instance]
    halts: list[Disturbance]
    background_contracts: int


@dataclass(frozen=True)
class Flow:
    """The orders of one source, background or one instance, with the text that names its streams."""

    purpose: str
    singles: pd.DataFrame
    legs: pd.DataFrame


@dataclass(frozen=True)
class _Done:
    prints: pd.DataFrame
    stock: pd.DataFrame
    touched: pd.DataFrame


def make_underlying_day(
    key: StreamKey, pack: Pack, clock: SessionClock, ticker: str, events: list[DatedEvent], market: MarketPath
) -> UnderlyingDay:
    """Return the session of one underlying; nothing in it depends on the pack's other underlyings but the common factor."""
    calm = _model(key, pack, clock.of_underlying(ticker), ticker, events, market)
    planned = plan_instances(key, pack, calm, events)
    troubles = [trouble for _, plan in planned for trouble in plan.disturbances]
    flows = [_background(key, pack, calm), *(_flow_of(key, calm, instance, plan) for instance, plan in planned)]
    flows = [replace(f, singles=through_halts(troubles, f.singles), legs=through_halts(troubles, f.legs)) for f in flows]
    singles, legs = pd.concat([f.singles for f in flows], ignore_index=True), renumbered([f.legs for f in flows])
    where = places(calm)
    felt = pressure(calm, daily_volumes(calm, where, flows[0].singles, flows[0].legs), singles, legs)
    model = replace(calm, path=calm.path.pushed(spot_push(felt, calm.path.ts)))
    impulses = [*jump_impulses(model.path.jumps.ts), *(i for _, plan in planned for i in plan.impulses)]
    book = _quote(
        key,
        pack,
        model,
        calm,
        np.concatenate([singles["contract"], legs["contract"]]),
        Market(impulses, vol_response(where, felt), troubles),
    )
    done = [_execute(key, pack, model, flow, book, troubles) for flow in flows]
    return UnderlyingDay(
        ticker,
        model,
        joined([one.prints for one in done]),
        _answered(model, book, pd.concat([one.touched for one in done], ignore_index=True), troubles),
        pd.concat([one.stock for one in done], ignore_index=True),
        [instance for instance, _ in planned],
        halts(troubles),
        int(done[0].prints["size"].sum()),
    )


def _model(key: StreamKey, pack: Pack, clock: SessionClock, ticker: str, events: list[DatedEvent], market: MarketPath) -> MarketModel:
    terms = underlying(ticker)
    path = simulate(key, ticker, terms, clock, market, pack.own_jumps)
    chain = build_chain(ticker, terms, clock, float(np.exp(path.log_spot[0])))
    return MarketModel(terms, clock, chain, path, pack.rate, dividends_of(events, ticker), variance_of(events, ticker), pack.mechanism)


def _background(key: StreamKey, pack: Pack, model: MarketModel) -> Flow:
    prints = pack.background_prints * model.terms.flow.print_share
    # About 1.2 fills an order in one contract and 2.3 legs a package.
    singles = plan_singles(key, model, int(prints * (1.0 - pack.package_share) / 1.2))
    legs = plan_packages(key, model, int(prints * pack.package_share / 2.3))
    return Flow("background", _tradable(model, singles), _tradable(model, legs))


def _tradable(model: MarketModel, orders: pd.DataFrame) -> pd.DataFrame:
    # Contracts that expire today stop before the others of a late-closing class.
    last = model.last_trade_ns(orders["contract"].to_numpy())
    return orders[orders["ts"].to_numpy() < last - 2_000].reset_index(drop=True)


def _flow_of(key: StreamKey, model: MarketModel, instance: Instance, plan: Plan) -> Flow:
    ticker, purpose = model.chain.ticker, instance.purpose
    moved = [
        in_extended_hours(key.stream(ticker, f"extended hours {kind} {purpose}"), orders, model.clock)
        for kind, orders in (("orders", plan.singles), ("packages", plan.legs))
    ]
    return Flow(purpose, *moved)


def _execute(key: StreamKey, pack: Pack, model: MarketModel, flow: Flow, book: QuoteBook, troubles: list[Disturbance]) -> _Done:
    ticker = model.chain.ticker
    singles, touched = execute_singles(key.stream(ticker, f"execution {flow.purpose}"), model, flow.singles, book)
    packages = execute_packages(key.stream(ticker, f"package execution {flow.purpose}"), model, flow.legs, book)
    reopened = reopening(troubles, singles["ts"].to_numpy()) & singles["condition"].isin([ord("I"), ord(" ")]).to_numpy()
    singles = singles.assign(condition=np.where(reopened, _REOPENING, singles["condition"]).astype(np.int64))
    prints = pd.concat([singles, packages.legs], ignore_index=True)
    rng = key.stream(ticker, f"tape errors {flow.purpose}")
    told = reported(rng, prints, pack.late_share, pack.cancel_share, model.clock.last_ns)
    return _Done(told, packages.stock, touched[(singles["report"] != Report.EXTENDED).to_numpy()])


def _answered(model: MarketModel, book: QuoteBook, touched: pd.DataFrame, troubles: list[Disturbance]) -> QuoteBook:
    reacted, added = with_reactions(model.terms.chain.tick_class, book, touched)
    contract, ts = added["contract"].to_numpy(), added["ts"].to_numpy()
    kept = undisturbed(troubles, contract, ts) & (ts > model.clock.open_ns) & (ts < model.last_trade_ns(contract))
    table = pd.concat([reacted, added[kept]], ignore_index=True)
    return make_book(table.sort_values(["contract", "ts"], kind="stable", ignore_index=True))


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


def _quote(key: StreamKey, pack: Pack, model: MarketModel, calm: MarketModel, traded: Ints, market: Market) -> QuoteBook:
    weight = contract_weights(calm)
    rate = pack.quote_scale * model.terms.liquidity.quote_rate * model.mechanism.quote_rate
    updates = (rate * (0.25 + 2.5 * np.sqrt(weight / weight.max()))).astype(np.int64) + 1
    return quote_contracts(key, model, quoted_contracts(model, traded.astype(np.int64)), updates, calm.path, market)
