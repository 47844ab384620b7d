"""A small folder of output tables against the contract check that lies beside the checkout."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandera.pandas
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from two_events import KEYS, build

from smartmoney_pipeline.engine.evidence_table import EvidenceRows, evidence_table
from smartmoney_pipeline.engine.members_table import Members, members_table
from smartmoney_pipeline.schemas.arrow import empty_table, to_frame
from smartmoney_pipeline.schemas.output_tables import OUTPUT_TABLES, SmartMoneyEvents

PROJECT = Path(__file__).resolve().parents[2]
CONTRACT_CHECK = PROJECT.parent / "shared" / "tools" / "check_contract.py"


def write_output(folder: Path, events: pa.Table) -> None:
    """A small folder with every file that scoring writes."""
    evidence = EvidenceRows(
        *(np.array(column) for column in ([0, 1], [2, 6], [0, 1], [True, False], [0.9, np.nan], [1.0, 0.0])), codes=["EVENT_AHEAD", "PRIOR"]
    )
    members = Members(np.arange(4), np.array([0, 3, 4]), np.zeros(4, dtype=np.int16))
    tables = {
        "smart_money_events": events,
        "parent_event_members": members_table(members, pa.array(["p1", "p2", "p3", "p4"]), KEYS.event_id),
        "event_evidence": evidence_table(evidence, KEYS.event_id),
        **{name: empty_table(OUTPUT_TABLES[name]) for name in ("event_links", "retractions", "quarantine")},
    }
    for name, table in tables.items():
        pq.write_table(table, folder / f"{name}.parquet")
    for name in ("manifest.json", "data_quality.json"):
        (folder / name).write_text(json.dumps({}))


def contract_check(folder: Path) -> subprocess.CompletedProcess[str]:
    if not CONTRACT_CHECK.exists():
        pytest.skip("the contract check lies beside the checkout and is not there")
    return subprocess.run([sys.executable, str(CONTRACT_CHECK), str(folder)], capture_output=True, text=True, check=False)


def test_contract_check_accepts_the_folder(tmp_path):
    write_output(tmp_path, build())
    result = contract_check(tmp_path)
    assert (result.stdout.strip(), result.returncode) == ("contract holds", 0), result.stderr


def test_contract_check_accepts_a_day_without_events(tmp_path):
    write_output(tmp_path, empty_table(SmartMoneyEvents))
    assert contract_check(tmp_path).returncode == 0


def test_contract_check_and_model_refuse_the_same_spoiled_folder(tmp_path):
    table = build()
    place = table.column_names.index("primary_profile_id")
    spoiled = table.set_column(place, table.schema.field(place), pa.array(["arbitrage", None]))
    write_output(tmp_path, spoiled)
    assert "not the first of its scores" in contract_check(tmp_path).stdout
    with pytest.raises(pandera.pandas.errors.SchemaErrors, match="first of its scores"):
        SmartMoneyEvents.validate(to_frame(spoiled), lazy=True)
