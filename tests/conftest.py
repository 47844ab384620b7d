"""Object storage for tests: a server on this machine that speaks the protocol of S3, with a bucket of its own for each test."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Iterator
from urllib.request import Request, urlopen

import pytest


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """Address of a server that is stopped at the end; skipped where moto or its web framework is not installed."""
    moto_server = pytest.importorskip("moto.server", reason="moto with flask and flask-cors is not installed: no server to test against")
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = moto_server.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3_server, monkeypatch) -> str:
    """URL of an empty bucket; the environment of the test, and of what it starts, leads to the server."""
    for name, value in {"AWS_ENDPOINT_URL": s3_server, "AWS_ACCESS_KEY_ID": "tests", "AWS_SECRET_ACCESS_KEY": "tests"}.items():
        monkeypatch.setenv(name, value)
    name = f"bucket-{uuid.uuid4().hex}"
    with urlopen(Request(f"{s3_server}/{name}", method="PUT")) as answer:
        assert answer.status == 200
    return f"s3://{name}"
