"""The quoted prints as a table: each print of the current view with its quote, side and packet."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa

from smartmoney_pipeline.engine.columns import codes_array, times_array
from smartmoney_pipeline.market.aligned import AlignedPrints, SignedPrints
from smartmoney_pipeline.parent_events.packet_params import PacketParams
from smartmoney_pipeline.schemas.arrow import conform
from smartmoney_pipeline.schemas.codes import SignLayer, TapeNature
from smartmoney_pipeline.schemas.output_tables import QuotedPrints
from smartmoney_pipeline.schemas.units import NS_PER_MS, TICKS_PER_DOLLAR

LETTERS = tuple(chr(code) for code in range(256))
LAYER_NAMES = tuple(layer.name.lower() for layer in SignLayer)


def usd(ticks: np.ndarray) -> pa.Array:
    """Ticks as USD, null where there is no price."""
    return pa.array(ticks / TICKS_PER_DOLLAR, mask=ticks <= 0)


def spread_position(aligned: AlignedPrints) -> np.ndarray:
    """(price - bid) / (ask - bid), NaN unless the quote is two-sided and neither locked nor crossed."""
    width = (aligned.ask - aligned.bid).astype(np.float64)
    sound = (aligned.bid > 0) & (width > 0)
    return np.where(sound, (aligned.price - aligned.bid) / np.where(sound, width, 1.0), np.nan)


def quote_states(aligned: AlignedPrints, stale_ns: int, known_age: np.ndarray) -> dict[str, pa.Array]:
    """Locked, crossed, one-sided and stale marks; stale means older than `stale_ns` and is null where the age is unknown."""
    bid, ask = aligned.bid, aligned.ask
    two_sided = (bid > 0) & (ask > 0)
    return {
        "is_locked": pa.array(two_sided & (bid == ask)),
        "is_crossed": pa.array(two_sided & (bid > ask)),
        "is_one_sided": pa.array((bid > 0) != (ask > 0)),
        "is_stale": pa.array(aligned.ts - aligned.quote_ts > stale_ns, mask=~known_age),
    }


def quoted_prints_table(
    aligned: AlignedPrints,
    signed: SignedPrints,
    packet_of_print: np.ndarray,
    print_id: pa.Array,
    contracts: pd.DataFrame,
    nature: TapeNature = TapeNature.PRINTS,
) -> pa.Table:
    """Rows of one chunk with the columns of QuotedPrints, in tape order. When inside its minute the quote of a bar came is not told."""
    known_age = (aligned.quote_ts >= 0) & (nature is TapeNature.PRINTS)
    age_ms = np.where(known_age, aligned.ts - aligned.quote_ts, 0) / NS_PER_MS
    columns = {
        "print_id": print_id,
        "ts": times_array(aligned.ts),
        "option_symbol": pa.array(contracts["option_symbol"], pa.string()).take(pa.array(aligned.contract)),
        "price_usd": usd(aligned.price),
        "size": pa.array(aligned.size.astype(np.int64)),
        "exchange": codes_array(np.where(aligned.venue > 0, aligned.venue, np.int64(-1)), LETTERS),
        "condition": codes_array(aligned.condition, LETTERS),
        "bid": usd(aligned.bid),
        "ask": usd(aligned.ask),
        "quote_age_ms": pa.array(age_ms, mask=~known_age),
        "spread_position": pa.array(spread_position(aligned), from_pandas=True),
        **quote_states(aligned, PacketParams().stale_ns, known_age),
        "underlying_bid": usd(aligned.u_bid),
        "underlying_ask": usd(aligned.u_ask),
        "p_buy": pa.array(signed.p_buy, from_pandas=True),
        "sign_layer": codes_array(signed.sign_layer, LAYER_NAMES),
        "sign_stability": pa.array(signed.sign_stability, from_pandas=True),
        "packet_number": pa.array(packet_of_print),
    }
    return conform(pa.table(columns), QuotedPrints)
