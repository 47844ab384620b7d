"""A sample of the events of a run, with every feature and probability, against which the next run measures its drift."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from smartmoney_pipeline.console.results import EVENTS, open_results
from smartmoney_pipeline.console.terminal import CommandError
from smartmoney_pipeline.evaluation.flat import FEATURE, PROBABILITIES, feature_names, flat_events

SAMPLE = "sample.parquet"
EVERY = 20
"""One event of so many is kept where a session has more than `SMALL`: a thousand values place deciles well enough."""

SMALL = 2_000


def sample_of(events: pd.DataFrame) -> pd.DataFrame:
    """Return probabilities and features of every `EVERY`-th event in the order of the rows; of all where there are few."""
    chosen = events if len(events) <= SMALL else events.iloc[::EVERY]
    return chosen[[*PROBABILITIES, *(FEATURE + name for name in feature_names(events))]].reset_index(drop=True)


def drift_reference(place: Path) -> pd.DataFrame:
    """Return the events to measure drift from: the sample in the folder of a report, or one of the events of a scored folder.

    Raises `CommandError` where the folder holds neither.
    """
    kept = place / SAMPLE
    if kept.is_file():
        try:
            return pd.read_parquet(kept)
        except (OSError, ValueError) as error:
            raise CommandError(f"{kept}: cannot be read as a sample of events: {str(error).partition(chr(10))[0]}") from error
    return sample_of(flat_events(open_results(place).scan(EVENTS, ["event_id", "features", "profile_scores", "none_probability"])))
