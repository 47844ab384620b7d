"""`smartmoney recovery`: sessions of a pack generated and scored, and their parent events held against the true parents."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table

from smartmoney_pipeline.console import scenarios
from smartmoney_pipeline.console.judged import ScoredSource
from smartmoney_pipeline.console.results import EVENTS, LEGS, MEMBERS
from smartmoney_pipeline.console.seeds import SeedJob, score_seeds
from smartmoney_pipeline.evaluation.recovery import by_family, chance_merges, confidence_reliability, joined_prints, true_parents
from smartmoney_pipeline.scenarios.generate import SIDES_FILE

_EVENT_COLUMNS = ["event_id", "assembly", "reconstruction_confidence"]


@dataclass(frozen=True)
class Recovery:
    """Tables of `evaluation.recovery`, pooled over the sessions: by family, chance merges, and reliability of the confidence."""

    families: pd.DataFrame
    merges: pd.DataFrame
    reliability: pd.DataFrame


def run(job: SeedJob) -> Recovery:
    """Generate and score the seeds of the job unless they are kept. Raises what `scenarios generate` and `score` raise."""
    members, labels, joined = [], [], []
    for source in score_seeds(job):
        mine = source.results.scan(MEMBERS, ["event_id", "print_id", "leg"]).to_pandas().astype({"event_id": "str", "print_id": "str"})
        members.append(mine[["event_id", "print_id"]])
        labels.append(_named(source))
        joined.append(_joined(source, mine))
    prints = pd.concat(joined, ignore_index=True)
    families = by_family(pd.concat(members, ignore_index=True), pd.concat(labels, ignore_index=True))
    return Recovery(families, chance_merges(prints), confidence_reliability(prints))


def _named(source: ScoredSource) -> pd.DataFrame:
    """Labels with ids that do not repeat over sessions."""
    labels = source.labels
    return labels.assign(**{name: source.name + " " + labels[name] for name in ("label_id", "parent_id")})


def _joined(source: ScoredSource, members: pd.DataFrame) -> pd.DataFrame:
    assert source.after is not None
    orders = pq.read_table(source.after.parent / scenarios.LABELS / SIDES_FILE, columns=["print_id", "order_id"]).to_pandas()
    legs = source.results.scan(LEGS, ["event_id", "leg", "option_symbol"]).to_pandas().astype({"event_id": "str", "option_symbol": "str"})
    contracts = members.merge(legs, on=["event_id", "leg"]).set_index("print_id")["option_symbol"]
    events = source.results.scan(EVENTS, _EVENT_COLUMNS).to_pandas().astype({"event_id": "str"})
    return joined_prints(members[["event_id", "print_id"]], events, true_parents(source.labels, orders), contracts)


def recovery_json(found: Recovery) -> dict[str, Any]:
    """Return the tables in the form of `--json`; unknown is null."""
    tables = {"families": found.families, "chance_merges": found.merges, "confidence": found.reliability}
    return {name: _records(table) for name, table in tables.items()}


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(k): None if pd.isna(v) else v for k, v in row.items()} for row in table.to_dict("records")]


def recovery_view(found: Recovery) -> RenderableType:
    """Return the three tables for the terminal."""
    return Group(
        _table("Parents by family of label", found.families),
        _table("Strangers among joined prints, herds apart", found.merges),
        _table("Confidence stated, and how often it was right", found.reliability),
    )


def _table(title: str, rows: pd.DataFrame) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    for k, name in enumerate(rows.columns):
        table.add_column(str(name).replace("_", " "), justify="left" if k == 0 else "right")
    for row in rows.itertuples(index=False):
        table.add_row(*[_cell(value) for value in row])
    return table


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "-" if pd.isna(value) else f"{value:.3f}"
    return "-" if value is None else str(value)
