"""Labels name the prints of planned events that stand at the end of the day, and what is right to say of them."""

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from smartmoney_pipeline.scenarios.generate import write
from smartmoney_pipeline.scenarios.labels import LABEL_COLUMNS, SIDE_COLUMNS, parents_of, sides_table, surviving
from smartmoney_pipeline.scenarios.templates import load_template
from smartmoney_pipeline.schemas.codes import ProfileId

TIME = pa.timestamp("ns", tz="UTC")
# The form that evaluation reads.
KINDS = {
    "label_id": pa.string(), "parent_id": pa.string(),
    "print_id": pa.string(), "profile": pa.string(), "template": pa.string(), "variant": pa.string(),
    "direction": pa.string(), "event_start": TIME, "event_end": TIME, "difficulty": pa.string(), "family": pa.string(),
    "expected": pa.string(), "guards": pa.list_(pa.string()),
}  # fmt: skip


@pytest.fixture(scope="module")
def written(day, tmp_path_factory):
    folder = tmp_path_factory.mktemp("written")
    write(day, folder / "tape", folder / "labels")
    return folder


def test_labels_name_prints_of_the_tape_once(day, prints):
    labels = day.labels
    assert tuple(labels.columns) == LABEL_COLUMNS
    assert labels["print_id"].is_unique
    assert labels["print_id"].isin(prints["print_id"]).all()
    assert set(labels["profile"]) == {*map(str, ProfileId), "none"}
    assert set(labels["family"]) == {"profile", "neutral", "false_positive"}
    ts = labels.merge(prints.drop_duplicates("print_id")[["print_id", "ts"]], on="print_id")
    assert ((ts["event_start"] <= ts["ts"]) & (ts["ts"] <= ts["event_end"])).all()


def test_labels_say_what_the_template_says(day):
    one = day.labels.drop_duplicates("label_id")
    for row in one.itertuples():
        cases = [c for c in load_template(row.template).cases() if c.variant.name == row.variant and c.difficulty == row.difficulty]
        assert [(c.profile, c.expected, c.family, list(c.variant.guards)) for c in cases] == [
            (row.profile, row.expected, row.family, list(row.guards))
        ]


def test_a_label_tells_one_event(day):
    per_event = day.labels.drop(columns=["print_id", "parent_id", "guards"]).drop_duplicates()
    assert per_event["label_id"].is_unique


def test_written_labels_have_the_form_that_evaluation_reads(written, day):
    table = pq.read_table(written / "labels" / "labels.parquet")
    assert {name: table.schema.field(name).type for name in table.schema.names} == KINDS
    assert table.num_rows == len(day.labels)


def test_sides_lie_beside_the_labels_and_never_on_the_tape(written, day, prints):
    sides = pq.read_table(written / "labels" / "sides.parquet").to_pandas()
    assert tuple(sides.columns) == SIDE_COLUMNS
    assert set(sides["side"]) == {-1, 1}
    assert set(sides["print_id"]) == set(prints["print_id"])
    assert not list((written / "tape").glob("*side*"))


def fills(*rows: tuple[int, int, int, float]) -> pd.DataFrame:
    """Fills as (event, unit, order, seconds); unit -1 stands alone."""
    frame = pd.DataFrame(rows, columns=["event", "unit", "order", "seconds"])
    return frame.assign(executed=(frame["seconds"] * 1e9).astype("int64"))


def test_an_order_that_stands_alone_is_one_parent_with_all_its_fills():
    assert list(parents_of(fills((0, -1, 5, 0.0), (0, -1, 5, 0.1), (0, -1, 6, 0.2), (1, -1, 7, 0.3)))) == [0, 0, 1, 0]


def test_orders_of_one_unit_share_a_parent_for_a_minute_from_its_first_print():
    # D5: a worked order or a crowd is one parent within a minute; what goes on is the next one
    clips = fills((0, 1, 1, 0.0), (0, 1, 2, 30.0), (0, 1, 3, 60.0), (0, 1, 4, 61.0), (0, 1, 5, 121.0), (0, 1, 6, 121.5))
    assert list(parents_of(clips)) == [0, 0, 0, 1, 1, 2]


def test_units_of_one_event_are_parents_of_their_own():
    assert list(parents_of(fills((0, 0, 1, 0.0), (0, 1, 2, 1.0), (0, 0, 3, 2.0), (0, -1, 4, 3.0)))) == [0, 1, 0, 2]


def test_parents_part_the_events(day):
    labels = day.labels
    assert (labels["parent_id"].str.rpartition(".")[0] == labels["label_id"]).all()
    span = labels.merge(day_prints(day), on="print_id").groupby("parent_id")["ts"].agg(["min", "max"])
    assert ((span["max"] - span["min"]) <= pd.Timedelta(minutes=3)).all(), "a minute, and late reports up to ninety seconds after"
    packages = labels[labels["variant"] == "box"]
    assert packages.groupby("parent_id").size().isin([4]).all()


def day_prints(day) -> pd.DataFrame:
    return day.tables["option_prints"].to_pandas().drop_duplicates("print_id")[["print_id", "ts"]]


def tape_rows() -> pd.DataFrame:
    """Five reports: an ordinary print, one told twice, one cancelled, and its cancel."""
    return pd.DataFrame(
        {
            "print_id": ["a", "b", "b", "c", "d"],
            "side": [1, -1, -1, 1, 1],
            "cancels": [-1, -1, -1, -1, 3],
            "cancelled": [False, False, False, True, False],
            "underlying": ["ABC"] * 5,
            "event": [-1] * 5,
            "order": [7, 8, 8, 9, 10],
            "unit": [-1, -1, -1, 4, 4],
        }
    )


def test_cancelled_prints_cancels_and_second_reports_do_not_survive():
    assert list(surviving(tape_rows())["print_id"]) == ["a", "b"]


def test_sides_name_each_print_once():
    table = sides_table(tape_rows())
    assert list(table["print_id"]) == ["a", "b", "c", "d"]
    # the last two rows are pieces of one larger order, the others orders of their own
    assert table["order_id"].nunique() == 3
    assert table["order_id"].iloc[2] == table["order_id"].iloc[3]
