"""`smartmoney evaluate`: figures, and labels that do not fit."""

from __future__ import annotations

import json
import shutil

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from command_runs import run

from smartmoney_pipeline.profiles.calibration import IDENTITY, content_of, load


@pytest.fixture
def labels(day, tmp_path):
    """Return a function that writes the labels changed by a function on their table."""

    def make(change):
        file = tmp_path / "labels.parquet"
        pq.write_table(change(pq.read_table(day / "labels" / "labels.parquet")), file)
        return file

    return make


def constant(table: pa.Table, column: str, value: str) -> pa.Table:
    at = table.column_names.index(column)
    return table.set_column(at, table.schema.field(at), pa.array([value] * len(table)))


def test_figures_count_events_and_labelled_parents(day, scored):
    rows = json.loads(run("evaluate", scored, "--labels", day / "labels", "--json").out)
    figures = {(row["metric"], row["profile"]): row for row in rows}
    labelled = pq.read_table(day / "labels" / "labels.parquet").to_pandas()
    events = pq.read_metadata(scored / "smart_money_events.parquet").num_rows
    assert figures["events", None]["value"] == events
    assert figures["parents_found", None]["n"] == labelled["parent_id"].nunique()
    arbitrage = labelled[labelled["expected"] == "arbitrage"]
    assert figures["recall", "arbitrage"]["n"] == arbitrage["parent_id"].nunique()
    assert figures["recall_of_planted", "arbitrage"]["n"] == arbitrage["label_id"].nunique()


def test_text_has_a_line_a_profile(day, scored):
    ended = run("evaluate", scored, "--labels", day / "labels" / "labels.parquet")
    assert ended.code == 0
    for part in ("By profile", "retail_whale", "precision", "Whole session", "abstention rate"):
        assert part in ended.out


def test_a_lake_is_evaluated_too(day, lake):
    assert run("evaluate", lake, "--labels", day / "labels", "--source", "test-7").code == 0


def test_missing_labels_are_named(scored, tmp_path):
    ended = run("evaluate", scored, "--labels", tmp_path)
    assert ended.code == 1
    assert "labels.parquet: there are no labels here" in ended.err


def test_labels_of_another_tape_are_an_error(scored, labels):
    ended = run("evaluate", scored, "--labels", labels(lambda table: constant(table, "print_id", "elsewhere")))
    assert ended.code == 1
    assert "labels of another tape" in ended.err


def test_some_labels_of_unknown_prints_are_noted(scored, labels):
    file = labels(lambda table: pa.concat_tables([table, constant(table.slice(0, 2), "print_id", "elsewhere")]))
    ended = run("evaluate", scored, "--labels", file)
    assert ended.code == 0
    assert "2 labelled prints are in no event" in ended.err


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda table: table.drop_columns(["profile"]), "column 'profile': the column is missing"),
        (lambda table: constant(table, "profile", "whale"), "'whale' is no profile"),
        (lambda table: table.slice(0, 0), "no rows"),
    ],
)
def test_labels_that_cannot_serve_are_an_error(scored, labels, change, fault):
    ended = run("evaluate", scored, "--labels", labels(change))
    assert ended.code == 1
    assert fault in ended.err


def test_truncated_labels_are_named(scored, labels):
    file = labels(lambda table: table)
    file.write_bytes(file.read_bytes()[:100])
    ended = run("evaluate", scored, "--labels", file)
    assert ended.code == 1
    assert "cannot be read as Parquet" in ended.err


def test_a_result_without_events_is_an_error(day, scored, tmp_path):
    shutil.copytree(scored, tmp_path / "out")
    file = tmp_path / "out" / "smart_money_events.parquet"
    pq.write_table(pq.read_table(file).slice(0, 0), file)
    ended = run("evaluate", tmp_path / "out", "--labels", day / "labels")
    assert ended.code == 1
    assert "no events to evaluate" in ended.err


def test_features_that_the_events_lack_are_named(day, scored, tmp_path):
    """Figures need few features; another calibration scores again, and needs them all."""
    folder = shutil.copytree(scored, tmp_path / "scored")
    file = folder / "smart_money_events.parquet"
    events = pq.read_table(file)
    at = events.column_names.index("features")
    column = events["features"].combine_chunks()
    kept = [field for field in column.type if field.name != "call_share"]
    fewer = pa.StructArray.from_arrays([column.field(field.name) for field in kept], fields=kept)
    pq.write_table(events.set_column(at, "features", fewer), file)
    same = tmp_path / "same.json"
    same.write_text(json.dumps(content_of(load(IDENTITY))))

    assert run("evaluate", folder, "--labels", day / "labels").code == 0
    ended = run("evaluate", folder, "--labels", day / "labels", "--calibration", same)
    assert ended.code == 1
    assert "the events lack features: call_share" in ended.err
