"""Laws of scoring: rows add up, probabilities sum to one, evidence is monotone, poor data never helps, blocks do not matter."""

from dataclasses import replace

import numpy as np
import pytest
from flows import BOX, EVENT, GAMMA, HERD, OVERWRITE, PLAIN, SHORT_STRADDLE, SWEEP, flow, flows
from hypothesis import given, settings
from hypothesis import strategies as st

from smartmoney_pipeline.profiles import score as score_module
from smartmoney_pipeline.profiles.calibration import IDENTITY, load
from smartmoney_pipeline.profiles.decision import decide
from smartmoney_pipeline.profiles.rules import QUALITY_GUARDS, TABLES
from smartmoney_pipeline.profiles.ruleset import compile_rules
from smartmoney_pipeline.profiles.score import score
from smartmoney_pipeline.profiles.scored import Scored, evidence_table
from smartmoney_pipeline.profiles.vocabulary import CLASSES
from smartmoney_pipeline.schemas.codes import Assembly, QualityFlag, Structure

SAMPLES = (PLAIN, SWEEP, HERD, EVENT, OVERWRITE, SHORT_STRADDLE, BOX, GAMMA)


@st.composite
def events(draw: st.DrawFn) -> tuple:
    """A sample with some features exchanged for those of another sample, or unknown."""
    first, second = draw(st.sampled_from(SAMPLES)), draw(st.sampled_from(SAMPLES))
    taken = draw(st.sets(st.sampled_from(sorted(second)), max_size=25))
    unknown = draw(st.sets(st.sampled_from(sorted(first)), max_size=6))
    mixed = first | {name: second[name] for name in taken} | dict.fromkeys(unknown)
    structure = draw(st.none() | st.sampled_from(list(Structure)))
    return mixed, structure, draw(st.sampled_from(list(Assembly))), ()


def _sums(scored: Scored) -> np.ndarray:
    sums = np.tile(scored.log_prior, (len(scored), 1))
    np.add.at(sums, (scored.rows.event, scored.rows.profile), scored.rows.contribution)
    return sums


@settings(max_examples=60, deadline=None)
@given(st.lists(events(), min_size=1, max_size=6))
def test_rows_add_up_to_the_log_odds(drawn: list[tuple]) -> None:
    scored = score(flows(drawn))
    np.testing.assert_allclose(_sums(scored), scored.raw_log_odds, atol=1e-12)


@settings(max_examples=40, deadline=None)
@given(st.lists(events(), min_size=1, max_size=6), st.booleans())
def test_of_a_minute_bar_nothing_is_believed_but_the_prior(drawn: list[tuple], adjusted: bool) -> None:
    flags = (QualityFlag.MINUTE_BAR, *([QualityFlag.ADJUSTED_CONTRACT] if adjusted else []))
    bars = [(features, structure, assembly, flags) for features, structure, assembly, _ in drawn]
    uncalibrated = load(IDENTITY)
    scored = score(flows([*bars, *drawn]), uncalibrated)
    here, prints = slice(0, len(bars)), score(flows(drawn), uncalibrated)
    # Before anything is seen (rules/priors.py): 0.7 background, the rest shared out evenly among the six profiles.
    np.testing.assert_allclose(scored.probability[here], np.tile([0.05] * 6 + [0.7], (len(bars), 1)), atol=1e-12)
    assert (scored.low[here] == 0).all()
    assert (scored.high[here] == 1).all()
    assert [scored.fired_guards(event) for event in range(len(bars))] == [[]] * len(bars)
    assert not scored.vetoed[here].any()
    assert not scored.observed[here].any()
    assert all(len(scored.unobserved_rows(event)) == scored.evidence_count for event in range(len(bars)))
    assert (scored.rows.event >= len(bars)).all()
    np.testing.assert_array_equal(scored.probability[len(bars) :], prints.probability)
    np.testing.assert_array_equal(scored.rows.contribution, prints.rows.contribution)


@settings(max_examples=60, deadline=None)
@given(st.lists(events(), min_size=1, max_size=6))
def test_probabilities_and_bands_are_in_order(drawn: list[tuple]) -> None:
    scored = score(flows(drawn))
    np.testing.assert_allclose(scored.probability.sum(axis=1), 1.0, atol=1e-12)
    assert (scored.low <= scored.probability[:, :-1]).all()
    assert (scored.probability[:, :-1] <= scored.high).all()
    assert ((scored.observed >= 0) & (scored.observed <= 1 + 1e-12)).all()


@settings(max_examples=25, deadline=None)
@given(events(), st.integers(0, 10**6))
def test_more_weight_for_a_profile_never_lowers_its_log_odds(event: tuple, which: int) -> None:
    """Take a row of positive evidence away and put it back: its class must not lose."""
    table = TABLES[which % 6]
    positive = [row for row in table.evidence if row.weight > 0]
    removed = positive[which % len(positive)]
    less = replace(table, evidence=tuple(row for row in table.evidence if row is not removed))
    without = compile_rules(tuple(less if t is table else t for t in TABLES), QUALITY_GUARDS)
    index = CLASSES.index(table.profile)
    inputs = flows([event])
    plain = load(IDENTITY)  # the one in use belongs to the packaged rules alone
    assert score(inputs).raw_log_odds[0, index] >= score(inputs, plain, without).raw_log_odds[0, index] - 1e-12


WORSE = {
    "stale_share": st.floats(0, 1), "quote_drift_half_spreads": st.floats(0, 3), "reconstruction_confidence": st.floats(0, 1),
    "crossed_or_locked_share": st.floats(0, 1),
    "late_share": st.floats(0, 1),
}  # fmt: skip


@settings(max_examples=120, deadline=None)
@given(events(), st.sampled_from(sorted(WORSE)), st.data())
def test_worse_data_never_publishes_what_was_held_back(event: tuple, name: str, data: st.DataObject) -> None:
    features, *rest = event
    better, worse = sorted((data.draw(WORSE[name]), data.draw(WORSE[name])), reverse=name == "reconstruction_confidence")
    decision = decide(score(flows([(features | {name: better}, *rest), (features | {name: worse}, *rest)])))
    assert not (decision.abstained[0] and not decision.abstained[1])


@settings(max_examples=80, deadline=None)
@given(events(), st.floats(0.5, 1.0), st.floats(0.5, 1.0))
def test_less_certain_package_side_never_publishes_what_was_held_back(event: tuple, one: float, other: float) -> None:
    features, structure, assembly, flags = event
    package = features | {"aggressor_mix": None, "underlying_move_alignment": None}
    pair = [(package | {"buy_probability": p}, structure, assembly, flags) for p in sorted((one, other), reverse=True)]
    decision = decide(score(flows(pair)))
    assert not (decision.abstained[0] and not decision.abstained[1])


def test_blocks_do_not_change_results(monkeypatch: pytest.MonkeyPatch) -> None:
    many = flows([(sample, None, Assembly.SWEEP, ()) for sample in SAMPLES * 3])
    whole = score(many)
    monkeypatch.setattr(score_module, "BLOCK_EVENTS", 5)
    parts = score(many)
    for name in ("raw_log_odds", "probability", "low", "high", "firm_width", "guards", "unobserved"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(parts, name))
    np.testing.assert_array_equal(whole.rows.contribution, parts.rows.contribution)
    np.testing.assert_array_equal(whole.rows.event, parts.rows.event)


def test_family_and_total_caps_hold_by_hand() -> None:
    """The sweep has far more than 5 nats of raw evidence: its rows add up to exactly 5, and no family to more than its cap."""
    scored = score(flow(SWEEP))
    own = scored.rows.profile == 0
    np.testing.assert_allclose(scored.rows.contribution[own].sum(), 5.0)
    by_family: dict[str, float] = {}
    for code, nats in zip(scored.rows.code[own], scored.rows.contribution[own], strict=True):
        family = scored.rules.evidence[code].family
        by_family[family] = by_family.get(family, 0.0) + nats
    assert all(abs(total) <= scored.rules.evidence[0].family.cap + 1e-12 for family, total in by_family.items() if family == "size")
    assert max(by_family.values()) <= 2.0 + 1e-12


def test_prior_alone_without_any_feature() -> None:
    """Nothing is known: ln 0.05 a profile and ln 0.7 for none, less 4 nats where a profile cannot be without a side, and 2.4 of arbitrage
    without an identity: a structure that was not found is known to be none."""
    scored = score(flow({}, assembly=Assembly.SWEEP))
    assert scored.fired_guards(0) == ["SIDE_UNKNOWN"]
    expected = np.log([0.05] * 6 + [0.7]) - [4, 0, 0, 4, 2.4, 0, 0]
    np.testing.assert_allclose(scored.raw_log_odds[0], expected, atol=1e-12)
    assert decide(scored).abstained[0]


def test_zero_events_give_empty_results() -> None:
    none = flow(PLAIN)
    empty = type(none)(none.features[:0], none.structure[:0], none.assembly[:0], {})
    scored = score(empty)
    assert scored.probability.shape == (0, 7)
    assert len(scored.rows) == 0


def test_evidence_table_lists_what_was_not_observed_where_asked() -> None:
    scored = score(flows([(PLAIN, None, Assembly.FILL, ()), (SWEEP, None, Assembly.SWEEP, ())]))
    table = evidence_table(scored, np.array([False, True]))
    unseen = table[~table["observed"]]
    assert set(unseen["event"]) == {1}
    assert "RICH_VOLATILITY" in set(unseen["code"])
    assert (unseen["contribution"] == 0).all()
    assert unseen["value"].isna().all()


def test_missing_feature_column_is_named() -> None:
    inputs = flow(PLAIN)
    with pytest.raises(ValueError, match="no column dte_days"):
        type(inputs)(inputs.features.drop(columns="dte_days"), inputs.structure, inputs.assembly, {})
