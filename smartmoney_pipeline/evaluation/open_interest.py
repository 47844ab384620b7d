"""Open interest of the next session against the events of this one: which must have opened positions, and which must have closed.

A trade of q contracts adds q to open interest where both sides open, takes q away where both close, and leaves it where one side hands its
position to the other. So the trades of an event, s contracts of a day's volume V, have moved open interest by at least change - (V - s)
and at most change + (V - s): no threshold is chosen. What lies between proves nothing, and that is nearly every event in a contract that
others trade too. Which customer opened is in data that exchanges keep private (PP2006). Exercise lowers open interest without a trade
(PSW2008): it leaves `confirmed` true, while `contradicted` then means closed or exercised. A contract that expired, or that the next tape
does not list, has no open interest: null, not zero.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from smartmoney_pipeline.schemas.validation_table import Verdict

COLUMNS = ("event_id", "legs", "legs_opened", "legs_closed", "oi_change", "share", "verdict")


def confirm(legs: pd.DataFrame, volume: pd.DataFrame, before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Return one row an event with the columns of EventValidation, sorted by event_id.

    `legs`: event_id, option_symbol, contracts; one row a contract of an event. `volume`: option_symbol, contracts of the whole session.
    `before`, `after`: option_symbol, open_interest at the start of the session and of the next one; contracts left out are unknown.
    Confirmed where every leg must have opened; contradicted where one must have closed; else it cannot be told. Raises `ValueError`
    where a leg is larger than the volume of its contract, or has none.
    """
    told = _told(legs, volume, before, after)
    grouped = told.groupby("event_id", sort=True)
    found = grouped.agg(
        legs=("option_symbol", "size"), legs_opened=("opened", "sum"), legs_closed=("closed", "sum"), contracts=("contracts", "sum")
    ).reset_index()
    found["oi_change"] = grouped["change"].agg(lambda change: change.sum(skipna=False)).to_numpy()
    found["share"] = found["oi_change"] / found["contracts"]
    found["verdict"] = np.select(
        [found["legs_closed"] > 0, found["legs_opened"] == found["legs"]],
        [Verdict.CONTRADICTED.value, Verdict.CONFIRMED.value],
        Verdict.CANNOT_TELL.value,
    )
    return found[list(COLUMNS)]


def _told(legs: pd.DataFrame, volume: pd.DataFrame, before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Legs with the change of their contract's open interest, NaN unknown, and whether their own trades must have opened or closed."""
    symbol, size = legs["option_symbol"].astype(object), legs["contracts"].astype(float)
    traded = symbol.map(volume.set_index(volume["option_symbol"].astype(object))["contracts"]).astype(float)
    wrong = ~(traded >= size)
    if wrong.any():
        raise ValueError(f"{symbol[wrong].iloc[0]}: an event traded more of it than the whole session did")
    start, end = (symbol.map(_by_symbol(table)).astype(float) for table in (before, after))
    change, others = end - start, traded - size
    said = {"event_id": legs["event_id"].astype(object), "option_symbol": symbol, "contracts": size, "change": change}
    return pd.DataFrame({**said, "opened": change - others > 0, "closed": change + others < 0})


def _by_symbol(table: pd.DataFrame) -> pd.Series:
    """Open interest by contract; a contract that is listed twice counts as its last row says."""
    last = table.drop_duplicates("option_symbol", keep="last")
    return last.set_index(last["option_symbol"].astype(object))["open_interest"]
