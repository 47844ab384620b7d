"""The wheel holds every package and every data file that the library reads, so that it works the same as a checkout."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = {".csv", ".yaml", ".json", ".html", ".css", ".js", ".svg"}


@pytest.fixture(scope="module")
def names(tmp_path_factory) -> set[str]:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)], cwd=ROOT, check=True, capture_output=True
    )
    return set(zipfile.ZipFile(next(folder.glob("*.whl"))).namelist())


@pytest.mark.parametrize("package", ["smartmoney_pipeline", "assets", "resources", "scenario_data"])
def test_sources_and_data_are_in_the_wheel(names, package):
    files = [path for path in (ROOT / package).rglob("*") if path.suffix in {".py", *DATA} and "__pycache__" not in path.parts]
    assert files
    assert {str(path.relative_to(ROOT)) for path in files} <= names


def test_nothing_else_is_in_the_wheel(names):
    tops = {name.split("/")[0] for name in names}
    assert {top for top in tops if not top.endswith(".dist-info")} == {"smartmoney_pipeline", "assets", "resources", "scenario_data"}
