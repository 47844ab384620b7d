"""The operations page against the definitions: assets by group, jobs, schedules, variables; and git ignores what the guides make.

Expected values come from the definitions themselves, the code's reading of its variables, and git.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import dagster as dg
import pytest

from smartmoney_pipeline.definitions import defs

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text("utf-8")
BESIDE = "calendar_snapshot"
"""The one asset that belongs to a day and to no source."""

FOR_TESTS = {"SMARTMONEY_FAULT", "SMARTMONEY_TRACEBACK"}
"""Variables that no operator sets."""


@pytest.fixture(scope="module")
def definitions() -> dg.Definitions:
    return defs()


def rows(heading: str, table: int = 0) -> list[list[str]]:
    """Cells of the rows of a table of one section, its head left out."""
    section = re.split(r"^##+ ", PAGE.partition(f"\n## {heading}\n")[2], maxsplit=1, flags=re.MULTILINE)[0]
    tables = re.findall(r"(?:^\|.*\n)+", section, re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in tables[table].splitlines()[2:]]


def names(cell: str) -> list[str]:
    return re.findall(r"`(\w+)`", cell)


def test_the_page_lists_every_asset_in_its_group(definitions):
    found: dict[str, set[str]] = {}
    for spec in definitions.resolve_all_asset_specs():
        found.setdefault(str(spec.group_name), set()).add(spec.key.to_user_string())
    said = {names(group)[0]: names(assets) for group, assets in rows("What the lineage shows", 1)}
    assert {group: set(assets) for group, assets in said.items()} == found
    listed = [name for assets in said.values() for name in assets]
    (counted,) = re.findall(r"The (\d+) assets of a session and source", PAGE)
    assert int(counted) == len(set(listed) - {BESIDE}) == len(listed) - 1


def test_the_page_lists_every_job(definitions):
    jobs = {job.name for job in definitions.resolve_all_job_defs() if not job.name.startswith("__")}
    assert {names(cells[0])[0] for cells in rows("Jobs")} == jobs


def test_the_page_lists_every_schedule_and_sensor(definitions):
    there = {one.name for one in (*(definitions.schedules or ()), *(definitions.sensors or ()))}
    assert {name for cells in rows("Every day by itself") for name in names(cells[0])} == there


def test_the_page_lists_every_variable_that_orchestration_reads():
    files = [path for folder in ("assets", "resources", "smartmoney_pipeline") for path in (ROOT / folder).rglob("*.py")]
    read = {name for path in files if "api" not in path.parts for name in re.findall(r'"(SMARTMONEY_[A-Z]+)"', path.read_text("utf-8"))}
    said = {name for cells in rows("First day") for name in names(cells[0])}
    assert said - {"DAGSTER_HOME"} == read - FOR_TESTS


def made() -> set[str]:
    """Folders and files at the root of a checkout that shell blocks of the guides make."""
    found: set[str] = set()
    for path in (ROOT / "README.md", ROOT / "docs" / "operations.md", ROOT / "docs" / "deploy.md"):
        for block in re.findall(r"```bash\n(.*?)```", path.read_text("utf-8"), re.DOTALL):
            found |= set(re.findall(r"--(?:out|report|keep) (?!s3:)([a-z][\w./-]*)", block))
            found |= set(re.findall(r"\$PWD/([\w.-]+)", block))
            found |= set(re.findall(r"smartmoney backfill ([a-z][\w-]*)", block))
            found |= set(re.findall(r"mkdir -p ([a-z]\w*)", block))
    return found


def test_what_the_guides_have_users_make_is_ignored_by_git():
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("no git checkout")
    wanted = sorted(made())
    assert {"results/2026-03-18", "lake", "lake-next", "tapes", "scored", "day", "backup"} <= set(wanted)
    paths = "\n".join(name if Path(name).suffix else f"{name}/x" for name in wanted)
    ended = subprocess.run(["git", "check-ignore", "--stdin"], cwd=ROOT, input=paths, capture_output=True, text=True, check=False)
    assert ended.stdout.split() == paths.split()
    # Nothing that is kept in the repository falls under these names.
    kept = subprocess.run(["git", "ls-files", "-ci", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert kept.stdout == ""
