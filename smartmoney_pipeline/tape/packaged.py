"""Reads the code tables that travel inside the package. Every row names its sources; an unlisted source does not load."""

import csv
from functools import cache
from importlib.resources import files


def _rows(name: str) -> list[dict[str, str]]:
    text = files("smartmoney_pipeline.tape").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def sources() -> dict[str, dict[str, str]]:
    """Sources of the code tables by key: title, where, checked."""
    return {row["key"]: row for row in _rows("sources.csv")}


@cache
def code_table(name: str) -> tuple[dict[str, str], ...]:
    """Rows of one packaged table. Raises `KeyError` that names a row whose source is missing or not listed."""
    rows = tuple(_rows(name))
    for row in rows:
        keys = row["sources"].split()
        if not keys or any(key not in sources() for key in keys):
            raise KeyError(f"{name}: {row} has a source that is not listed in sources.csv")
    return rows
