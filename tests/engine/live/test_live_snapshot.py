"""A live engine that is saved and restored goes on with the same output; a file that cannot serve is refused by name."""

import json
from functools import partial

import numpy as np
import pytest
from live_days import SECOND, assert_same_tables, batch, engine_of, hash_of, logged, ns, pushes
from test_live_corrections import cancelled_day

from smartmoney_pipeline.engine.live import LiveEngine, restore, save
from smartmoney_pipeline.engine.live.snapshot import MAGIC
from smartmoney_pipeline.engine.live.update import NAMES
from smartmoney_pipeline.store.errors import StoreError


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "state"
    save(engine_of(cancelled_day()), path)
    return path


@pytest.mark.parametrize("prints", [1, 25, 1_000])
def test_a_restart_at_ten_points_goes_on_with_the_same_output(tmp_path, prints):
    """Cancels and late prints on the way; a whole day in one push is restarted between heartbeats."""
    tables = cancelled_day()
    expected, folder = batch(tables, tmp_path)
    received = ns(tables["option_prints"]).copy()
    received[[15, 80, 140]] += 4 * 60 * SECOND
    draw = np.random.Generator(np.random.Philox(11))
    steps = [partial(LiveEngine.push, tables=push) for push in pushes(tables, prints, received)]
    ends = np.linspace(received.min(), received.max(), 12).astype(np.int64).tolist()
    steps += [partial(LiveEngine.advance, watermark=end) for end in ends] if len(steps) < 10 else []
    stops = set(draw.choice(len(steps), 10, replace=False).tolist())
    engine, straight, updates, whole = engine_of(tables), engine_of(tables), [], []
    for number, step in enumerate([*steps, LiveEngine.finish]):
        if number in stops:
            save(engine, tmp_path / "state")
            engine = restore(tmp_path / "state")
        updates.append(step(engine))
        whole.append(step(straight))
    assert hash_of(logged(updates)) == expected
    assert_same_tables(logged(updates), folder)
    for one, other in zip(updates, whole, strict=True):
        for name in NAMES:
            assert getattr(one, name).equals(getattr(other, name)), name


def altered(path, change):
    head, state = path.read_bytes()[len(MAGIC) :].split(b"\n", 1)
    header = json.loads(head)
    change(header)
    path.write_bytes(MAGIC + json.dumps(header).encode() + b"\n" + state)


def test_a_damaged_file_is_refused(saved):
    content = bytearray(saved.read_bytes())
    content[-100] ^= 1
    saved.write_bytes(bytes(content))
    with pytest.raises(StoreError, match="checksum does not match"):
        restore(saved)


def test_a_file_cut_short_is_refused(saved):
    saved.write_bytes(saved.read_bytes()[:-1])
    with pytest.raises(StoreError, match="damaged"):
        restore(saved)


def test_a_foreign_file_and_a_missing_one_are_refused(tmp_path):
    (tmp_path / "foreign").write_bytes(b"PAR1")
    with pytest.raises(StoreError, match="no saved state"):
        restore(tmp_path / "foreign")
    with pytest.raises(StoreError, match="cannot be read"):
        restore(tmp_path / "missing")


def test_other_versions_are_refused_by_name(saved):
    altered(saved, lambda header: header["versions"].update(ruleset="older"))
    with pytest.raises(StoreError, match="ruleset older"):
        restore(saved)


def test_another_format_is_refused(saved):
    altered(saved, lambda header: header.update(format=99))
    with pytest.raises(StoreError, match="format 99"):
        restore(saved)
