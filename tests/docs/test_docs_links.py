"""What the documents name exists: files behind links, headings behind anchors, source paths, make targets, commands and options.

Expected values come from the files themselves and from the help of the command line.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("scenario_data/**/*.md")])
SHELL_DOCUMENTS = [ROOT / "README.md", ROOT / "docs" / "operations.md"]
TREES = [ROOT, ROOT / "smartmoney_pipeline"]
"""Where a source path may start: the plan leaves `smartmoney_pipeline/` out."""

MADE_BY_RUNS = (".evaluate/", ".demo/", "results/", "day/")
"""Folders that commands make: they are named, and not in a fresh checkout."""

FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)\s]+)\)")
SOURCE_PATH = re.compile(r"`((?:[\w.-]+/)+(?:[\w-]+\.(?:py|csv|yaml|json|md))?)`")
MAKE = re.compile(r"\bmake ([a-z]+(?:-[a-z]+)*)\b")
COMMAND = re.compile(r"(?:^|[\s/`])smartmoney ((?:[a-z]+ ?)+)([^`\n]*)")


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def prose(text: str) -> str:
    return FENCE.sub("", text)


def anchor(heading: str) -> str:
    """The anchor that a heading gets on the usual hosts: lower case, punctuation dropped, spaces as dashes."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


@cache
def anchors(path: Path) -> frozenset[str]:
    return frozenset(anchor(heading) for heading in re.findall(r"^#+ (.+)$", prose(path.read_text("utf-8")), re.MULTILINE))


@cache
def help_of(words: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, "-c", "from smartmoney_pipeline.cli import main; main()", *words, "--help"]
    return subprocess.run(call, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "200", "NO_COLOR": "1"})


def shell_lines(path: Path) -> list[str]:
    """Lines of shell blocks, and code spans of the prose."""
    text = path.read_text("utf-8")
    blocks = [body for language, body in FENCE.findall(text) if language in {"bash", "sh"}]
    lines = [line.partition(" #")[0] for body in blocks for line in body.splitlines()]
    return lines + re.findall(r"`([^`\n]+)`", prose(text))


def commands() -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Command words and options of every `smartmoney …` that the documents name."""
    found = set()
    for path in SHELL_DOCUMENTS:
        for line in shell_lines(path):
            for words, rest in COMMAND.findall(line):
                kept = tuple(words.split())[:2] if words.startswith("scenarios") else tuple(words.split())[:1]
                found.add((kept, tuple(sorted(set(re.findall(r"--[a-z-]+", rest))))))
    return sorted(found)


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_relative_links_lead_somewhere(path):
    broken = []
    for target in LINK.findall(prose(path.read_text("utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, heading = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        if not there.exists() or (heading and heading not in anchors(there)):
            broken.append(target)
    assert not broken


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_named_source_paths_exist(path):
    named = [found for found in SOURCE_PATH.findall(path.read_text("utf-8")) if not found.startswith(MADE_BY_RUNS)]
    starts = [*TREES, path.parent]
    assert not [found for found in named if not any((start / found).exists() for start in starts)]


@pytest.mark.parametrize("path", DOCUMENTS, ids=name)
def test_make_targets_exist(path):
    makefile = (ROOT / "Makefile").read_text("utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = {target for line in shell_lines(path) for target in MAKE.findall(line)}
    assert not named - targets


@pytest.mark.parametrize(("words", "options"), commands(), ids=lambda part: " ".join(part) or "-")
def test_commands_and_options_exist(words, options):
    answer = help_of(words)
    assert answer.returncode == 0, answer.stderr
    assert not [option for option in options if not re.search(rf"{option}\b", answer.stdout)]


def test_the_documents_show_commands():
    assert {words[0] for words, _ in commands()} >= {"score", "explain", "check", "evaluate", "scenarios"}


def test_every_document_is_reached_from_the_index():
    index = ROOT / "docs" / "index.md"
    listed = {(index.parent / target.partition("#")[0]).resolve() for target in LINK.findall(index.read_text("utf-8"))}
    own = {path for path in DOCUMENTS if path.parent in {ROOT, ROOT / "docs", ROOT / "docs" / "adr"}} - {index}
    assert not own - listed
