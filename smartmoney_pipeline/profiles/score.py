"""Evidence to log-odds to probability, vectorised over events in blocks. Rules stand in `rules/`, the decision in `decision.py`.

Score of a class: log prior + sum over families of slope x cap(sum of quality x weight x membership), held within the total cap,
less suppressions. How caps are shared out, so that rows add up exactly: a family beyond its cap scales all its rows by
cap / |sum|, for and against alike; then the total does the same with all rows of the class.
Quality weakens only what speaks for a profile. Rivals of the likeliest profile are also summed at full quality, and the decision
looks at that: doubtful data may weaken a profile, and may never make it win.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from smartmoney_pipeline.profiles import bands, calibration, kernel, layout
from smartmoney_pipeline.profiles.calibration import Calibration
from smartmoney_pipeline.profiles.conditions import Columns
from smartmoney_pipeline.profiles.inputs import ScoreInputs, columns
from smartmoney_pipeline.profiles.memberships import ConditionArrays
from smartmoney_pipeline.profiles.rules.priors import NONE_PRIOR, log_priors
from smartmoney_pipeline.profiles.ruleset import RuleSet, ruleset
from smartmoney_pipeline.profiles.scored import EvidenceRows, Floats, Scored
from smartmoney_pipeline.profiles.vocabulary import CLASSES, NONE, Effect

KernelArrays = tuple[ConditionArrays, layout.RuleArrays]

BLOCK_EVENTS = 5_000
"""Events a block: its matrices stay near the processor's caches. Results do not depend on it."""


def score(
    inputs: ScoreInputs,
    fitted: Calibration | None = None,
    rules: RuleSet | None = None,
    none_prior: float = NONE_PRIOR,
) -> Scored:
    """Score every event; see `Scored` for shapes. `fitted` defaults to the calibration in use.

    Raises `CalibrationError` where `fitted` was made for another rule set.
    """
    rules = rules or ruleset()
    fitted = calibration.checked(fitted or calibration.load(), rules.version)
    arrays = layout.kernel_arrays(rules, fitted)
    whole = columns(inputs, layout.columns_of(rules))
    priors = log_priors(none_prior)
    blocks = [_score_block(block, start, rules, arrays, fitted, priors) for start, block in _blocks(whole, len(inputs))]
    return _ungraded(_joined(blocks), inputs.not_graded, fitted)


def _blocks(whole: Columns, size: int) -> Iterator[tuple[int, Columns]]:
    for start in range(0, max(size, 1), BLOCK_EVENTS):
        yield start, {name: values[start : start + BLOCK_EVENTS] for name, values in whole.items()}


def _score_block(block: Columns, start: int, rules: RuleSet, arrays: KernelArrays, fitted: Calibration, priors: Floats) -> Scored:
    size, classes = len(block["assembly"]), len(CLASSES)
    sums, full_sums, down, up, observed = np.zeros((5, size, classes))
    bits, unobserved = np.zeros(size, dtype=np.uint64), np.zeros((size, (len(rules.evidence) + 7) // 8), dtype=np.uint8)
    rows = EvidenceRows.empty(size * (len(rules.evidence) + len(arrays[1].pair_class)))
    inputs = layout.value_matrix(block), layout.quality_matrix(block)
    count = kernel.combine(*inputs, *arrays, start, rows.arrays(), sums, full_sums, down, up, observed, bits, unobserved)
    raw = priors + sums
    eta, full = calibration.apply(fitted, raw), calibration.apply(fitted, priors + full_sums)
    shape = bands.log_odds_bands(full, down / fitted.temperature, up / fitted.temperature)
    probability = softmax(eta)
    low, high = bands.around(probability[:, :-1], *shape)
    firm_probability, firm_margin, firm_width = _firm(eta, full, *shape)
    return Scored(
        raw_log_odds=raw,
        log_prior=priors,
        probability=probability,
        low=low,
        high=high,
        firm_probability=firm_probability,
        firm_margin=firm_margin,
        firm_width=firm_width,
        observed=observed[:, :-1],
        guards=bits,
        vetoed=_vetoed(bits, rules),
        not_graded=np.zeros(size, dtype=bool),
        unobserved=unobserved,
        rows=rows.first(count),
        rules=rules,
        calibration_version=fitted.version,
    )


def _ungraded(scored: Scored, hidden: NDArray[np.bool_], fitted: Calibration) -> Scored:
    """The scores, with the calibrated prior alone where the event is not graded: no evidence, no guard, bands that leave all open."""
    if not hidden.any():
        return scored
    here = hidden[:, None]
    prior = softmax(calibration.apply(fitted, scored.log_prior[None, :]))
    return replace(
        scored,
        raw_log_odds=np.where(here, scored.log_prior, scored.raw_log_odds),
        probability=np.where(here, prior, scored.probability),
        low=np.where(here, 0.0, scored.low),
        high=np.where(here, 1.0, scored.high),
        observed=np.where(here, 0.0, scored.observed),
        guards=np.where(hidden, np.uint64(0), scored.guards),
        vetoed=scored.vetoed & ~here,
        not_graded=hidden,
        unobserved=np.where(here, np.packbits(np.ones(scored.evidence_count, np.bool_)), scored.unobserved),
        rows=scored.rows.where(~hidden[scored.rows.event]),
    )


def softmax(log_odds: Floats) -> Floats:
    """Return probabilities over the last axis, which sum to 1."""
    shifted = np.exp(log_odds - log_odds.max(axis=-1, keepdims=True))
    return shifted / shifted.sum(axis=-1, keepdims=True)


def _firm(eta: Floats, full: Floats, below: Floats, above: Floats) -> tuple[Floats, Floats, Floats]:
    """Probability, margin and band width of the likeliest class with its rivals at full quality."""
    events = np.arange(len(eta))
    best = eta.argmax(axis=1)
    mixed = full.copy()
    mixed[events, best] = eta[events, best]
    probability = softmax(mixed)
    own = probability[events, best]
    probability[events, best] = -1.0
    profile = np.minimum(best, len(CLASSES) - 2)
    low, high = bands.around(own, below[events, profile], above[events, profile])
    return own, own - probability.max(axis=1), np.where(best == CLASSES.index(NONE), 0.0, high - low)


def _vetoed(bits: NDArray[np.uint64], rules: RuleSet) -> NDArray[np.bool_]:
    """Profiles that a fired veto names, [n, 6]."""
    masks = np.zeros(len(CLASSES) - 1, dtype=np.uint64)
    for i, guard in enumerate(rules.guards):
        if guard.effect is Effect.VETO:
            masks[[CLASSES.index(profile) for profile in guard.profiles]] |= np.uint64(1) << np.uint64(i)
    return (bits[:, None] & masks) != 0


def _joined(blocks: list[Scored]) -> Scored:
    """One result from the blocks, in order."""
    first = blocks[0]
    by_event = [name for name in vars(first) if name not in {"log_prior", "rules", "calibration_version", "rows"}]
    arrays: dict[str, Any] = {name: np.concatenate([getattr(block, name) for block in blocks]) for name in by_event}
    rows: dict[str, Any] = {name: np.concatenate([getattr(block.rows, name) for block in blocks]) for name in vars(first.rows)}
    return replace(first, **arrays, rows=EvidenceRows(**rows))
