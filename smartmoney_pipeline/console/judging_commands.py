"""`smartmoney evaluate`, `calibrate`, `acceptance` and `market-check`: thin commands, as in `cli`. Heavy imports happen inside them."""

# ruff: noqa: PLC0415

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Literal

import typer

from smartmoney_pipeline.console import options as opt
from smartmoney_pipeline.console import terminal
from smartmoney_pipeline.console.terminal import ExitCode
from smartmoney_pipeline.engine.cut import cores

ResultPaths = Annotated[list[Path] | None, typer.Argument(metavar="DIR", help="Output folders of score, or a lake; several are pooled.")]
LabelPaths = Annotated[
    list[Path] | None,
    typer.Option("--labels", metavar="DIR_OR_FILE", help="labels.parquet, or the folder that holds it; one a DIR, in the same order."),
]
TapePaths = Annotated[
    list[Path] | None, typer.Option("--tape", metavar="TAPE", help="Canonical tape of each DIR, for the economic figures of the report.")
]
PackName = Annotated[str | None, typer.Option("--pack", metavar="PACK", help="Generate and score sessions of this pack instead of DIR.")]
Seeds = Annotated[str | None, typer.Option("--seeds", metavar="SEEDS", help="Seeds of the pack: 1..8, or 1,4,9..12.")]
NullSeeds = Annotated[
    str | None,
    typer.Option("--null-seeds", metavar="SEEDS", help="With --pack: seeds of the pack `null` too, on which nothing should be said."),
]
KeptSeeds = Annotated[
    Path | None,
    typer.Option("--keep", metavar="DIR", help="Keep scored sessions of a pack in DIR; those that are there are not made again."),
]
Workers = Annotated[int, typer.Option("--processes", min=1, metavar="N", help="Sessions generated and scored at a time.")]
ReportFolder = Annotated[
    Path | None, typer.Option("--report", metavar="DIR", help="Write report.html, its pictures and metrics.json into DIR.")
]
CalibrationPath = Annotated[
    Path | None, typer.Option("--calibration", metavar="FILE", help="Score again from stored features under this calibration.")
]
EarlierRun = Annotated[
    Path | None, typer.Option("--against", metavar="DIR", help="Report or scored folder of an earlier run: the report shows drift.")
]


def evaluate(
    folders: ResultPaths = None,
    labels: LabelPaths = None,
    session: opt.LakeSession = None,
    source: opt.LakeSource = None,
    report: ReportFolder = None,
    tape: TapePaths = None,
    pack: PackName = None,
    seeds: Seeds = None,
    null_seeds: NullSeeds = None,
    keep: KeptSeeds = None,
    processes: Workers = 1,
    calibration: CalibrationPath = None,
    against: EarlierRun = None,
    as_json: opt.AsJson = False,
    quiet: opt.Quiet = False,
) -> None:
    """Hold scored events against the labels of scenarios."""
    from smartmoney_pipeline.console import evaluate as judging
    from smartmoney_pipeline.console import goals, metrics

    places = tuple(folders or ()), tuple(labels or ()), tuple(tape or ()), session, source
    asked = judging.Asked(*places, pack, seeds, null_seeds, keep, processes, calibration, against, quiet)
    judged = judging.judge(asked, with_facts=report is not None)
    files = [] if report is None else judging.report(judged, report)
    if as_json:
        terminal.show_json(metrics.metrics_json(judged.metrics))
    elif not quiet:
        shown = metrics.metrics_view(judged.metrics) if pack is None else goals.goals_view(judged.summary)
        terminal.show(shown, *[f"report: {path}" for path in files if path.suffix == ".html"])
    if judged.strangers:
        terminal.note(f"{judged.strangers} labelled prints are in no event of the folder")


def calibrate(
    pack: Annotated[str, typer.Option("--pack", metavar="PACK", help="Pack whose sessions to fit on.")],
    seeds: Annotated[str, typer.Option("--seeds", metavar="SEEDS", help="Seeds of the pack: 1..8, or 1,4,9..12.")],
    session: opt.ExchangeSession,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Calibration file to write.")],
    version: Annotated[
        str | None, typer.Option("--version", metavar="NAME", help="Version that events will carry; default: the name of FILE.")
    ] = None,
    form: Annotated[
        Literal["auto", "plain", "slopes"],
        typer.Option("--form", metavar="FORM", help="auto: cross-validation chooses; plain: no slopes; slopes: one of each family."),
    ] = "auto",
    none_share: Annotated[
        float | None,
        typer.Option("--none-share", min=0.01, max=0.99, metavar="SHARE", help="Weight ordinary flow to this share; default: as on tape."),
    ] = None,
    processes: Workers = 1,
    keep: KeptSeeds = None,
    as_json: opt.AsJson = False,
    quiet: opt.Quiet = False,
) -> None:
    """Fit a calibration on generated sessions and write its file: temperature, class biases and, where that holds up, family slopes."""
    from smartmoney_pipeline.console import calibrate as fitting
    from smartmoney_pipeline.console.seeds import parse_seeds

    job = fitting.FitJob(pack, parse_seeds(seeds), session, version or out.stem, form, none_share, processes, quiet, keep)
    fitted = fitting.run(job)
    fitting.write(fitted, out)
    if as_json:
        terminal.show_json(fitting.fitted_json(fitted, out))
    elif not quiet:
        terminal.show(fitting.fitted_view(fitted, out))


def acceptance(
    pack: Annotated[str, typer.Option("--pack", metavar="PACK", help="Pack to generate.")] = "test",
    seeds: Annotated[int, typer.Option("--seeds", min=1, metavar="N", help="How many seeds.")] = 20,
    first_seed: Annotated[int, typer.Option("--first-seed", min=0, metavar="SEED", help="The first of them.")] = 101,
    session: opt.PackSession = None,
    processes: opt.Processes = None,
    table: opt.TableFile = None,
    as_json: opt.AsJson = False,
    quiet: opt.Quiet = False,
) -> None:
    """Generate and score a pack over many seeds; exit with 1 unless the right profile wins and wrong ones stay low, case by case."""
    from smartmoney_pipeline.console import acceptance as accepted

    with terminal.progress_bar("accepting", seeds, quiet) as progress:
        found = accepted.run(pack, session or accepted.SESSION, range(first_seed, first_seed + seeds), processes or cores(), progress)
    accepted.keep(found, table)
    if as_json:
        terminal.show_json(accepted.acceptance_json(found))
    elif not quiet:
        terminal.show(accepted.acceptance_view(found))
    if not found.passed:
        terminal.fail(accepted.failed(found))


def recovery(
    pack: Annotated[str, typer.Option("--pack", metavar="PACK", help="Pack to generate.")] = "validation",
    seeds: Annotated[str, typer.Option("--seeds", metavar="SEEDS", help="Seeds of the pack: 1..8, or 1,4,9..12.")] = "301..308",
    session: opt.PackSession = None,
    processes: opt.Processes = None,
    keep: KeptSeeds = None,
    as_json: opt.AsJson = False,
    quiet: opt.Quiet = False,
) -> None:
    """Generate and score a pack, and hold its parent events against the true parents: recovery, chance merges, confidence."""
    from smartmoney_pipeline.console import acceptance as accepted
    from smartmoney_pipeline.console import recovery as recovered
    from smartmoney_pipeline.console.seeds import SeedJob, parse_seeds

    with tempfile.TemporaryDirectory(prefix="recovery.") as folder:
        job = SeedJob(pack, parse_seeds(seeds), session or accepted.SESSION, keep or Path(folder), processes or cores(), quiet)
        found = recovered.run(job)
    if as_json:
        terminal.show_json(recovered.recovery_json(found))
    elif not quiet:
        terminal.show(recovered.recovery_view(found))


def market_check(
    pack: Annotated[str, typer.Option("--pack", metavar="PACK", help="Pack to generate.")] = "market",
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="First seed.")] = 7,
    days: Annotated[int, typer.Option("--days", metavar="N", min=1, help="Days to generate, a seed each.")] = 5,
    session: opt.PackSession = None,
    as_json: opt.AsJson = False,
    quiet: opt.Quiet = False,
) -> None:
    """Generate days and hold the medians of their statistics against published ones; exit with 3 if any lies outside its band."""
    from smartmoney_pipeline.console import market_check as market

    day = session or market.SESSION
    seeds = range(seed, seed + days)
    with terminal.working(f"measuring {days} days of {terminal.plain(pack)}", quiet):
        found = market.check_pack(pack, seeds, day)
    if as_json:
        terminal.show_json(market.findings_json(pack, seeds, day, found))
    elif not quiet:
        terminal.show(market.findings_view(found))
    if outside := market.outside(found):
        names = ", ".join(finding.row.key for finding in outside)
        terminal.fail(f"{pack} {day}: {len(outside)} statistics outside their bands: {names}", ExitCode.DATA_QUALITY)
