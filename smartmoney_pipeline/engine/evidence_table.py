"""event_evidence from sparse rows: what evidence an event had for a profile, and what it added. Scoring makes the rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from smartmoney_pipeline.engine.columns import known_array
from smartmoney_pipeline.schemas.arrow import conform
from smartmoney_pipeline.schemas.output_tables import SCORED_CLASSES, EventEvidence


@dataclass(frozen=True, slots=True)
class EvidenceRows:
    """k rows: `event` row in the events, `profile` 0 to 5 in ProfileId order and 6 for none, `code` index into `codes`.

    `observed` bool, `value` float64 with NaN for none, `contribution` float64 nats.
    """

    event: np.ndarray
    profile: np.ndarray
    code: np.ndarray
    observed: np.ndarray
    value: np.ndarray
    contribution: np.ndarray
    codes: Sequence[str]


def evidence_table(rows: EvidenceRows, event_id: pa.Array) -> pa.Table:
    """Table of k rows with the columns of EventEvidence, in the order given; names are dictionary-encoded.

    Raises `IndexError` for an index beyond its names.
    """
    columns = {
        "event_id": listed_array(rows.event, event_id),
        "profile_id": listed_array(rows.profile, SCORED_CLASSES),
        "code": listed_array(rows.code, rows.codes),
        "observed": pa.array(rows.observed),
        "value": known_array(np.where(rows.observed, rows.value, np.nan)),
        "contribution": pa.array(rows.contribution),
    }
    return conform(pa.table(columns), EventEvidence)


def listed_array(indices: np.ndarray, names: pa.Array | Sequence[str]) -> pa.DictionaryArray:
    """Dictionary-encoded names by index. Raises `IndexError` for an index outside the names."""
    where = np.asarray(indices)
    if len(where) and not (where.min() >= 0 and where.max() < len(names)):
        raise IndexError(f"an index lies outside its {len(names)} names")
    dictionary = names if isinstance(names, pa.Array) else pa.array(list(names), pa.string())
    return pa.DictionaryArray.from_arrays(pa.array(where.astype(np.int32)), dictionary)
