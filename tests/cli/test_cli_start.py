"""The program itself: quick to start, errors of its own in one line, exit codes of the process."""

from __future__ import annotations

import subprocess
import sys

import pytest
import typer
from command_runs import run

from smartmoney_pipeline import __version__
from smartmoney_pipeline.console import group
from smartmoney_pipeline.console.options import Format
from smartmoney_pipeline.console.terminal import ExitCode
from smartmoney_pipeline.tape.ingest import SourceFormat

HEAVY = ("numpy", "pandas", "pyarrow", "numba", "pandera", "exchange_calendars")


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)


def test_help_imports_nothing_heavy():
    code = f"""
import sys
from typer.testing import CliRunner
from smartmoney_pipeline.cli import app
assert CliRunner().invoke(app, ["--help"]).exit_code == 0
assert CliRunner().invoke(app, ["score", "--help"]).exit_code == 0
print([name for name in {HEAVY!r} if name in sys.modules])
"""
    assert python(code).stdout.strip() == "[]"


def test_formats_are_those_of_the_tape_reader():
    assert Format.__args__ == SourceFormat.__args__


def test_the_version_is_that_of_the_package():
    assert run("--version").out.strip() == f"smartmoney {__version__}"


def test_no_command_and_an_unknown_one_are_usage_errors():
    assert run().code == 2
    assert run("scry").code == 2


def test_the_process_ends_with_the_code_of_the_command(tmp_path):
    code = f"import sys; sys.argv = ['smartmoney', 'events', {str(tmp_path)!r}]; from smartmoney_pipeline.cli import main; main()"
    ended = python(code)
    assert ended.returncode == 1
    assert ended.stderr.startswith("smartmoney: ")
    assert "Traceback" not in ended.stderr


def broken_app() -> typer.Typer:
    app = typer.Typer(cls=group.Commands, pretty_exceptions_enable=False)

    @app.command()
    def fall() -> None:
        raise KeyError("a fault\nof the program")

    @app.command()
    def rest() -> None:
        pass

    return app


class _Stream:
    def reconfigure(self, **_: object) -> None:
        pass


@pytest.fixture
def plain_streams(monkeypatch):
    """Streams of the test run cannot be reconfigured."""
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(getattr(sys, name), "reconfigure", _Stream().reconfigure, raising=False)


def test_a_fault_of_the_program_is_one_line(monkeypatch, capsys, plain_streams):
    monkeypatch.setattr(sys, "argv", ["smartmoney", "fall"])
    monkeypatch.delenv(group.TRACEBACK, raising=False)
    with pytest.raises(SystemExit) as ended:
        group.run(broken_app())
    assert ended.value.code == ExitCode.ERROR
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert "internal error, KeyError" in err


def test_the_traceback_comes_when_it_is_asked_for(monkeypatch, plain_streams):
    monkeypatch.setattr(sys, "argv", ["smartmoney", "fall"])
    monkeypatch.setenv(group.TRACEBACK, "1")
    with pytest.raises(KeyError):
        group.run(broken_app())
