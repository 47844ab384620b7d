"""smart_money_events from columns. Expected rows are written by hand from the inputs, or made by a plain loop over random ones."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from two_events import EVENTS, FEATURES, FLAGS, KEYS, SCORES, build

from smartmoney_pipeline.engine.columns import Ragged, codes_array, list_array, mask_lists
from smartmoney_pipeline.engine.events_table import features_array
from smartmoney_pipeline.engine.parent_tables import EventKeys
from smartmoney_pipeline.engine.score_tables import EventScores, profile_scores_array
from smartmoney_pipeline.schemas.arrow import arrow_schema, empty_table, to_frame
from smartmoney_pipeline.schemas.codes import ConfidenceBand, Direction, ProfileId, QualityFlag
from smartmoney_pipeline.schemas.contracts import SmartMoneyEvent
from smartmoney_pipeline.schemas.output_tables import SmartMoneyEvents


def test_table_has_the_schema_and_passes_its_check():
    table = build()
    assert table.schema == arrow_schema(SmartMoneyEvents)
    assert len(SmartMoneyEvents.validate(to_frame(table), lazy=True)) == 2


def test_published_row():
    row = build().to_pylist()[0]
    plain = ("underlying_id", "event_kind", "assembly", "structure", "primary_profile_id", "primary_direction", "abstained", "revision")
    assert [row[name] for name in plain] == ["SPY", "single_leg_event", "sweep", None, "event_driven", "bullish", False, 0]
    assert (row["packet_ids"], row["member_print_ids"]) == (["k1", "k2"], ["p1", "p2", "p3"])
    assert (row["suppressed_reasons"], row["abstention_reasons"], row["quality_flags"]) == ([], [], ["cross"])
    assert (row["event_window_ms"], row["none_probability"], row["reconstruction_confidence"]) == (12, 0.125, 0.97)
    assert row["start_ts"] == pd.Timestamp("2025-01-17T14:30:00.000000001Z")


def test_abstained_row():
    row = build().to_pylist()[1]
    plain = ("underlying_id", "event_kind", "assembly", "structure", "primary_profile_id", "primary_direction", "abstained", "provisional")
    assert [row[name] for name in plain] == ["AAPL", "multi_leg_event", "package", "vertical", None, "unknown", True, False]
    assert (row["suppressed_reasons"], row["abstention_reasons"]) == (["PARITY_LIKE_LEGS"], ["no_profile", "low_margin"])
    assert row["quality_flags"] == ["quote_missing", "quote_locked"]
    assert row["reconstruction_confidence"] is None


def test_scores_are_highest_first_with_their_own_fields():
    """Event 1: event_driven 0.5, then two ties at 0.125 and two at 0.0625, each pair in ProfileId order."""
    scores = build().to_pylist()[0]["profile_scores"]
    order = ["event_driven", "institutional_directional", "arbitrage", "retail_whale", "vol_seller", "hedge_reactive"]
    assert [score["profile_id"] for score in scores] == order
    assert [score["confidence_band"] for score in scores] == ["high", "low", "medium", "medium", "low", "high"]
    assert [score["direction"] for score in scores] == ["neutral", "bullish", "unknown", "bearish", "mixed", "bullish"]
    assert [score["reasons"] for score in scores] == [["ASK_LIFT_DOMINANT", "BLOCK_PREMIUM"], ["EVENT_AHEAD"], [], [], [], []]


def test_features_are_typed_and_unknown_stays_unknown():
    first, second = build()["features"].to_pylist()
    assert (first["contracts"], first["premium_usd"], first["index_or_etf"], first["iv"]) == (500, 1.5e6, True, None)
    assert isinstance(first["contracts"], int)
    assert (second["contracts"], second["index_or_etf"]) == (None, None)


def test_rows_become_contract_objects():
    events = [SmartMoneyEvent.from_row(row) for row in build().to_pylist()]
    assert [event.primary_profile_id for event in events] == [ProfileId.EVENT_DRIVEN, None]


def test_revision_and_provisional_may_differ_by_event():
    table = build(revision=np.array([2, 0]), provisional=np.array([False, True]))
    assert (table["revision"].to_pylist(), table["provisional"].to_pylist()) == ([2, 0], [False, True])


def test_no_events_give_an_empty_table_of_the_same_schema():
    none, start = np.zeros((0, 6)), np.zeros(1, dtype=np.int64)
    empty = Ragged(np.zeros(0, dtype=np.int64), start)
    names = Ragged(pa.array([], pa.string()), start)
    keys = EventKeys(pa.array([], pa.string()), names, names, [])
    scores = EventScores(np.zeros((0, 7)), none, none, none, none, empty, start[:0], start[:0], empty, empty, [])
    events = {name: values[:0] for name, values in EVENTS.items()}
    table = build(events=events, keys=keys, features=FEATURES[:0], scores=scores, quality_flags=FLAGS[:0])
    assert table.equals(empty_table(SmartMoneyEvents))


def test_slices_of_events_join_to_the_whole():
    def part(i: int) -> pa.Table:
        rows = slice(i, i + 1)
        keys = EventKeys(KEYS.event_id[rows], KEYS.packet_ids.part(i, i + 1), KEYS.member_print_ids.part(i, i + 1), KEYS.underlyings)
        arrays = {name: getattr(SCORES, name)[rows] for name in ("probability", "low", "high", "band", "direction", "primary")}
        ragged = {"reasons": SCORES.reasons.part(i * 6, i * 6 + 6), "suppressed": SCORES.suppressed.part(i, i + 1)}
        ragged["abstention"] = SCORES.abstention.part(i, i + 1)
        scores = EventScores(**arrays, **ragged, primary_direction=SCORES.primary_direction[rows], reason_codes=SCORES.reason_codes)
        events = {name: values[rows] for name, values in EVENTS.items()}
        return build(events=events, keys=keys, features=FEATURES[rows], scores=scores, quality_flags=FLAGS[rows])

    assert pa.concat_tables([part(0), part(1)]).combine_chunks().to_pylist() == build().to_pylist()


def test_missing_feature_is_named():
    with pytest.raises(KeyError, match="features lack iv"):
        features_array(FEATURES.drop(columns="iv"))


def test_column_of_another_length_is_named():
    with pytest.raises(ValueError, match=r"2 events.*quality_flags \(1\)"):
        build(quality_flags=FLAGS[:1])


def test_tables_of_other_events_are_refused():
    with pytest.raises(ValueError, match="features are not about the same events"):
        build(features=FEATURES.iloc[::-1])


def test_part_of_a_contract_is_refused():
    with pytest.raises(pa.ArrowInvalid):
        features_array(FEATURES.assign(contracts=[1.5, 2.0]))


@pytest.mark.parametrize("offsets", [[0, 1], [1, 2], [0, 3], []])
def test_offsets_must_cover_the_values(offsets):
    with pytest.raises(ValueError, match="offsets"):
        list_array(np.array([7, 8]), np.array(offsets, dtype=np.int64))


def test_codes_become_names_and_negative_ones_null():
    assert codes_array(np.array([1, -1, 0], dtype=np.int8), ["a", "b"]).to_pylist() == ["b", None, "a"]
    with pytest.raises(IndexError):
        codes_array(np.array([2]), ["a", "b"])


@given(st.lists(st.integers(0, 2 ** len(QualityFlag) - 1), max_size=20))
def test_masks_become_the_names_of_their_bits(masks):
    names = [flag.value for flag in QualityFlag]
    expected = [[name for bit, name in enumerate(names) if mask >> bit & 1] for mask in masks]
    assert mask_lists(np.array(masks, dtype=np.int64), names).to_pylist() == expected


def looped(scores: EventScores) -> list[list[dict]]:
    """The same by a plain loop and Python's sort."""
    events = []
    for i in range(len(scores.probability)):
        items = []
        for k, profile in enumerate(ProfileId):
            start, stop = scores.reasons.offsets[i * 6 + k], scores.reasons.offsets[i * 6 + k + 1]
            items.append(
                {
                    "profile_id": profile.value,
                    "probability": scores.probability[i, k],
                    "probability_low": scores.low[i, k],
                    "probability_high": scores.high[i, k],
                    "confidence_band": list(ConfidenceBand)[scores.band[i, k]].value,
                    "direction": list(Direction)[scores.direction[i, k]].value,
                    "reasons": [scores.reason_codes[code] for code in scores.reasons.flat[start:stop]],
                }
            )
        events.append(sorted(items, key=lambda item: -item["probability"]))
    return events


def random_scores(count: int, seed: int) -> EventScores:
    """Random scores with many ties: probabilities are eighths."""
    rng = np.random.default_rng(seed)
    weight = rng.integers(0, 4, (count, 7)) + (np.arange(7) == 6)
    probability = weight / weight.sum(axis=1, keepdims=True)
    lengths = rng.integers(0, 4, count * 6)
    reasons = Ragged(rng.integers(0, 5, lengths.sum()), np.concatenate([[0], np.cumsum(lengths)]))
    codes = {"band": rng.integers(0, 3, (count, 6)), "direction": rng.integers(0, 5, (count, 6))}
    none = Ragged(np.zeros(0, dtype=np.int64), np.zeros(count + 1, dtype=np.int64))
    interval = {"low": probability[:, :6] * 0.5, "high": (1 + probability[:, :6]) / 2}
    primary = {"primary": probability[:, :6].argmax(axis=1), "primary_direction": codes["direction"][:, 0]}
    return EventScores(
        probability=probability,
        **interval,
        **codes,
        **primary,
        reasons=reasons,
        suppressed=none,
        abstention=none,
        reason_codes=list("ABCDE"),
    )


@pytest.mark.parametrize("seed", range(5))
def test_scores_equal_a_plain_loop(seed):
    scores = random_scores(40, seed)
    assert profile_scores_array(scores).to_pylist() == looped(scores)
