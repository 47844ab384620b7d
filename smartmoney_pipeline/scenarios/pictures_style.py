"""How the pictures look: colours that colour-blind readers can tell apart, an axis in New York time, files with the same bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

# Okabe and Ito's palette, darker yellow.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#B8860B", "#444444", "#E69F00")
MARKERS = "osD^vPX*"
GREY, LIGHT = "#6e6e6e", "#c9d6e2"
DPI = 110

_STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.grid": True,
    "grid.color": "#e3e3e3",
    "grid.linewidth": 0.7,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "lines.linewidth": 1.3,
    "path.simplify": True,
}


def style() -> Any:
    """Return the context in which pictures are drawn and written; settings of the user do not reach in."""
    settings: Any = {**mpl.rcParamsDefault, **_STYLE, "backend": mpl.rcParams["backend"]}
    return mpl.rc_context(settings)


def figure(rows: int, columns: int, size: tuple[float, float], title: str, **options: Any) -> tuple[Figure, list[list[Axes]]]:
    """Return a figure of `size` inches with a grid of axes and a title over all of them."""
    made = Figure(figsize=size, dpi=DPI, layout="constrained")
    FigureCanvasAgg(made)
    axes = made.subplots(rows, columns, squeeze=False, **options)
    made.suptitle(title, x=0.01, ha="left", fontsize=13, fontweight="bold")
    return made, [list(row) for row in axes]


def clock_axis(axes: Axes, first: float = 0.0, last: float = 23_400.0) -> None:
    """Label an axis of seconds since 9:30 with New York time."""
    span = last - first
    step = next((s for s in (60, 120, 300, 600, 900, 1_800, 3_600) if span / s <= 8), 3_600)
    start = int(-(-(first + 34_200) // step) * step)
    ticks = list(range(start, int(last + 34_200) + 1, step))
    axes.set_xticks([t - 34_200 for t in ticks], [f"{t // 3_600}:{t % 3_600 // 60:02d}" for t in ticks])
    axes.set_xlim(first, last)


def room_above(axes: Axes, share: float) -> None:
    """Leave room for a legend above what is drawn: `share` of the height."""
    low, high = axes.get_ylim()
    if axes.get_yscale() == "log":
        axes.set_ylim(low, high * (high / low) ** (share / (1.0 - share)))
    else:
        axes.set_ylim(low, high + (high - low) * share / (1.0 - share))


def save(made: Figure, file: Path) -> Path:
    """Write a figure as PNG without version or time, so that the same day gives the same bytes."""
    made.savefig(file, format="png", dpi=DPI, metadata={"Software": None})
    return file
