"""Identities. The oracle below writes the documented hash again in plain integers; SplitMix64's finaliser is checked against the
published first outputs of that generator from seed 1234567 (Vigna's reference implementation, as listed on Rosetta Code)."""

import numpy as np
import pyarrow as pa
import pytest

from smartmoney_pipeline.parent_events.identity import event_ids, hash_strings, hex_strings, packet_ids
from smartmoney_pipeline.parent_events.identity_kernel import mix

MASK = (1 << 64) - 1
LANES = (0x243F6A8885A308D3, 0x13198A2E03707344)
UNDERLYINGS = pa.array(["AAPL", "SPX"])
KINDS = ("single_leg_event", "multi_leg_event")


def oracle_mix(word):
    word = (word + 0x9E3779B97F4A7C15) & MASK
    word = ((word ^ (word >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    word = ((word ^ (word >> 27)) * 0x94D049BB133111EB) & MASK
    return word ^ (word >> 31)


def oracle_hash(text):
    data = text.encode()
    lanes = list(LANES)
    for at in range(0, len(data), 8):
        word = int.from_bytes(data[at : at + 8], "little")
        lanes = [oracle_mix(lane ^ word) for lane in lanes]
    return tuple(oracle_mix(lane ^ len(data)) for lane in lanes)


def oracle_id(domain, session, source, underlying, kind, members):
    parts = [oracle_hash("\x1f".join((domain, session, source))), oracle_hash(underlying), oracle_hash(kind)]
    lanes = [oracle_mix(oracle_mix(a ^ b) ^ c) for a, b, c in zip(*parts, strict=True)]
    for member in sorted(oracle_hash(m) for m in members):
        lanes = [oracle_mix(lane ^ word) for lane, word in zip(lanes, member, strict=True)]
    return "".join(f"{oracle_mix(lane ^ len(members)):016x}" for lane in lanes)


def one_id(members=("p1", "p2", "p3"), session="2025-01-17", source="tape", underlying=0, kind=0, ids=event_ids):
    offsets, hashes = np.array([0, len(members)]), hash_strings(pa.array(list(members)))
    if ids is packet_ids:
        return packet_ids(session, source, UNDERLYINGS, np.array([underlying]), offsets, hashes)[0].as_py()
    return event_ids(session, source, UNDERLYINGS, np.array([underlying]), KINDS, np.array([kind]), offsets, hashes)[0].as_py()


def test_the_mixer_is_splitmix64():
    state, outputs = 1234567, []
    for _ in range(3):
        outputs.append(int(mix(np.uint64(state))))
        state = (state + 0x9E3779B97F4A7C15) & MASK
    assert outputs == [6457827717110365317, 3203168211198807973, 9817491932198370423]


@pytest.mark.parametrize("text", ["", "a", "12345678", "123456789", "é-print", "x" * 100])
def test_strings_hash_as_documented(text):
    assert tuple(int(lane) for lane in hash_strings(pa.array([text]))[0]) == oracle_hash(text)


def test_golden_id():
    assert one_id() == oracle_id("smartmoney.event", "2025-01-17", "tape", "AAPL", "single_leg_event", ("p1", "p2", "p3"))
    assert one_id() == "c62c88ec785d19de7494bb16946e63bf"


def test_the_order_of_members_says_nothing():
    members = [f"print-{k}" for k in range(300)]
    assert one_id(members) == one_id(members[::-1]) == one_id(members[150:] + members[:150])


@pytest.mark.parametrize(
    "change",
    [{"members": ("p1", "p2")}, {"members": ("p1", "p2", "p4")}, {"members": ("p1", "p2", "p3", "p3")}, {"session": "2025-01-18"},
     {"source": "demo-7"}, {"underlying": 1}, {"kind": 1}, {"ids": packet_ids}],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_every_part_counts(change):
    assert one_id(**change) != one_id()


def test_parts_of_the_head_do_not_run_together():
    assert one_id(session="a", source="bc") != one_id(session="ab", source="c")


def test_slices_chunks_and_large_strings_hash_alike():
    texts = pa.array(["left out", "p1", "", "p2"])
    expected = hash_strings(pa.array(["p1", "", "p2"]))
    for same in (texts.slice(1), texts.slice(1).cast(pa.large_string()), pa.chunked_array([["p1"], ["", "p2"]])):
        assert np.array_equal(hash_strings(same), expected)


def test_hex_has_leading_zeros():
    assert hex_strings(np.array([[1, 255]], np.uint64)).to_pylist() == ["0" * 15 + "1" + "0" * 14 + "ff"]


def test_no_collision_among_a_million_ids():
    count = 1_000_000
    hashes = hash_strings(pa.array(np.arange(count).astype("U7")))
    ids = event_ids("d", "s", UNDERLYINGS, np.zeros(count, np.int64), KINDS, np.zeros(count, np.int64), np.arange(count + 1), hashes)
    assert len(ids.unique()) == count


def test_either_lane_alone_tells_a_million_strings_apart():
    hashes = hash_strings(pa.array(np.arange(1_000_000).astype("U7")))
    assert [len(np.unique(hashes[:, lane])) for lane in range(2)] == [1_000_000] * 2


@pytest.mark.parametrize(("strings", "fault"), [(pa.array(["a", None]), "null"), (pa.array([1]), "int64")])
def test_what_is_no_string_is_refused(strings, fault):
    with pytest.raises(ValueError, match=fault):
        hash_strings(strings)
