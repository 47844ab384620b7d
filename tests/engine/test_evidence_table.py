"""event_evidence from sparse rows, by hand."""

import numpy as np
import pyarrow as pa
import pytest

from smartmoney_pipeline.engine.evidence_table import EvidenceRows, evidence_table, listed_array
from smartmoney_pipeline.schemas.arrow import arrow_schema, to_frame
from smartmoney_pipeline.schemas.output_tables import EventEvidence

ROWS = EvidenceRows(
    event=np.array([0, 0, 1]),
    profile=np.array([0, 6, 5], dtype=np.uint8),
    code=np.array([1, 0, 1]),
    observed=np.array([True, True, False]),
    value=np.array([0.72, np.nan, 3.0]),
    contribution=np.array([1.25, -0.5, 0.0]),
    codes=["PRIOR", "ASK_LIFT_DOMINANT"],
)
IDS = pa.array(["e1", "e2"])


def test_rows_by_hand():
    assert [tuple(row.values()) for row in evidence_table(ROWS, IDS).to_pylist()] == [
        ("e1", "institutional_directional", "ASK_LIFT_DOMINANT", True, 0.72, 1.25),
        ("e1", "none", "PRIOR", True, None, -0.5),
        ("e2", "hedge_reactive", "ASK_LIFT_DOMINANT", False, None, 0.0),
    ]


def test_value_of_what_was_not_observed_is_null():
    assert evidence_table(ROWS, IDS)["value"].null_count == 2


def test_table_has_the_schema_and_passes_its_check():
    table = evidence_table(ROWS, IDS)
    assert table.schema == arrow_schema(EventEvidence)
    assert len(EventEvidence.validate(to_frame(table), lazy=True)) == 3


def test_names_are_stored_once():
    assert evidence_table(ROWS, IDS)["event_id"].combine_chunks().dictionary.to_pylist() == ["e1", "e2"]


@pytest.mark.parametrize("indices", [[0, 2], [-1, 0]])
def test_index_outside_its_names_is_refused(indices):
    with pytest.raises(IndexError, match="2 names"):
        listed_array(np.array(indices), ["a", "b"])


def test_no_rows_give_an_empty_table():
    none = np.zeros(0)
    rows = EvidenceRows(none, none, none, none.astype(bool), none, none, [])
    assert evidence_table(rows, pa.array([], pa.string())).schema == arrow_schema(EventEvidence)
