"""The table of confusion as a picture: what was wanted in rows, what was said in columns, shaded by the share of the row."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure as Canvas

from smartmoney_pipeline.evaluation.report.ink import BLUE, INK

SHADES = LinearSegmentedColormap.from_list("shades", ["#ffffff", BLUE])
DARK = 0.55
"""Share of a row from which the count stands in white."""


def confusion_canvas(table: pd.DataFrame) -> Canvas | None:
    """Draw counts as `decisions.confusion` gives them; rows without a case are left out, None where no row is left."""
    rows = table[table.sum(axis=1) > 0]
    if rows.empty:
        return None
    counts = rows.to_numpy(dtype=np.float64)
    shares = counts / counts.sum(axis=1, keepdims=True)
    canvas = Canvas(figsize=(7.6, 1.3 + 0.36 * len(rows)), layout="constrained")
    axes = canvas.subplots()
    axes.imshow(shares, cmap=SHADES, vmin=0.0, vmax=1.0, aspect="auto")
    for (i, k), count in np.ndenumerate(counts):
        if count:
            axes.text(k, i, f"{count:,.0f}", ha="center", va="center", fontsize=8, color="white" if shares[i, k] >= DARK else INK)
    totals = counts.sum(axis=1)
    names = [f"{_words(name)}  ({total:,.0f})" for name, total in zip(rows.index, totals, strict=True)]
    axes.set(xticks=range(len(rows.columns)), xticklabels=[_words(name, "\n") for name in rows.columns], yticks=range(len(rows)))
    axes.set(yticklabels=names, xlabel="what was said", ylabel="what was wanted")
    axes.tick_params(length=0, labelsize=7.5)
    axes.grid(visible=False)
    return canvas


def _words(code: str, between: str = " ") -> str:
    return str(code).replace("_", between)
