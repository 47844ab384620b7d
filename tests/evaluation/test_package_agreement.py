"""Agreement of packages with hidden codes: counts by hand, and the real morning where it lies beside the checkout."""

import importlib.util
from pathlib import Path

import pandas as pd
import pytest

from smartmoney_pipeline.evaluation.package_agreement import package_agreement

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = ROOT.parent / "shared" / "real" / "cboe_datashop"


def hidden_codes():
    """The benchmark as a module."""
    spec = importlib.util.spec_from_file_location("hidden_codes", ROOT / "benchmarks" / "hidden_codes.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_counts_by_hand():
    members = pd.DataFrame({"event_id": ["a", "a", "b", "b", "c", "d"], "print_id": list("123456")})
    events = pd.DataFrame({"event_id": list("abcd"), "assembly": ["package", "legged_package", "fill", "sweep"]})
    # packages hold 1 to 4; coded are 1, 2, 3 and, alone in a fill, 5
    found = package_agreement(members, events, ["1", "2", "3", "5"])
    assert (found.coded, found.found, found.shared, found.events, found.mixed) == (4, 4, 3, 2, 1)
    assert (found.precision, found.recall) == (0.75, 0.75)


def test_nothing_found_and_nothing_coded():
    members = pd.DataFrame({"event_id": ["a"], "print_id": ["1"]})
    events = pd.DataFrame({"event_id": ["a"], "assembly": ["fill"]})
    found = package_agreement(members, events, [])
    assert (found.precision, found.recall, found.events) == (None, None, 0)


def test_codes_are_hidden_and_nothing_else():
    text = "sequence_number,trade_size,trade_condition_id,x\n7,35,35,35\n8,35,0,35\n"
    hidden, numbers = hidden_codes().hide_codes(text)
    assert hidden == "sequence_number,trade_size,trade_condition_id,x\n7,35,0,35\n8,35,0,35\n"
    assert numbers == ["7"]


@pytest.mark.real
@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the real sample does not lie beside the checkout")
def test_packages_of_the_real_morning_agree_with_the_hidden_code(tmp_path):
    found = hidden_codes().agreement(next(SAMPLES.glob("*.csv")), tmp_path)
    # 224 coded prints is the count of the sample's own description
    assert found.coded == 224
    assert found.precision >= 0.95
    assert found.recall >= 0.90
