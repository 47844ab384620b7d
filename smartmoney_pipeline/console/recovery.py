"""`smartmoney recovery`: sessions of a pack generated and scored, and their parent events held against the true parents."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table

from smartmoney_pipeline.console import scenarios
from smartmoney_pipeline.console.results import EVENTS, MEMBERS
from smartmoney_pipeline.console.seeds import ScoredSource, SeedJob, score_seeds
from smartmoney_pipeline.evaluation.recovery import by_family, chance_merges, confidence_reliability, joined_prints, true_parents

_EVENT_COLUMNS = ["event_id", "assembly", "reconstruction_confidence"]


@dataclass(frozen=True)
class Recovery:
    """Tables of `evaluation.recovery`, pooled over the sessions: by family, chance merges, and reliability of the confidence."""

    families: pd.DataFrame
    merges: pd.DataFrame
    reliability: pd.DataFrame


def run(pack: str, seeds: tuple[int, ...], session: date, processes: int, quiet: bool) -> Recovery:
    """Generate and score one session a seed. Print ids do not repeat over seeds. Raises what `scenarios generate` and `score` raise."""
    members, labels, joined = [], [], []
    with tempfile.TemporaryDirectory(prefix="smartmoney-recovery-") as folder:
        for source in score_seeds(SeedJob(pack, seeds, session, Path(folder), processes, quiet)):
            mine = source.results.scan(MEMBERS, ["event_id", "print_id"]).to_pandas().astype("str")
            members.append(mine)
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
    assert source.tape is not None
    orders = pq.read_table(source.tape.parent / scenarios.LABELS / "sides.parquet", columns=["print_id", "order_id"]).to_pandas()
    tape = pq.read_table(source.tape / "option_prints.parquet", columns=["print_id", "option_symbol"]).to_pandas()
    contracts = tape.drop_duplicates("print_id").set_index("print_id")["option_symbol"]
    events = source.results.scan(EVENTS, _EVENT_COLUMNS).to_pandas().astype({"event_id": "str"})
    return joined_prints(members, events, true_parents(source.labels, orders), contracts)


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
