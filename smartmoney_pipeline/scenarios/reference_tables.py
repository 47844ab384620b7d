"""Tables that stand beside the day's flow: underlying quotes and prints, open interest, past sessions, rates."""

from datetime import date

import numpy as np
import pandas as pd

from smartmoney_pipeline.calendar.sessions import previous_session
from smartmoney_pipeline.scenarios.background import contract_weights
from smartmoney_pipeline.scenarios.clock import SESSIONS_PER_YEAR, Floats, Ints
from smartmoney_pipeline.scenarios.identity import sequence_numbers
from smartmoney_pipeline.scenarios.paths import STEP_NS
from smartmoney_pipeline.scenarios.streams import StreamKey
from smartmoney_pipeline.scenarios.surface import base_volatility
from smartmoney_pipeline.scenarios.underlying_day import UnderlyingDay
from smartmoney_pipeline.schemas.units import NS_PER_SECOND

HISTORY_SESSIONS = 60
_LARGE_STEP = 3.0
_TENORS = (1, 7, 30, 60, 91, 182, 273, 365)


def underlying_quotes(key: StreamKey, days: list[UnderlyingDay]) -> pd.DataFrame:
    """Return the canonical `underlying_quotes`; an index has its value as bid and ask, about once a second, with size 0."""
    return _in_order([_numbered(key, day, "stock quote seq", _quotes_of(key, day)) for day in days])


def _quotes_of(key: StreamKey, day: UnderlyingDay) -> pd.DataFrame:
    rng, clock = key.stream(day.ticker, "stock quotes"), day.model.clock
    rate = day.model.terms.liquidity.stock_rate_hz
    jumps = [ts + np.arange(8) * STEP_NS + int(rng.integers(10_000_000)) for ts in day.model.path.jumps.ts]
    busy = _index_times(rng, day) if day.model.terms.is_index else clock.busy_times(rng.random(int(rng.poisson(rate * clock.seconds))))
    ts = np.unique(np.concatenate([[clock.open_ns + 500_000], busy, *jumps]).astype(np.int64))
    # An index has its last value at the close; funds are quoted on while their options trade.
    kept = ts < (clock.close_ns if day.model.terms.is_index else clock.last_ns)
    ts = ts[kept & ~_halted(day, ts)]
    bid, ask = _stock_market(rng, day, ts)
    size = np.zeros((2, len(ts))) if day.model.terms.is_index else _stock_sizes(rng, day, len(ts))
    return pd.DataFrame(
        {
            "ts": ts,
            "underlying": day.ticker,
            "bid": bid,
            "ask": ask,
            "bid_size": size[0].astype(np.int64),
            "ask_size": size[1].astype(np.int64),
        }
    )


def _index_times(rng: np.random.Generator, day: UnderlyingDay) -> Ints:
    """Return when an index is told: every second, and at once after a step that is large for the day."""
    path = day.model.path
    steps = np.diff(path.log_spot)
    large = path.ts[1:][steps**2 > _LARGE_STEP * np.mean(steps**2)]
    seconds = np.arange(day.model.clock.open_ns, day.model.clock.close_ns, NS_PER_SECOND) + 1_000_000
    return np.concatenate([seconds + rng.integers(0, 40_000_000, len(seconds)), large + rng.integers(0, 20_000_000, len(large))])


def _stock_market(rng: np.random.Generator, day: UnderlyingDay, ts: Ints) -> tuple[Floats, Floats]:
    spot = day.model.path.spot(ts)
    if day.model.terms.is_index:
        value = np.round(spot, 2)
        return value, value
    half = 50.0 * day.model.terms.liquidity.stock_spread * np.exp(0.3 * rng.standard_normal(len(ts)))
    bid = np.floor(spot * 100.0 - half)
    ask = np.maximum(np.ceil(spot * 100.0 + half), bid + 1.0)
    # Liquid stocks quote one cent wide most of the time: keep one of the two roundings.
    tight = (ask - bid == 2.0) & (rng.random(len(ts)) < 0.9)
    up = tight & (spot * 100.0 - bid > 1.0)
    return (bid + up) / 100.0, (ask - (tight & ~up)) / 100.0


def _halted(day: UnderlyingDay, ts: Ints) -> np.ndarray:
    inside = np.zeros(len(ts), dtype=bool)
    for halt in day.halts:
        inside |= (ts >= halt.start) & (ts < halt.end)
    return inside


def _stock_sizes(rng: np.random.Generator, day: UnderlyingDay, count: int) -> Floats:
    lots = np.rint(day.model.terms.liquidity.stock_size * np.exp(0.8 * rng.standard_normal((2, count))))
    return np.maximum(lots, 1.0) * 100.0


def underlying_prints(key: StreamKey, days: list[UnderlyingDay]) -> pd.DataFrame:
    """Return the canonical `underlying_prints` of stocks and funds: ordinary trades, and the stock legs of packages among them."""
    return _in_order([_numbered(key, day, "stock print seq", _trades_of(key, day)) for day in days])


def _trades_of(key: StreamKey, day: UnderlyingDay) -> pd.DataFrame:
    rng, clock = key.stream(day.ticker, "stock prints"), day.model.clock
    ts = clock.busy_times(rng.random(int(rng.poisson(0.12 * day.model.terms.liquidity.stock_rate_hz * clock.seconds))))
    price = np.round(day.model.path.spot(ts) + 0.5 * day.model.terms.liquidity.stock_spread * rng.uniform(-1, 1, len(ts)), 2)
    size = np.maximum(np.rint(80.0 * np.exp(1.1 * rng.standard_normal(len(ts)))), 1).astype(np.int64)
    trades = pd.concat([pd.DataFrame({"ts": ts, "price": price, "size": size}), day.stock], ignore_index=True)
    ts = trades["ts"].to_numpy()
    trades = trades[(ts < clock.last_ns) & ~_halted(day, ts)]
    return trades.assign(underlying=day.ticker, exchange=rng.choice(["D", "Q", "P", "Z", "K"], len(trades), p=[0.45, 0.2, 0.15, 0.1, 0.1]))


def _numbered(key: StreamKey, day: UnderlyingDay, purpose: str, table: pd.DataFrame) -> pd.DataFrame:
    table = table.sort_values("ts", kind="stable", ignore_index=True)
    return table.assign(seq=sequence_numbers(key, day.ticker, purpose, table["ts"].to_numpy(np.int64)))


def _in_order(frames: list[pd.DataFrame]) -> pd.DataFrame:
    table = pd.concat(frames, ignore_index=True).sort_values(["ts", "seq"], ignore_index=True)
    table = table.assign(ts=pd.to_datetime(table["ts"], utc=True).astype("datetime64[ns, UTC]"))
    first = ["ts", "seq", "underlying"]
    return table[[*first, *(name for name in table.columns if name not in first)]]


def open_interest(key: StreamKey, days: list[UnderlyingDay]) -> pd.DataFrame:
    """Return the canonical `open_interest` of the whole chain: heavier where flow is, round strikes and third Fridays."""
    return pd.concat([_open_interest_of(key, day) for day in days], ignore_index=True)


def _open_interest_of(key: StreamKey, day: UnderlyingDay) -> pd.DataFrame:
    rng, chain = key.stream(day.ticker, "open interest"), day.model.chain
    level = contract_weights(day.model) * 400_000 * day.model.terms.flow.print_share
    monthly = np.array([e.day.weekday() == 4 and 15 <= e.day.day <= 21 for e in chain.expiries])[chain.column("expiry_index")]
    noise = np.exp(0.9 * rng.standard_normal(len(chain)))
    level = (level + 20.0) * np.where(monthly, 4.0, 1.0) * np.where(chain.column("days") == 0, 0.5, 1.0) * noise
    return pd.DataFrame({"option_symbol": chain.column("option_symbol"), "open_interest": np.rint(level).astype(np.int64)})


def history(key: StreamKey, days: list[UnderlyingDay]) -> pd.DataFrame:
    """Return `history`: one row per underlying and past session, oldest first.

    `close` USD, `realised_volatility` annualised over 20 sessions, `option_volume` contracts, `iv30` annualised.
    """
    return pd.concat([_history_of(key, day) for day in days], ignore_index=True)


def _history_of(key: StreamKey, day: UnderlyingDay) -> pd.DataFrame:
    rng, terms = key.stream(day.ticker, "history"), day.model.terms
    count = HISTORY_SESSIONS + 20
    daily = terms.surface.short_vol * terms.surface.realised_to_implied / np.sqrt(SESSIONS_PER_YEAR)
    returns = daily * rng.standard_normal(count)
    # The last close is the price that the data file gives; the session opens a gap away from it.
    close = np.exp(np.log(terms.spot) - np.concatenate([np.cumsum(returns[:0:-1])[::-1], [0.0]]))
    realised = pd.Series(returns).rolling(20).std().to_numpy() * np.sqrt(SESSIONS_PER_YEAR)
    contracts = day.background_contracts * np.exp(0.35 * rng.standard_normal(count))
    level = float(base_volatility(terms.surface, np.array([21 / SESSIONS_PER_YEAR]))[0])
    iv30 = level * np.exp(0.06 * np.cumsum(rng.standard_normal(count))[::-1] / np.sqrt(8.0) * 0.5)
    table = pd.DataFrame(
        {
            "underlying": day.ticker,
            "session_date": _past_sessions(day.model.clock.session, count),
            "close": np.round(close, 2),
            "realised_volatility": realised,
            "option_volume": np.rint(contracts).astype(np.int64),
            "iv30": iv30,
        }
    )
    return table.iloc[20:].reset_index(drop=True)


def _past_sessions(session: date, count: int) -> list[date]:
    days: list[date] = []
    for _ in range(count):
        session = previous_session(session)
        days.append(session)
    return days[::-1]


def contracts(days: list[UnderlyingDay]) -> pd.DataFrame:
    """Return the canonical `contracts`: one row per listed contract whose deliverable is not standard; may be empty."""
    frames = []
    for day in days:
        listed = day.model.chain.table
        odd = listed[listed["adjusted"].to_numpy(bool)]
        settled = "european" if day.model.terms.is_index else "american"
        frames.append(odd[["option_symbol", "multiplier", "settlement", "adjusted"]].assign(exercise=settled))
    table = pd.concat(frames, ignore_index=True)[["option_symbol", "multiplier", "settlement", "exercise", "adjusted"]]
    return table.astype({"multiplier": np.int64, "adjusted": bool})


def rates(rate: float) -> pd.DataFrame:
    """Return the canonical `rates`: the generator's flat curve, continuous, by tenor in days."""
    return pd.DataFrame({"tenor_days": np.array(_TENORS, dtype=np.int64), "rate": np.full(len(_TENORS), rate)})
