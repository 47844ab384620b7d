"""The compiled rule tables: checked at import, laid out by profile and family for scoring, hashed into a version."""

import hashlib
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from smartmoney_pipeline.citations import SOURCES
from smartmoney_pipeline.profiles.conditions import Condition
from smartmoney_pipeline.profiles.inputs import COLUMN_NAMES
from smartmoney_pipeline.profiles.rules import QUALITY_GUARDS, TABLES
from smartmoney_pipeline.profiles.rules.priors import NONE_PRIOR
from smartmoney_pipeline.profiles.vocabulary import CLASSES, NONE, Effect, Evidence, Family, Guard, ProfileRules

MAX_CODES = 64
"""Guards of one event travel as bits of one integer."""


class RuleError(ValueError):
    """A rule table breaks a rule for rule tables; the message names the code."""


@dataclass(frozen=True)
class RuleSet:
    """Evidence in the order of (profile, family, table), and the guards. Index arrays run over the evidence rows."""

    evidence: tuple[Evidence, ...]
    guards: tuple[Guard, ...]
    profile_of: NDArray[np.int64]
    group_starts: NDArray[np.int64]
    """First row of each (profile, family) group."""
    group_of: NDArray[np.int64]
    group_family: tuple[Family, ...]
    group_profile: NDArray[np.int64]
    version: str

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of evidence, then of guards: what a code index means."""
        return (*(row.code for row in self.evidence), *(guard.code for guard in self.guards))


def compile_rules(tables: tuple[ProfileRules, ...], quality_guards: tuple[Guard, ...]) -> RuleSet:
    """Return the checked rule set. Raises `RuleError` for a table that breaks a rule (see `_check`)."""
    guards = (*quality_guards, *(guard for table in tables for guard in table.guards))
    ordered = sorted(tables, key=lambda table: CLASSES.index(table.profile))
    rows = [(CLASSES.index(table.profile), row) for table in ordered for row in _by_family(table)]
    _check([row for _, row in rows], guards, [table.profile for table in tables])
    _check_background(ordered)
    keys = [(profile, row.family) for profile, row in rows]
    starts = [i for i, key in enumerate(keys) if i == 0 or key != keys[i - 1]]
    return RuleSet(
        tuple(row for _, row in rows),
        guards,
        np.array([profile for profile, _ in rows]),
        np.array(starts),
        np.repeat(np.arange(len(starts)), np.diff([*starts, len(rows)])),
        tuple(keys[i][1] for i in starts),
        np.array([keys[i][0] for i in starts]),
        _version(ordered, quality_guards),
    )


def _by_family(table: ProfileRules) -> list[Evidence]:
    families = list(Family)
    return sorted(table.evidence, key=lambda row: families.index(row.family))


def _check(rows: list[Evidence], guards: tuple[Guard, ...], profiles: list[str]) -> None:
    """Every class once, codes unique, sources and columns known, weights within the cap of their grade, guards complete."""
    if sorted(profiles) != sorted(CLASSES):
        raise RuleError(f"one table a class is needed, found {', '.join(sorted(profiles))}")
    codes = [row.code for row in rows] + [guard.code for guard in guards]
    doubled = sorted({code for code in codes if codes.count(code) > 1})
    if doubled:
        raise RuleError(f"{doubled[0]}: the code is used twice")
    if len(guards) > MAX_CODES:
        raise RuleError(f"more than {MAX_CODES} guards")
    for row in rows:
        _check_evidence(row, {guard.code for guard in guards})
    for guard in guards:
        _check_guard(guard)


def _check_evidence(row: Evidence, guard_codes: set[str]) -> None:
    _check_common(row.code, row.source, row.when, row.because)
    if not 0.0 < abs(row.weight) <= row.grade.cap:
        raise RuleError(f"{row.code}: weight {row.weight} is outside the cap of grade {row.grade}, {row.grade.cap} nats")
    if row.grade.value != "D" and row.source == "SEED":
        raise RuleError(f"{row.code}: a seed has grade D")
    if row.confusable and row.confusable not in CLASSES:
        raise RuleError(f"{row.code}: no class {row.confusable!r}")
    if row.guard and row.guard not in guard_codes:
        raise RuleError(f"{row.code}: no guard {row.guard!r}")


def _check_guard(guard: Guard) -> None:
    _check_common(guard.code, guard.source, guard.when, guard.because)
    if (guard.effect is Effect.ABSTAIN) != (guard.reason is not None):
        raise RuleError(f"{guard.code}: abstain states a reason, veto and cap do not")
    if (guard.effect is Effect.ABSTAIN) == bool(guard.profiles):
        raise RuleError(f"{guard.code}: veto and cap name profiles, abstain does not")


def _check_common(code: str, source: str, when: tuple[Condition, ...], because: str) -> None:
    if code != code.upper() or not code.replace("_", "").isalnum():
        raise RuleError(f"{code}: a code is UPPER_SNAKE")
    if source not in SOURCES:
        raise RuleError(f"{code}: no source is listed under {source!r}")
    unknown = sorted({name for condition in when for name in condition.columns()} - COLUMN_NAMES)
    if unknown or not when:
        raise RuleError(f"{code}: no column {', '.join(unknown) or 'at all'}")
    if not because.endswith("."):
        raise RuleError(f"{code}: the sentence is missing")


def _check_background(tables: list[ProfileRules]) -> None:
    """Background evidence speaks for `none` only and rests on no quality: poor data must never help a profile."""
    for row in next(table for table in tables if table.profile == NONE).evidence:
        if row.weight < 0 or row.rests:
            raise RuleError(f"{row.code}: evidence for {NONE} is positive and rests on no quality")


def _version(tables: list[ProfileRules], quality_guards: tuple[Guard, ...]) -> str:
    text = repr((tables, quality_guards, NONE_PRIOR))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


@cache
def ruleset() -> RuleSet:
    """Return the rule set of the package, compiled once."""
    return compile_rules(TABLES, QUALITY_GUARDS)


def ruleset_version() -> str:
    """Return a short hash of every rule table; it changes with any weight, ramp, sentence or source."""
    return ruleset().version
