"""Colours and style that every picture of an evaluation shares."""

from typing import Any

INK, BLUE, ORANGE, PALE, GRID = "#22303c", "#1f5f99", "#c2611a", "#cfe0ef", "#e3e8ec"
STYLE: dict[Any, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 8.5,
    "axes.edgecolor": "#9aa7b2",
    "axes.labelcolor": INK,
    "axes.titlesize": 9,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": GRID,
    "grid.linewidth": 0.7,
    "xtick.color": INK,
    "ytick.color": INK,
    "legend.frameon": False,
    "svg.hashsalt": "smartmoney evaluation",
    "svg.fonttype": "path",
}
