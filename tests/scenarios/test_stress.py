"""The stress pack: asked totals, streamed files, any number of processes, replicas that are kinds of their own."""

import shutil
from collections import Counter
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from file_hashes import hashes
from tape_bytes import table_digest

from smartmoney_pipeline.scenarios import stress
from smartmoney_pipeline.scenarios.errors import ScenarioError
from smartmoney_pipeline.scenarios.identity import check_slots
from smartmoney_pipeline.scenarios.stress import Wanted, generate_stress
from smartmoney_pipeline.scenarios.stress_files import streamed
from smartmoney_pipeline.scenarios.stress_plan import Steering, StressTerms, check_wanted, cut, stress_terms
from smartmoney_pipeline.scenarios.underlyings import load_underlyings, underlying
from smartmoney_pipeline.tape.ingest import read_tape

SESSION = date(2026, 3, 18)
WANTED = Wanted(6_000, 120_000)


@pytest.fixture(scope="module")
def small_terms() -> StressTerms:
    """Two small replicas of two kinds: what the tests need, in seconds."""
    return stress_terms().model_copy(update={"least_replicas": 2, "cell_prints": dict.fromkeys(stress_terms().cell_prints, 10**9)})


@pytest.fixture(scope="module")
def written(small_terms, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("stress")
    generate_with(small_terms, folder / "one", 1)
    return folder


def generate_with(terms: StressTerms, out: Path, processes: int, kinds: tuple[str, ...] = ("DECK", "SPX")) -> stress.StressDay:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stress, "stress_terms", lambda: terms)
        patch.setattr(stress, "cut", lambda *given: [cell for cell in cut(*given) if cell.base in kinds])
        return generate_stress(SESSION, 7, WANTED, out / "tape", out / "labels", processes)


def test_one_and_two_processes_write_the_same_bytes(small_terms, written):
    generate_with(small_terms, written / "two", 2)
    assert hashes(written / "one") == hashes(written / "two")
    assert hashes(written / "one")


def test_the_tape_is_canonical_and_nothing_is_quarantined(written):
    raw = read_tape(written / "one" / "tape")
    assert {table: counts["quarantined"] for table, counts in raw.quality["tables"].items()} == dict.fromkeys(raw.quality["tables"], 0)
    assert raw.session_date == SESSION


def test_print_ids_and_sequence_numbers_are_unique_over_the_day(written):
    prints = pq.read_table(written / "one" / "tape" / "option_prints.parquet", columns=["print_id", "seq"])
    quotes = pq.read_table(written / "one" / "tape" / "option_quotes.parquet", columns=["seq"])
    assert pc.count_distinct(prints["seq"]).as_py() == len(prints)
    assert pc.count_distinct(quotes["seq"]).as_py() == len(quotes)
    repeated = pc.value_counts(prints["print_id"])
    # A print that is reported twice keeps its id; anything else has one of its own.
    assert pc.mean(pc.greater(pc.struct_field(repeated, 1), 1)).as_py() < 0.01


def test_rows_come_underlying_by_underlying_each_in_order_of_time(written):
    prints = pq.read_table(written / "one" / "tape" / "option_prints.parquet", columns=["ts", "underlying"]).to_pandas()
    runs = (prints["underlying"] != prints["underlying"].shift()).sum()
    assert runs == prints["underlying"].nunique() == 4
    assert prints.groupby("underlying")["ts"].apply(lambda ts: ts.is_monotonic_increasing).all()


def test_replicas_of_the_index_are_european_and_settle_in_the_afternoon(written):
    contracts = pq.read_table(written / "one" / "tape" / "contracts.parquet").to_pandas()
    index = contracts[contracts["option_symbol"].str.startswith("SPX")]
    assert set(zip(index["exercise"], index["settlement"], strict=True)) == {("european", "pm")}
    assert len(index) > 1_000


def test_labels_lie_apart_and_name_prints_of_the_tape(written):
    labels = pq.read_table(written / "one" / "labels" / "labels.parquet").to_pandas()
    prints = pq.read_table(written / "one" / "tape" / "option_prints.parquet", columns=["print_id"])["print_id"].to_pylist()
    assert len(labels)
    assert set(labels["print_id"]) <= set(prints)
    assert not list((written / "one" / "tape").glob("*label*"))


@pytest.mark.parametrize(("prints", "quotes"), [(100_000, 1_200_000), (5_000_000, 60_000_000), (60_000_000, 700_000_000)])
def test_the_cut_adds_up_to_the_wanted_totals_with_distinct_places(prints, quotes):
    cells = cut(stress_terms(), Wanted(prints, quotes))
    assert sum(cell.wanted.prints for cell in cells) == pytest.approx(prints, rel=0.002)
    assert sum(cell.wanted.quotes for cell in cells) == pytest.approx(quotes, rel=0.002)
    assert set(Counter(cell.base for cell in cells)) == set(load_underlyings())
    check_slots(cell.ticker for cell in cells)
    assert [cell.wave for cell in cells] == sorted(cell.wave for cell in cells)


def test_no_replica_outgrows_its_bound_until_the_names_run_out():
    bound = stress_terms().cell_prints
    assert all(cell.wanted.prints <= bound[cell.base] for cell in cut(stress_terms(), Wanted(5_000_000, 60_000_000)))


def test_steering_reaches_the_totals_where_the_market_gives_other_rows_than_asked():
    """A market that gives 0.4 prints and 1.9 quotes for each that is asked, and a fixed number of quotes beside: known, so checkable."""
    wanted = Wanted(1_000_000, 12_000_000)
    cells = cut(stress_terms(), wanted)
    steering, total = Steering(stress_terms(), wanted, cells), Wanted(0, 0)
    for wave in sorted({cell.wave for cell in cells}):
        made = {}
        for cell in (cell for cell in cells if cell.wave == wave):
            pack, share = steering.pack(cell), load_underlyings()[cell.base]
            asked = pack.background_prints * share.flow.print_share
            made[cell.ticker] = Wanted(int(0.4 * asked), int(1.9 * pack.quote_scale * 250 * share.liquidity.quote_rate) + 20_000)
        steering.learn(wave, made)
        total = Wanted(total.prints + sum(m.prints for m in made.values()), total.quotes + sum(m.quotes for m in made.values()))
    assert total.prints == pytest.approx(wanted.prints, rel=0.02)
    assert total.quotes == pytest.approx(wanted.quotes, rel=0.03)


def test_a_replica_is_of_its_kind_with_a_spot_of_its_own():
    base, first, second = underlying("SPY"), underlying("SPYAA"), underlying("SPYAB")
    assert first.kind is base.kind
    assert len({base.spot, first.spot, second.spot}) == 3
    assert first.surface == base.surface


@pytest.mark.parametrize(
    ("prints", "quotes", "fault"),
    [(10, 100, "prints"), (10**10, 10**11, "prints"), (100_000, 100_000, "quotes"), (10_000, 10**9, "quotes")],
)
def test_impossible_totals_are_errors(prints, quotes, fault):
    with pytest.raises(ScenarioError, match=fault):
        check_wanted(prints, quotes)


def test_bad_seed_closed_exchange_and_no_process_are_errors(tmp_path):
    places = tmp_path / "tape", tmp_path / "labels"
    for arguments, fault in (((SESSION, -1), "seed"), ((date(2026, 3, 21), 7), "not an exchange session")):
        with pytest.raises(ScenarioError, match=fault):
            generate_stress(*arguments, WANTED, *places)
    with pytest.raises(ScenarioError, match="processes"):
        generate_stress(SESSION, 7, WANTED, *places, processes=0)
    assert not list(tmp_path.iterdir())


def test_labels_inside_the_tape_are_refused(tmp_path):
    with pytest.raises(ScenarioError, match="outside the tape"):
        generate_stress(SESSION, 7, WANTED, tmp_path / "tape", tmp_path / "tape" / "labels")


def test_a_folder_that_fails_half_way_leaves_nothing(tmp_path):
    with pytest.raises(RuntimeError, match="midway"), streamed(tmp_path / "tape") as tables:
        tables.append({"rates": pa.table({"tenor_days": [1]})})
        raise RuntimeError("midway")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_holds_files_is_refused_and_an_empty_one_is_taken(tmp_path):
    (tmp_path / "tape").mkdir()
    with streamed(tmp_path / "tape") as tables:
        tables.append({"rates": pa.table({"tenor_days": [1]})})
        tables.append({"rates": pa.table({"tenor_days": [2]})})
    file = pq.ParquetFile(tmp_path / "tape" / "rates.parquet")
    assert (file.num_row_groups, file.read()["tenor_days"].to_pylist()) == (2, [1, 2])
    with pytest.raises(ScenarioError, match="holds files"), streamed(tmp_path / "tape"):
        pass
    shutil.rmtree(tmp_path / "tape")


def test_the_digest_of_the_tests_sees_one_changed_value():
    frame = pd.DataFrame({"underlying": ["A", "B"], "size": [1, 2]})
    assert table_digest(frame) != table_digest(frame.assign(size=[1, 3]))
