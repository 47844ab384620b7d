"""`smartmoney serve` and `smartmoney keys`."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from command_runs import run

from smartmoney_pipeline.console.serving import Job, application, is_local
from smartmoney_pipeline.console.terminal import CommandError


def test_a_key_is_shown_once_listed_without_its_text_and_revoked(tmp_path):
    made = json.loads(run("keys", "create", str(tmp_path), "--name", "desk", "--scope", "run", "--days", "2", "--json").out)
    assert made["key"].startswith("smk_")
    listed = run("keys", "list", str(tmp_path))
    assert made["key_id"] in listed.out
    assert "desk" in listed.out
    assert made["key"] not in listed.out + (tmp_path / "_access" / "keys.json").read_text()
    assert run("keys", "revoke", str(tmp_path), made["key_id"]).code == 0
    assert json.loads(run("keys", "list", str(tmp_path), "--json").out) == {"keys": []}
    gone = run("keys", "revoke", str(tmp_path), made["key_id"])
    assert (gone.code, made["key_id"] in gone.err) == (1, True)


def test_a_key_for_no_lake_is_refused(tmp_path):
    assert run("keys", "create", str(tmp_path / "nothing"), "--name", "x").code == 1
    assert run("keys", "create", str(tmp_path), "--name", "x", "--scope", "all").code == 2


def test_a_lake_or_a_tape_that_is_not_there_is_named(tmp_path):
    assert run("serve", str(tmp_path / "nothing")).code == 2
    with pytest.raises(CommandError, match="no such tape"):
        application(Job(tmp_path, live=tmp_path / "tape"))


def test_only_this_machine_reads_without_a_key(tmp_path):
    assert [is_local(host) for host in ("127.0.0.1", "::1", "localhost", "127.0.1.1", "0.0.0.0", "10.0.0.1", "localhost.evil")] == [
        *[True] * 4, *[False] * 3]  # fmt: skip
    here = application(Job(tmp_path)).state.context.settings
    there = application(Job(tmp_path, "0.0.0.0", names=("desk.example",))).state.context.settings
    assert (here.open_reading, there.open_reading) == (True, False)
    assert "desk.example" in there.hosts
    assert "127.0.0.1" not in there.hosts


def test_connections_are_watched_and_the_newest_session_is_read_first(tmp_path, monkeypatch):
    """Without either, a client that never reads would keep its connection, and the first reader would wait."""
    import uvicorn

    from smartmoney_pipeline.api.connections import WatchedConnection

    started = {}
    monkeypatch.setattr(uvicorn, "run", lambda app, **options: started.update(options, app=app))
    assert run("serve", str(tmp_path), "-q").code == 0
    assert started["http"] is WatchedConnection
    assert started["access_log"] is False
    assert started["app"].state.context.settings.warm


def test_a_server_over_nothing_says_what_makes_something(tmp_path, monkeypatch):
    import uvicorn

    monkeypatch.setattr(uvicorn, "run", lambda *_, **__: None)
    lake = tmp_path / "my lake"
    lake.mkdir()
    said = run("serve", str(lake)).err
    assert f"no session is in this lake; make and publish one with: smartmoney backfill '{lake}' --source demo-7 --since" in said
    assert "no session" not in run("serve", str(lake), "-q").err


def test_cursors_outlive_a_restart(tmp_path):
    one, two = (application(Job(tmp_path)).state.context.cursors for _ in range(2))
    assert list(two.read("events", one.make("events", "a", 1))) == ["a", 1]
    assert (tmp_path / "_access" / "cursor_secret").stat().st_mode & 0o077 == 0


def test_the_command_line_does_not_load_the_web_server():
    code = "import sys, smartmoney_pipeline.cli; print('fastapi' in sys.modules, 'uvicorn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split() == ["False", "False"]
