"""The public entry: one pack, one session, one seed → the tables of a tape, and labels to be kept apart."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from smartmoney_pipeline.scenarios import reference_tables, tables
from smartmoney_pipeline.scenarios.clock import SessionClock, open_clock
from smartmoney_pipeline.scenarios.errors import ScenarioError
from smartmoney_pipeline.scenarios.events import DatedEvent, calendar_table, place_events
from smartmoney_pipeline.scenarios.labels import LABEL_SCHEMA, labels_table, sides_arrow, sides_table
from smartmoney_pipeline.scenarios.packs import Pack, check_seed, load_pack
from smartmoney_pipeline.scenarios.paths import market_path
from smartmoney_pipeline.scenarios.streams import StreamKey
from smartmoney_pipeline.scenarios.underlying_day import UnderlyingDay, make_underlying_day
from smartmoney_pipeline.tape.canonical import write_canonical

LABELS_FILE, SIDES_FILE = "labels.parquet", "sides.parquet"


@dataclass(frozen=True)
class ScenarioDay:
    """One generated session: canonical tables by name; labels (`labels.LABEL_COLUMNS`); and the customer side of every print.

    `sides` (print_id, side +1 or -1, order_id) is for statistics of the generator itself; like the labels it is never on the tape.
    """

    pack: str
    seed: int
    session: date
    tables: dict[str, pd.DataFrame | pa.Table]
    labels: pd.DataFrame
    sides: pd.DataFrame = field(repr=False)


def generate(pack: str, session: date, seed: int) -> ScenarioDay:
    """Return one session of a pack. Same arguments, same bytes.

    Raises `ScenarioError` for an unknown pack, a bad seed, a closed exchange, or a template that the chain cannot serve.
    """
    return generate_pack(load_pack(pack), session, check_seed(seed))


def generate_pack(pack: Pack, session: date, seed: int) -> ScenarioDay:
    """Return one session of a pack given as an object; see `generate`."""
    clock = open_clock(session)
    key = StreamKey(pack.pack, seed, session)
    events = place_events(pack.events, session)
    days = _underlying_days(key, pack, clock, events)
    prints = tables.all_prints(key, days)
    named = _tables(key, pack, days, prints, events)
    return ScenarioDay(pack.pack, seed, session, named, labels_table(prints, days), sides_table(prints))


def _calendar(pack: Pack, events: list[DatedEvent]) -> pd.DataFrame:
    return calendar_table([e for e in events if e.entry.underlying in pack.underlyings])


def _underlying_days(key: StreamKey, pack: Pack, clock: SessionClock, events: list[DatedEvent]) -> list[UnderlyingDay]:
    market = market_path(key, clock, pack.market_jumps)
    return [make_underlying_day(key, pack, clock, ticker, events, market) for ticker in sorted(pack.underlyings)]


def _tables(
    key: StreamKey, pack: Pack, days: list[UnderlyingDay], prints: pd.DataFrame, events: list[DatedEvent]
) -> dict[str, pd.DataFrame | pa.Table]:
    named: dict[str, pd.DataFrame | pa.Table] = {
        "option_prints": tables.print_table(prints),
        "option_quotes": tables.quote_table(key, days),
        "underlying_quotes": reference_tables.underlying_quotes(key, days),
        "event_calendar": _calendar(pack, events),
        "open_interest": reference_tables.open_interest(key, days),
        "history": reference_tables.history(key, days),
        "rates": reference_tables.rates(pack.rate),
    }
    if pack.venue_quotes:
        named["venue_quotes"] = tables.venue_table(key, days)
    if len(adjusted := reference_tables.contracts(days)):
        named["contracts"] = adjusted
    if stocks := [day for day in days if not day.model.terms.is_index]:
        named["underlying_prints"] = reference_tables.underlying_prints(key, stocks)
    return named


def write(day: ScenarioDay, tape_folder: Path, labels_folder: Path) -> None:
    """Write the tape and, in another folder, the labels and sides. Raises `ScenarioError` if labels would lie inside the tape."""
    tape, labels = tape_folder.resolve(), labels_folder.resolve()
    if labels == tape or tape in labels.parents:
        raise ScenarioError(f"labels must lie outside the tape: {labels_folder} is in {tape_folder}")
    write_canonical(tape_folder, day.tables)
    labels_folder.mkdir(parents=True, exist_ok=True)
    labels_rows = pa.Table.from_pandas(day.labels, schema=LABEL_SCHEMA, preserve_index=False)
    pq.write_table(labels_rows.replace_schema_metadata(None), labels_folder / LABELS_FILE)
    pq.write_table(sides_arrow(day.sides), labels_folder / SIDES_FILE)
