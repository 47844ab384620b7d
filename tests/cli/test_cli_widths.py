"""Tables and cards at the widths that terminals have. Expected names and figures are read from the scored tables."""

from __future__ import annotations

import json

import pytest
from command_runs import run

WIDTHS = (60, 80, 100, 110, 140)
WITH_LADDER = "I institutional_directional"
BAR, BAND, CONFIDENCE = "▒█·", " to ", " confidence"


@pytest.fixture(scope="module")
def largest(scored):
    """The first events of every published profile, as the scored tables hold them."""
    return json.loads(run("events", scored, "--top", 6, "--json").out)["events"]


def _percent(share: float) -> str:
    """Whole per cent as the documents define them: what is neither none nor all is not rounded to it."""
    whole = f"{100 * share:.0f}"
    return "<1%" if whole == "0" and share > 0 else ">99%" if whole == "100" and share < 1 else f"{whole}%"


def _ladder(out: str, event: dict) -> dict[str, str]:
    """Rows of the ladder on one card, by class."""
    known = [score["profile_id"] for score in event["profile_scores"]] + ["none"]
    inside = [line.strip("│ ") for line in out.splitlines() if line.startswith("│   ")]
    return {line.split()[0]: line for line in inside if line.split() and line.split()[0] in known}


@pytest.mark.parametrize("width", WIDTHS)
def test_names_and_probabilities_stand_whole_at_every_width(scored, largest, width):
    for event in largest:
        out = run("explain", event["event_id"], "--in", scored, width=width).out
        rows = _ladder(out, event)
        stated = {score["profile_id"]: score["probability"] for score in event["profile_scores"]} | {"none": event["none_probability"]}
        assert {name: row.split()[1] for name, row in rows.items()} == {name: _percent(share) for name, share in stated.items()}
        for score in event["profile_scores"]:
            band = f"{_percent(score['probability_low'])} to {_percent(score['probability_high'])}"
            assert band in rows[score["profile_id"]], "the narrowest of these widths has room for the band"
        assert "…" not in out
        assert max(map(len, out.splitlines())) <= width
        assert f"${event['features']['premium_usd'] / 1e6:.2f}M premium" in out or event["features"]["premium_usd"] < 1e6


@pytest.mark.parametrize(("width", "bar", "confidence"), [(40, 0, False), (60, 0, False), (80, 13, True), (110, 40, True), (140, 40, True)])
def test_the_bar_gives_way_first_and_then_the_confidence(scored, largest, width, bar, confidence):
    """Worked out by hand: of 80 columns 6 are border and indent, 61 words, figures and the gaps between five cells."""
    event = next(event for event in largest if event["profile_scores"][0]["confidence_band"] == "high")
    first = _ladder(run("events", scored, "--top", 6, width=width).out, event)[event["profile_scores"][0]["profile_id"]]
    assert sum(first.count(part) for part in BAR) == bar
    assert (CONFIDENCE in first) is confidence
    assert (BAND in first) is (width > 40)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_table_keeps_its_figures_and_explains_what_it_shows(scored, largest, width):
    out = run("events", scored, "--top", 6, "--no-cards", width=width).out
    lines = out.splitlines()
    assert "…" not in out
    assert max(map(len, lines)) <= width
    for event in largest:
        row = lines[next(i for i, line in enumerate(lines) if line.split()[:1] == [event["event_id"][:8]]) - 1].split()
        assert event["primary_profile_id"] in row
        assert _percent(event["profile_scores"][0]["probability"]) in row
        assert event["underlying_id"] in out.split()
    shown = "IREVAH·" in out
    assert shown is (width >= 100)
    assert (WITH_LADDER in out) is shown
    assert ("all classes from 92" in out) is not shown
