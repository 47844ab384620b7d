"""The lineage in a browser: `dagster dev` over a scored session shows every asset, check, column and picture, and runs what is clicked."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Callable
from typing import Any

import dagster as dg
import pytest
from dagster_ui import PAGE_MS, ROOT, ask, dagster_dev

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
WHOLE_GRAPH = "/assets/published_manifest?view=lineage&lineageScope=upstream&lineageDepth=20"
ASSETS = """{ assetNodes {
  assetKey { path } groupName assetMaterializations(limit: 1) { partition }
  assetChecksOrError { ... on AssetChecks { checks { name executionForLatestMaterialization { status } } } }
} }"""
NODES = "svg foreignObject > *"
PARTITION = "2026-03-18|test-7"
RUNS = "{ runsOrError { ... on Runs { results { runId status assetSelection { path } tags { key value } } } } }"
SCHEDULE = """{ scheduleOrError(scheduleSelector: {
  repositoryLocationName: "smartmoney", repositoryName: "__repository__", scheduleName: "daily_scoring"
}) { ... on Schedule { scheduleState { status } } } }"""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A copy of the home in which the script scored a session."""
    sys.path.insert(0, str(ROOT / "tests" / "dagster"))
    from dagster_session import Home, scored_home

    copy = tmp_path_factory.mktemp("clicked") / "home"
    shutil.copytree(scored_home(tmp_path_factory.getbasetemp())[0].folder.parent, copy)
    return Home(copy / "dagster_home", copy / "lake")


@pytest.fixture(scope="module")
def base(home):
    """`dagster dev` over that home."""
    with dagster_dev(home, home.folder.parent / "dagster.log") as address:
        # A first visit would put a greeting over the page.
        assert ask(address, "mutation { setNuxSeen }")["setNuxSeen"] is True
        yield address


@pytest.fixture(scope="module")
def window(browser):
    """One wide window for all tests, so that the interface is fetched once."""
    with browser.new_context(viewport={"width": 2200, "height": 1300}) as found:
        yield found


@pytest.fixture
def view(window, base):
    """A page that fails the test for a request to any other server."""
    found = window.new_page()
    found.set_default_timeout(PAGE_MS)
    asked: set[str] = set()
    found.on("request", lambda request: asked.add(request.url.split("/")[2]) if request.url.startswith("http") else None)
    yield found
    found.close()
    assert asked == {base.removeprefix("http://")}


def names_on(page: Any, count: int) -> set[str]:
    """Words on the nodes of the graph, once there are `count` of them; a long name is cut in its middle."""
    end = time.monotonic() + PAGE_MS / 1000
    names: set[str] = set()
    while len(names) < count and time.monotonic() < end:
        page.wait_for_timeout(200)
        names = {line.strip() for text in page.locator(NODES).all_inner_texts() for line in text.splitlines() if line.strip()}
    return names


def late_sessions(count: int) -> list[str]:
    from assets.partitions import sessions

    return sessions.get_partition_keys()[-count:]


def schedule_status(base: str) -> str:
    return ask(base, SCHEDULE)["scheduleOrError"]["scheduleState"]["status"]


def wait_until(page: Any, met: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not met():
        assert time.monotonic() < end, "waited in vain"
        page.wait_for_timeout(300)


def is_shown(name: str, texts: set[str]) -> bool:
    cut = [text.split("…") for text in texts if "…" in text]
    return name in texts or any(name.startswith(start) and name.endswith(end) for start, end in cut)


@pytest.mark.slow
def test_the_lineage_shows_every_asset_and_no_failed_check(base, view, tmp_path):
    names = set().union(*GROUPS.values())
    view.goto(base + WHOLE_GRAPH)
    texts = names_on(view, len(names | GROUPS.keys()))
    view.screenshot(path=tmp_path / "lineage.png")
    assert not [name for name in names | GROUPS.keys() if not is_shown(name, texts)]

    # Close enough that nodes show their checks: the group of the published table.
    view.goto(f"{base}/locations/smartmoney/asset-groups/scores/lineage")
    view.get_by_text("1 / 1 Passed").nth(1).wait_for()
    view.get_by_text("3 / 3 Passed").wait_for()
    view.screenshot(path=tmp_path / "scores.png")
    text = view.inner_text("body")
    assert all(name in text for name in GROUPS["scores"])
    assert "failed" not in text.lower()

    # The snapshot of calendars belongs to no session.
    nodes = [node for node in ask(base, ASSETS)["assetNodes"] if node["assetKey"]["path"] != ["calendar_snapshot"]]
    assert {(node["groupName"], *node["assetKey"]["path"]) for node in nodes} == {(g, name) for g, held in GROUPS.items() for name in held}
    assert {one["partition"] for node in nodes for one in node["assetMaterializations"]} == {PARTITION}
    assert all(node["assetMaterializations"] for node in nodes)
    checks = [check for node in nodes for check in node["assetChecksOrError"].get("checks", []) if check["name"] == "schema"]
    assert [check["executionForLatestMaterialization"]["status"] for check in checks] == ["SUCCEEDED"] * (len(names) - 2)


@pytest.mark.slow
def test_an_asset_shows_its_columns_and_what_each_is_made_from(base, view, tmp_path):
    view.goto(f"{base}/assets/smart_money_events")
    view.get_by_text("primary_profile_id").first.wait_for()
    view.get_by_text("abstention_rate").first.wait_for()
    view.screenshot(path=tmp_path / "smart_money_events.png", full_page=True)

    view.goto(f"{base}/assets/event_features")
    view.get_by_text("Made from packets: premium_ticks, contract.").wait_for()
    view.get_by_text("premium_usd").first.scroll_into_view_if_needed()
    view.screenshot(path=tmp_path / "event_features.png")


@pytest.mark.slow
def test_the_pictures_of_a_session_are_shown(base, view, tmp_path):
    view.goto(f"{base}/assets/evaluation_metrics?view=overview")
    for name, said in (("reliability", "Reliability diagrams"), ("confusion", "What was said of labelled parents")):
        row = view.locator("tr", has=view.get_by_text(name, exact=True))
        row.get_by_text("Show Markdown").click()
        picture = view.get_by_role("dialog").get_by_role("img", name=said)
        picture.wait_for()
        assert picture.get_attribute("src").startswith("data:image/png;base64,")
        assert picture.evaluate("image => image.complete && image.naturalWidth") > 800
        view.screenshot(path=tmp_path / f"{name}.png")
        view.get_by_role("button", name="Close").click()


@pytest.mark.slow
def test_figures_are_plotted_over_the_latest_sessions(base, home, view, tmp_path):
    # The interface plots the latest partitions alone, so what was said of the session is said again of three late ones.
    with dg.DagsterInstance.from_config(str(home.folder)) as instance:
        said = instance.get_latest_materialization_event(dg.AssetKey("evaluation_metrics")).asset_materialization.metadata
        for session in late_sessions(3):
            instance.report_runless_asset_event(dg.AssetMaterialization("evaluation_metrics", partition=f"{session}|test-7", metadata=said))
    view.goto(f"{base}/assets/evaluation_metrics?view=overview")
    view.get_by_role("button", name="Plots").click()
    for name in ("abstention_rate", "ece_top_label", "dagster/row_count"):
        plot = view.get_by_text(name, exact=True)
        plot.wait_for()
        plot.scroll_into_view_if_needed()
    assert view.locator("canvas").count() > 20
    view.get_by_text("ece_top_label", exact=True).scroll_into_view_if_needed()
    view.wait_for_timeout(500)
    view.screenshot(path=tmp_path / "plots.png")


@pytest.mark.slow
def test_the_schedule_is_switched_on_and_an_asset_is_made_by_clicks(base, view, tmp_path):
    view.goto(f"{base}/locations/smartmoney/schedules/daily_scoring")
    view.get_by_role("checkbox").first.wait_for(state="attached")
    assert schedule_status(base) == "STOPPED"
    view.locator("label:has(input[type=checkbox])").click()
    wait_until(view, lambda: schedule_status(base) == "RUNNING")
    view.screenshot(path=tmp_path / "schedule.png")

    before = ask(base, RUNS)["runsOrError"]["results"]
    view.goto(f"{base}/assets/event_calendar")
    view.get_by_role("button", name="Materialize").first.click()
    session, source = PARTITION.split("|")
    view.get_by_placeholder("ex:").fill(session)
    view.keyboard.press("Enter")
    view.get_by_text("Select a partition").click()
    view.get_by_text(source, exact=True).locator("visible=true").last.click()
    view.get_by_text("Launch runs to materialize").click()
    view.get_by_placeholder("Filter partitions").wait_for(state="detached")
    view.get_by_role("button", name="Launch 1 run").wait_for()
    view.screenshot(path=tmp_path / "launch.png")
    view.get_by_role("button", name="Launch 1 run").click()
    wait_until(view, lambda: len(ask(base, RUNS)["runsOrError"]["results"]) > len(before))
    wait_until(view, lambda: ask(base, RUNS)["runsOrError"]["results"][0]["status"] in {"SUCCESS", "FAILURE"}, 60)
    run = ask(base, RUNS)["runsOrError"]["results"][0]
    view.goto(f"{base}/runs/{run['runId']}")
    view.get_by_text("Success").first.wait_for()
    view.get_by_text("RUN_SUCCESS").first.wait_for()
    view.screenshot(path=tmp_path / "run.png")
    assert run["status"] == "SUCCESS"

    view.goto(f"{base}/assets/event_calendar?view=partitions&partition=2026-03-18%7Ctest-7")
    view.get_by_text("Latest materialization").wait_for()
    view.get_by_text("null_share/amount").wait_for()
    view.screenshot(path=tmp_path / "partitions.png")
    view.goto(f"{base}/assets/evaluation_metrics?view=checks")
    view.get_by_text("Latest execution").wait_for()
    view.get_by_text("within its limits").wait_for()
    view.screenshot(path=tmp_path / "checks.png")
