"""Alert rules: what passes, when it is sent, and what never is. Times are counted by hand."""

from __future__ import annotations

import pytest

from smartmoney_pipeline.api.alert_desk import RuleDesk, exchange_time
from smartmoney_pipeline.api.alert_rules import AlertBook, AlertFileError, AlertRule, read_alert_book

# 2025-01-17 10:00 in New York.
NOW = 1_737_126_000_000
SECOND, MINUTE = 1_000, 60_000


def event(name: str = "e1", **changes):
    found = {
        "event_id": name, "underlying_id": "AAPL", "closed_at": "2025-01-17T15:00:00Z", "primary_profile_id": "vol_seller",
        "primary_direction": "neutral", "abstained": False, "abstention_reasons": [], "suppressed_reasons": [], "quality_flags": [],
        "ruleset_version": "r", "calibration_version": "c", "provisional": False, "features": {"premium_usd": 1_000.0},
        "profile_scores": [{"profile_id": "vol_seller", "probability": 0.8}],
    }  # fmt: skip
    return found | changes


def desk(**rule) -> RuleDesk:
    return RuleDesk(AlertRule(name="r", channels=("hook",), **({"cooldown_seconds": 0} | rule)))


ABSTAINED = {"abstained": True, "primary_profile_id": None, "abstention_reasons": ["low_margin"]}


def test_an_abstained_event_is_told_only_where_asked():
    assert desk().event(event(**ABSTAINED), NOW) == []
    told = desk(include_abstained=True).event(event(**ABSTAINED), NOW)
    assert "abstains (low_margin)" in told[0].items[0]["statement"]


def test_what_is_told_is_consistent_with_and_no_more():
    (told,) = desk().event(event(), NOW)
    assert told.items[0]["statement"] == "AAPL: consistent with vol_seller at 80%, exposure neutral"


@pytest.mark.parametrize(
    ("rule", "passes"),
    [
        ({"underlyings": {"AAPL"}}, True),
        ({"underlyings": {"SPY"}}, False),
        ({"profiles": {"vol_seller"}}, True),
        ({"profiles": {"arbitrage"}}, False),
        ({"directions": {"bullish"}}, False),
        ({"min_probability": 0.81}, False),
        ({"min_premium_usd": 1_001}, False),
    ],
)
def test_the_filter_of_a_rule(rule, passes):
    assert bool(desk(**rule).event(event(), NOW)) is passes


def test_unknown_premium_is_not_enough():
    assert desk(min_premium_usd=1).event(event(features={"premium_usd": None}), NOW) == []


def test_an_event_is_told_once():
    one = desk()
    assert len(one.event(event(), NOW)) == 1
    assert one.event(event(), NOW + MINUTE) == []


def test_cool_down_is_of_an_underlying_and_a_profile():
    one = desk(cooldown_seconds=60)
    assert one.event(event("a"), NOW)
    assert not one.event(event("b"), NOW + 59 * SECOND)
    assert one.event(event("c", underlying_id="SPY"), NOW + 59 * SECOND)
    assert one.event(event("d"), NOW + MINUTE)


def test_the_rate_limit_says_what_it_held_back():
    one = desk(max_per_minute=2)
    assert [len(one.event(event(f"e{n}"), NOW + n)) for n in range(4)] == [1, 1, 0, 0]
    (told,) = one.event(event("later"), NOW + MINUTE)
    assert told.held_back == 2


def test_a_withdrawal_of_what_was_sent_passes_the_rate_limit_and_of_what_was_held_back_is_not_said():
    one = desk(max_per_minute=1)
    assert [len(one.event(event(name), NOW)) for name in ("sent", "held")] == [1, 0]
    (told,) = one.retraction({"event_id": "sent", "reason": "print_cancelled"}, NOW + 1)
    assert (told.kind, told.items[0]["event_id"], told.held_back) == ("withdrawal", "sent", 1)
    assert one.retraction({"event_id": "held", "reason": "print_cancelled"}, NOW + 2) == []
    # Nor does a withdrawal use up what may be sent: a minute after the first alert the next one goes.
    assert one.event(event("later"), NOW + MINUTE)


def test_quiet_hours_end_in_a_digest():
    one = desk(quiet={"start": "09:30", "end": "10:05"})
    assert one.event(event("a"), NOW) == []
    assert one.due(NOW + 4 * MINUTE) == []
    (told,) = one.due(NOW + 5 * MINUTE)
    assert (told.kind, [item["event_id"] for item in told.items]) == ("digest", ["a"])
    assert one.due(NOW + 6 * MINUTE) == []


def test_quiet_hours_over_midnight():
    rule = AlertRule(name="r", channels=("c",), quiet={"start": "20:00", "end": "06:00"})
    assert rule.quiet.holds(exchange_time(NOW - 5 * 60 * MINUTE))
    assert not rule.quiet.holds(exchange_time(NOW))


def test_a_digest_collects_and_drops_what_was_withdrawn():
    one = desk(digest_seconds=60)
    assert one.event(event("a"), NOW) == one.event(event("b"), NOW + 1) == []
    assert one.retraction({"event_id": "a", "reason": "print_cancelled"}, NOW + 2) == []
    assert one.due(NOW + 59 * SECOND) == []
    (told,) = one.due(NOW + MINUTE)
    assert [item["event_id"] for item in told.items] == ["b"]


def test_what_was_told_is_withdrawn():
    one = desk()
    one.event(event(), NOW)
    (told,) = one.retraction({"event_id": "e1", "reason": "print_cancelled"}, NOW)
    assert (told.kind, told.items[0]["reason"]) == ("withdrawal", "print_cancelled")
    assert one.retraction({"event_id": "never told", "reason": "joined"}, NOW) == []


BOOK = """
channels: [{name: desk, kind: webhook, url: "https://hooks.example/a", secret_env: HOOK_SECRET}]
rules: [{name: big, channels: [desk], min_premium_usd: 100000, quiet: {start: "20:00", end: "06:00"}}]
"""


def test_a_book_is_read(tmp_path):
    path = tmp_path / "alerts.yaml"
    path.write_text(BOOK)
    book = read_alert_book(path)
    assert isinstance(book, AlertBook)
    assert (book.rules[0].min_premium_usd, book.rules[0].include_abstained) == (100_000, False)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (BOOK.replace("channels: [desk]", "channels: [other]"), "not described"),
        (BOOK.replace("min_premium_usd", "min_premium"), "min_premium"),
        (BOOK.replace('url: "https://hooks.example/a", ', ""), "a webhook has a url"),
        (BOOK.replace('"20:00"', "20:00"), "in quotes"),
        ("rules: [", "cannot be read"),
    ],
)
def test_a_wrong_book_names_its_fault(tmp_path, wrong, said):
    path = tmp_path / "alerts.yaml"
    path.write_text(wrong)
    with pytest.raises(AlertFileError, match=said):
        read_alert_book(path)
