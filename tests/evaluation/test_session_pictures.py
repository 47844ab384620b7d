"""Pictures of one session: drawn where there are labels, with every case of the table of confusion in its place."""

from __future__ import annotations

import pandas as pd
import pytest
from judged_examples import cases, part
from matplotlib.figure import Figure

from smartmoney_pipeline.evaluation.cases import cases_of
from smartmoney_pipeline.evaluation.report.confusion_picture import SHADES, confusion_canvas
from smartmoney_pipeline.evaluation.report.pictures import session_pictures


def test_a_session_with_labels_has_two_pictures_and_the_same_bytes_again():
    first, second = session_pictures(cases(3)), session_pictures(cases(3))
    assert [one.name for one in first] == ["reliability", "confusion"]
    assert [one.png for one in first] == [one.png for one in second]
    assert all(one.png.startswith(b"\x89PNG") and one.alt for one in first)


def test_a_session_without_labels_has_none():
    assert session_pictures(cases_of([part(labels=None)])) == []


@pytest.fixture
def canvas() -> Figure:
    table = pd.DataFrame(
        [[3, 1, 0], [0, 0, 0], [0, 0, 1200]], index=["vol_seller", "arbitrage", "none"], columns=["vol_seller", "x", "abstain"]
    )
    found = confusion_canvas(table)
    assert found is not None
    return found


def test_counts_stand_in_their_cells_and_rows_without_a_case_are_left_out(canvas):
    (axes,) = canvas.axes
    # By hand: column and row of each count that is not zero; the row of arbitrage is gone.
    assert {text.get_text(): text.get_position() for text in axes.texts} == {"3": (0, 0), "1": (1, 0), "1,200": (2, 1)}
    assert [label.get_text() for label in axes.get_yticklabels()] == ["vol seller  (4)", "none  (1,200)"]


def test_a_cell_is_shaded_by_its_share_of_the_row(canvas):
    (image,) = canvas.axes[0].get_images()
    # 3 and 1 of 4 cases, and all of 1,200.
    assert image.get_array().tolist() == [[0.75, 0.25, 0.0], [0.0, 0.0, 1.0]]
    assert SHADES(0.0)[:3] == (1.0, 1.0, 1.0)


def test_nothing_to_show_is_no_picture():
    assert confusion_canvas(pd.DataFrame([[0, 0]], index=["none"], columns=["x", "abstain"])) is None
