"""A browser, and a server over a tiny lake, for tests of the terminal."""

from __future__ import annotations

import json
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

TESTS = Path(__file__).resolve().parents[1]
sys.path += [str(TESTS / "browser"), str(TESTS / "api"), str(TESTS / "bridge")]

from terminal_server import ARGUMENTS, CHROMIUM, Served, Spoken  # noqa: E402  after the path


@pytest.fixture(scope="module")
def browser():
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield found
        found.close()


@pytest.fixture(scope="session")
def tiny(tmp_path_factory) -> Path:
    from tiny_lake import build_lake

    return build_lake(tmp_path_factory.mktemp("terminal") / "lake")


@pytest.fixture(scope="module")
def served(tiny):
    """Published sessions only."""
    found = Served(tiny).start()
    yield found
    found.stop()


@pytest.fixture
def spoken():
    return Spoken()


@pytest.fixture
def live(tiny, spoken):
    """With a live feed that tests speak through."""
    found = Served(tiny, spoken).start()
    yield found
    found.stop()


@pytest.fixture(scope="module")
def sample(served) -> dict[str, Any]:
    """A published event as the server says it."""
    with urllib.request.urlopen(f"{served.base}/v1/events?abstained=false&limit=1") as answer:
        return json.load(answer)["data"][0]


@pytest.fixture
def page(browser):
    """A page that fails the test for an error on its console, a blocked script or style, or a request off this machine."""
    context = browser.new_context(viewport={"width": 1500, "height": 880}, color_scheme="dark")
    found = context.new_page()
    faults: list[str] = []
    allowed: list[str] = []
    found.allowed_faults = allowed  # type: ignore[attr-defined]
    found.on("console", lambda said: faults.append(said.text) if said.type in {"error", "warning"} else None)
    found.on("pageerror", lambda error: faults.append(str(error)))
    hosts: set[str] = set()
    found.on("request", lambda request: hosts.add(request.url.split("/")[2].split(":")[0]))
    found.on("dialog", lambda dialog: (faults.append("dialog"), dialog.dismiss()))
    yield found
    context.close()
    assert [fault for fault in faults if not any(part in fault for part in allowed)] == []
    assert hosts <= {"127.0.0.1"}
