"""The whole check: a complete table with sources, a day measured in full, distorted days that fail, and a page that is up to date."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from smartmoney_pipeline.citations import SOURCES
from smartmoney_pipeline.evaluation.market_check.day import Measured
from smartmoney_pipeline.evaluation.market_check.published import TABLE, Published
from smartmoney_pipeline.evaluation.market_check.reference import render
from smartmoney_pipeline.evaluation.market_check.run import Finding, Verdict, check, failed, findings
from smartmoney_pipeline.scenarios.generate import ScenarioDay, generate

PAGE = Path(__file__).parents[2] / "docs" / "market-check.md"
ROWS = {row.key: row for row in TABLE}


@pytest.fixture(scope="module")
def day() -> ScenarioDay:
    return generate("test", date(2026, 3, 18), 7)


def verdicts(day: ScenarioDay, sides: pd.DataFrame | None = None, **tables: object) -> dict[str, Finding]:
    found = check(day.tables | tables, day.sides if sides is None else sides)
    return {finding.row.key: finding for finding in found}


def test_every_row_has_a_band_a_source_and_what_was_published():
    assert len(ROWS) == len(TABLE)
    for row in TABLE:
        assert row.low <= row.high, row.key
        assert row.source in SOURCES, row.key
        assert row.published and row.tolerance and row.title, row.key
        assert row.source != "SEED" or "judgement" in row.tolerance, row.key


def test_figures_that_the_issue_of_signs_rests_on():
    # Bilz, results: 58 to 66 % for the quote rule, 64 to 76 % for the stack, over both exchanges and all samples
    assert (ROWS["quote_rule"].low, ROWS["quote_rule"].high) == (0.58, 0.66)
    assert (ROWS["size_stack"].low, ROWS["size_stack"].high) == (0.64, 0.76)


def test_a_verdict_needs_cases_and_counts_its_bounds():
    row = Published("x", "size", "x", "ratio", 1.0, 2.0, "SEED", "-", "judgement", 10)
    cases = {Measured(1.0, 10): Verdict.PASS, Measured(2.0, 10): Verdict.PASS, Measured(2.1, 10): Verdict.FAIL}
    cases |= {Measured(5.0, 9): Verdict.FEW, Measured(None, 100): Verdict.FEW}
    assert {measured: Finding(row, measured).verdict for measured in cases} == cases


def test_a_statistic_that_nothing_measures_is_an_error():
    with pytest.raises(KeyError, match="at_bid"):
        findings({})


def test_a_generated_day_is_measured_in_full(day):
    found = verdicts(day)
    assert list(found) == list(ROWS)
    unmeasured = {key for key, finding in found.items() if finding.measured.value is None}
    # A small quiet day has few fits of smiles and no cancels; the flow must be there.
    assert not unmeasured & {row.key for row in TABLE if row.subject in ("location", "size", "condition", "sign", "quote")} - {
        "zero_day_spx_volume"
    }


def test_sides_by_lot_fail_the_rules_of_signing(day):
    rng = np.random.default_rng(5)
    found = verdicts(day, day.sides.assign(side=rng.choice([-1, 1], len(day.sides))))
    assert found["quote_rule"].measured.value == pytest.approx(0.5, abs=0.03)
    assert {found[key].verdict for key in ("quote_rule", "size_stack", "sign_persistence_1")} == {Verdict.FAIL}


def test_constant_sizes_fail(day):
    prints = day.tables["option_prints"].to_pandas().assign(size=7)
    found = verdicts(day, option_prints=prints)
    assert {found[key].verdict for key in ("size_p25", "size_p99", "one_lots", "equal_size_chance")} == {Verdict.FAIL}


def test_one_condition_for_all_fails(day):
    found = verdicts(day, option_prints=day.tables["option_prints"].to_pandas().assign(condition="I"))
    assert {found[key].verdict for key in ("electronic_volume", "auction_volume", "complex_volume")} == {Verdict.FAIL}


def test_even_arrivals_fail(day):
    prints = day.tables["option_prints"].to_pandas()
    opened = pd.Timestamp("2026-03-18 13:30", tz="UTC")
    even = opened + pd.to_timedelta(np.linspace(1.0, 23_399.0, len(prints)), unit="s")
    found = verdicts(day, option_prints=prints.assign(ts=even))
    assert {found[key].verdict for key in ("first_half_hour", "midday")} == {Verdict.FAIL}
    assert found["fano_1s"].verdict is not Verdict.PASS


def test_doubled_call_prices_break_parity(day):
    quotes = day.tables["option_quotes"].to_pandas()
    calls = quotes["option_symbol"].str[-9] == "C"
    factor = np.where(calls, 2.0, 1.0)
    found = verdicts(day, option_quotes=quotes.assign(bid=quotes["bid"] * factor, ask=quotes["ask"] * factor))
    assert found["parity_american"].measured.value < 0.5


def test_failed_lists_those_outside(day):
    found = list(verdicts(day).values())
    assert failed(found) == [finding for finding in found if finding.verdict is Verdict.FAIL]


def test_the_page_equals_the_table():
    assert PAGE.read_text(encoding="utf-8") == render(), (
        "docs/market-check.md is out of date: write smartmoney_pipeline.evaluation.market_check.reference.render()"
    )
