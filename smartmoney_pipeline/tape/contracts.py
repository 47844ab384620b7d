"""The contracts and underlyings of a day: what the symbols say, what the roots imply, what a `contracts` table overrides."""

from collections.abc import Callable
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa

from smartmoney_pipeline.schemas.units import DEFAULT_MULTIPLIER
from smartmoney_pipeline.tape.errors import TapeError
from smartmoney_pipeline.tape.symbols import index_tickers, parse_symbols, root_rules

Settle = Callable[[date, str, str], int]
"""Settlement instant in UTC nanoseconds of (expiry, 'am' or 'pm', root)."""

CONTRACTS_SCHEMA = pa.schema(
    [
        ("contract_id", pa.int32()),
        ("option_symbol", pa.string()),
        ("root", pa.string()),
        ("underlying", pa.string()),
        ("underlying_id", pa.int32()),
        ("expiry", pa.date32()),
        ("right", pa.string()),
        ("strike", pa.float64()),
        ("multiplier", pa.int32()),
        ("settlement", pa.string()),
        ("exercise", pa.string()),
        ("adjusted", pa.bool_()),
        ("expiry_ts", pa.timestamp("ns", "UTC")),
    ]
)
UNDERLYINGS_SCHEMA = pa.schema([("underlying_id", pa.int32()), ("underlying", pa.string()), ("is_index", pa.bool_())])

_OVERRIDES = ("multiplier", "settlement", "exercise", "adjusted")


def build_contracts(symbols: pa.Array, overrides: pa.Table | None, settle: Settle) -> pd.DataFrame:
    """One row per distinct valid compact symbol, sorted by it: `contract_id` dense from 0, strike in USD, `expiry_ts` UTC.

    Columns as in `CONTRACTS_SCHEMA` but for `underlying_id`. A value of `overrides` (clean `contracts` table) wins over the
    rule of the root. Raises `TapeError` where `overrides` states one contract in two ways.
    """
    parsed = parse_symbols(symbols).drop(columns="valid").sort_values("option_symbol", ignore_index=True)
    rules = root_rules(pa.array(parsed["root"], pa.string()))
    contracts = parsed.assign(
        underlying=rules["underlying"],
        multiplier=DEFAULT_MULTIPLIER,
        settlement=rules["settlement"],
        exercise=rules["exercise"],
    )
    contracts.insert(0, "contract_id", np.arange(len(contracts), dtype=np.int32))
    if overrides is not None:
        contracts = _overridden(contracts, overrides)
    return contracts.assign(expiry_ts=_settlement_instants(contracts, settle))


def _overridden(contracts: pd.DataFrame, overrides: pa.Table) -> pd.DataFrame:
    stated = overrides.to_pandas().astype({"option_symbol": "str"}).drop_duplicates()
    twice = stated.loc[stated["option_symbol"].duplicated(), "option_symbol"]
    if len(twice):
        raise TapeError("contracts", f"{min(twice)} is there twice with different values", column="option_symbol")
    found = stated.set_index("option_symbol").reindex(contracts["option_symbol"]).reset_index(drop=True)
    for name in _OVERRIDES:
        if name in found.columns:
            given = found[name].notna().to_numpy()
            contracts[name] = np.where(given, found[name], contracts[name])
    return contracts


def _settlement_instants(contracts: pd.DataFrame, settle: Settle) -> np.ndarray:
    # One call per expiry, settlement and root: a few thousand on a full day, where contracts number a million.
    keys = ["expiry", "settlement", "root"]
    distinct = contracts[keys].drop_duplicates().sort_values(keys)
    days = distinct["expiry"].dt.date
    of_group = [settle(*key) for key in zip(days, distinct["settlement"], distinct["root"], strict=True)]
    return np.array(of_group, dtype=np.int64)[contracts.groupby(keys, sort=True).ngroup().to_numpy()]


def build_underlyings(names: pa.Array) -> pd.DataFrame:
    """One row per distinct ticker, sorted: `underlying_id` dense from 0, `is_index`."""
    distinct = sorted(set(names.to_pylist()))
    ids = np.arange(len(distinct), dtype=np.int32)
    return pd.DataFrame({"underlying_id": ids, "underlying": distinct, "is_index": [name in index_tickers() for name in distinct]})
