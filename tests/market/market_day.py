"""A small random day of quotes and prints, rows of aligned prints by hand, and a slow plain reading of the same day."""

import math

import numpy as np
import pandas as pd

from smartmoney_pipeline.market.aligned import AlignedPrints
from smartmoney_pipeline.market.arrays import column_types
from smartmoney_pipeline.market.contracts import ContractArrays, build_contract_arrays

NS = 1_000_000_000
OPEN = 1_750_080_600 * NS
CLOSE = OPEN + 390 * 60 * NS
YEAR = 365 * 86_400 * NS


def contracts(strikes=(95.0, 100.0, 105.0), years=0.25, rate=0.04, underlyings=2, **more) -> ContractArrays:
    """Calls and puts at each strike, one slice an underlying, settled `years` after the open."""
    rows = [(u, k, right) for u in range(underlyings) for k in strikes for right in (True, False)]
    n = len(rows)
    return build_contract_arrays(
        **{
            "underlying": [r[0] for r in rows],
            "slice_id": [r[0] for r in rows],
            "strike_ticks": [round(r[1] * 10_000) for r in rows],
            "is_call": [r[2] for r in rows],
            "settle_ns": np.full(n, OPEN + round(years * YEAR)),
            "session_open_ns": OPEN,
            "session_close_ns": CLOSE,
            "rate": np.full(n, rate),
            **more,
        }
    )


def ticks(usd) -> np.ndarray:
    return np.round(np.asarray(usd, float) * 10_000).astype(np.int32)


def prints(ts, contract, price, size=1, **more) -> dict:
    """A chunk of prints; times in ns after the open, prices in USD."""
    n = len(ts)
    chunk = {
        "ts": OPEN + np.asarray(ts, np.int64),
        "contract_id": np.asarray(contract, np.int32),
        "price": ticks(np.broadcast_to(price, n)),
        "size": np.broadcast_to(np.asarray(size, np.int32), n),
        "venue": np.full(n, ord("C"), np.uint8),
        "condition": np.full(n, 32, np.uint8),
        "family": np.zeros(n, np.uint8),
    }
    return chunk | more


def quotes(rows) -> dict:
    """Option quotes from (ns after the open, contract, bid, ask[, bid size, ask size]), prices in USD."""
    full = [(*r, 10, 10)[:6] for r in rows]
    columns = np.array(full, dtype=object).reshape(-1, 6).T
    return {
        "ts": OPEN + columns[0].astype(np.int64),
        "contract_id": columns[1].astype(np.int32),
        "bid": ticks(columns[2].astype(float)),
        "ask": ticks(columns[3].astype(float)),
        "bid_size": columns[4].astype(np.int32),
        "ask_size": columns[5].astype(np.int32),
    }


def spots(rows) -> dict:
    """Underlying quotes from (ns after the open, underlying, bid, ask)."""
    columns = np.array(rows, dtype=object).reshape(-1, 4).T
    return {
        "ts": OPEN + columns[0].astype(np.int64),
        "underlying_id": columns[1].astype(np.int32),
        "bid": ticks(columns[2].astype(float)),
        "ask": ticks(columns[3].astype(float)),
    }


def cut(table: dict, sizes) -> list[dict]:
    """The table in consecutive chunks of the given sizes, over and over until it is used up."""
    n, start, chunks, k = len(table["ts"]), 0, [], 0
    while start < n:
        stop = min(n, start + sizes[k % len(sizes)])
        chunks.append({name: values[start:stop] for name, values in table.items()})
        start, k = stop, k + 1
    return chunks


def random_day(seed: int, n_prints: int = 150, n_quotes: int = 2_500, n_spots: int = 900) -> tuple[dict, dict, dict]:
    """Prints, option quotes and underlying quotes over 700 s on a grid of half milliseconds, with many ties and bursts."""
    rng = np.random.default_rng(seed)

    def times(n):
        spread = rng.integers(0, 1_400_000, n)
        burst = 700_000 + rng.integers(0, 400, n)
        return np.sort(np.where(rng.random(n) < 0.3, burst, spread)) * 500_000

    bid = rng.integers(0, 30, n_quotes) * 100
    q = {
        "ts": OPEN + times(n_quotes),
        "contract_id": rng.integers(0, 12, n_quotes).astype(np.int32),
        "bid": bid.astype(np.int32),
        "ask": (bid + rng.integers(-1, 4, n_quotes) * 100).clip(0).astype(np.int32),
        "bid_size": rng.integers(1, 50, n_quotes).astype(np.int32),
        "ask_size": rng.integers(1, 50, n_quotes).astype(np.int32),
    }
    level = 1_000_000 + rng.integers(-20, 20, n_spots).cumsum() * 100
    s = {
        "ts": OPEN + times(n_spots),
        "underlying_id": rng.integers(0, 2, n_spots).astype(np.int32),
        "bid": level.astype(np.int32),
        "ask": (level + rng.integers(-1, 3, n_spots) * 100).astype(np.int32),
    }
    p = prints(times(n_prints), rng.integers(0, 12, n_prints), rng.integers(1, 30, n_prints) / 100, rng.integers(1, 90, n_prints))
    return p, q, s


def _last(table: dict, key: str, ident: int, before: int) -> int:
    """Row number of the last row of `ident` with ts strictly before, -1 none."""
    rows = np.flatnonzero((table[key] == ident) & (table["ts"] < before))
    return int(rows[-1]) if len(rows) else -1


def _sides(q: dict, row: int) -> tuple[int, int]:
    if row < 0 or (q["bid"][row] <= 0 and q["ask"][row] <= 0):
        return -1, -1
    return int(q["bid"][row]), int(q["ask"][row])


def _lag(q: dict, contract: int, ts: int, lag_ms: int) -> tuple[tuple[int, int], bool]:
    """NBBO before ts - lag, from the newest seven price changes; and whether they do not reach back."""
    changes, last = [], (-1, -1)
    for row in np.flatnonzero((q["contract_id"] == contract) & (q["ts"] < ts)):
        if _sides(q, row) != last:
            last = _sides(q, row)
            changes.append((q["ts"][row], last))
    for when, sides in changes[:-8:-1]:
        if when < ts - lag_ms * 1_000_000:
            return sides, False
    return (-1, -1), len(changes) > 7


def _mid2(s: dict, u: int, before: int) -> int:
    """bid + ask of the last valid quote before, 0 none."""
    ok = (s["underlying_id"] == u) & (s["ts"] < before) & (s["bid"] > 0) & (s["ask"] >= s["bid"])
    rows = np.flatnonzero(ok)
    return int(s["bid"][rows[-1]]) + int(s["ask"][rows[-1]]) if len(rows) else 0


def _sigma(s: dict, u: int, ts: int) -> float:
    """Exponentially weighted deviation of one-second log returns, second by second; nan until 300 are observed."""
    ok = (s["underlying_id"] == u) & (s["bid"] > 0) & (s["ask"] >= s["bid"]) & (s["ts"] < ts)
    if not ok.any():
        return math.nan
    first, now = int(s["ts"][ok][0]) // NS, ts // NS
    closes = [_mid2(s, u, (second + 1) * NS) for second in range(first, now)]
    returns = np.diff(np.log(np.array(closes, float)))
    if len(returns) < 300:
        return math.nan
    weights = 0.5 ** (np.arange(len(returns))[::-1] / 600.0)
    return math.sqrt((weights * returns**2).sum() / weights.sum())


def plain_reading(c: ContractArrays, p: dict, q: dict, s: dict, i: int) -> dict:
    """What print `i` should be told, by search over all quotes and earlier prints."""
    ts, contract = int(p["ts"][i]), int(p["contract_id"][i])
    u = int(c.underlying[contract])
    row, spot_row = _last(q, "contract_id", contract, ts), _last(s, "underlying_id", u, ts)
    step = ts // (30 * NS) * 30 * NS - 30 * NS
    told: dict = {"bid": _sides(q, row)[0], "ask": _sides(q, row)[1], "quote_ts": int(q["ts"][row]) if row >= 0 else -1}
    told["bid_size"] = int(q["bid_size"][row]) if told["bid"] >= 0 else -1
    short = False
    for lag in (1, 10, 100):
        sides, short = _lag(q, contract, ts, lag)
        told[f"bid_{lag}ms"], told[f"ask_{lag}ms"] = sides
    told["history_short"] = short
    told["ref_bid"], told["ref_ask"] = _sides(q, _last(q, "contract_id", contract, step))
    told["ref_mid_u"] = _mid2(s, u, step) / 20_000 or math.nan
    told["u_bid"] = int(s["bid"][spot_row]) if spot_row >= 0 else -1
    told["u_quote_ts"] = int(s["ts"][spot_row]) if spot_row >= 0 else -1
    now, then, first = _mid2(s, u, ts), _mid2(s, u, (ts // NS - 30) * NS), np.flatnonzero(s["underlying_id"] == u)
    told["u_return_30s"] = math.log(now / then) if now and then else math.nan
    valid = [r for r in first if s["ask"][r] >= s["bid"][r]]
    start = int(s["bid"][valid[0]]) + int(s["ask"][valid[0]])
    told["u_return_open"] = math.log(now / start) if now else math.nan
    told["u_sigma_1s"] = _sigma(s, u, ts)
    return told | _plain_baselines(c, p, i)


def _plain_baselines(c: ContractArrays, p: dict, i: int) -> dict:
    ts, contract, tau = int(p["ts"][i]), int(p["contract_id"][i]), 300 / math.log(2)
    same_u = c.underlying[p["contract_id"][:i]] == c.underlying[contract]
    same_c = p["contract_id"][:i] == contract
    ages = (ts - p["ts"][:i]) / NS
    # prints of one contract at one instant arrive as one
    arrives = ~pd.DataFrame({"ts": p["ts"][:i], "contract": p["contract_id"][:i]}).duplicated().to_numpy()
    capacity = tau * (1 - math.exp(-max((ts - OPEN) / NS, 1.0) / tau))
    premium = np.log(p["price"][:i][same_u] * p["size"][:i][same_u].astype(float) / 100)
    different = [int(x) for x in p["price"][:i][same_c] if x != p["price"][i]]
    return {
        "contract_rate_hz": np.exp(-ages[same_c & arrives] / tau).sum() / capacity,
        "underlying_rate_hz": np.exp(-ages[same_u & arrives] / tau).sum() / capacity,
        "contract_volume": int(p["size"][:i][same_c].sum()),
        "underlying_volume": int(p["size"][:i][same_u].sum()),
        "premium_count": int(same_u.sum()),
        "premium_log_mean": premium.mean() if len(premium) else math.nan,
        "premium_log_var": premium.var(ddof=1) if len(premium) > 1 else math.nan,
        "last_price": different[-1] if different else -1,
        "size_p99": _size_p99(p["size"][:i][same_u]),
    }


def _size_p99(sizes: np.ndarray) -> float:
    """Upper edge of the lowest bin (an eighth of an octave) above which lies at most one size in a hundred."""
    if len(sizes) < 100:
        return math.nan
    edges = 2.0 ** (np.arange(1, 161) / 8)
    return float(edges[np.argmax([(np.floor(8 * np.log2(sizes)) > k).sum() * 100 <= len(sizes) for k in range(160)])])


def aligned_rows(n: int, **columns) -> AlignedPrints:
    """`n` aligned prints with nothing known (-1, nan) but the given columns."""
    rows = {}
    for name, dtype in column_types(AlignedPrints).items():
        unknown = {np.float64: np.nan, np.uint8: 0, np.bool_: False}.get(dtype, -1)
        if name in ("contract", "underlying"):
            unknown = 0
        rows[name] = np.ascontiguousarray(np.broadcast_to(np.asarray(columns.pop(name, unknown)), n), dtype=dtype)
    assert not columns, f"no such columns: {sorted(columns)}"
    return AlignedPrints(**rows)
