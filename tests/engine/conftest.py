"""One generated day for the tests that cut it, and what one pass makes of it."""

from __future__ import annotations

from datetime import date

import pytest
from file_hashes import hashes

from smartmoney_pipeline.engine.context import day_context
from smartmoney_pipeline.engine.ingest import import_day
from smartmoney_pipeline.engine.score_day import score_day
from smartmoney_pipeline.scenarios.generate import generate, write
from smartmoney_pipeline.tape.layout import TapeDay


@pytest.fixture(scope="session")
def day7(tmp_path_factory) -> TapeDay:
    """The pack `test` with seed 7, six underlyings."""
    base = tmp_path_factory.mktemp("test_7")
    write(generate("test", date(2026, 3, 18), 7), base / "tape", base / "labels")
    return import_day(base / "tape", base / "day", source="test-7")


@pytest.fixture(scope="session")
def one_pass(day7, tmp_path_factory) -> dict[str, str]:
    """Hashes of the result of one pass over that day."""
    out = tmp_path_factory.mktemp("one_pass") / "out"
    score_day(day_context(day7), out)
    return hashes(out)
