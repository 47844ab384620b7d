"""Every trap that docs/vendors.md lists names tests that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FEEDS = "tests/tape/feeds"


def trap_rows() -> list[list[str]]:
    """Cells of the table of traps: trap, outcome, tests."""
    page = (ROOT / "docs" / "vendors.md").read_text(encoding="utf-8")
    table = page.partition("## Traps")[2].partition("\n## ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in table.splitlines() if line.startswith("| ")]
    return rows[2:]


def names_of_tests(path: Path) -> str:
    return "\n".join(re.findall(r"def (test_\w+)", path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("row", trap_rows(), ids=lambda row: row[0][:40])
def test_the_tests_of_a_trap_exist(row):
    known, named = "", 0
    for token in re.findall(r"`([^`]+)`", row[-1]):
        if token.startswith(("test_", "tests/")):
            path = ROOT / (token if "/" in token else f"{FEEDS}/{token}.py")
            assert path.is_file(), token
            known = names_of_tests(path)
            named += 1
        else:
            assert token in known, token
    assert named, row
