"""A live engine that is saved and restored goes on with the same output; a file that cannot serve is refused by name."""

import json

import numpy as np
import pytest
from live_days import batch, engine_of, hash_of, logged, pushes
from test_live_corrections import cancelled_day

from smartmoney_pipeline.engine.live import restore, save
from smartmoney_pipeline.engine.live.snapshot import MAGIC
from smartmoney_pipeline.store.errors import StoreError


@pytest.fixture
def saved(tmp_path):
    path = tmp_path / "state"
    save(engine_of(cancelled_day()), path)
    return path


def test_a_restart_at_ten_points_goes_on_with_the_same_output(tmp_path):
    tables = cancelled_day()
    expected, _ = batch(tables, tmp_path)
    steps = list(pushes(tables, 6))
    stops = set(np.random.Generator(np.random.Philox(11)).choice(len(steps), 10, replace=False).tolist())
    engine, straight, updates, whole = engine_of(tables), engine_of(tables), [], []
    for number, push in enumerate(steps):
        if number in stops:
            save(engine, tmp_path / "state")
            engine = restore(tmp_path / "state")
        updates.append(engine.push(push))
        whole.append(straight.push(push))
    updates.append(engine.finish())
    whole.append(straight.finish())
    assert hash_of(logged(updates)) == expected
    for one, other in zip(updates, whole, strict=True):
        for name, table in vars(one).items():
            assert table.equals(getattr(other, name)), name


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
