from datetime import date

import pandas as pd
import pytest

from smartmoney_pipeline.scenarios.generate import ScenarioDay, generate

SESSION = date(2026, 3, 18)


@pytest.fixture(scope="session")
def day() -> ScenarioDay:
    return generate("test", SESSION, 7)


@pytest.fixture(scope="session")
def prints(day: ScenarioDay) -> pd.DataFrame:
    return day.tables["option_prints"].to_pandas()


@pytest.fixture(scope="session")
def quotes(day: ScenarioDay) -> pd.DataFrame:
    return day.tables["option_quotes"].to_pandas()


@pytest.fixture(scope="session")
def quoted(day: ScenarioDay, prints: pd.DataFrame, quotes: pd.DataFrame) -> pd.DataFrame:
    """Prints with the last quote strictly before each, the customer's side, and whether a template made them."""
    left = prints.merge(day.sides, on="print_id").sort_values("ts")
    right = quotes.drop(columns="seq").sort_values("ts", kind="stable")
    joined = pd.merge_asof(left, right, on="ts", by="option_symbol", allow_exact_matches=False)
    return joined.assign(labelled=joined["print_id"].isin(day.labels["print_id"]))
