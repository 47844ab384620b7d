"""The check itself: measure a day and hold every statistic against its published row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import median
from typing import Any

import pandas as pd

from smartmoney_pipeline.evaluation.market_check import arrivals, flow, impact, parity, signs, smile, spreads
from smartmoney_pipeline.evaluation.market_check.day import MarketDay, Measured, market_day
from smartmoney_pipeline.evaluation.market_check.published import TABLE, Published

MEASURES: tuple[Callable[[MarketDay], dict[str, Measured]], ...] = (
    flow.measure_location,
    flow.measure_sizes,
    flow.measure_conditions,
    flow.measure_mix,
    spreads.measure_spreads,
    spreads.measure_auctions,
    spreads.measure_quotes,
    signs.measure_rules,
    signs.measure_persistence,
    arrivals.measure_shape,
    arrivals.measure_bursts,
    arrivals.measure_spot,
    arrivals.measure_history,
    impact.measure_impact,
    smile.measure_smiles,
    smile.measure_dynamics,
    parity.measure_parity,
)


class Verdict(StrEnum):
    """How a statistic compares: within its band, outside, or with too few cases to say."""

    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    FEW = "few"


@dataclass(frozen=True, slots=True)
class Finding:
    """One statistic of the day against its published row."""

    row: Published
    measured: Measured

    @property
    def verdict(self) -> Verdict:
        """Within the band, bounds included."""
        value = self.measured.value
        if value is None or self.measured.cases < self.row.least:
            return Verdict.FEW
        return Verdict.PASS if self.row.low <= value <= self.row.high else Verdict.FAIL


def check(tables: Mapping[str, Any], sides: pd.DataFrame) -> list[Finding]:
    """Return one finding per published row, in the order of the table.

    `tables` are those of a tape by name (pandas or Arrow), `sides` the customer side of every print (`print_id`, `side`).
    """
    return findings(measure_tables(tables, sides))


def measure_tables(tables: Mapping[str, Any], sides: pd.DataFrame) -> dict[str, Measured]:
    """Return every statistic of the day that these tables hold, by key; arguments as in `check`."""
    return measure(market_day(tables, sides))


def over_days(measured: Sequence[Mapping[str, Measured]]) -> dict[str, Measured]:
    """Return the median of each statistic over days where it could be measured, with the cases of all days together."""
    return {key: _over_days([day[key] for day in measured]) for key in measured[0]}


def _over_days(one: list[Measured]) -> Measured:
    values = [day.value for day in one if day.value is not None]
    return Measured(median(values) if values else None, sum(day.cases for day in one))


def measure(day: MarketDay) -> dict[str, Measured]:
    """Return every statistic of a day by key."""
    measured: dict[str, Measured] = {}
    for function in MEASURES:
        measured |= function(day)
    return measured


def findings(measured: Mapping[str, Measured]) -> list[Finding]:
    """Hold measured statistics against the published table. Raises `KeyError` where a row has no measure."""
    return [Finding(row, measured[row.key]) for row in TABLE]


def failed(found: list[Finding]) -> list[Finding]:
    """Return the findings outside their bands."""
    return [finding for finding in found if finding.verdict is Verdict.FAIL]
