"""House rules that a machine can check: sizes, clocks, addresses, imports."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = sorted((ROOT / "smartmoney_pipeline").rglob("*.py"))
SOURCE = [*LIBRARY, *sorted((ROOT / "assets").rglob("*.py")), *sorted((ROOT / "resources").rglob("*.py"))]
MAX_FILE_LINES = 250
MAX_FUNCTION_LINES = 50
MAX_KERNEL_LINES = 120
MAX_LINE = 140
CLOCK = ROOT / "smartmoney_pipeline" / "api" / "clock.py"
"""The one module that reads the clock: keys expire and streams beat, and no result depends on either."""

TEXT_SUFFIXES = {".py", ".md", ".toml", ".yaml", ".yml", ".csv", ".json", ".lock", ".cfg", ""}


def functions(path: Path) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.FunctionDef)]


def is_kernel(node: ast.FunctionDef) -> bool:
    return any("njit" in ast.unparse(decorator) for decorator in node.decorator_list)


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout: the tracked files are unknown")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_files_have_one_subject_and_stay_small():
    long_files = {str(path.relative_to(ROOT)): n for path in SOURCE if (n := len(path.read_text().splitlines())) > MAX_FILE_LINES}
    assert not long_files


def test_lines_of_the_terminal_stay_short():
    """Ruff looks at Python alone; scripts and style sheets keep the same length."""
    pages = [path for suffix in ("*.js", "*.css") for path in sorted((ROOT / "smartmoney_pipeline").rglob(suffix))]
    assert len(pages) > 20
    lines = [(path, number, line) for path in pages for number, line in enumerate(path.read_text().splitlines(), start=1)]
    assert not [f"{path.relative_to(ROOT)}:{number}" for path, number, line in lines if len(line) > MAX_LINE]


def test_functions_stay_small():
    too_long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name} {length}"
        for path in SOURCE
        for node in functions(path)
        if (length := (node.end_lineno or 0) - node.lineno + 1) > (MAX_KERNEL_LINES if is_kernel(node) else MAX_FUNCTION_LINES)
    ]
    assert not too_long


def test_the_library_reads_no_clock_and_no_global_random_state():
    clock = re.compile(
        r"datetime\.now|datetime\.utcnow|date\.today|time\.time(?:_ns)?\(|Timestamp\.now|np\.random\.(?!Generator|Philox|SeedSequence|BitGenerator)"
    )
    clock_free = [path for path in LIBRARY if path != CLOCK]
    found = [f"{path.relative_to(ROOT)}: {m.group()}" for path in clock_free for m in clock.finditer(path.read_text())]
    assert not found


def test_no_machine_path_and_no_address_of_a_registry():
    places = re.compile(r"(?<![\w.])/(?:work|root|home|Users)/|--(?:extra-)?index-url|find-links")
    found = []
    for path in tracked_files():
        if path.suffix not in TEXT_SUFFIXES or path == Path(__file__).resolve():
            continue
        found += [f"{path.relative_to(ROOT)}: {line.strip()[:80]}" for line in path.read_text().splitlines() if places.search(line)]
    assert not found


def test_the_lock_holds_names_and_hashes_only():
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    names = re.findall(r"^[a-z0-9].*==", lock, flags=re.M)
    assert len(names) > 50
    assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}", lock)) >= len(names)


def test_no_unfinished_marks():
    marks = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")
    assert not [f"{path.relative_to(ROOT)}: {m.group()}" for path in SOURCE for m in marks.finditer(path.read_text())]


def test_importing_the_library_does_not_import_the_orchestrator():
    modules = [str(path.relative_to(ROOT).with_suffix("")).replace("/", ".").removesuffix(".__init__") for path in LIBRARY]
    served = re.compile(r"smartmoney_pipeline\.(definitions$|api\b)")
    imports = "; ".join(f"import {module}" for module in modules if not served.match(module))
    code = f"import sys; {imports}; print([m for m in ('dagster', 'fastapi') if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.stdout.strip() == "[]", result.stderr[-2000:]
