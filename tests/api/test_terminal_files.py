"""The files of the terminal: what is sent, under which headers, how small they are, and that nothing else can be had."""

from __future__ import annotations

import gzip
import re

import pytest

from smartmoney_pipeline.api.terminal_files import terminal_files

BUDGET_BYTES = 150_000
"""Compressed, without data: the budget of the terminal."""


def test_the_page_is_at_the_root_under_the_strict_policy(client):
    answer = client.get("/")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert "script-src 'self'" in answer.headers["content-security-policy"]
    assert client.get("/", headers={"if-none-match": answer.headers["etag"]}).status_code == 304


def test_every_file_that_one_names_is_there():
    found = terminal_files()
    named = {name for one in found.values() for name in re.findall(r'"/terminal/([\w.]+)"|from "\./([\w.]+)"', one.plain.decode())}
    assert {one or other for one, other in named} == set(found) - {"index.html"}


def test_all_of_it_is_small(client):
    assert sum(len(one.packed) for one in terminal_files().values()) <= BUDGET_BYTES
    answer = client.get("/terminal/app.js", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.content == terminal_files()["app.js"].plain == gzip.decompress(terminal_files()["app.js"].packed)
    assert "content-encoding" not in client.get("/terminal/app.js", headers={"accept-encoding": "identity"}).headers


@pytest.mark.parametrize("name", ["nothing.js", "..%2Fapp.py", "%2e%2e/app.py", ".", "app.py"])
def test_no_other_file_can_be_had(client, name):
    assert client.get(f"/terminal/{name}").status_code == 404


@pytest.mark.parametrize("name", sorted(name for name in terminal_files() if name.endswith((".js", ".html"))))
def test_no_file_makes_markup_from_text_or_runs_any(name):
    text = terminal_files()[name].plain.decode()
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|\sstyle=|\son\w+=|javascript:", text
    )
    assert not re.search(r"https?://(?!www\.w3\.org/)", text)


@pytest.mark.parametrize("name", sorted(terminal_files()))
def test_files_are_short(name):
    lines = terminal_files()[name].plain.decode().splitlines()
    assert len(lines) <= 250
