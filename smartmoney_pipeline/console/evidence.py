"""Evidence of the events that a report shows, worked out again from their features."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import pyarrow.compute as pc

from smartmoney_pipeline.console import words
from smartmoney_pipeline.console.judged import EVENT_COLUMNS, inputs_of
from smartmoney_pipeline.console.results import EVENTS, Results
from smartmoney_pipeline.console.terminal import plain
from smartmoney_pipeline.evaluation.flat import FEATURE, flat_events
from smartmoney_pipeline.evaluation.notable import Notable
from smartmoney_pipeline.evaluation.report.page import EventFacts, EvidenceLine, anchor
from smartmoney_pipeline.evaluation.summary import Summary
from smartmoney_pipeline.profiles.calibration import Calibration
from smartmoney_pipeline.profiles.explain import Explanation, explain
from smartmoney_pipeline.schemas.codes import Assembly, EventKind, Structure
from smartmoney_pipeline.schemas.event_features import EventFeatures

STRONGEST = 5
"""Lines of evidence shown of a class; the rest is one sum."""

PRIOR = "How common such flow is before anything is seen."


def facts_of(summary: Summary, results: Mapping[str, Results], fitted: Calibration | None) -> dict[str, EventFacts]:
    """Return outline and evidence of every notable event, by anchor; `results`: where the events of each part lie."""
    found: dict[str, EventFacts] = {}
    for name, opened in results.items():
        chosen = [one for one in summary.notable if one.part == name]
        if chosen:
            ids = sorted({one.event_id for one in chosen})
            events = flat_events(opened.scan(EVENTS, EVENT_COLUMNS, pc.field("event_id").isin(ids))).set_index("event_id", drop=False)
            found |= {anchor(one): _facts(events.loc[[one.event_id]], one, fitted) for one in chosen}
    return found


def _facts(event: pd.DataFrame, one: Notable, fitted: Calibration | None) -> EventFacts:
    explained = explain(inputs_of(event), fitted)
    return EventFacts(_outline(event.iloc[0]), tuple(_lines(explained, one)))


def _outline(event: pd.Series) -> str:
    known = EventFeatures.model_validate({name: _known(event[FEATURE + name]) for name in EventFeatures.model_fields})
    structure = None if pd.isna(event["structure"]) else Structure(event["structure"])
    shape = words.shape(structure, Assembly(event["assembly"]))
    about = words.outline(known, EventKind(event["event_kind"]))
    parts = (plain(event["underlying_id"]), words.eastern(event["start_ts"]), shape, about, words.money(known.premium_usd))
    return ", ".join(part for part in parts if part)


def _known(value: float) -> float | int | None:
    """The value, whole where it is, None where unknown."""
    if pd.isna(value):
        return None
    return int(value) if float(value).is_integer() else float(value)


def _lines(explained: Explanation, one: Notable) -> list[EvidenceLine]:
    """Prior, evidence and bias of the likeliest class and of what was wanted, else of the runner-up."""
    rival = one.wanted if one.wanted in explained.probability and one.wanted != explained.likeliest else explained.runner_up
    lines = []
    for name in (explained.likeliest, rival):
        lines.append(EvidenceLine(name, "PRIOR", explained.log_prior[name], PRIOR))
        own = [line for line in explained.lines if line.profile == name and line.observed and line.contribution]
        ranked = sorted(own, key=lambda line: -abs(line.contribution))
        lines += [EvidenceLine(name, line.code, line.contribution, line.because) for line in ranked[:STRONGEST]]
        if rest := ranked[STRONGEST:]:
            lines.append(
                EvidenceLine(
                    name,
                    "",
                    sum(line.contribution for line in rest),
                    f"{len(rest)} weaker {'line' if len(rest) == 1 else 'lines together'}.",
                )
            )
        if bias := explained.bias[name]:
            step = f"Taken off by the calibration, which divides the rest by its temperature, {explained.temperature:.3f}."
            lines.append(EvidenceLine(name, "BIAS", -bias, step))
    return lines
