"""What a server reads when it starts: the first reader finds the newest session at hand."""

from __future__ import annotations

import shutil

from api_helpers import BASE
from starlette.testclient import TestClient
from tiny_lake import build_lake

from smartmoney_pipeline.api.catalog import Catalog
from smartmoney_pipeline.api.warming import warm


def test_the_newest_session_is_at_hand(tmp_path):
    """The files are gone after it was read, so what is answered was read before."""
    catalog = Catalog(build_lake(tmp_path / "lake"))
    warm(catalog)
    view = catalog.chosen(None, None)
    shutil.rmtree(tmp_path / "lake" / "_versions")
    assert view.index["event_id"].to_pylist() == ["b-e1", "b-e2", "b-e3"]
    assert view.events(view.closed_ns.argsort(), ["underlying_id", "event_id"]).column_names == ["event_id", "underlying_id"]


def test_a_lake_that_cannot_be_read_stops_no_server(tmp_path, make_app):
    with TestClient(make_app(lake=tmp_path, warm=True), base_url=BASE) as client:
        assert client.get("/v1/events").status_code == 404
    lake = build_lake(tmp_path / "lake")
    shutil.rmtree(lake / "_versions")
    with TestClient(make_app(lake=lake, warm=True), base_url=BASE) as client:
        assert client.get("/v1/events").status_code == 503


def test_of_a_lake_without_sessions_nothing_is_said(tmp_path, caplog):
    """That nothing is there is no session that cannot be read."""
    warm(Catalog(tmp_path))
    assert not caplog.records
    shutil.rmtree(build_lake(tmp_path / "lake") / "_versions")
    warm(Catalog(tmp_path / "lake"))
    assert "cannot be read" in caplog.text


def test_the_page_after_a_page_is_encoded_ahead(tmp_path, monkeypatch):
    """With blocks of one event, whoever reads the first has the second encoded, and no more; a page with holes in it has no next."""
    import numpy as np

    from smartmoney_pipeline.api import session_view

    monkeypatch.setattr(session_view, "BLOCK_ROWS", 1)
    view = Catalog(build_lake(tmp_path / "lake")).chosen(None, None)
    whole = view.events_json(np.array([0, 2])).to_pylist()
    view.read_ahead(np.array([0, 2]))
    assert sorted(view._blocks) == [0, 2]
    view.read_ahead(np.array([0]))
    view.read_ahead(np.array([2]))
    assert sorted(view._blocks) == [0, 1, 2]
    assert view.events_json(np.arange(3)).to_pylist()[::2] == whole


def test_a_page_of_few_events_encodes_no_block(tmp_path, monkeypatch):
    """One event of a block of three is encoded alone, as it would be within the block; two of three are worth the block."""
    import numpy as np

    view = Catalog(build_lake(tmp_path / "lake")).chosen(None, None)
    alone = view.events_json(np.array([1])).to_pylist()
    assert not view._blocks
    whole = view.events_json(np.array([0, 1])).to_pylist()
    assert (sorted(view._blocks), whole[1:]) == ([0], alone)
    monkeypatch.setattr(view, "events", None)
    assert view.events_json(np.array([1])).to_pylist() == alone


def test_a_block_that_could_not_be_read_is_tried_again(tmp_path, monkeypatch):
    import numpy as np
    import pytest

    view = Catalog(build_lake(tmp_path / "lake")).chosen(None, None)
    encoded = view._encoded
    monkeypatch.setattr(view, "_encoded", lambda number: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        view.events_json(np.arange(3))
    monkeypatch.setattr(view, "_encoded", encoded)
    assert len(view.events_json(np.arange(3))) == 3
