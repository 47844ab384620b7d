"""The terminal over published sessions: rows on the screen, the panel, states in words, pages, keyboard, colours, hostile text.

What is expected of each event was set down by hand in tests/api/tiny_lake.py.
"""

from __future__ import annotations

import json
import re
import urllib.request

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.slow
HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>"


def at(served, query: str = "") -> str:
    return f"{served.base}/{query}"


def pixels(page, locator) -> int:
    """Different colours in what is drawn there: a blank box has one."""
    from io import BytesIO

    import matplotlib.image
    import numpy as np

    drawn = matplotlib.image.imread(BytesIO(locator.screenshot()), format="png")
    return len(np.unique(drawn.reshape(-1, drawn.shape[-1]), axis=0))


def test_a_row_is_on_the_screen(page, served):
    page.goto(at(served))
    row = page.locator(".row").first
    expect(row).to_contain_text("AAPL")
    expect(row).to_contain_text("event-driven")
    box = row.bounding_box()
    assert box["width"] > 1_000 and 20 <= box["height"] <= 40
    assert box["y"] > page.locator(".head").bounding_box()["y"]
    assert box["y"] + box["height"] < 880
    assert pixels(page, row) > 20


def test_two_clicks_lead_to_print_and_quote(page, served):
    page.goto(at(served))
    page.locator(".row").first.click()
    page.get_by_role("tab", name="Prints and quotes").click()
    prints = page.get_by_role("table").first
    # Print p1 of the lake: 600 at 2.00 on 1.90 / 2.00, five milliseconds old, under 148.00 / 148.10.
    first = prints.locator("tbody tr").first
    for said in ("2.00", "600", "1.90 / 2.00", "at ask", "5 ms", "148.00 / 148.10", "▲ bought 90%"):
        expect(first).to_contain_text(said)
    assert page.locator("svg.chart").bounding_box()["height"] > 50
    expect(page.locator(".panel")).to_contain_text("▲ bought")
    assert "event=b-e1" in page.url


def test_an_event_is_consistent_with_a_profile_and_never_is_one(page, served):
    page.goto(at(served, "?event=b-e1"))
    panel = page.locator(".panel")
    expect(panel.locator(".verdict")).to_have_text(re.compile(r"^Consistent with event-driven at 70%. Exposure added: ▲ bullish\.$"))
    ladder = panel.locator(".ladder")
    expect(ladder).to_contain_text("event-driven (published)70.0%35.0% to 100.0%")
    expect(ladder).to_contain_text("none of the six10.0%no interval")
    expect(panel).to_contain_text("COMPLEX_WITHOUT_DIRECTION")
    expect(panel).to_contain_text("Suppressed by guards")
    expect(panel).to_contain_text("Runner-up")
    said = page.locator("body").inner_text().lower()
    assert not re.search(r"\b(is|was) (an?|the) (institution|retail|whale|vol|arbitrage|hedge)", said)


def test_an_abstained_event_says_so_and_why(page, served):
    page.goto(at(served, "?show=abstained&underlying=SPY"))
    row = page.locator(".row").first
    expect(row).to_contain_text("abstains: no profile, no quotes")
    row.click()
    panel = page.locator(".panel")
    expect(panel.locator(".verdict")).to_contain_text("no profile")
    expect(panel).to_contain_text("it looks like ordinary flow, for none of the six profiles is likeliest")
    expect(panel).to_contain_text("there was no two-sided quote to sign the prints by")
    expect(panel.locator(".chip.warn")).to_contain_text("no quote before the print")
    expect(panel.locator(".ladder.dimmed")).to_be_visible()
    assert panel.locator(".ladder .winner").count() == 0
    page.get_by_role("tab", name="Legacy alert").click()
    expect(panel).to_contain_text("No legacy alert")


def test_a_minute_bar_is_not_called_a_print(page, served):
    def as_bar(route):
        answer = route.fetch()
        found = answer.json()
        route.fulfill(response=answer, json=found | {"quality_flags": ["minute_bar"], "prints": found["prints"][:1]})

    page.route("**/evidence*", as_bar)
    page.goto(at(served, "?show=abstained&underlying=SPY"))
    page.locator(".row").first.click()
    page.get_by_role("tab", name="Prints and quotes").click()
    panel = page.locator(".panel")
    expect(panel).to_contain_text(": 1 minute bar")
    expect(panel).to_contain_text("the quote is the last one of the same minute")
    expect(panel).not_to_contain_text("strictly before each print")


def test_legs_of_a_structure_are_one_order(page, served):
    page.goto(at(served, "?event=b-e2&show=abstained"))
    page.get_by_role("tab", name="Prints and quotes").click()
    legs = page.get_by_role("table", name="Legs")
    expect(page.locator(".panel")).to_contain_text("Legs: 2, scored as one order")
    assert legs.locator("tbody tr").count() == 2
    expect(legs.locator("tbody tr").first).to_contain_text("▼ sold")


def test_the_address_holds_the_filters(page, served):
    page.goto(at(served))
    page.get_by_role("button", name="All", exact=True).click()
    expect(page.locator(".summary")).to_contain_text("3 events")
    page.get_by_role("textbox", name="Underlying").fill("spy")
    page.get_by_role("textbox", name="Underlying").press("Enter")
    page.get_by_role("textbox", name="Underlying").blur()
    expect(page.locator(".summary")).to_contain_text("1 events")
    assert "show=all" in page.url and "underlying=spy" in page.url
    page.reload()
    expect(page.locator(".row")).to_have_count(1)
    page.go_back()
    expect(page.locator(".summary")).to_contain_text("3 events")
    page.goto(at(served, "?underlying=NONE"))
    expect(page.locator(".empty")).to_contain_text("No event passes these filters")


def test_what_is_asked_before_the_first_answer_is_kept(page, served):
    held = []

    def hold(route):
        held.append(route)

    page.route("**/v1/status", hold)
    page.goto(at(served))
    page.get_by_role("button", name="All", exact=True).click()
    page.wait_for_function("location.search.includes('show=all')")
    assert page.locator(".row").count() == 0
    held[0].continue_()
    expect(page.locator(".summary")).to_contain_text("3 events")


def test_the_keyboard_reaches_everything(page, served):
    page.goto(at(served, "?show=all"))
    page.locator(".row").first.wait_for()
    page.keyboard.press("j")
    page.keyboard.press("j")
    chosen = page.locator('.row[aria-selected="true"]')
    expect(chosen).to_have_attribute("aria-rowindex", "3")
    page.keyboard.press("k")
    expect(chosen).to_have_attribute("aria-rowindex", "2")
    page.keyboard.press("Enter")
    expect(page.locator(".panel")).to_be_visible()
    page.keyboard.press("2")
    expect(page.get_by_role("tab", name="Prints and quotes")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(page.locator(".panel")).to_be_hidden()
    page.keyboard.press("/")
    expect(page.get_by_role("textbox", name="Underlying")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()


def test_a_screen_reader_is_told_the_grid(page, served):
    page.goto(at(served, "?show=all"))
    grid = page.get_by_role("grid", name="Events")
    expect(grid).to_have_attribute("aria-rowcount", "4")
    assert grid.get_by_role("columnheader").count() == 10
    assert grid.get_by_role("row").count() == 4
    page.locator(".row").first.click()
    marked = grid.get_attribute("aria-activedescendant")
    expect(page.locator(f"#{marked}")).to_have_attribute("aria-selected", "true")
    expect(page.get_by_role("complementary", name="Event")).to_be_visible()


def test_pages_of_figures_and_their_empty_states(page, served):
    page.goto(at(served, "?page=calibration"))
    expect(page.locator(".page")).to_contain_text("No reliability figures")
    expect(page.locator(".page")).to_contain_text("not fitted")
    page.get_by_role("link", name="Data quality").click()
    # Five prints, the last of them without a quote or an underlying: tests/api/tiny_lake.py.
    expect(page.locator(".cards")).to_contain_text("5prints")
    expect(page.locator(".cards")).to_contain_text("2 (66.7%)abstained")
    page.get_by_role("link", name="Legacy alerts").click()
    expect(page.locator(".page tbody tr").first).to_contain_text("event-driven")


def test_a_calibration_with_figures_is_drawn(page, served):
    figures = {"ece_top_label": 0.01, "brier": 0.1, "held_out_brier": 0.12, "reliability_20": 0.25, "reliability_80": 0.75,
               "risk_at_50": 0.02, "risk_at_100": 0.09}  # fmt: skip
    with urllib.request.urlopen(f"{served.base}/v1/models") as answer:
        model = json.load(answer)["data"][0] | {"version": "fitted-1", "n": 1_234, "metrics": figures}
    page.route("**/v1/models", lambda route: route.fulfill(json={"data": [model]}))
    page.goto(at(served, "?page=calibration"))
    expect(page.get_by_role("img", name="Reliability curve of 2 points")).to_be_visible()
    expect(page.get_by_role("img", name="Risk against coverage, 2 points")).to_be_visible()
    expect(page.locator(".page")).to_contain_text("1,234")
    expect(page.locator("table").first).to_contain_text("0.12")


@pytest.mark.parametrize("scheme", ["dark", "light"])
def test_both_faces_are_legible(page, served, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto(at(served, "?show=all&event=b-e3"))
    page.locator(".ladder").wait_for()
    for selector in (
        ".row.abstained .what-profile",
        ".row.published .what-profile",
        ".verdict",
        ".soft",
        ".chip.warn",
        "#foot",
        ".head span",
    ):
        page.locator(selector).first.wait_for()
        ratio = page.evaluate(CONTRAST, selector)
        assert ratio >= 4.5, (scheme, selector, ratio)
    page.get_by_role("button", name="Colours: system").click()
    page.get_by_role("button", name="Colours: dark").click()
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert light == "rgb(255, 255, 255)"


# Contrast by WCAG 2.2: (lighter + 0.05) / (darker + 0.05), of the relative luminance.
# The node is looked up inside: a page that is drawn anew leaves none behind.
CONTRAST = """selector => {
  const node = document.querySelector(selector);
  const parts = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (rgb) => rgb.slice(0, 3).map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  let ground = node;
  while (ground && (parts(getComputedStyle(ground).backgroundColor)[3] ?? 1) === 0) ground = ground.parentElement;
  const two = [light(parts(getComputedStyle(node).color)), light(parts(getComputedStyle(ground).backgroundColor))].sort((a, b) => b - a);
  return (two[0] + 0.05) / (two[1] + 0.05);
}"""


def test_hostile_text_is_shown_as_text(page, served, sample):
    event = sample | {"event_id": "x1", "underlying_id": HOSTILE, "structure": HOSTILE, "suppressed_reasons": [HOSTILE],
                      "quality_flags": [HOSTILE],
                      "abstained": True, "abstention_reasons": [HOSTILE], "event_kind": HOSTILE, "assembly": HOSTILE}  # fmt: skip
    head = {"session": "2025-01-20", "source": "tape", "snapshot": "s"}
    a_print = {"print_id": HOSTILE, "leg": 0, "ts": "2025-01-17T15:00:00.000000000Z", "option_symbol": HOSTILE, "price_usd": 1, "size": 1,
               "exchange": HOSTILE, "condition": HOSTILE, "bid": 1, "ask": 2, "sign_layer": HOSTILE, "p_buy": None}  # fmt: skip
    evidence = head | {"event_id": "x1", "quality_flags": [], "prints": [a_print, a_print], "legs": [], "corrections": [], "truncated": 0,
                       "links": [{"event_id": HOSTILE, "kind": HOSTILE, "gap_ms": 1}]}  # fmt: skip
    page.route(
        "**/v1/events?*", lambda route: route.fulfill(json=head | {"matched": 1, "next_cursor": None, "next_url": None, "data": [event]})
    )
    page.route("**/v1/events/x1/evidence*", lambda route: route.fulfill(json=evidence))
    said = json.dumps({"detail": HOSTILE, "status": 400})
    page.route("**/explain*", lambda route: route.fulfill(status=400, content_type="application/problem+json", body=said))
    page.allowed_faults.append("400")
    page.goto(at(served, "?show=all"))
    row = page.locator(".row").first
    expect(row).to_contain_text("<img src=x")
    row.click()
    panel = page.locator(".panel")
    expect(panel.locator(".state.bad")).to_contain_text("<script>alert(2)</script>")
    page.get_by_role("tab", name="Prints and quotes").click()
    expect(panel.locator("table").first).to_contain_text("<img src=x")
    assert page.locator("main img, main script, main a[href^=javascript]").count() == 0


def test_a_server_that_fails_is_said_in_words(page, served):
    page.allowed_faults.append("500")
    page.route("**/v1/events?*", lambda route: route.fulfill(status=500, json={"detail": "something went wrong"}))
    page.goto(at(served))
    expect(page.get_by_role("alert")).to_contain_text("something went wrong")
    page.unroute("**/v1/events?*")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".row").first).to_be_visible()


def test_a_lake_without_sessions_says_so(page, tmp_path):
    from terminal_server import Served

    empty = Served(tmp_path).start()
    page.goto(empty.base)
    expect(page.locator(".empty")).to_contain_text("Nothing is published yet")
    expect(page.locator(".empty")).to_contain_text("No session is in this lake; make and publish one with: smartmoney backfill LAKE")
    expect(page.locator(".empty code")).to_have_text("smartmoney backfill LAKE --source demo-7 --since 2026-03-18 --until 2026-03-18")
    empty.stop()
