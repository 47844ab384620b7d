"""Whether this installation can work: versions, packages, packaged data, calendar, kernel cache, temporary folder."""

from __future__ import annotations

import os
import platform
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from importlib import metadata
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

import smartmoney_pipeline
from smartmoney_pipeline.console.terminal import plain

PACKAGES = ("numpy", "pandas", "pyarrow", "numba", "pandera", "pydantic", "exchange-calendars", "duckdb", "dagster", "typer", "rich")
_A_SESSION = date(2024, 7, 3)
"""A half day: a calendar that knows it is sound."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: sound or broken, and what was found."""

    check: str
    ok: bool
    found: str


def findings() -> list[Finding]:
    """Run every check; one that raises is broken, with the error as what was found."""
    return [_finding(name, check) for name, check in CHECKS.items()]


def findings_json(found: list[Finding]) -> dict[str, Any]:
    """Return the findings in the form of `--json`."""
    return {"ok": all(finding.ok for finding in found), "checks": [asdict(finding) for finding in found]}


def findings_view(found: list[Finding]) -> Table:
    """Return the findings as a table."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    table.add_column("check", no_wrap=True)
    table.add_column("found", ratio=1)
    for finding in found:
        mark = Text("ok", "green") if finding.ok else Text("BROKEN", "bold red")
        table.add_row(mark, finding.check, plain(finding.found))
    return table


def _finding(name: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(name, True, check())
    except Exception as error:  # whatever is wrong with a part is what the user wants to read
        return Finding(name, False, f"{type(error).__name__}: {error}")


def _version() -> str:
    return f"smartmoney_pipeline {smartmoney_pipeline.__version__}, Python {platform.python_version()} on {platform.system()}"


def _packages() -> str:
    return ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)


def _rules() -> str:
    from smartmoney_pipeline.profiles.ruleset import ruleset  # noqa: PLC0415

    rules = ruleset()
    return f"rule set {rules.version}: {len(rules.evidence)} rows of evidence, {len(rules.guards)} guards"


def _calibration() -> str:
    from smartmoney_pipeline.profiles import calibration  # noqa: PLC0415
    from smartmoney_pipeline.profiles.ruleset import ruleset_version  # noqa: PLC0415

    loaded = calibration.load(ruleset=ruleset_version())
    fitted = "nothing fitted yet, probabilities are those of the rules" if loaded.is_identity else f"fitted on {loaded.n} {loaded.basis}"
    return f"{loaded.version}: {fitted}"


def _packaged_data() -> str:
    from smartmoney_pipeline.features.build import DTYPES  # noqa: PLC0415
    from smartmoney_pipeline.scenarios.packs import list_packs  # noqa: PLC0415
    from smartmoney_pipeline.tape.conditions import conditions  # noqa: PLC0415
    from smartmoney_pipeline.tape.venues import venues  # noqa: PLC0415

    packs = ", ".join(pack.name for pack in list_packs())
    return f"packs {packs}; {len(conditions())} conditions; {len(venues())} venues; {len(DTYPES)} features"


def _calendar() -> str:
    from smartmoney_pipeline.calendar.sessions import FIRST_DAY, LAST_DAY, session_bounds  # noqa: PLC0415

    if not session_bounds(_A_SESSION).is_half_day:
        raise ValueError(f"{_A_SESSION} was a half day, and the calendar does not know it")
    return f"sessions of XNYS from {FIRST_DAY} to {LAST_DAY}"


def _kernels() -> str:
    """Whether compiled kernels are kept from an earlier run; a cold cache works too, it only takes a minute once."""
    package = Path(smartmoney_pipeline.__file__).parent
    kernels = [path for path in sorted(package.rglob("*.py")) if "@njit" in path.read_text(encoding="utf-8")]
    warm = [path for path in kernels if _is_compiled(path)]
    state = "warm" if len(warm) == len(kernels) else "cold" if not warm else "partly warm"
    hint = "" if len(warm) == len(kernels) else "; the first `score` compiles the rest, about a minute once"
    return f"{state}: {len(warm)} of {len(kernels)} kernel modules compiled{hint}"


def _is_compiled(path: Path) -> bool:
    """Whether an index of the compiler's cache is newer than the module."""
    kept = os.environ.get("NUMBA_CACHE_DIR")
    found = Path(kept).rglob(f"{path.stem}.*.nbi") if kept else (path.parent / "__pycache__").glob(f"{path.stem}.*.nbi")
    return any(index.stat().st_mtime >= path.stat().st_mtime for index in found)


def _temporary_folder() -> str:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "probe").write_bytes(b"smartmoney")
        return f"{Path(folder).parent} can be written"


CHECKS: dict[str, Callable[[], str]] = {
    "version": _version,
    "packages": _packages,
    "rules": _rules,
    "calibration": _calibration,
    "packaged data": _packaged_data,
    "calendar": _calendar,
    "kernel cache": _kernels,
    "temporary folder": _temporary_folder,
}
"""Name of each check and the function that says what it found, or raises."""
