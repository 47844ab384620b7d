"""The lineage in a browser: `dagster dev` over a scored session shows every asset, and every schema check as passed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
GROUPS = {
    "calendar": {"event_calendar"},
    "tape": {"scenario_tape", "tape"},
    "parent_events": {"quoted_prints", "packets", "parent_events", "parent_event_members", "event_legs", "event_links"},
    "features": {"event_features"},
    "scores": {"profile_scores", "event_evidence", "smart_money_events"},
    "bridge": {"flow_packets", "classifier_hits", "alerts"},
    "evaluation": {"evaluation_metrics"},
    "publication": {"published_manifest"},
}
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--no-first-run"]
START_SECONDS = 120
PAGE_MS = 40_000
WHOLE_GRAPH = "/assets/published_manifest?view=lineage&lineageScope=upstream&lineageDepth=20"
ASSETS = """{ assetNodes {
  assetKey { path } groupName assetMaterializations(limit: 1) { partition }
  assetChecksOrError { ... on AssetChecks { checks { name executionForLatestMaterialization { status } } } }
} }"""
NODES = "svg foreignObject > *"


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A Dagster home in which the generated session was materialised; shared with the tests of the asset graph."""
    sys.path.insert(0, str(ROOT / "tests" / "dagster"))
    from dagster_session import scored_home

    return scored_home(tmp_path_factory.getbasetemp())[0]


@contextmanager
def dagster_dev(home: Any, log: Path) -> Iterator[str]:
    """Run `dagster dev` on a free loopback port; gives its address. Every process of it is gone at the end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "dagster", "dev", "-w", "workspace.yaml", "-h", "127.0.0.1", "-p", str(port)]
    with log.open("w") as out:
        server = subprocess.Popen(command, cwd=ROOT, env=home.environment(), stdout=out, stderr=out, start_new_session=True)
    try:
        wait_for(f"http://127.0.0.1:{port}/server_info", server, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        stop(server)


def wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        assert server.poll() is None, log.read_text()[-3000:]
        with suppress(OSError), urllib.request.urlopen(url, timeout=5):
            return
        time.sleep(0.2)
    pytest.fail(f"no answer within {START_SECONDS} s\n{log.read_text()[-3000:]}")


def stop(server: subprocess.Popen[bytes]) -> None:
    """Interrupt the server as a keyboard would, then end what is left of its process group."""
    server.send_signal(signal.SIGINT)
    with suppress(subprocess.TimeoutExpired):
        server.wait(10)
    with suppress(ProcessLookupError):
        os.killpg(server.pid, signal.SIGKILL)
    server.wait(10)


def ask(base: str, query: str) -> dict[str, Any]:
    """Answer of the server to a GraphQL query."""
    body = json.dumps({"query": query}).encode()
    request = urllib.request.Request(f"{base}/graphql", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)["data"]


def names_on(page: Any, count: int) -> set[str]:
    """Words on the nodes of the graph, once there are `count` of them; a long name is cut in its middle."""
    end = time.monotonic() + PAGE_MS / 1000
    names: set[str] = set()
    while len(names) < count and time.monotonic() < end:
        page.wait_for_timeout(200)
        names = {line.strip() for text in page.locator(NODES).all_inner_texts() for line in text.splitlines() if line.strip()}
    return names


def is_shown(name: str, texts: set[str]) -> bool:
    cut = [text.split("…") for text in texts if "…" in text]
    return name in texts or any(name.startswith(start) and name.endswith(end) for start, end in cut)


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_the_lineage_shows_every_asset_and_no_failed_check(home, tmp_path):
    from playwright.sync_api import sync_playwright

    names = set().union(*GROUPS.values())
    with dagster_dev(home, tmp_path / "dagster.log") as base, sync_playwright() as driver:
        # A first visit would put a greeting over the page.
        assert ask(base, "mutation { setNuxSeen }")["setNuxSeen"] is True
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        page = browser.new_page(viewport={"width": 2200, "height": 1300})
        asked: set[str] = set()
        page.on("request", lambda request: asked.add(request.url.split("/")[2]) if request.url.startswith("http") else None)

        page.goto(base + WHOLE_GRAPH)
        texts = names_on(page, len(names | GROUPS.keys()))
        page.screenshot(path=tmp_path / "lineage.png")
        assert not [name for name in names | GROUPS.keys() if not is_shown(name, texts)]

        # Close enough that nodes show their checks: the group of the published table.
        page.goto(f"{base}/locations/smartmoney/asset-groups/scores/lineage")
        page.get_by_text("1 / 1 Passed").nth(1).wait_for(timeout=PAGE_MS)
        page.get_by_text("3 / 3 Passed").wait_for(timeout=PAGE_MS)
        page.screenshot(path=tmp_path / "scores.png")
        text = page.inner_text("body")
        assert all(name in text for name in GROUPS["scores"])
        assert "failed" not in text.lower()

        page.goto(f"{base}/assets/smart_money_events")
        page.get_by_text("primary_profile_id").first.wait_for(timeout=PAGE_MS)
        page.get_by_text("abstention_rate").first.wait_for(timeout=PAGE_MS)
        page.screenshot(path=tmp_path / "smart_money_events.png", full_page=True)
        browser.close()

        assert asked == {base.removeprefix("http://")}
        # the snapshot of calendars belongs to no session
        nodes = [node for node in ask(base, ASSETS)["assetNodes"] if node["assetKey"]["path"] != ["calendar_snapshot"]]
    assert {(node["groupName"], *node["assetKey"]["path"]) for node in nodes} == {(g, name) for g, held in GROUPS.items() for name in held}
    assert {one["partition"] for node in nodes for one in node["assetMaterializations"]} == {"2026-03-18|test-7"}
    assert all(node["assetMaterializations"] for node in nodes)
    checks = [check for node in nodes for check in node["assetChecksOrError"].get("checks", []) if check["name"] == "schema"]
    assert [check["executionForLatestMaterialization"]["status"] for check in checks] == ["SUCCEEDED"] * (len(names) - 2)
