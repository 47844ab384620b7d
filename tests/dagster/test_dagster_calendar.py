"""The snapshot of the calendar: what providers said is kept by day, and a provider that fails leaves the last one in force, visibly."""

from __future__ import annotations

from datetime import UTC, date, datetime

import dagster as dg
import httpx
import pytest
from dagster_session import QUIET

from assets import calendar
from assets.calendar import calendar_warnings, event_calendar
from resources.calendar_provider import CalendarFeeds, CalendarFile
from resources.lake import LakeResource, LakeTables
from smartmoney_pipeline.calendar.providers.http import HttpClient, HttpPolicy
from smartmoney_pipeline.store.lake import Lake

MONDAY, TUESDAY = "2025-01-06", "2025-01-07"
ROWS = [{"time": "time-pre-market", "symbol": "AAA"}, {"time": "time-not-supplied", "symbol": "BBB"}]
NO_ROWS = {"data": {"rows": [], "calendar": {"rows": []}}, "status": {"rCode": 200}}


def recorded(request: httpx.Request) -> httpx.Response:
    """A day of the provider as its answers look: two reports on 30 January, nothing else."""
    asked = dict(request.url.params)
    good = "earnings" in request.url.path and asked.get("date") == "2025-01-30"
    return httpx.Response(200, json={"data": {"rows": ROWS}, "status": {"rCode": 200}} if good else NO_ROWS)


@pytest.fixture
def morning(tmp_path, monkeypatch):
    """Runs the asset for a day, at 11:00 UTC of another (or of the same), against a network; returns what the run gave."""

    def run(day: str, network, at: str = "") -> dg.ExecuteInProcessResult:
        now = datetime.fromisoformat(f"{at or day}T11:00:00").replace(tzinfo=UTC)
        policy = HttpPolicy(attempts=2, pause=0.0)
        made = lambda feeds, name, clock: HttpClient(name, clock, lambda s: None, None, policy, httpx.MockTransport(network))  # noqa: E731
        monkeypatch.setattr(CalendarFeeds, "_client", made)
        monkeypatch.setattr(calendar, "utc_now", lambda: now)
        resources = {
            "calendar_feeds": CalendarFeeds(history=str(tmp_path / "history.parquet"), days_ahead=24),
            "lake": LakeResource(root=str(tmp_path)),
        }
        with dg.DagsterInstance.ephemeral() as instance:
            return dg.materialize(
                [calendar.calendar_snapshot],
                partition_key=day,
                resources=resources,
                instance=instance,
                run_config=QUIET,
                raise_on_error=False,
            )

    return run


def names(tmp_path, day: str) -> list[str]:
    return sorted(Lake(tmp_path).read("calendar_snapshot", day, "providers")["underlying"].to_pylist())


def check_of(result: dg.ExecuteInProcessResult) -> tuple[bool, str]:
    (found,) = result.get_asset_check_evaluations()
    assert found.severity is dg.AssetCheckSeverity.WARN
    return found.passed, found.metadata["warnings"].value


def down(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("down")


def slow(request: httpx.Request) -> httpx.Response:
    raise httpx.ReadTimeout("slow")


def test_what_was_known_is_kept_by_day(morning, tmp_path):
    result = morning(MONDAY, recorded)
    assert result.success
    assert check_of(result) == (True, "none")
    assert names(tmp_path, MONDAY) == ["AAA", "BBB"]
    (made,) = result.asset_materializations_for_node("calendar_snapshot")
    assert made.metadata["new"].value == 2
    assert made.metadata["withdrawn"].value == 0


@pytest.mark.parametrize(
    ("network", "why"),
    [
        (down, "cannot be reached"),
        (slow, "gave no answer in time"),
        (lambda request: httpx.Response(429), "limits the number of calls"),
        (lambda request: httpx.Response(200, text="<html>busy</html>"), "sends no JSON"),
    ],
    ids=["down", "slow", "rate limited", "nonsense"],
)
def test_a_provider_that_fails_leaves_the_last_snapshot_in_force(morning, tmp_path, network, why):
    morning(MONDAY, recorded)
    result = morning(TUESDAY, network)
    assert result.success
    passed, warnings = check_of(result)
    assert not passed
    assert why in warnings
    assert "its calendar as of 2025-01-06 11:00 UTC stays in force" in warnings
    assert names(tmp_path, TUESDAY) == ["AAA", "BBB"]
    # Who scores with the history is told too, until the provider answers again.
    history = CalendarFile(path=str(tmp_path / "history.parquet"))
    told = calendar_warnings(history.opened(), date.fromisoformat(TUESDAY))
    assert [why in warning for warning in told] == [True, True]
    morning(TUESDAY, recorded)
    assert calendar_warnings(history.opened(), date.fromisoformat(TUESDAY)) == []


def test_a_past_day_is_read_back_as_it_was_and_nobody_is_asked(morning, tmp_path):
    morning(MONDAY, recorded)
    more = [*ROWS, {"time": "time-pre-market", "symbol": "CCC"}]

    def grown(request: httpx.Request) -> httpx.Response:
        answer = recorded(request)
        return httpx.Response(200, json={"data": {"rows": more}}) if answer.json()["data"]["rows"] else answer

    morning(TUESDAY, grown)
    assert names(tmp_path, TUESDAY) == ["AAA", "BBB", "CCC"]
    again = morning(MONDAY, down, at=TUESDAY)
    assert check_of(again) == (True, "none")
    assert names(tmp_path, MONDAY) == ["AAA", "BBB"]


def test_rows_that_cannot_be_used_are_quarantined_and_told(morning, tmp_path):
    def damaged(request: httpx.Request) -> httpx.Response:
        answer = recorded(request)
        rows = [*ROWS, {"time": "time-pre-market", "symbol": " "}]
        return httpx.Response(200, json={"data": {"rows": rows}}) if answer.json()["data"]["rows"] else answer

    result = morning(MONDAY, damaged)
    assert names(tmp_path, MONDAY) == ["AAA", "BBB"]
    (row,) = Lake(tmp_path).read("calendar_quarantine", MONDAY, "providers").to_pylist()
    place = {"table": "event_calendar", "source_file": "nasdaq 2025-01-30", "row": 2, "column": "symbol"}
    assert row == place | {"reason": "missing_value", "value": None}
    passed, warnings = check_of(result)
    assert not passed
    assert "1 rows of nasdaq cannot be used, the first: row 2, column symbol, missing_value: None" in warnings
    (made,) = result.asset_materializations_for_node("calendar_snapshot")
    assert made.metadata["quarantined"].value == 1
    morning(MONDAY, down, at=TUESDAY)
    assert len(Lake(tmp_path).read("calendar_quarantine", MONDAY, "providers")) == 1, "a look back asks nobody and forgets nothing"


def test_the_rows_of_an_answer_that_is_refused_are_quarantined_too(morning, tmp_path):
    broken = {"data": {"rows": [{"symbol": ""}, {"symbol": None}], "calendar": {"rows": []}}}
    morning(MONDAY, lambda request: httpx.Response(200, json=broken if "date=2025-01-30" in str(request.url) else NO_ROWS))
    rows = Lake(tmp_path).read("calendar_quarantine", MONDAY, "providers").to_pylist()
    assert [(row["source_file"], row["row"], row["reason"]) for row in rows] == [
        ("nasdaq 2025-01-30", 0, "missing_value"),
        ("nasdaq 2025-01-30", 1, "missing_value"),
    ]


def test_rows_of_a_calendar_file_that_cannot_be_used_lie_beside_the_calendar(tmp_path):
    file = tmp_path / "calendar.csv"
    header = "underlying,event_type,event_date,event_time,known_at"
    file.write_text(f"{header}\nAAA,earnings,2025-01-30,amc,2025-01-02T14:00:00Z\nBBB,party,2025-01-30,amc,2025-01-02T14:00:00Z\n")
    resources = {
        "calendar_file": CalendarFile(path=str(file)),
        "lake": LakeResource(root=str(tmp_path)),
        "io_manager": LakeTables(root=str(tmp_path)),
    }
    with dg.DagsterInstance.ephemeral() as instance:
        key = dg.MultiPartitionKey({"session": MONDAY, "source": "tape"})
        result = dg.materialize([event_calendar], partition_key=key, resources=resources, instance=instance, run_config=QUIET)
    (made,) = result.asset_materializations_for_node("event_calendar")
    assert made.metadata["quarantined"].value == 1
    assert Lake(tmp_path).read("event_calendar", MONDAY, "tape")["underlying"].to_pylist() == ["AAA"]
    (row,) = Lake(tmp_path).read("calendar_quarantine", MONDAY, "tape").to_pylist()
    place = {"table": "event_calendar", "source_file": "calendar.csv", "row": 1, "column": "event_type"}
    assert row == place | {"reason": "unknown_code", "value": "party"}


def test_a_day_that_has_not_begun_is_refused(morning, tmp_path):
    assert not morning(TUESDAY, recorded, at=MONDAY).success
    assert not (tmp_path / "calendar_snapshot").exists()


@pytest.mark.parametrize(("day", "asked"), [("2025-01-06", True), ("2025-01-04", False), ("2025-01-20", False)])
def test_the_schedule_asks_on_sessions_alone(day, asked):
    # 4 January 2025 is a Saturday, 20 January a holiday of the exchange.
    at = datetime.fromisoformat(f"{day}T11:00:00").replace(tzinfo=UTC)
    answer = calendar.every_morning(dg.build_schedule_context(scheduled_execution_time=at))
    assert (answer.partition_key == day) if asked else isinstance(answer, dg.SkipReason)
