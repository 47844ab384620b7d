"""A day moved by whole weeks is the same day under other dates."""

from datetime import date, timedelta
from typing import Any

import pyarrow as pa
from comparing import by_members
from drawn_market import SESSION
from drawn_tapes import Tape, tapes
from engine_runs import Run, batch
from laws import law

WEEKS = 5
"""From 8 July to 12 August 2026, expiries to 21 August: no holiday, half day or change of clocks among them, and the third Friday of the
month, by whose cycle options are written, is nine days off on both."""

SYMBOL_DATE = slice(-15, -9)


def moved_symbol(symbol: str, days: int) -> str:
    """The symbol with its expiry moved; expiries move with the session, so that days to expiry stay."""
    expiry = date.fromisoformat(f"20{symbol[SYMBOL_DATE]}") + timedelta(days)
    return f"{symbol[:-15]}{expiry:%y%m%d}{symbol[-9:]}"


def moved(table: pa.Table, days: int) -> pa.Table:
    """The table with every time, date and expiry moved."""
    for place, field in enumerate(table.schema):
        column = table[field.name]
        if pa.types.is_timestamp(field.type):
            column = pa.array([None if ns is None else ns + days * 86_400 * 10**9 for ns in column.cast(pa.int64()).to_pylist()]).cast(
                field.type
            )
        elif pa.types.is_date(field.type):
            column = pa.array([None if day is None else day + timedelta(days) for day in column.to_pylist()], field.type)
        elif field.name == "option_symbol":
            column = pa.array([moved_symbol(symbol, days) for symbol in column.to_pylist()])
        table = table.set_column(place, field.name, column)
    return table


def undated(run: Run, days: int) -> dict[str, Any]:
    """Everything that a run says, events under their prints, times and expiries moved back."""
    members = {row["event_id"]: tuple(row["member_print_ids"]) for row in run.rows()}
    said: dict[str, Any] = {"events": by_members(moved(run.events, -days).to_pylist(), {"event_id", "packet_ids"})}
    for name, table in run.tables.items():
        if name != "smart_money_events":
            rows = [{k: members[v] if k.endswith("event_id") else v for k, v in row.items()} for row in moved(table, -days).to_pylist()]
            said[name] = sorted(rows, key=repr)
    return said


@law(tape=tapes())
def test_a_day_moved_by_weeks_is_the_same_day(tape: Tape) -> None:
    """Tape, calendar, history and expiries move together; ids name the session, so they change, and with them the order of equal times."""
    days, tables = 7 * WEEKS, tape.tables()
    later = batch({name: moved(table, days) for name, table in tables.items()}, session=SESSION + timedelta(days))
    assert undated(later, days) == undated(batch(tables), 0)
