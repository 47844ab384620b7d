"""Runs one vendor file through reader, checks and the part of an import, and reads back what came out."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from smartmoney_pipeline.tape.feeds.parts import ANY_DAY, MARKED, QUARANTINE, part_counts, write_part
from smartmoney_pipeline.tape.feeds.registry import FEEDS
from smartmoney_pipeline.tape.feeds.selection import Selection, Sessions

REAL = Path(__file__).resolve().parents[3].parent / "shared" / "real"


@dataclass(frozen=True)
class Run:
    """Rows by table, quarantined rows, counts by table."""

    tables: dict[str, list[dict[str, Any]]]
    quarantine: list[dict[str, Any]]
    counts: dict[str, dict[str, int]]

    def only(self, table: str = "option_prints") -> dict[str, Any]:
        [row] = self.tables[table]
        return row

    def faults(self) -> list[tuple[int, str, str]]:
        return [(row["row"], row["column"], row["reason"]) for row in self.quarantine]


def weekday(day: date) -> bool:
    return day.weekday() < 5


def run(vendor: str, path: Path, part: Path, selection: Selection | None = None) -> Run:
    """Import one file; every row of it must be accounted for."""
    write_part(part, FEEDS[vendor].read(path), selection or Selection(), Sessions(weekday))
    counts = part_counts(part)
    for table, numbers in counts.items():
        assert numbers["read"] + numbers["quarantined"] + numbers["left_out"] == numbers["rows"], table
    tables: dict[str, list[dict[str, Any]]] = {}
    for file in sorted(part.glob("*/*.parquet")):
        name = "option_prints" if file.stem == MARKED else file.stem
        tables.setdefault(name, []).extend(pq.read_table(file).to_pylist())
    return Run(tables, pq.read_table(part / QUARANTINE).to_pylist(), counts)


def write_rows(path: Path, header: str, *rows: str) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


__all__ = ["ANY_DAY", "REAL", "Run", "run", "write_rows"]
