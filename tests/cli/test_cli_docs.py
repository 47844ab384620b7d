"""The page on the command line: complete, up to date, and its example runs."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from command_runs import run

from smartmoney_pipeline.cli import app
from smartmoney_pipeline.console.reference import commands, with_reference

REMAKE = (
    "from pathlib import Path; from smartmoney_pipeline import cli; from smartmoney_pipeline.console import reference; "
    'reference.write(Path("docs/cli.md"), cli.app)'
)
PAGE = Path(__file__).resolve().parents[2] / "docs" / "cli.md"


def test_every_command_and_option_is_on_the_page():
    page = PAGE.read_text()
    named = list(commands(app))
    assert len(named) >= 9
    for name, command in named:
        section = page.split(f"### smartmoney {name}\n")[1].split("\n### ")[0]
        for param in command.params:
            if param.name != "help":
                spelled = [name for name in param.opts if name.startswith("-")] or [param.metavar]
                assert all(f"`{word}`" in section for word in spelled), f"{name}: {spelled}"
                assert param.help, f"{name}: {spelled} has no help"


def test_the_reference_is_the_one_that_the_commands_give():
    page = PAGE.read_text()
    assert with_reference(page, app) == page, f"make it anew: python -c '{REMAKE}'"


@pytest.mark.slow
def test_the_example_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    block = re.search(r"```sh\n(.*?)```", PAGE.read_text(), flags=re.S)
    lines = block[1].strip().splitlines()
    assert len(lines) >= 5
    for line in lines:
        program, *words = shlex.split(line)
        assert program == "smartmoney"
        assert run(*words).code == 0, line
