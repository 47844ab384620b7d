"""The report: one file without scripts, escaped, with links that lead somewhere, readable in a browser, honest where there is nothing."""

import json
import re
import shutil

import pytest
from judged_examples import LABELS, cases, part

from smartmoney_pipeline.evaluation.cases import cases_of
from smartmoney_pipeline.evaluation.drift import drift
from smartmoney_pipeline.evaluation.notable import notable
from smartmoney_pipeline.evaluation.probabilities import Thresholds
from smartmoney_pipeline.evaluation.report.page import EventFacts, EvidenceLine, anchor, write_report
from smartmoney_pipeline.evaluation.summary import metrics_content, summarise

THRESHOLDS = Thresholds(0.65, 0.15, 0.7)
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
NARROW, WIDE = 420, 1200


def summary_of(found, **more):
    return summarise(found, THRESHOLDS, {"ruleset": "abc", "calibration": "identity-1"}, **more)


def facts_for(summary):
    line = EvidenceLine("arbitrage", "BOX", 1.5, "A <box> is worth its width.")
    return {anchor(one): EventFacts("SPY <script>alert(1)</script>", (line,)) for one in summary.notable}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("report")
    summary = summary_of(cases(3), drifted=drift(cases(1).events, cases(3).events), notes=("2 labelled prints are in no event.",))
    write_report(summary, place, facts_for(summary))
    return place


@pytest.fixture(scope="module")
def page(folder):
    return (folder / "report.html").read_text()


def test_files(folder):
    names = {path.name for path in folder.iterdir()}
    assert names == {"report.html", "metrics.json", "by_profile.png", "reliability.png", "risk_coverage.png", "thresholds.png"}
    assert all((folder / name).read_bytes().startswith(b"\x89PNG") for name in names if name.endswith(".png"))


def test_nothing_runs_and_nothing_is_fetched(page):
    body = re.sub(r"<svg.*?</svg>", "", page, flags=re.S)
    assert "<script" not in page
    assert not re.search(r"\son\w+=", body)
    assert not re.search(r"(?:src|href)=\"(?!#)", body)
    assert not re.search(r"href=\"(?!#)", page)


def test_texts_are_escaped(page):
    assert "SPY &lt;script&gt;" in page
    assert "A &lt;box&gt; is worth its width." in page


def test_every_link_leads_to_one_place(page):
    targets = re.findall(r"<(?:h2|article) id=\"([^\"]+)\"", page)
    links = set(re.findall(r"<a href=\"#([^\"]+)\"", page))
    assert links <= set(targets)
    assert len(targets) == len(set(targets))


def test_the_same_evaluation_gives_the_same_bytes(folder, tmp_path):
    summary = summary_of(cases(3), drifted=drift(cases(1).events, cases(3).events), notes=("2 labelled prints are in no event.",))
    for path in write_report(summary, tmp_path, facts_for(summary)):
        assert path.read_bytes() == (folder / path.name).read_bytes(), path.name


def test_metrics_hold_goals_and_nulls(folder):
    content = json.loads((folder / "metrics.json").read_text())
    figures = {(row["metric"], row["profile"]): row for row in content["figures"]}
    assert figures["false_alarms_per_10000", None]["value"] == pytest.approx(1e4 / 3)
    assert figures["precision", "vol_seller"]["value"] is None
    assert figures["macro_f1", None]["met"] is False
    assert figures["precision", "arbitrage"]["met"] is None, "three cases are too few to tell"
    assert content["label_basis"] == "simulated"
    assert content["confusion"]["background"]["event_driven"] == 3


def test_notable_events_by_hand():
    found = notable(cases(), 0.65)
    ids = {group: [one.event_id for one in found if one.group == group] for group in ("best", "worst", "missed", "nearest")}
    assert ids["nearest"][:2] == ["e3", "e5"]
    assert set(ids.pop("nearest")[2:]) == {"e1", "e2"}, "both 0.15 away"
    assert ids == {"best": ["e1"], "worst": ["e5", "e3"], "missed": []}


@pytest.mark.parametrize(
    "found",
    [cases_of([part(labels=None)]), cases_of([part(events=[], labels=None)]), cases_of([part(labels=LABELS[3:])])],
    ids=["no labels", "no events", "one class"],
)
def test_little_or_nothing_still_gives_a_page(found, tmp_path):
    summary = summary_of(found)
    write_report(summary, tmp_path, facts_for(summary))
    text = (tmp_path / "report.html").read_text()
    assert ("no labels" in text) == (not len(found.parents))
    json.dumps(metrics_content(summary), allow_nan=False)


@pytest.mark.slow
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_in_a_browser_it_fits_a_screen_and_a_phone_and_links_move(folder):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        view, said, asked = browser.new_page(viewport={"width": WIDE, "height": 900}), [], []
        view.on("console", lambda message: said.append(message.text))
        view.on("request", lambda request: asked.append(request.url))
        view.goto((folder / "report.html").as_uri())
        for width in (WIDE, NARROW):
            view.set_viewport_size({"width": width, "height": 900})
            assert view.evaluate("document.documentElement.scrollWidth") <= width
        heights = view.eval_on_selector_all("figure svg", "all => all.map(one => one.getBoundingClientRect().height)")
        assert len(heights) == 4
        assert min(heights) > 80
        view.click("#events ~ .wide a >> nth=0")
        assert view.evaluate("document.querySelector('article:target') !== null")
        assert said == []
        assert len(asked) == 1
        browser.close()
