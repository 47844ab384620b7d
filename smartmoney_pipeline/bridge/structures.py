"""Structure tags of legacy packets: what the parent event of a packet was read as, in legacy words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from smartmoney_pipeline.bridge.contracts import LegacyContracts
from smartmoney_pipeline.schemas.codes import EventKind, Structure

TYPES: dict[Structure, str] = {
    Structure.STRADDLE: "straddle",
    Structure.STRANGLE: "strangle",
    Structure.VERTICAL: "vertical",
    Structure.ROLL: "roll",
}
OTHER = "multi_leg"
"""Legacy type of every structure that the earlier surface had no name for."""


def structure_types(kind: pa.ChunkedArray | pa.Array, structure: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Return the legacy structure type of events, null for single legs."""
    place = pc.index_in(structure, value_set=pa.array(list(TYPES), pa.string()))
    named = pc.fill_null(pa.array(list(TYPES.values())).take(_whole(place)), OTHER)
    return pc.if_else(pc.equal(_whole(kind), EventKind.MULTI_LEG), named, pa.scalar(None, pa.string()))


def structure_tags(event_id: pa.Array, contracts: LegacyContracts, parents: pa.Table) -> dict[str, pa.Array]:
    """Return the structure tags of n packets, null where their event has one leg.

    `event_id` and `contracts` are those of the packets, `parents` holds event_id, event_kind and structure.
    """
    row = pc.index_in(event_id, value_set=parents["event_id"].combine_chunks())
    kinds = structure_types(parents["event_kind"], parents["structure"]).take(row)
    mine = kinds.is_valid().to_numpy(zero_copy_only=False)
    event = row.to_numpy(zero_copy_only=False)
    frame = pd.DataFrame(
        {
            "event": event[mine],
            "contract": contracts.option_contract_id.filter(pa.array(mine)).to_pandas(),
            "strike": contracts.strike.filter(pa.array(mine)).to_pandas(),
            "right": contracts.right.filter(pa.array(mine)).to_pandas(),
        }
    )
    grouped = frame.groupby("event")
    legs, strikes = grouped["contract"].transform("nunique"), grouped["strike"].transform("nunique")
    span = grouped["strike"].transform("max") - grouped["strike"].transform("min")
    both = grouped["right"].transform("nunique") > 1
    return {
        "structure_type": kinds,
        "structure_legs": _placed(legs, mine, pa.int64()),
        "structure_strikes": _placed(strikes, mine, pa.int64()),
        "structure_strike_span": _placed(span, mine, pa.float64()),
        "structure_rights": _placed(frame["right"].where(~both, "C/P"), mine, pa.string()),
    }


def _placed(values: pd.Series, mine: np.ndarray, kind: pa.DataType) -> pa.Array:
    """The values at their packets, null elsewhere."""
    places = np.cumsum(mine) - 1
    return pa.array(values, kind, from_pandas=True).take(pa.array(places, mask=~mine))


def _whole(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    return column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
