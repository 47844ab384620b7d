"""Jobs without a partition: recalibration, evaluation across sessions, retention. Their config is documented field by field."""

from datetime import date, timedelta
from pathlib import Path

import dagster as dg
from dagster_duckdb import DuckDBResource
from pydantic import Field

from resources.clock import utc_now
from resources.lake import LakeResource
from smartmoney_pipeline.console.calibrate import AUTO, FitJob, run, write
from smartmoney_pipeline.console.evaluate import Asked, judge, report
from smartmoney_pipeline.evaluation.across import metrics_across, trend
from smartmoney_pipeline.store.atomic import replacing
from smartmoney_pipeline.store.duck import lake_views
from smartmoney_pipeline.store.object_lake import existing_lake
from smartmoney_pipeline.store.object_retention import removable_of

ACROSS_FILE = "metrics_across_sessions.parquet"
MOST_LISTED = 100


class Recalibration(dg.Config):
    """Which sessions to fit a calibration on, and where to write it. Rules never see labels; this does."""

    out: str = Field(description="File of the new calibration, .json. It is used by nobody until it is put into the package.")
    version: str = Field(description="Its version name, as manifests will show it.")
    pack: str = Field(default="calibration", description="Scenario pack.")
    first_seed: int = Field(default=1001, description="First seed. Seeds from 1001 on belong to calibration alone.")
    seeds: int = Field(default=30, ge=1, description="How many seeds.")
    session: str = Field(default="2026-03-18", description="Exchange session, YYYY-MM-DD.")
    processes: int = Field(default=2, ge=1, description="Processes that generate and score.")
    keep: str = Field(default="", description="Folder in which scored sessions stay, so that a second run goes on. Empty: none.")


@dg.op(description="Generates and scores calibration sessions and fits on them.")
def fit_calibration(config: Recalibration) -> None:
    """Fit a calibration and write it."""
    seeds = tuple(range(config.first_seed, config.first_seed + config.seeds))
    keep = Path(config.keep) if config.keep else None
    day = date.fromisoformat(config.session)
    write(run(FitJob(config.pack, seeds, day, config.version, AUTO, None, config.processes, True, keep)), Path(config.out))


class PackEvaluation(dg.Config):
    """Which generated sessions to hold against the goals, and where the report goes."""

    report: str = Field(description="Folder of the report.")
    keep: str = Field(description="Folder in which scored sessions stay; seeds done are not done again.")
    pack: str = Field(default="validation", description="Scenario pack.")
    seeds: str = Field(default="3001..3048", description="Seeds, such as 3001..3030. Seeds from 2001 on belong to evaluation alone.")
    null_seeds: str = Field(default="3001..3005", description="Seeds of the pack without any profile.")
    session: str = Field(default="2026-03-18", description="Exchange session, YYYY-MM-DD.")
    processes: int = Field(default=2, ge=1, description="Processes that generate and score.")


@dg.op(description="Generates and scores sessions with labels and holds them against the goals.")
def judge_packs(config: PackEvaluation) -> None:
    """Evaluate packs and write the report."""
    asked = Asked(
        session=date.fromisoformat(config.session),
        pack=config.pack,
        seeds=config.seeds,
        null_seeds=config.null_seeds,
        keep=Path(config.keep),
        processes=config.processes,
        quiet=True,
    )
    report(judge(asked, with_facts=True), Path(config.report))


@dg.op(description="Puts the metrics of all published sessions side by side.")
def join_sessions(context: dg.OpExecutionContext, lake: LakeResource, duckdb: DuckDBResource) -> None:
    """Write the table of metrics by session and source into the lake, and show its trend in the log of the run."""
    with duckdb.get_connection() as connection:
        if "evaluation_metrics" not in lake_views(connection, lake.lake()):
            raise dg.Failure("no session with metrics is published yet")
        table = metrics_across(connection)
    opened = lake.lake()
    target = opened.root / ACROSS_FILE
    with replacing(target) as file:
        table.to_parquet(file, index=False)
    opened.sent(target)
    facts = {"sessions": int(table["session"].nunique()), "rows": len(table), "path": dg.MetadataValue.path(opened.address(target))}
    context.add_output_metadata({**facts, "trend": dg.MetadataValue.md("```\n" + trend(table).to_string(index=False) + "\n```")})


class Retention(dg.Config):
    """What may be removed. Nothing is removed unless `apply` is set: the run lists it."""

    apply: bool = Field(default=False, description="Remove; without it the run says what would go.")
    grace_hours: float = Field(default=24.0, ge=1, description="Versions younger than this stay: a reader may hold an older manifest.")
    keep_tape_days: int = Field(default=0, ge=0, description="Imported tapes of published sessions older than this go; 0 keeps them all.")


@dg.op(description="Removes files of crashed writers, versions that no manifest lists, and old imported tapes.")
def tidy(context: dg.OpExecutionContext, config: Retention, lake: LakeResource) -> None:
    """Remove what may go, or list it."""
    now = utc_now()
    before = (now - timedelta(days=config.keep_tape_days)).date() if config.keep_tape_days else None
    found = removable_of(existing_lake(lake.root), now - timedelta(hours=config.grace_hours), before)
    named = found.named()
    counted = {kind: len(names) for kind, names in named.items()}
    listed = [f"- {name}" for names in named.values() for name in names[:MOST_LISTED]]
    facts = {"bytes": found.size(), "removed": config.apply, "first": dg.MetadataValue.md("\n".join(listed) or "nothing")}
    context.add_output_metadata({**counted, **facts})
    if config.apply:
        found.remove()


@dg.job(
    executor_def=dg.in_process_executor, description="Recalibration: fits a new calibration on packs of its own. Needs `out`, `version`."
)
def recalibrate() -> None:
    """Fit."""
    fit_calibration()


@dg.job(executor_def=dg.in_process_executor, description="Evaluation of generated sessions against the goals. Needs `report`, `keep`.")
def evaluate_packs() -> None:
    """Judge."""
    judge_packs()


@dg.job(executor_def=dg.in_process_executor, description="Evaluation across sessions: metrics of every published session in one table.")
def evaluate_across() -> None:
    """Join."""
    join_sessions()


@dg.job(executor_def=dg.in_process_executor, description="Retention: lists what may go from the lake; with `apply` removes it.")
def retention() -> None:
    """Tidy."""
    tidy()


upkeep_jobs = [recalibrate, evaluate_packs, evaluate_across, retention]
