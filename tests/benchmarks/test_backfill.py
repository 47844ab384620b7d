"""What the daemon's overhead is measured against: calls that do the work of the assets of one partition."""

from __future__ import annotations

import importlib
import sys
from datetime import date
from pathlib import Path

import pytest

from smartmoney_pipeline.store.lake import Lake
from smartmoney_pipeline.store.manifest import open_published

SESSION, SOURCE = date(2026, 3, 18), "test-7"


@pytest.mark.slow
def test_the_calls_publish_what_the_assets_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(Path(__file__).parents[2] / "benchmarks"))
    for name in ("backfill", "daemon"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    manifest = importlib.import_module("backfill").by_library(tmp_path / "lake", SESSION, SOURCE)
    # The asset graph's own list of what a publication holds.
    from assets.publication import PUBLISHED

    assert sorted(manifest.tables) == sorted(PUBLISHED)
    published = open_published(Lake(tmp_path / "lake"), SESSION, SOURCE)
    assert published.manifest == manifest
    assert published.read("evaluation_metrics").num_rows > 0
    assert manifest.tables["smart_money_events"].rows > 500
