"""`smartmoney rules`: the codes of evidence and guards by profile, and a page for each: what it reads, how it weighs, its source."""

from __future__ import annotations

import difflib
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

import smartmoney_pipeline.features.build  # noqa: F401  fills the registry
from smartmoney_pipeline.citations import SOURCES, Source
from smartmoney_pipeline.console.terminal import CommandError
from smartmoney_pipeline.features.registry import REGISTRY
from smartmoney_pipeline.profiles.conditions import ASSEMBLY, STRUCTURE, describe
from smartmoney_pipeline.profiles.inputs import DERIVED
from smartmoney_pipeline.profiles.rules import QUALITY_GUARDS, TABLES
from smartmoney_pipeline.profiles.ruleset import ruleset_version
from smartmoney_pipeline.profiles.vocabulary import EVIDENCE_CEILING_NATS, SUPPRESSION_NATS, Effect, Evidence, Guard
from smartmoney_pipeline.scenarios.templates import load_template, template_names

ALL = "all profiles"
EVIDENCE, GUARD = "evidence", "guard"
NEAR, NEAR_ENOUGH = 5, 0.5
EFFECTS = {
    Effect.VETO: f"veto: takes {SUPPRESSION_NATS:g} nats from each profile that it names and forbids publishing it",
    Effect.CAP: f"cap: lets no more than {EVIDENCE_CEILING_NATS:g} nat of evidence count for each profile that it names",
    Effect.ABSTAIN: "abstain: nothing is published, whatever the scores",
}


@dataclass(frozen=True, slots=True)
class Column:
    """One thing that a rule reads. `unit`, `formula` and `source` are empty for what is no feature."""

    name: str
    meaning: str
    unit: str = ""
    formula: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Everything about one code. `weight` and `grade` are null for a guard, `effect` for evidence."""

    code: str
    kind: str
    table: str
    sentence: str
    when: tuple[str, ...]
    reads: tuple[Column, ...]
    source: Source
    family: str | None = None
    weight: float | None = None
    grade: str | None = None
    grade_cap: float | None = None
    rests: tuple[str, ...] = ()
    confusable: str | None = None
    guard: str | None = None
    effect: str | None = None
    holds_down: tuple[str, ...] = ()
    reason: str | None = None
    guards_of: tuple[str, ...] = ()
    """Of a guard: evidence that names it."""
    scenarios: tuple[str, ...] = ()
    """Look-alikes that the guard should answer, each with the variant that it looks like."""


def listing() -> list[tuple[str, str, Evidence | Guard]]:
    """Return (table, kind, rule) of every code: profiles in order, evidence before guards, then the guards of all profiles."""
    rows: list[tuple[str, str, Evidence | Guard]] = []
    for table in TABLES:
        rows += [(table.profile, EVIDENCE, row) for row in table.evidence]
        rows += [(table.profile, GUARD, guard) for guard in table.guards]
    return rows + [(ALL, GUARD, guard) for guard in QUALITY_GUARDS]


def page(code: str) -> Page:
    """Return the page of a code, in any case of letters. Raises `CommandError` with near names for one that there is not."""
    wanted = code.strip().upper()
    found = [row for row in listing() if row[2].code == wanted]
    if not found:
        raise CommandError(_unknown(code, wanted))
    table, _, rule = found[0]
    return _evidence(table, rule) if isinstance(rule, Evidence) else _guard(table, rule)


def _unknown(code: str, wanted: str) -> str:
    codes = [rule.code for _, _, rule in listing()]
    near = difflib.get_close_matches(wanted, codes, NEAR, NEAR_ENOUGH)
    near += [name for name in codes if wanted and wanted in name and name not in near][:NEAR]
    hint = f"near it are {', '.join(near[:NEAR])}" if near else "`smartmoney rules` lists the codes"
    return f"there is no rule {code!r}; {hint}"


def _evidence(table: str, row: Evidence) -> Page:
    return Page(
        row.code,
        EVIDENCE,
        table,
        row.because,
        tuple(describe(condition) for condition in row.when),
        _reads(row),
        SOURCES[row.source],
        family=str(row.family),
        weight=row.weight,
        grade=str(row.grade),
        grade_cap=row.grade.cap,
        rests=tuple(str(rest) for rest in row.rests),
        confusable=row.confusable or None,
        guard=row.guard or None,
        scenarios=_twins(row.guard) if row.guard else (),
    )


def _guard(table: str, guard: Guard) -> Page:
    named = tuple(rule.code for _, _, rule in listing() if isinstance(rule, Evidence) and rule.guard == guard.code)
    return Page(
        guard.code,
        GUARD,
        table,
        guard.because,
        tuple(describe(condition) for condition in guard.when),
        _reads(guard),
        SOURCES[guard.source],
        effect=EFFECTS[guard.effect],
        holds_down=tuple(str(profile) for profile in guard.profiles),
        reason=None if guard.reason is None else str(guard.reason),
        guards_of=named,
        scenarios=_twins(guard.code),
    )


def _twins(guard: str) -> tuple[str, ...]:
    """Scenario variants whose declared guards hold this one, with what they look like."""
    found = []
    for name in template_names():
        for variant in load_template(name).variants:
            if guard in variant.guards:
                looks = f", looks like {variant.twin_of}" if variant.twin_of else ""
                found.append(f"{name}/{variant.name}{looks}")
    return tuple(found)


def _reads(rule: Evidence | Guard) -> tuple[Column, ...]:
    names = dict.fromkeys(name for condition in rule.when for name in condition.columns())
    every = dict.fromkeys(part for name in names for part in (name, *_inputs(name)))
    return tuple(_column(name) for name in every)


def _inputs(name: str) -> tuple[str, ...]:
    """Features that a derived column is made from; empty for any other column."""
    if name not in DERIVED:
        return ()
    asked: list[str] = []

    def read(column: str) -> np.ndarray:
        asked.append(column)
        return np.ones(1)

    DERIVED[name](read)
    return tuple(asked)


def _column(name: str) -> Column:
    if name in REGISTRY:
        feature = REGISTRY[name]
        return Column(name, feature.description, feature.unit, feature.formula, feature.source)
    if name in DERIVED:
        made = DERIVED[name]
        words = f"absolute value of {_inputs(name)[0]}" if isinstance(made, partial) else str(made.__doc__ or "").strip()
        return Column(name, words or f"made from {', '.join(_inputs(name))}")
    fixed = {STRUCTURE: "what the legs were read as", ASSEMBLY: "how the prints were joined"}
    return Column(name, fixed.get(name, f"data-quality flag {name.removeprefix('flag.')} of the event"))


def rules_json(profile: str | None) -> dict[str, Any]:
    """Return the list in the form of `--json`."""
    rows = [{"table": table, "kind": kind, "code": rule.code, "sentence": rule.because} for table, kind, rule in _chosen(profile)]
    return {"ruleset": ruleset_version(), "rules": rows}


def _chosen(profile: str | None) -> list[tuple[str, str, Evidence | Guard]]:
    return [row for row in listing() if profile is None or row[0] == profile]


def rules_view(profile: str | None) -> RenderableType:
    """Return the codes by profile with weight or effect and their sentences."""
    rows = _chosen(profile)
    tables = [_table(name, [row[2] for row in rows if row[0] == name]) for name in dict.fromkeys(row[0] for row in rows)]
    return Group(*tables, Text(f"rule set {ruleset_version()}: {len(rows)} codes; smartmoney rules show CODE says more"))


def _table(name: str, rules: list[Evidence | Guard]) -> Table:
    table = Table(title=name.replace("_", " "), title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("code", no_wrap=True)
    table.add_column("nats", justify="right", no_wrap=True)
    table.add_column("because", ratio=1)
    for rule in rules:
        table.add_row(rule.code, f"{rule.weight:+g} {rule.grade}" if isinstance(rule, Evidence) else str(rule.effect), rule.because)
    return table


def page_json(shown: Page) -> dict[str, Any]:
    """Return a page in the form of `--json`."""
    return {"ruleset": ruleset_version(), **asdict(shown)}


def page_view(shown: Page) -> RenderableType:
    """Return a page as text."""
    lines = [f"{shown.code}: {shown.kind} of {shown.table}", shown.sentence, "", *(f"when      {condition}" for condition in shown.when)]
    lines += [f"{name:<9} {value}" for name, value in _facts(shown)]
    lines += ["", *(line for column in shown.reads for line in _column_lines(column)), ""]
    lines += [f"source    {shown.source.key}: {shown.source.title}; {shown.source.where} ({shown.source.checked})"]
    lines += ["twins     " + twin for twin in shown.scenarios]
    return Text("\n".join(lines))


def _facts(shown: Page) -> list[tuple[str, str]]:
    facts = {
        "weight": ""
        if shown.weight is None
        else f"{shown.weight:+g} nats, grade {shown.grade} (at most {shown.grade_cap:g}), family {shown.family}",
        "weakened": "" if not shown.rests else f"by the quality of {', '.join(shown.rests)}",
        "also for": shown.confusable or "",
        "guard": shown.guard or "",
        "effect": shown.effect or "",
        "holds": ", ".join(shown.holds_down),
        "reason": shown.reason or "",
        "guards": ", ".join(shown.guards_of),
    }
    return [(name, value) for name, value in facts.items() if value]


def _column_lines(column: Column) -> list[str]:
    unit = f" [{column.unit}]" if column.unit else ""
    lines = [f"reads     {column.name}{unit}: {column.meaning}"]
    return lines + ([f"          {column.formula} ({column.source})"] if column.formula else [])
