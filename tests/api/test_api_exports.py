"""`/v1/exports`: whole tables by their own and their short names, and the counts of a session. Figures are those of tiny_lake."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest


def table(client, name: str, query: str = "") -> pa.Table:
    answer = client.get(f"/v1/exports/{name}?format=parquet{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/vnd.apache.parquet")
    return pq.read_table(io.BytesIO(answer.content))


@pytest.mark.parametrize(("short", "whole", "rows"), [("events", "smart_money_events", 3), ("members", "parent_event_members", 5)])
def test_a_short_name_is_the_same_table(client, short, whole, rows):
    assert table(client, short) == table(client, whole)
    assert len(table(client, short)) == rows


def test_packets_are_those_of_the_engine(client):
    assert table(client, "packets")["packet_id"].to_pylist() == ["b-k1", "b-k2", "b-k3", "b-k4"]


def test_a_date_is_a_session(client):
    assert table(client, "events", "&date=2025-01-17")["event_id"].to_pylist() == ["a-e1", "a-e2", "a-e3"]
    assert client.get("/v1/exports/events?date=2025-01-17&session=2025-01-17").status_code == 400
    assert client.get("/v1/exports/events?date=2024-01-17").status_code == 404


def test_the_counts_of_a_session_are_a_table(client):
    """Five prints, one of them without a quote; three events, of which one is published; the median of the ages 5 3 3 8 is 4."""
    answer = client.get("/v1/exports/quality?format=arrow")
    with pa.ipc.open_stream(answer.content) as reader:
        rows = reader.read_all().to_pylist()
    found = {(row["measure"], row["of"]): row["value"] for row in rows}
    assert (found["prints", ""], found["quote_missing", ""], found["events", ""], found["abstained", ""]) == (5, 1, 3, 2)
    assert found["published", "event_driven"] == 1
    assert found["median_quote_age_ms", ""] == 4.0
    assert table(client, "quality").to_pylist() == rows
