"""Pages of events, one event, its evidence and its explanation. Expected values are those of the tiny lake, written by hand."""

from __future__ import annotations

import io
import json

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from pyarrow import ipc

from smartmoney_pipeline.schemas.contracts import SmartMoneyEvent


def ids(answer) -> list[str]:
    return [event["event_id"] for event in answer.json()["data"]]


def test_a_page_holds_the_newest_session_in_the_order_of_closing(client):
    answer = client.get("/v1/events")
    assert answer.status_code == 200
    page = answer.json()
    assert (page["session"], page["source"], page["matched"]) == ("2025-01-20", "tape", 3)
    assert ids(answer) == ["b-e1", "b-e2", "b-e3"]
    assert (page["next_cursor"], page["next_url"]) == (None, None)
    assert answer.headers["x-dataset-id"] == "2025-01-20|tape"
    assert (answer.headers["x-rule-version"], answer.headers["x-model-version"]) == ("rules-1", "identity-1")


def test_every_event_of_a_page_is_the_public_object(client):
    for event in client.get("/v1/events").json()["data"]:
        assert SmartMoneyEvent.model_validate(event).event_id == event["event_id"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("underlying=AAPL", ["a-e1", "a-e2"]),
        ("underlying=aapl,SPY", ["a-e1", "a-e2", "a-e3"]),
        ("profile=event_driven", ["a-e1"]),
        ("profile=arbitrage", []),
        ("likeliest=event_driven", ["a-e1", "a-e2", "a-e3"]),
        ("p.gte=0.2", ["a-e1", "a-e2"]),
        ("direction=bullish", ["a-e1"]),
        ("abstained=true", ["a-e2", "a-e3"]),
        ("suppressed=true", ["a-e1"]),
        ("suppressed=false", ["a-e2", "a-e3"]),
        ("reason=no_quotes", ["a-e3"]),
        ("flag=complex", ["a-e2"]),
        ("kind=multi_leg_event", ["a-e2"]),
        ("structure=strangle", ["a-e2"]),
        ("assembly=sweep", ["a-e1"]),
        ("premium.gte=3050", ["a-e1", "a-e2"]),
        ("premium.gte=3050.01", ["a-e1"]),
        ("dte.lt=36", ["a-e1"]),
        ("dte.lt=35", []),
        # The second closes at 14:30:00.750, the third at 14:30:01.150: the start is held, the end is not.
        ("time.gte=2025-01-17T14:30:00.750Z&time.lt=2025-01-17T14:30:01.150Z", ["a-e2"]),
        ("time.gte=1737124200750", ["a-e2", "a-e3"]),
        ("time.gte=1737124200750000001", ["a-e3"]),
        ("sort=-closed_at", ["a-e3", "a-e2", "a-e1"]),
        ("sort=-premium_usd&abstained=true", ["a-e2", "a-e3"]),
        ("sort=-probability", ["a-e1", "a-e2", "a-e3"]),
    ],
)
def test_filters_and_orders(client, query, found):
    answer = client.get(f"/v1/events?session=2025-01-17&{query}")
    assert answer.status_code == 200, answer.text
    assert ids(answer) == found
    assert answer.json()["matched"] == len(found)


def test_a_cursor_goes_through_every_event_once(client):
    seen, url = [], "/v1/events?limit=1&sort=-closed_at"
    while url:
        answer = client.get(url)
        seen += ids(answer)
        url = answer.json()["next_url"]
    assert seen == ["b-e3", "b-e2", "b-e1"]


def test_a_cursor_of_another_list_is_refused(client):
    cursor = client.get("/v1/events?limit=1").json()["next_cursor"]
    assert client.get(f"/v1/events?limit=1&cursor={cursor}").status_code == 200
    assert client.get(f"/v1/events?limit=1&sort=-closed_at&cursor={cursor}").status_code == 400
    assert client.get(f"/v1/sessions?cursor={cursor}").status_code == 400


@pytest.mark.parametrize("cursor", ["x", "AAAA", "a" * 400, "%00", "..%2f..%2fetc", "é", "WyIxIiwyXQ"])
def test_a_forged_cursor_is_refused(client, cursor):
    assert client.get(f"/v1/events?cursor={cursor}").status_code == 400


def test_a_cursor_of_an_older_publication_is_said_to_be_one(tmp_path, make_app):
    from starlette.testclient import TestClient
    from tiny_lake import FIRST, SOURCE, VERSIONS, build_lake

    from smartmoney_pipeline.store.lake import Lake
    from smartmoney_pipeline.store.manifest import publish, read_manifest

    root = build_lake(tmp_path / "lake")
    with TestClient(make_app(lake=root), base_url="http://127.0.0.1") as client:
        cursor = client.get("/v1/events?session=2025-01-17&limit=1").json()["next_cursor"]
        lake = Lake(root)
        publish(lake, FIRST, SOURCE, read_manifest(lake, FIRST, SOURCE).tables, VERSIONS | {"code": "0.2.0"})
        assert client.get(f"/v1/events?session=2025-01-17&limit=1&cursor={cursor}").status_code == 409


def test_fields_choose_columns(client):
    answer = client.get("/v1/events?limit=1&fields=abstained,event_id")
    assert answer.json()["data"] == [{"abstained": False, "event_id": "b-e1"}]
    assert client.get("/v1/events?fields=event_id,label").status_code == 400


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=1001", "limit=1e9", "p.gte=2", "p.gte=nan", "session=tomorrow", "profile=none", "sort=event_id", "source=../tape",
     "time.gte=2025-01-17", "time.gte=2025-01-17T14:30:00", "time.gte=9999999999999999999", "underlying=" + "A," * 60 + "A", "label=1",
     "premium.gte=-1", "dte.lt=x", "underlying='%20or%201=1--", "fields=event_id;drop", "cursor=" + "a" * 600],
)  # fmt: skip
def test_a_wrong_parameter_is_a_problem_that_names_it(client, query):
    answer = client.get(f"/v1/events?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == 400
    assert any(query.partition("=")[0] in fault for fault in problem["errors"]), problem


def test_lines_csv_arrow_and_parquet_hold_the_same_events(client):
    def get(accept):
        answer = client.get("/v1/events", headers={"accept": accept})
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(accept)
        return answer.content

    lines = [json.loads(line) for line in get("application/x-ndjson").splitlines()]
    assert lines == client.get("/v1/events").json()["data"]
    csv = pacsv.read_csv(io.BytesIO(get("text/csv")))
    assert csv["event_id"].to_pylist() == ["b-e1", "b-e2", "b-e3"]
    assert csv["member_print_ids"].to_pylist()[0] == "b-p1|b-p2"
    assert csv["features.premium_usd"].to_pylist() == [141_000.0, 3_050.0, 50.0]
    with ipc.open_stream(get("application/vnd.apache.arrow.stream")) as reader:
        arrow = reader.read_all()
    parquet = pq.read_table(io.BytesIO(get("application/vnd.apache.parquet")))
    assert arrow.to_pylist() == parquet.to_pylist()
    assert SmartMoneyEvent.from_row(arrow.to_pylist()[0]) == SmartMoneyEvent.model_validate(lines[0])


def test_an_unknown_form_is_not_acceptable(client):
    assert client.get("/v1/events", headers={"accept": "image/png"}).status_code == 406
    assert client.get("/v1/events", headers={"accept": "image/png, */*;q=0.1"}).headers["content-type"] == "application/json"


def test_an_unchanged_page_is_not_sent_again(client):
    tag = client.get("/v1/events").headers["etag"]
    answer = client.get("/v1/events", headers={"if-none-match": tag})
    assert (answer.status_code, answer.content) == (304, b"")


def test_one_event_is_found_in_any_session(client):
    assert client.get("/v1/events/a-e2").json()["structure"] == "strangle"
    assert client.get("/v1/events/a-e2?session=2025-01-20").status_code == 404
    assert client.get("/v1/events/unknown").status_code == 404


def test_evidence_lays_the_prints_against_their_quotes(client):
    found = client.get("/v1/events/a-e1/evidence").json()
    assert [one["print_id"] for one in found["prints"]] == ["a-p1", "a-p2"]
    first = found["prints"][0]
    assert (first["price_usd"], first["bid"], first["ask"], first["quote_age_ms"]) == (2.0, 1.9, 2.0, 5.0)
    assert (first["underlying_bid"], first["p_buy"], first["sign_layer"]) == (148.0, 0.9, "nbbo_quote")
    assert found["prints"][1]["underlying_bid"] is None
    assert found["legs"][0]["contracts"] == 700
    assert found["links"] == [{"event_id": "a-e2", "kind": "campaign", "gap_ms": 496}]
    assert found["corrections"] == [
        {"event_id": "a-e0", "retracted_at": "2025-01-17T14:30:00.700000000Z", "reason": "print_cancelled", "replaced_by": ["a-e1"]}
    ]
    assert (found["nbbo_basis"], found["truncated"]) == ("strictly_before_print", 0)


def test_prints_of_a_package_name_their_leg(client):
    found = client.get("/v1/events/a-e2/evidence").json()
    assert [(one["print_id"], one["leg"]) for one in found["prints"]] == [("a-p3", 1), ("a-p4", 0)]
    assert found["corrections"] == []


def test_an_explanation_adds_up(client):
    found = client.get("/v1/events/a-e1/explain").json()
    for name, total in found["log_odds"].items():
        parts = [line["contribution"] for line in found["contributions"] if line["profile"] == name]
        assert found["log_prior"][name] + sum(parts) == pytest.approx(total, abs=1e-9)
    assert found["margin"] == pytest.approx(found["probability"][found["likeliest"]] - found["probability"][found["runner_up"]])
    assert all(line["contribution"] < 0 or line["profile"] == found["runner_up"] for line in found["counter_evidence"])
    # Scored under rules-1, explained under those of the package.
    assert "rules-1" in found["warning"]


def test_no_page_is_made_of_a_file_that_was_changed(tmp_path, make_app):
    from starlette.testclient import TestClient
    from tiny_lake import FIRST, SOURCE, build_lake

    from smartmoney_pipeline.store.lake import Lake

    root = build_lake(tmp_path / "lake")
    lake = Lake(root)
    path = lake.path("smart_money_events", FIRST, SOURCE)
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    with TestClient(make_app(lake=root), base_url="http://127.0.0.1") as client:
        answer = client.get("/v1/events?session=2025-01-17")
        assert answer.status_code == 503
        assert str(root) not in answer.text
        assert client.get("/v1/events?session=2025-01-20").status_code == 200


def test_an_empty_lake_has_no_events(tmp_path, make_app):
    from starlette.testclient import TestClient

    (tmp_path / "lake").mkdir()
    with TestClient(make_app(lake=tmp_path / "lake"), base_url="http://127.0.0.1") as client:
        assert client.get("/v1/events").status_code == 404
        assert client.get("/v1/sessions").json() == {"data": [], "next_cursor": None}
        assert client.get("/flow/alerts").json() == {"data": []}
        assert client.get("/v1/status").json()["newest"] is None


def test_json_text_is_that_of_the_standard_library():
    from smartmoney_pipeline.api.wire import joined, json_rows

    def json_list(table: pa.Table, absent: set[str] = frozenset()) -> bytes:
        return joined(json_rows(table, absent), ",", b"[", b"]")

    rows = [
        {"a": 'quote " slash \\ tab \t é', "b": [1.5, None], "c": {"x": None, "y": [{"z": True}]}, "d": float("nan")},
        {"a": None, "b": None, "c": None, "d": 1e-9},
        {"a": "", "b": [], "c": {"x": "<script>", "y": []}, "d": 3.0},
    ]
    table = pa.Table.from_pylist(rows)
    read = json.loads(json_list(table))
    rows[0]["d"] = None
    assert read == rows
    assert json_list(table.slice(0, 0)) == b"[]"
    assert json.loads(json_list(table.slice(1, 1), absent={"b", "d", "x"}))[0] == {"a": None, "c": None, "d": 1e-9}
