"""Streams of random numbers: nothing that is generated depends on what else is generated, on the process or on its hash seed."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tape_bytes import as_table, rows_of, table_digest

from smartmoney_pipeline.scenarios.errors import ScenarioError
from smartmoney_pipeline.scenarios.generate import ScenarioDay, generate_pack
from smartmoney_pipeline.scenarios.identity import check_slots, print_ids, sequence_numbers, slot
from smartmoney_pipeline.scenarios.packs import Pack, load_pack
from smartmoney_pipeline.scenarios.streams import StreamKey
from smartmoney_pipeline.scenarios.underlyings import load_underlyings

SESSION = date(2026, 3, 18)
KEY = StreamKey("test", 7, SESSION)
TABLES = ("option_prints", "option_quotes", "underlying_quotes", "underlying_prints", "open_interest", "history")
# Two quiet names keep these tests fast; nothing below depends on which they are.
PAIR, ADDED = ["DECK", "ZUMZ"], "GME"
TEN_PAST_TEN = 1_773_843_000_000_000_000
"""2026-03-18 14:10 UTC in nanoseconds (date -u -d '2026-03-18 14:10' +%s)."""

DIGEST_CODE = """
from datetime import date
from tape_bytes import table_digest
from smartmoney_pipeline.scenarios.generate import generate_pack
from smartmoney_pipeline.scenarios.packs import load_pack
pack = load_pack("test").model_copy(update={"underlyings": ["DECK", "ZUMZ"]})
day = generate_pack(pack, date(2026, 3, 18), 7)
print(*(table_digest(day.tables[name]) for name in sorted(day.tables)), table_digest(day.labels))
"""


def pack_of(tickers: list[str], **changes: object) -> Pack:
    return load_pack("test").model_copy(update={"underlyings": tickers, **changes})


@pytest.fixture(scope="module")
def pair() -> ScenarioDay:
    return generate_pack(pack_of(PAIR), SESSION, 7)


def digests(day: ScenarioDay) -> list[str]:
    return [*(table_digest(day.tables[name]) for name in sorted(day.tables)), table_digest(day.labels)]


def test_another_underlying_changes_no_byte_of_the_others_ids_and_sequence_numbers_included(pair):
    more = generate_pack(pack_of([*PAIR, ADDED]), SESSION, 7)
    for name in TABLES:
        kept = [rows_of(more.tables[name], ticker) for ticker in PAIR]
        alone = [rows_of(pair.tables[name], ticker) for ticker in PAIR]
        assert [table_digest(rows) for rows in kept] == [table_digest(rows) for rows in alone], name
        assert all(len(rows) for rows in alone)
        assert len(rows_of(more.tables[name], ADDED)) > 0


def test_another_underlyings_labels_leave_the_others_as_they_were(pair):
    more = generate_pack(pack_of([*PAIR, ADDED]), SESSION, 7).labels
    kept = more[more["label_id"].str.startswith(tuple(PAIR))].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, pair.labels.reset_index(drop=True))


def test_a_template_less_changes_no_order_of_background_or_of_other_templates(pair):
    """Prices may answer to what is traded; who trades what and when may not. Seen on rows that no reaction touches: size and time."""
    names = dict(load_pack("test").templates)
    names.pop("institutional_directional")
    fewer = generate_pack(pack_of(PAIR, templates=names), SESSION, 7)
    gone = pair.labels[pair.labels["template"] == "institutional_directional"]
    assert len(gone)
    with_all = as_table(pair.tables["option_prints"]).to_pandas()
    without = as_table(fewer.tables["option_prints"]).to_pandas()
    columns = ["ts", "option_symbol"]
    kept = with_all[~with_all["print_id"].isin(gone["print_id"])]
    same = kept.merge(without.drop_duplicates(columns), on=columns, how="left", indicator=True)["_merge"] == "both"
    # Fill counts follow the displayed size, which answers to the template's own trades: a few later fills differ.
    assert same.mean() > 0.985


@pytest.mark.parametrize("hash_seed", ["0", "4242"])
def test_the_same_bytes_in_another_process_whatever_its_hash_seed(pair, hash_seed):
    folders = [str(Path(__file__).parent), *sys.path]
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": os.pathsep.join(folders)}
    done = subprocess.run([sys.executable, "-c", DIGEST_CODE], capture_output=True, text=True, check=False, env=environment)
    assert done.stdout.split() == digests(pair), done.stderr[-2000:]


def test_seeds_packs_and_sessions_differ(pair):
    other_seed = generate_pack(pack_of(PAIR), SESSION, 8)
    other_pack = generate_pack(pack_of(PAIR, pack="other"), SESSION, 7)
    other_day = generate_pack(pack_of(PAIR), date(2026, 3, 19), 7)
    hashes = [table_digest(day.tables["option_prints"]) for day in (pair, other_seed, other_pack, other_day)]
    assert len(set(hashes)) == len(hashes)


def test_a_purpose_has_a_stream_of_its_own():
    first = KEY.stream("SPY", "path").random(4)
    assert (first == KEY.stream("SPY", "path").random(4)).all()
    assert not np.isin(first, KEY.stream("SPY", "jumps").random(4)).any()
    assert not np.isin(first, KEY.stream("SP", "Ypath").random(4)).any()


def test_ids_are_distinct_over_underlyings_and_say_no_order():
    numbers = [np.array([int(text, 16) for text in print_ids(KEY, ticker, 20_000)]) for ticker in ("SPY", "SPX", "ZUMZ")]
    assert len(np.unique(np.concatenate(numbers))) == 60_000
    # Rank correlation of n independent pairs has standard deviation 1 / sqrt(n) = 0.007.
    rank = np.argsort(np.argsort(numbers[0]))
    assert abs(np.corrcoef(rank, np.arange(len(rank)))[0, 1]) < 0.028
    steps = np.diff(numbers[0])
    assert len(np.unique(steps)) > 0.99 * len(steps)


def test_sequence_numbers_rise_with_time_over_all_underlyings_and_never_repeat():
    rng = np.random.default_rng(1)
    times = {ticker: np.sort(TEN_PAST_TEN + rng.integers(0, 3_000_000_000, 5_000)) for ticker in ("SPY", "SPX", "ZUMZ")}
    seq = {ticker: sequence_numbers(KEY, ticker, "print seq", ts) for ticker, ts in times.items()}
    assert all((np.diff(numbers) > 0).all() for numbers in seq.values())
    everything = np.concatenate(list(seq.values()))
    assert len(np.unique(everything)) == len(everything)
    assert everything.max() < 2**53
    order = np.argsort(everything)
    late = np.diff(np.concatenate(list(times.values()))[order])
    assert late.min() > -(2**14)


def test_many_rows_at_one_instant_still_get_distinct_numbers():
    ts = np.full(3_000, TEN_PAST_TEN)
    assert (np.diff(sequence_numbers(KEY, "SPY", "print seq", ts)) > 0).all()
    assert len(sequence_numbers(KEY, "SPY", "print seq", ts[:0])) == 0


def test_underlyings_that_share_a_place_are_refused():
    check_slots(load_underlyings())
    names = [f"A{number}" for number in range(200)]
    pairs = [(a, b) for i, a in enumerate(names) for b in names[:i] if slot(a) == slot(b)]
    with pytest.raises(ScenarioError, match="share a place"):
        check_slots(pairs[0])
