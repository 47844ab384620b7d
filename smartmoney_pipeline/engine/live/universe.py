"""Contracts and underlyings seen so far. New ones go to the end, so that ids that were given out stay what they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from smartmoney_pipeline.calendar.expiries import settlement_instant_ns
from smartmoney_pipeline.engine.context import DayContext, day_context
from smartmoney_pipeline.schemas.codes import TapeNature
from smartmoney_pipeline.tape.contracts import CONTRACTS_SCHEMA, UNDERLYINGS_SCHEMA, build_contracts, build_underlyings
from smartmoney_pipeline.tape.layout import TapeDay

CALENDAR = "event_calendar"
REFERENCE_TABLES = ("open_interest", "history", "rates", CALENDAR, "contracts")


@dataclass(frozen=True)
class LiveTape(TapeDay):
    """A day without files: contracts and underlyings so far, and the reference tables in memory."""

    held: Mapping[str, pa.Table] = field(default_factory=dict)

    def has(self, table: str) -> bool:
        """Whether the day has this reference table."""
        return table in self.held

    def table(self, name: str) -> pa.Table | None:
        """A reference table, or None."""
        return self.held.get(name)


class Universe:
    """Dense ids of symbols and tickers, in the order in which they were first seen."""

    def __init__(self, session: date, source: str, nature: TapeNature = TapeNature.PRINTS) -> None:
        self.session, self.source, self.nature = session, source, nature
        self.reference: dict[str, pa.Table] = {}
        """Clean reference tables by name."""
        self.contract_ids: dict[str, int] = {}
        """Ids of the symbols, in the compact form."""
        self.underlying_ids: dict[str, int] = {}
        """Ids of the tickers."""
        self._underlying_of = np.empty(0, np.int32)
        self._contracts = CONTRACTS_SCHEMA.empty_table()
        self._underlyings = UNDERLYINGS_SCHEMA.empty_table()

    def __len__(self) -> int:
        return len(self.contract_ids)

    def register(self, symbols: set[str], tickers: set[str]) -> bool:
        """Take in what is new of these, in order of their names; whether anything was. Symbols are in the compact form."""
        fresh = sorted(symbols - self.contract_ids.keys())
        made = build_contracts(pa.array(fresh, pa.string()), self.reference.get("contracts"), settlement_instant_ns) if fresh else None
        named = set() if made is None else set(made["underlying"])
        new_tickers = sorted((tickers | named) - self.underlying_ids.keys())
        if new_tickers:
            self._add_tickers(new_tickers)
        if made is not None:
            ids = np.arange(len(self), len(self) + len(made), dtype=np.int32)
            underlying = np.array([self.underlying_ids[name] for name in made["underlying"]], dtype=np.int32)
            table = pa.Table.from_pandas(made.assign(contract_id=ids, underlying_id=underlying), CONTRACTS_SCHEMA, False, safe=False)
            self._contracts = pa.concat_tables([self._contracts, table.replace_schema_metadata(None)])
            self.contract_ids |= dict(zip(made["option_symbol"], ids.tolist(), strict=True))
        return bool(fresh or new_tickers)

    def add_calendar(self, rows: pa.Table, watermark: int) -> None:
        """Add clean rows of the event calendar; each counts from the time at which it became known.

        What is told after that time counts from the watermark (ns UTC) on: events that started before it did not know of it.
        """
        place = rows.column_names.index("known_at")
        known_at = np.maximum(rows["known_at"].cast(pa.int64()).to_numpy(), watermark)
        rows = rows.set_column(place, "known_at", pa.array(known_at).cast(rows.schema.field("known_at").type))
        known = self.reference.get(CALENDAR)
        self.reference[CALENDAR] = rows if known is None else pa.concat_tables([known, rows], promote_options="default")

    def _add_tickers(self, names: list[str]) -> None:
        first = len(self.underlying_ids)
        made = build_underlyings(pa.array(names, pa.string()))
        made["underlying_id"] = np.arange(first, first + len(names), dtype=np.int32)
        table = pa.Table.from_pandas(made, UNDERLYINGS_SCHEMA, preserve_index=False).replace_schema_metadata(None)
        self._underlyings = pa.concat_tables([self._underlyings, table])
        self.underlying_ids |= {name: first + i for i, name in enumerate(names)}

    def underlying_of(self, contract: NDArray[np.int32]) -> NDArray[np.int32]:
        """Ids of the underlyings of contracts by id."""
        if len(self._underlying_of) != len(self):
            self._underlying_of = self._contracts["underlying_id"].to_numpy()
        return self._underlying_of[contract]

    def symbols(self, contract: NDArray[np.int32]) -> pa.Array:
        """Symbols of contracts by id."""
        return self._contracts["option_symbol"].combine_chunks().take(pa.array(contract))

    def context(self) -> DayContext:
        """The context of everything seen so far."""
        contracts, underlyings = (table.to_pandas(date_as_object=False) for table in (self._contracts, self._underlyings))
        held = {name: table for name, table in self.reference.items() if name != "contracts"}
        return day_context(LiveTape(Path(), self.session, self.source, "", {}, contracts, underlyings, self.nature, held))
