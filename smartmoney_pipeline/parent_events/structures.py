"""Names of packages. Belongs here: packages as tables for the kernel, and the reading of one package for tests and explanations."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from smartmoney_pipeline.market.arrays import F8, I64, Bool
from smartmoney_pipeline.parent_events.package_price_kernel import LEG_COLUMNS, LEG_FLOATS
from smartmoney_pipeline.parent_events.parent_params import ParentParams, structure_log_priors
from smartmoney_pipeline.parent_events.reading_kernel import BUY, MARGIN, PARITY, POSITION, RUNNER_UP, STRUCTURE
from smartmoney_pipeline.parent_events.structures_kernel import read_events
from smartmoney_pipeline.parent_events.terms import ContractTerms
from smartmoney_pipeline.schemas.codes import Structure
from smartmoney_pipeline.schemas.units import TICKS_PER_DOLLAR

STRUCTURES: tuple[Structure, ...] = tuple(Structure)


@dataclass(frozen=True, eq=False)
class Readings:
    """Readings of n packages over m packets. Codes index `STRUCTURES`, -1 none; nan unknown; `sign` +1 bought, -1 sold, 0 unknown."""

    structure: I64
    runner_up: I64
    margin: F8
    buy_probability: F8
    position: F8
    parity_residual: F8
    leg: I64
    sign: I64
    ratio: I64


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg by hand: prices and quotes in USD, forward in USD, rate and years per year; None is unknown."""

    expiry_day: int
    strike: float
    is_call: bool
    contracts: int
    price: float
    bid: float | None = None
    ask: float | None = None
    dte_days: int = 30
    forward: float | None = None
    rate: float | None = None
    years: float | None = None
    delta: float | None = None
    open_interest: float | None = None
    volume_before: int = 0


@dataclass(frozen=True, slots=True)
class StructureReading:
    """What a package is consistent with. `signs` and `ratio` follow the legs as given; margin in nats over the runner-up.

    `buy_probability`: that the signs are right rather than all reversed; `net_price_position`: net price less package mid in package
    half-spreads for these signs. None is unknown.
    """

    structure: Structure
    runner_up: Structure | None
    margin: float | None
    signs: tuple[int, ...]
    ratio: tuple[int, ...]
    buy_probability: float | None
    net_price_position: float | None
    parity_residual_half_spreads: float | None


def read_all(
    offsets: I64, packets: dict[str, np.ndarray], stock_tied: Bool, terms: ContractTerms, params: ParentParams
) -> Readings:  # fmt: skip
    """Readings of packages whose packets are rows `offsets[e]:offsets[e + 1]` of the packet arrays."""
    contract = packets["contract"]
    interest = np.full(len(terms), np.nan) if terms.open_interest is None else terms.open_interest
    ints = np.empty((len(contract), LEG_COLUMNS), np.int64)
    by_contract = (terms.rank, terms.expiry_day, terms.strike_units, terms.is_call)
    columns = [values[contract] for values in by_contract]
    columns += [packets[name] for name in ("contracts", "premium_ticks", "bid_first", "ask_first")]
    columns += [terms.dte_days[contract], packets["contract_volume_before"]]
    for j, values in enumerate(columns):
        ints[:, j] = values
    floats = np.empty((len(contract), LEG_FLOATS))
    names = ("forward_first", "rate_first", "years_first", "delta_first")
    for j, values in enumerate([*(packets[name] for name in names), interest[contract]]):
        floats[:, j] = values
    flags = terms.ex_dividend_next_session
    ex_dividend = np.zeros(len(offsets) - 1, np.bool_) if flags is None else flags[packets["underlying"][offsets[:-1]]]
    return _readings(*read_events(offsets, ints, floats, stock_tied, ex_dividend, structure_log_priors(), params.reading))


def _readings(codes: I64, figures: F8, by_packet: I64) -> Readings:
    return Readings(
        structure=codes[:, STRUCTURE],
        runner_up=codes[:, RUNNER_UP],
        margin=figures[:, MARGIN],
        buy_probability=figures[:, BUY],
        position=figures[:, POSITION],
        parity_residual=figures[:, PARITY],
        leg=by_packet[:, 0],
        sign=by_packet[:, 1],
        ratio=by_packet[:, 2],
    )


def classify(
    legs: Sequence[Leg], *, stock_tied: bool = False, ex_dividend_next_session: bool = False, params: ParentParams | None = None
) -> StructureReading:  # fmt: skip
    """Read one package. Each leg must be a contract of its own; raises `ValueError` for none."""
    if not legs:
        raise ValueError("a package has at least one leg")
    terms = ContractTerms(
        underlying=np.zeros(len(legs), np.int32),
        expiry_day=np.array([leg.expiry_day for leg in legs], np.int32),
        strike=np.array([leg.strike for leg in legs], np.float64),
        is_call=np.array([leg.is_call for leg in legs], np.bool_),
        dte_days=np.array([leg.dte_days for leg in legs], np.int32),
        open_interest=_floats([leg.open_interest for leg in legs]),
        ex_dividend_next_session=np.array([ex_dividend_next_session]),
    )
    offsets = np.array([0, len(legs)], np.int64)
    return _single(read_all(offsets, _leg_arrays(legs), np.array([stock_tied]), terms, params or ParentParams()))


def _floats(values: Sequence[float | None]) -> F8:
    return np.array([np.nan if value is None else value for value in values], np.float64)


def _ticks(values: Sequence[float | None]) -> I64:
    return np.array([-1 if value is None else round(value * TICKS_PER_DOLLAR) for value in values], np.int64)


def _leg_arrays(legs: Sequence[Leg]) -> dict[str, np.ndarray]:
    sizes = np.array([leg.contracts for leg in legs], np.int64)
    return {
        "contract": np.arange(len(legs)),
        "underlying": np.zeros(len(legs), np.int64),
        "contracts": sizes,
        "premium_ticks": _ticks([leg.price for leg in legs]) * sizes,
        "bid_first": _ticks([leg.bid for leg in legs]),
        "ask_first": _ticks([leg.ask for leg in legs]),
        "contract_volume_before": np.array([leg.volume_before for leg in legs], np.int64),
        "forward_first": _floats([leg.forward for leg in legs]),
        "rate_first": _floats([leg.rate for leg in legs]),
        "years_first": _floats([leg.years for leg in legs]),
        "delta_first": _floats([leg.delta for leg in legs]),
    }


def _single(r: Readings) -> StructureReading:
    def known(values: F8) -> float | None:
        return None if np.isnan(values[0]) else float(values[0])

    return StructureReading(
        structure=STRUCTURES[r.structure[0]],
        runner_up=None if r.runner_up[0] < 0 else STRUCTURES[r.runner_up[0]],
        margin=known(r.margin),
        signs=tuple(r.sign.tolist()),
        ratio=tuple(r.ratio.tolist()),
        buy_probability=known(r.buy_probability),
        net_price_position=known(r.position),
        parity_residual_half_spreads=known(r.parity_residual),
    )
