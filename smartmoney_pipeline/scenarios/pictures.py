"""Pictures of one day as PNG files: the same day gives the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from matplotlib.figure import Figure

from smartmoney_pipeline.scenarios.generate import ScenarioDay
from smartmoney_pipeline.scenarios.pictures_data import Shown, shown
from smartmoney_pipeline.scenarios.pictures_order import order_picture
from smartmoney_pipeline.scenarios.pictures_style import save, style
from smartmoney_pipeline.scenarios.pictures_surface import surface_picture
from smartmoney_pipeline.scenarios.pictures_tape import arrival_picture, spot_picture, spread_picture

PICTURES: dict[str, Callable[[Shown], Figure]] = {
    "spot": spot_picture,
    "surface": surface_picture,
    "spreads": spread_picture,
    "arrivals": arrival_picture,
    "order": order_picture,
}


def draw(day: ScenarioDay, folder: Path) -> list[Path]:
    """Write every picture of a day into `folder` and return the files. Files of the same names are replaced."""
    folder.mkdir(parents=True, exist_ok=True)
    what = shown(day)
    with style():
        return [save(make(what), folder / f"{name}.png") for name, make in PICTURES.items()]
