"""A session scored by the demo's script, and scored again over the same lake inside this process."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
import pytest
from dagster_session import Home, run_job, scored_home
from file_hashes import hashes


@dataclass(frozen=True)
class Twice:
    """Files after the first run, files after the second, and the second run."""

    lake: Path
    said: str
    first: dict[str, str]
    second: dict[str, str]
    result: dg.ExecuteInProcessResult


@pytest.fixture(scope="session")
def home(tmp_path_factory) -> Home:
    """The home of the first run."""
    return scored_home(tmp_path_factory.getbasetemp())[0]


@pytest.fixture(scope="session")
def twice(tmp_path_factory) -> Twice:
    """The session in another process, then again here."""
    home, said = scored_home(tmp_path_factory.getbasetemp())
    first = hashes(home.lake)
    result = run_job(home.lake)
    return Twice(home.lake, said, first, hashes(home.lake), result)


@pytest.fixture
def lake_copy(twice, tmp_path) -> Path:
    """The lake with the published session, for a test that damages it."""
    return shutil.copytree(twice.lake, tmp_path / "lake")
