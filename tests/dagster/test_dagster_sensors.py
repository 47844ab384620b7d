"""Sensors: complete tapes only, a corrected tape scores its session alone, failures reach the sink, a late session is told of once."""

from __future__ import annotations

import json
import os
import threading
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import dagster as dg
import pytest

from assets import sensors
from resources.alert_sink import AlertSink
from resources.drop_folder import COMPLETE, SETTLED_S, arrivals
from resources.lake import LakeResource
from resources.tape_source import TapeSource
from smartmoney_pipeline.definitions import defs

NOW = datetime(2026, 3, 20, 23, tzinfo=UTC)


def drop(root: Path, day: str, name: str = "option_prints.parquet", text: str = "x", age_s: float = 2 * SETTLED_S) -> Path:
    path = root / day / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    moment = NOW.timestamp() - age_s
    os.utime(path, (moment, moment))
    return path


def ask(root: Path, cursor: str | None = None) -> dg.SensorResult:
    context = dg.build_sensor_context(cursor=cursor)
    return sensors.tape_arrival(context, tape_source=TapeSource(root=str(root)))


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(sensors, "utc_now", lambda: NOW)
    monkeypatch.setattr(sensors, "new_york_day", lambda: date(2026, 3, 20))


def test_a_complete_tape_is_asked_for_once(tmp_path):
    drop(tmp_path, "2026-03-18")
    first = ask(tmp_path)
    assert [str(one.partition_key) for one in first.run_requests] == ["2026-03-18|tape"]
    assert first.run_requests[0].tags["why"] == "new tape"
    second = ask(tmp_path, first.cursor)
    assert second.run_requests == []
    assert second.skip_reason.skip_message == "no new tape"


def test_a_corrected_and_a_late_file_score_their_session_alone(tmp_path):
    drop(tmp_path, "2026-03-17")
    drop(tmp_path, "2026-03-18")
    cursor = ask(tmp_path).cursor
    drop(tmp_path, "2026-03-18", text="corrected")
    corrected = ask(tmp_path, cursor)
    assert [str(one.partition_key) for one in corrected.run_requests] == ["2026-03-18|tape"]
    assert corrected.run_requests[0].tags["why"] == "corrected tape"
    drop(tmp_path, "2026-03-17", name="open_interest.parquet")
    late = ask(tmp_path, corrected.cursor)
    assert [str(one.partition_key) for one in late.run_requests] == ["2026-03-17|tape"]
    assert set(json.loads(late.cursor)["taken"]) == {"2026-03-17", "2026-03-18"}


@pytest.mark.parametrize("name", ["prints.parquet.tmp", "prints.PART", ".prints.parquet.Xy12", "sub/.hidden"])
def test_a_file_that_is_still_being_written_holds_its_session_back(tmp_path, name):
    drop(tmp_path, "2026-03-18")
    drop(tmp_path, "2026-03-18", name=name)
    result = ask(tmp_path)
    assert result.run_requests == []
    assert "2026-03-18: still being written" in result.skip_reason.skip_message


def test_files_have_to_lie_still_unless_the_marker_is_there(tmp_path):
    drop(tmp_path, "2026-03-18", age_s=SETTLED_S - 1)
    assert "2026-03-18: changed a moment ago; taken when it has lain still for 120 s" in ask(tmp_path).skip_reason.skip_message
    drop(tmp_path, "2026-03-18", name=COMPLETE, text="")
    assert len(ask(tmp_path).run_requests) == 1


def test_an_empty_folder_a_holiday_and_the_future_are_not_asked_for(tmp_path):
    (tmp_path / "2026-03-19").mkdir()
    drop(tmp_path, "2026-03-21")
    drop(tmp_path, "2026-03-23")
    drop(tmp_path, "notes")
    result = ask(tmp_path)
    assert result.run_requests == []
    said = result.skip_reason.skip_message
    assert "2026-03-19: no file yet" in said
    assert "2026-03-21: 2026-03-21 is no session of XNYS" in said
    assert "2026-03-23: session 2026-03-23 has not begun" in said
    assert "notes: not recognised; expected is a folder a session, named YYYY-MM-DD" in said


@pytest.mark.parametrize("name", ["20260318", "2026-3-18", "18-03-2026", "2026-02-30"])
def test_a_mistyped_folder_is_said(tmp_path, name):
    drop(tmp_path, name)
    result = ask(tmp_path)
    assert result.run_requests == []
    assert result.skip_reason.skip_message == f"{name}: not recognised; expected is a folder a session, named YYYY-MM-DD"


def test_a_file_beside_the_folders_is_said_and_a_hidden_one_is_not(tmp_path):
    (tmp_path / "2026-03-18").write_text("")
    (tmp_path / ".DS_Store").write_text("")
    assert ask(tmp_path).skip_reason.skip_message.startswith("2026-03-18: not recognised; expected is a folder a session")


@pytest.mark.parametrize("name", ["option_print.parquet", "tape/option_prints.parquet", "option_prints.csv.gz"])
def test_a_tape_without_a_table_of_prints_is_held_back_and_says_what_there_is(tmp_path, name):
    drop(tmp_path, "2026-03-18", name=name)
    result = ask(tmp_path)
    assert result.run_requests == []
    assert result.skip_reason.skip_message == (
        f"2026-03-18: there is no option_prints.parquet or option_prints.csv; 2026-03-18: not read: {name}; "
        "a tape has files named for their tables, such as option_prints.parquet"
    )


def test_a_mistyped_table_holds_nothing_back_and_is_said_after_the_run_was_asked_for(tmp_path):
    drop(tmp_path, "2026-03-18")
    for name in ("event_calender.csv", "event_calendar.csv", "import.json", "import_quarantine.parquet"):
        drop(tmp_path, "2026-03-18", name=name)
    first = ask(tmp_path)
    assert len(first.run_requests) == 1
    assert ask(tmp_path, first.cursor).skip_reason.skip_message.startswith("2026-03-18: not read: event_calender.csv; a tape has files")


def test_files_of_a_vendor_may_have_any_name(tmp_path):
    drop(tmp_path, "2026-03-18", name="UnderlyingOptionsTradesCalcs_2026-03-18.csv")
    source = TapeSource(root=str(tmp_path), source_format="cboe")
    assert len(sensors.tape_arrival(dg.build_sensor_context(), tape_source=source).run_requests) == 1


def test_what_has_not_changed_is_not_said_in_full_again(tmp_path):
    (tmp_path / "2026-03-19").mkdir(parents=True)
    drop(tmp_path, "notes")
    first = ask(tmp_path)
    assert first.skip_reason.skip_message.startswith("2026-03-19: no file yet; notes: not recognised")
    second = ask(tmp_path, first.cursor)
    assert second.skip_reason.skip_message == "no new tape; 2 remarks as before"
    drop(tmp_path, "2026-03-19", age_s=SETTLED_S - 1)
    third = ask(tmp_path, second.cursor)
    assert third.skip_reason.skip_message.startswith("2026-03-19: changed a moment ago; ")
    assert ask(tmp_path, third.cursor).skip_reason.skip_message == "no new tape; 2 remarks as before"


def test_a_cursor_of_an_earlier_version_keeps_what_was_taken(tmp_path):
    """It held the fingerprints by session and nothing else."""
    drop(tmp_path, "2026-03-18")
    taken = json.loads(ask(tmp_path).cursor)["taken"]
    assert ask(tmp_path, json.dumps(taken)).skip_reason.skip_message == "no new tape"


def test_a_missing_drop_folder_has_no_tapes_and_is_said(tmp_path):
    assert arrivals(tmp_path / "nothing", NOW) == []
    assert ask(tmp_path / "nothing").skip_reason.skip_message == f"there is no folder {tmp_path / 'nothing'}"


class Hook:
    """A webhook on this machine that keeps what it is sent and answers with the codes it was given."""

    def __init__(self, *codes: int) -> None:
        got, answers = [], list(codes)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                got.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                self.send_response(answers.pop(0) if answers else 200)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.got = got
        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/alerts"


@pytest.fixture
def hook():
    made: list[Hook] = []

    def make(*codes: int) -> Hook:
        made.append(Hook(*codes))
        return made[-1]

    yield make
    for one in made:
        one.server.shutdown()
        one.server.server_close()


def test_an_alert_goes_to_the_webhook(hook):
    there = hook()
    assert AlertSink(webhook=there.url).send("run_failed", "score_session failed", {"partition": "2026-03-18|tape"})
    assert there.got == [{"kind": "run_failed", "title": "score_session failed", "facts": {"partition": "2026-03-18|tape"}}]


def test_a_webhook_that_fails_once_is_asked_again_and_one_that_is_gone_stops_nothing(hook):
    there = hook(500)
    assert AlertSink(webhook=there.url).send("x", "y")
    assert len(there.got) == 2
    there.server.shutdown()
    there.server.server_close()
    assert not AlertSink(webhook=there.url).send("x", "y")
    assert not AlertSink(webhook="").send("x", "y")


def test_an_address_that_is_no_web_address_is_refused():
    with pytest.raises(ValueError, match="no http or https address"):
        AlertSink(webhook="file:///etc/passwd").send("x", "y")


class Kept(AlertSink):
    """A sink that writes into a file."""

    file: str

    def send(self, kind, title, facts=None):
        with Path(self.file).open("a") as out:
            out.write(json.dumps([kind, title, dict(facts or {})]) + "\n")
        return True


def said(path: Path) -> list:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def test_a_failed_check_is_told_of_once(tmp_path):
    sink = Kept(file=str(tmp_path / "alerts"))

    @dg.asset
    def thing() -> None: ...

    @dg.asset_check(asset=thing)
    def sound() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=False, severity=dg.AssetCheckSeverity.WARN)

    @dg.asset_check(asset=thing)
    def fine() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=True)

    with dg.DagsterInstance.ephemeral() as instance:
        start = sensors.failed_checks(dg.build_sensor_context(instance=instance), alert_sink=sink).cursor
        dg.materialize([thing, sound, fine], instance=instance)
        after = sensors.failed_checks(dg.build_sensor_context(instance=instance, cursor=start), alert_sink=sink).cursor
        sensors.failed_checks(dg.build_sensor_context(instance=instance, cursor=after), alert_sink=sink)
    ((kind, title, facts),) = said(tmp_path / "alerts")
    assert (kind, title, facts["severity"]) == ("check_failed", "thing: sound", "WARN")


@dg.op
def broken() -> None:
    raise ValueError("no")


@dg.job
def failing() -> None:
    broken()


def test_a_failed_run_is_told_of_with_its_partition(tmp_path):
    sink = Kept(file=str(tmp_path / "alerts"))

    with dg.DagsterInstance.ephemeral() as instance:
        result = failing.execute_in_process(instance=instance, raise_on_error=False, tags={"dagster/partition": "2026-03-18|tape"})
        context = dg.build_run_status_sensor_context(
            sensor_name="failed_runs",
            dagster_instance=instance,
            dagster_run=result.dagster_run,
            dagster_event=result.get_run_failure_event(),
        ).for_run_failure()
        sensors.failed_runs(context, alert_sink=sink)
    ((kind, title, facts),) = said(tmp_path / "alerts")
    assert (kind, title) == ("run_failed", "failing failed")
    assert facts["partition"] == "2026-03-18|tape"


@pytest.mark.parametrize(
    ("new_york", "published", "late"),
    [
        ("2026-03-18T20:29", False, False),
        ("2026-03-18T20:30", False, True),
        ("2026-03-18T23:59", False, True),
        ("2026-03-18T23:59", True, False),
        ("2026-11-26T23:00", False, False),
        ("2026-03-21T23:00", False, False),
    ],
)
def test_a_session_is_late_from_half_past_eight_in_new_york(new_york, published, late):
    moment = datetime.fromisoformat(new_york).replace(tzinfo=sensors.NEW_YORK)
    day, reason = sensors.lateness(moment.astimezone(UTC), {moment.date()} if published else set())
    assert day == moment.date()
    assert (reason is not None) is late


def test_a_late_session_is_told_of_once(tmp_path, monkeypatch):
    monkeypatch.setattr(sensors, "utc_now", lambda: NOW + timedelta(hours=2))
    sink, lake = Kept(file=str(tmp_path / "alerts")), LakeResource(root=str(tmp_path / "lake"))
    first = sensors.late_session(dg.build_sensor_context(), lake=lake, alert_sink=sink)
    sensors.late_session(dg.build_sensor_context(cursor=first.cursor), lake=lake, alert_sink=sink)
    ((kind, title, _),) = said(tmp_path / "alerts")
    assert (kind, title) == ("late_session", "session 2026-03-20 is not published at 20:30 New York")


def test_a_drop_folder_at_a_url_is_left_to_the_schedule():
    result = ask("s3://some-bucket/tapes")
    assert result.run_requests == []
    assert "at a URL is not watched" in result.skip_reason.skip_message


def test_a_run_from_the_command_line_that_failed_is_told_too(tmp_path):
    """`smartmoney backfill` runs a job inside its own process: such a run belongs to no code location."""
    sink = Kept(file=str(tmp_path / "alerts"))

    with dg.DagsterInstance.ephemeral() as instance:

        def tick(cursor: str | None) -> str | None:
            context = dg.build_sensor_context(
                instance=instance, cursor=cursor, repository_def=defs().get_repository_def(), resources={"alert_sink": sink}
            )
            return sensors.failed_runs.evaluate_tick(context).cursor

        begun = tick(None)
        failing.execute_in_process(instance=instance, raise_on_error=False)
        tick(begun)
    assert [title for _, title, _ in said(tmp_path / "alerts")] == ["failing failed"]
