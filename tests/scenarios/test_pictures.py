"""Pictures: they hold what the day holds, and the same day gives the same bytes."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from matplotlib.figure import Figure

from smartmoney_pipeline.scenarios.pictures import PICTURES, draw
from smartmoney_pipeline.scenarios.pictures_data import implied, shown
from smartmoney_pipeline.scenarios.pictures_order import order_picture, worked_order
from smartmoney_pipeline.scenarios.pictures_style import style
from smartmoney_pipeline.scenarios.pictures_surface import chosen_names, surface_picture
from smartmoney_pipeline.scenarios.pictures_tape import abrupt_moves, arrival_picture, per_minute, spot_picture, spread_picture

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def seen(day):
    return shown(day)


def lines(made: Figure) -> list[np.ndarray]:
    """Finite points of every line that was drawn from data: more than two of them."""
    found = [np.asarray(line.get_xydata(), dtype=float) for axes in made.axes for line in axes.get_lines()]
    return [points[np.isfinite(points).all(axis=1)] for points in found if len(points) > 2]


def test_every_picture_is_a_png_and_the_bytes_repeat(day, tmp_path):
    first, again = (draw(day, tmp_path / name) for name in ("a", "b"))
    assert [file.stem for file in first] == list(PICTURES)
    for one, other in zip(first, again, strict=True):
        assert one.read_bytes()[:8] == PNG
        assert hashlib.sha256(one.read_bytes()).digest() == hashlib.sha256(other.read_bytes()).digest(), one.name
        assert b"matplotlib" not in one.read_bytes()[:400].lower()


def test_settings_of_the_user_do_not_reach_in():
    import matplotlib as mpl

    with mpl.rc_context({"font.size": 33.0, "axes.grid": False}), style():
        assert (mpl.rcParams["font.size"], mpl.rcParams["axes.grid"]) == (9.5, True)


def test_the_spot_picture_holds_every_path(seen):
    made = spot_picture(seen)
    assert len(made.axes) == len(seen.tickers)
    for axes, ticker in zip(made.axes, seen.tickers, strict=True):
        drawn = np.asarray(axes.get_lines()[0].get_ydata())
        rows = seen.spots.loc[seen.spots["underlying"] == ticker, "mid"]
        assert rows.min() <= drawn.min() <= drawn.max() <= rows.max()
        assert drawn[-1] == pytest.approx(rows.iloc[-1], rel=0.005)


def test_abrupt_moves_are_found_once():
    rng = np.random.default_rng(0)
    returns = 1e-4 * rng.standard_normal(2_000)
    returns[700:702] += 0.01
    assert abrupt_moves(100.0 * np.exp(np.cumsum(returns))).tolist() == [700]


def test_the_surface_shows_smiles_at_two_moments_and_falls_with_strike_for_an_index(seen):
    made = surface_picture(seen)
    names = chosen_names(seen)
    assert len(made.axes) == 2 * len(names)
    smile = lines_of(made, 0)
    assert len(smile) >= 2
    # an index: puts below the forward cost more volatility than calls above it
    slopes = [np.polyfit(points[:, 0], points[:, 1], 1)[0] for points in smile if np.ptp(points[:, 0]) > 0.5]
    assert slopes and np.median(slopes) < 0


def lines_of(made: Figure, place: int) -> list[np.ndarray]:
    found = [np.asarray(line.get_xydata(), dtype=float) for line in made.axes[place].get_lines()]
    return [points for points in found if len(points) > 3]


def test_spreads_fall_with_delta_in_percent(seen):
    made = spread_picture(seen)
    curves = lines_of(made, 0)
    assert len(curves) >= 3
    assert all(points[0, 1] > points[-1, 1] for points in curves)


def test_arrivals_add_up_to_the_prints(seen):
    made = arrival_picture(seen)
    inside = seen.prints[seen.prints["second"].between(0, 23_400, inclusive="left")]
    drawn = [np.nansum(np.asarray(line.get_ydata(), dtype=float)) * 10 for line in made.axes[0].get_lines()]
    assert sum(drawn) == pytest.approx(len(inside), abs=1)
    assert per_minute(np.array([1.0, 2.0, 700.0]))[1][:2].tolist() == [0.2, 0.1]


def test_the_worked_order_is_the_labelled_one_and_is_drawn_in_full(seen):
    order = worked_order(seen)
    assert order["label_id"].nunique() == order["option_symbol"].nunique() == 1
    made = order_picture(seen)
    scattered = [collection.get_offsets() for collection in made.axes[0].collections if len(collection.get_offsets()) == len(order)]
    assert any(np.allclose(np.asarray(points)[:, 1], order["price"]) for points in scattered)
    assert np.asarray(made.axes[1].get_lines()[0].get_ydata())[-1] == order["size"].sum()


def test_a_day_without_a_worked_order_says_so(seen):
    empty = shown_without_labels(seen)
    assert worked_order(empty).empty
    assert "no labelled order" in order_picture(empty).axes[0].get_title(loc="left") + order_picture(empty).axes[0].get_title()


def shown_without_labels(seen):
    from dataclasses import replace

    return replace(seen, labels=seen.labels.iloc[:0])


def test_volatility_is_recovered():
    # Black's call at the forward: forward x (2 N(d / 2) - 1) with d = 0.2 x sqrt(0.25) = 0.1, N(0.05) = 0.519939
    value = np.array([100.0 * (2 * 0.5199388 - 1)])
    found = implied(value, np.array([100.0]), np.array([100.0]), np.array([0.25]), np.array([True]))
    assert found[0] == pytest.approx(0.2, abs=1e-5)


def test_every_picture_has_data(seen):
    for name, make in PICTURES.items():
        made = make(seen)
        drawn = lines(made)
        assert sum(len(points) for points in drawn) > 20, name
        assert all(axes.get_title() or axes.get_title(loc="left") or axes.get_ylabel() for axes in made.axes), name
