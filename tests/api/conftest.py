"""A tiny published lake, and a server over it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from starlette.testclient import TestClient

sys.path.append(str(Path(__file__).resolve().parents[1] / "bridge"))

from api_helpers import BASE, WIDE, HandClock
from tiny_lake import build_lake

from smartmoney_pipeline.api.app import create_app
from smartmoney_pipeline.api.keys import KeyRing, Scope
from smartmoney_pipeline.api.settings import Settings


@pytest.fixture(scope="session")
def lake(tmp_path_factory) -> Path:
    return build_lake(tmp_path_factory.mktemp("tiny") / "lake")


@pytest.fixture
def hand() -> HandClock:
    return HandClock()


@pytest.fixture
def make_app(lake, hand):
    """Make a server; its settings may be changed."""

    def make(**changes):
        settings = {"lake": lake, "limits": WIDE, "clock": hand.clock(), "secret": b"tests"} | changes
        return create_app(Settings(**settings))

    return make


@pytest.fixture
def client(make_app):
    with TestClient(make_app(), base_url=BASE) as found:
        yield found


@pytest.fixture
def keyed(tmp_path, lake, make_app):
    """A server over a lake of its own that has keys, and the texts of those."""
    import shutil

    own = shutil.copytree(lake, tmp_path / "lake")
    ring = KeyRing(own)
    texts = {scope: ring.create(f"test {scope}", scope)[0] for scope in Scope}
    with TestClient(make_app(lake=own), base_url=BASE) as found:
        yield found, texts, ring
