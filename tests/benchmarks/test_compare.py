"""The engines that the benchmark races: each answers by hand-made examples, and all agree on a small day."""

import importlib
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

FOLDER = Path(__file__).parents[2] / "benchmarks"


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> dict[str, ModuleType]:
    """The benchmark scripts as modules, as `python benchmarks/...` sees them."""
    monkeypatch.syspath_prepend(str(FOLDER))
    names = ("synthetic_day", "day", "growth", "asof_join", "gap_packets", "compare")
    for name in names:
        monkeypatch.delitem(sys.modules, name, raising=False)
    return {name: importlib.import_module(name) for name in names}


def columns(rows: list[tuple[int, int]]) -> dict[str, np.ndarray]:
    return {"ts": np.array([row[0] for row in rows]), "contract_id": np.array([row[1] for row in rows], dtype=np.int32)}


@pytest.mark.parametrize("variant", ["kernel, last quote only", "pandas merge_asof", "Polars join_asof", "DuckDB ASOF JOIN"])
def test_each_join_takes_the_last_quote_strictly_before(scripts: dict[str, ModuleType], variant: str) -> None:
    """Worked out by hand: rows of the quotes by (time, contract); a quote at the instant of the print does not count."""
    quotes = columns([(10, 0), (20, 0), (20, 1), (30, 1)])
    prints = columns([(10, 0), (20, 0), (20, 1), (21, 0), (25, 1), (31, 1)])
    join = scripts["asof_join"]
    found = join.VARIANTS[variant](join.JoinInputs(prints, quotes), 1)()
    assert found.tolist() == [-1, 0, -1, 1, 2, 3]


@pytest.mark.parametrize("variant", ["kernel", "pandas groupby, diff, cumsum", "Polars diff, cum_sum over", "DuckDB window functions"])
def test_each_grouping_parts_prints_at_the_gap(scripts: dict[str, ModuleType], variant: str) -> None:
    """Worked out by hand with a gap of 250 ms: a print exactly the gap after joins, one ns later opens; contracts do not mix."""
    packets, ms = scripts["gap_packets"], 1_000_000
    prints = columns([(0, 0), (100 * ms, 1), (250 * ms, 0), (350 * ms + 1, 1), (500 * ms + 1, 0), (600 * ms, 1)])
    label = packets.VARIANTS[variant](prints, 1)()
    assert packets.first_prints(label).tolist() == [0, 1, 0, 3, 4, 3]


def in_this_process(module: ModuleType, inputs: object) -> object:
    def run(task: str, variant: str, threads: int, day: Path, result: Path) -> dict[str, float]:
        np.save(result, module.prepared(task, variant, inputs, threads)())
        return {"cpu_s": 1.0, "wall_s": 1.0, "mib": 0.0}

    return run


@pytest.mark.slow
@pytest.mark.parametrize("task", ["join", "packets"])
def test_all_variants_agree_on_a_small_day(scripts: dict[str, ModuleType], tmp_path: Path, task: str) -> None:
    compare = scripts["compare"]
    day = scripts["day"].made_day(tmp_path, 4_000, 48_000, 1.4)
    inputs = scripts["asof_join"].read_inputs(day)
    rows = compare.compare(task, day, 1, in_this_process(compare, inputs))
    assert {row["variant"] for row in rows} == set(compare.TASKS[task])


def test_a_result_that_differs_stops_the_comparison(scripts: dict[str, ModuleType], tmp_path: Path) -> None:
    compare = scripts["compare"]

    def run(task: str, variant: str, threads: int, day: Path, result: Path) -> dict[str, float]:
        np.save(result, np.array([0, 1 if variant.startswith("DuckDB") else 0]))
        return {"cpu_s": 1.0, "wall_s": 1.0, "mib": 0.0}

    with pytest.raises(RuntimeError, match=r"DuckDB ASOF JOIN differs .* in 1 prints"):
        compare.compare("join", tmp_path / "day", 1, run)


def test_growth_is_the_slope_above_the_fixed_start(scripts: dict[str, ModuleType]) -> None:
    """Times made as 2 x prints^1.1: the slope of their logarithms is 1.1."""
    sizes = [500_000, 1_000_000, 5_000_000]
    assert scripts["growth"].exponent(sizes, [2.0 * size**1.1 for size in sizes]) == pytest.approx(1.1)
    with pytest.raises(ValueError, match="above the fixed start"):
        scripts["growth"].exponent(sizes, [1.0, 2.0, 0.0])


def test_the_report_says_which_goals_are_met(scripts: dict[str, ModuleType]) -> None:
    found = {"prints": 10, "quotes": 120, "events": 7, "runs": 1, "cpu_s": 1.0, "cpu_s_range": [1.0, 1.0], "limit_cpu_s": 0.6, "stages": {}}
    lines = scripts["day"].report(found | {"prints_per_cpu_s": 399_999.0, "ratio_to_limit": 2.0, "peak_mib": 1025.0})
    verdicts = {line.split()[0]: line.split()[-1] for line in lines if "goal" in line}
    assert verdicts == {"prints_per_cpu_s": "missed", "ratio_to_limit": "met", "peak_mib": "missed"}
