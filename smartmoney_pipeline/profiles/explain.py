"""Why one event was scored as it was, recomputed from its stored features. The lines of a class add up to its log-odds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from smartmoney_pipeline.profiles.calibration import Calibration, apply, load
from smartmoney_pipeline.profiles.conditions import describe
from smartmoney_pipeline.profiles.decision import MIN_PROBABILITY, decide
from smartmoney_pipeline.profiles.direction import DIRECTIONS, directions
from smartmoney_pipeline.profiles.inputs import ScoreInputs
from smartmoney_pipeline.profiles.reasons import MIN_REASON_NATS
from smartmoney_pipeline.profiles.ruleset import RuleSet
from smartmoney_pipeline.profiles.score import score
from smartmoney_pipeline.profiles.scored import Scored
from smartmoney_pipeline.profiles.vocabulary import CLASSES, NONE, Effect

_LIGHT = 2.0**-10
"""All rows of a family together stay below every cap at this part of their weights; a power of two, so nothing is rounded."""


@dataclass(frozen=True, slots=True)
class ExplanationLine:
    """One line: a row of evidence or a guard. `value` is null where the row shows no number; nats after caps, and before them."""

    profile: str
    code: str
    observed: bool
    value: float | None
    contribution: float
    uncapped: float
    because: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """One event explained. `log_prior[c]` plus the contributions of class c is `log_odds[c]`.

    `calibrated[c]` is (`log_odds[c]` - `bias[c]`) / `temperature`, nats; its exponentials are in the ratio of the probabilities.
    """

    likeliest: str
    runner_up: str
    published: str | None
    direction: str
    abstention_reasons: tuple[str, ...]
    guards: tuple[str, ...]
    probability: dict[str, float]
    log_prior: dict[str, float]
    log_odds: dict[str, float]
    bias: dict[str, float]
    temperature: float
    calibrated: dict[str, float]
    lines: tuple[ExplanationLine, ...]
    would_change: tuple[str, ...]
    ruleset_version: str
    calibration_version: str


def explain(event: ScoreInputs, fitted: Calibration | None = None) -> Explanation:
    """Explain one event. Raises `ValueError` unless `event` holds exactly one."""
    if len(event) != 1:
        raise ValueError(f"one event is explained at a time, found {len(event)}")
    fitted = fitted or load()
    scored = score(event, fitted)
    decision = decide(scored)
    ranked = np.argsort(-scored.probability[0], kind="stable")
    likeliest, runner_up = CLASSES[ranked[0]], CLASSES[ranked[1]]
    lines = _lines(scored, _uncapped(event, fitted, scored))
    return Explanation(
        likeliest,
        runner_up,
        None if decision.abstained[0] else likeliest,
        str(DIRECTIONS[directions(event)[0]]),
        tuple(str(reason) for reason in decision.abstention_reasons(0)),
        tuple(scored.fired_guards(0)),
        dict(zip(CLASSES, scored.probability[0].tolist(), strict=True)),
        dict(zip(CLASSES, scored.log_prior.tolist(), strict=True)),
        dict(zip(CLASSES, scored.raw_log_odds[0].tolist(), strict=True)),
        dict(zip(CLASSES, fitted.biases, strict=True)),
        fitted.temperature,
        dict(zip(CLASSES, apply(fitted, scored.raw_log_odds)[0].tolist(), strict=True)),
        lines,
        _would_change(event, fitted, scored, lines, likeliest, runner_up),
        scored.rules.version,
        scored.calibration_version,
    )


def _uncapped(event: ScoreInputs, fitted: Calibration, scored: Scored) -> dict[str, float]:
    """Nats of each row of evidence before caps: scored at a small part of every weight, where no cap is reached."""
    light = replace(scored.rules, evidence=tuple(replace(row, weight=row.weight * _LIGHT) for row in scored.rules.evidence))
    rows = score(event, fitted, light).rows
    return {scored.codes[code]: float(nats) / _LIGHT for code, nats in zip(rows.code, rows.contribution, strict=True)}


def _lines(scored: Scored, uncapped: Mapping[str, float]) -> tuple[ExplanationLine, ...]:
    """Rows that moved a score, strongest first within a class; then rows that could not be evaluated."""
    rows, rules = scored.rows, scored.rules
    sentences = [row.because for row in rules.evidence] + [guard.because for guard in rules.guards]
    moved = [
        ExplanationLine(
            CLASSES[profile],
            scored.codes[code],
            True,
            None if np.isnan(value) else float(value),
            float(nats),
            float(nats) if code >= scored.evidence_count else uncapped[scored.codes[code]],
            sentences[code],
        )
        for profile, code, value, nats in zip(rows.profile, rows.code, rows.value, rows.contribution, strict=True)
    ]
    moved.sort(key=lambda line: (CLASSES.index(line.profile), -abs(line.contribution), line.code))
    unseen = [
        ExplanationLine(CLASSES[rules.profile_of[code]], scored.codes[code], False, None, 0.0, 0.0, sentences[code])
        for code in scored.unobserved_rows(0)
    ]
    return (*moved, *unseen)


def _would_change(
    event: ScoreInputs, fitted: Calibration | None, scored: Scored, lines: Sequence[ExplanationLine], likeliest: str, runner_up: str
) -> tuple[str, ...]:
    """What would change the answer: evidence that it hangs on, guards that stand against it, evidence that was not observed.

    Nothing would where the event is not graded.
    """
    if scored.not_graded[0]:
        return ()
    changes = [] if likeliest == NONE else _carrying(event, fitted, scored, lines, likeliest)
    changes += [f"guard {code} stands: {_condition_of(scored, code)}" for code in _standing(scored)]
    rival = runner_up if likeliest == NONE else likeliest
    missing = [line.code for line in lines if not line.observed and line.profile == rival]
    if missing:
        changes.append(f"not observed for {rival}: {', '.join(missing)}")
    return tuple(changes)


def _carrying(
    event: ScoreInputs, fitted: Calibration | None, scored: Scored, lines: Sequence[ExplanationLine], likeliest: str
) -> list[str]:
    """Rows without which the likeliest profile would not be published, each alone; scored anew, since caps share out what is left."""
    codes = [line.code for line in lines if line.profile == likeliest and line.contribution >= MIN_REASON_NATS]
    index = CLASSES.index(likeliest)
    without = {code: float(score(event, fitted, _rules_without(scored.rules, code)).probability[0, index]) for code in codes}
    carrying = [f"without {code}, {likeliest} would be at {share:.0%}" for code, share in without.items() if share < MIN_PROBABILITY]
    if not carrying and without and scored.probability[0, index] >= MIN_PROBABILITY:
        return [f"no single row decides it: without any one of them {likeliest} stays at {min(without.values()):.0%} or more"]
    return carrying


def _rules_without(rules: RuleSet, code: str) -> RuleSet:
    """The rule set with one row of evidence weighing nothing."""
    return replace(rules, evidence=tuple(replace(row, weight=0.0) if row.code == code else row for row in rules.evidence))


def _standing(scored: Scored) -> list[str]:
    stopping = {guard.code for guard in scored.rules.guards if guard.effect is not Effect.CAP}
    return [code for code in scored.fired_guards(0) if code in stopping]


def _condition_of(scored: Scored, code: str) -> str:
    guard = next(guard for guard in scored.rules.guards if guard.code == code)
    return "; ".join(describe(condition) for condition in guard.when)
