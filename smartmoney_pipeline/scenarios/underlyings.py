"""The underlyings of the synthetic market: kind, price, volatility, chain, liquidity and flow of each, from `underlyings.yaml`."""

from enum import StrEnum
from functools import cache

from pydantic import Field

from smartmoney_pipeline.scenarios.errors import ScenarioError
from smartmoney_pipeline.scenarios.files import Declared, parse, read_text
from smartmoney_pipeline.scenarios.stress_underlyings import replica_terms
from smartmoney_pipeline.scenarios.ticks import TickClass

FILE = "underlyings.yaml"


class Kind(StrEnum):
    """Kinds of underlying that a template may ask for."""

    INDEX_ETF = "index_etf"
    CASH_INDEX = "cash_index"
    MEGA_CAP = "mega_cap"
    MID_CAP = "mid_cap"
    ATTENTION = "attention"
    SMALL_CAP = "small_cap"


class Surface(Declared):
    """Level and shape of the implied-volatility surface, annualised decimals."""

    short_vol: float = Field(gt=0, lt=3)
    long_vol: float = Field(gt=0, lt=3)
    blend_days: float = Field(gt=0)
    skew: float = Field(gt=-1, lt=1)
    curvature: float = Field(gt=0, le=1.2)
    daily_vol_of_vol: float = Field(ge=0, lt=1)
    skew_stickiness: float = Field(ge=0, le=3)
    """How much at-the-money volatility moves per move of the spot, in slopes of the smile: 1.2 to 1.5 (BERGOMI)."""
    realised_to_implied: float = Field(gt=0.3, lt=1.5)


class ChainTerms(Declared):
    """Which expiries and strikes are listed."""

    strike_step: float = Field(gt=0)
    daily_sessions: int = Field(ge=0, le=15)
    weekly_fridays: int = Field(ge=0, le=12)
    monthly_fridays: int = Field(ge=1, le=13)
    adjusted_expiries: int = Field(default=0, ge=0, le=4)
    """Third Fridays that are also listed under an adjusted root, left over from a split of three for two."""
    tick_class: TickClass


class Liquidity(Declared):
    """Spreads and sizes: half-spread = stock_spread x delta / 2 + vol_width x vega + cost, in USD."""

    stock_spread: float = Field(ge=0)
    stock_size: int = Field(ge=0)
    stock_rate_hz: float = Field(gt=0)
    vol_width: float = Field(ge=0)
    cost: float = Field(ge=0)
    quote_size: float = Field(gt=0)
    quote_rate: float = Field(gt=0)


class Flow(Declared):
    """Background flow: share of the pack's prints, tenor mix, size of the set of active contracts."""

    print_share: float = Field(gt=0)
    zero_dte_share: float = Field(ge=0, le=1)
    tenor_days: float = Field(gt=0)
    active_contracts: int = Field(gt=0)
    size_scale: float = Field(gt=0)
    sell_share: float = Field(gt=0, lt=1)


class Underlying(Declared):
    """One underlying; prices are fictional."""

    kind: Kind
    spot: float = Field(gt=0)
    beta: float
    own_vol_share: float = Field(ge=0, le=1)
    borrow: float = Field(ge=0)
    dividend_yield: float = Field(ge=0)
    surface: Surface
    chain: ChainTerms
    liquidity: Liquidity
    flow: Flow

    @property
    def is_index(self) -> bool:
        """Whether it is a cash index: European, cash-settled, a value rather than a quote."""
        return self.kind is Kind.CASH_INDEX


class UnderlyingsFile(Declared):
    """The whole of `underlyings.yaml`."""

    note: str
    sources: list[str]
    underlyings: dict[str, Underlying]


@cache
def load_underlyings() -> dict[str, Underlying]:
    """Return the underlyings by ticker."""
    return parse(UnderlyingsFile, read_text(FILE), FILE).underlyings


def underlying(ticker: str) -> Underlying:
    """Return one underlying, or a replica of one. Raises `ScenarioError` for a ticker that the file does not list."""
    known = load_underlyings()
    terms = known.get(ticker) or replica_terms(ticker, known)
    if terms is None:
        raise ScenarioError(f"underlying {ticker!r} is not in scenario_data/{FILE} (known: {', '.join(sorted(known))})")
    return terms


def is_replica(ticker: str) -> bool:
    """Return whether `ticker` is a replica of a listed underlying rather than one of them."""
    return ticker not in load_underlyings()
