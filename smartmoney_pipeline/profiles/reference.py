"""The generated part of `docs/smartmoney.md`: the rule tables of every profile, made from the code."""

from smartmoney_pipeline.citations import SOURCES
from smartmoney_pipeline.profiles.conditions import describe
from smartmoney_pipeline.profiles.rules import QUALITY_GUARDS, TABLES
from smartmoney_pipeline.profiles.vocabulary import Evidence, Guard, ProfileRules

BEGIN, END = "<!-- rule tables: generated, do not edit -->", "<!-- end of rule tables -->"


def render() -> str:
    """Return the rule tables as Markdown, profiles in order, then the guards of all, then the sources that they cite."""
    sections = [_profile(table) for table in TABLES]
    return "\n".join([*sections, _guards("Guards of all profiles", QUALITY_GUARDS), _sources()])


def with_tables(document: str) -> str:
    """Return `document` with the text between its markers replaced by `render()`. Raises `ValueError` without markers."""
    before, marker, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not marker or not end:
        raise ValueError("the document has no markers for the rule tables")
    return f"{before}{BEGIN}\n\n{render()}\n{END}{after}"


def _profile(table: ProfileRules) -> str:
    head = [f"### `{table.profile}`", "", table.summary, ""]
    columns = ["| code | family | when | nats | grade | source | weakened by | also speaks for | guard |", "| --- " * 9 + "|"]
    rows = [_row(row) for row in table.evidence]
    sentences = ["", *(f"* `{row.code}`: {row.because}" for row in table.evidence), ""]
    guards = [_guards(f"Guards of `{table.profile}`", table.guards)] if table.guards else []
    return "\n".join([*head, *columns, *rows, *sentences, *guards])


def _row(row: Evidence) -> str:
    when = " and ".join(f"({describe(c)})" if len(row.when) > 1 else describe(c) for c in row.when)
    rests, also, guard = ", ".join(row.rests) or "-", row.confusable or "-", f"`{row.guard}`" if row.guard else "-"
    return f"| `{row.code}` | {row.family} | {when} | {row.weight:+g} | {row.grade} | {row.source} | {rests} | {also} | {guard} |"


def _guards(title: str, guards: tuple[Guard, ...]) -> str:
    columns = ["| code | effect | when | holds down | because | source |", "| --- " * 6 + "|"]
    rows = [_guard(guard) for guard in guards]
    return "\n".join([f"#### {title}", "", *columns, *rows, ""])


def _guard(guard: Guard) -> str:
    when = " and ".join(f"({describe(condition)})" for condition in guard.when)
    held = ", ".join(guard.profiles) or f"all: {guard.reason}"
    return f"| `{guard.code}` | {guard.effect} | {when} | {held} | {guard.because} | {guard.source} |"


def _sources() -> str:
    of_evidence = {row.source for table in TABLES for row in table.evidence}
    used = of_evidence | {guard.source for table in TABLES for guard in table.guards} | {guard.source for guard in QUALITY_GUARDS}
    rows = [f"| {key} | {SOURCES[key].title} | {SOURCES[key].where} | {SOURCES[key].checked} |" for key in sorted(used)]
    return "\n".join(["#### Sources of the rules", "", "| key | title | where | checked |", "| --- | --- | --- | --- |", *rows])
