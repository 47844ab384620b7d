"""The command line `smartmoney`: thin commands. What they show stands in `console`; heavy imports happen inside commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smartmoney_pipeline import __version__
from smartmoney_pipeline.console import group, terminal
from smartmoney_pipeline.console import options as opt
from smartmoney_pipeline.console.scenario_commands import scenarios
from smartmoney_pipeline.console.terminal import ExitCode
from smartmoney_pipeline.schemas.codes import ProfileId

app = typer.Typer(cls=group.Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(scenarios, name="scenarios")


def main() -> None:
    """Entry point of the script."""
    group.run(app)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"smartmoney {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")] = False,
) -> None:
    """Score one day of the US listed-options tape: parent events consistent with six profiles, with reasons and abstention.

    Exit codes: 0 ok, 1 error, 2 usage, 3 data quality.
    """


@app.command()
def score(
    tape: opt.TapePath,
    out: opt.OutFolder,
    source_format: opt.FromFormat = "canonical",
    session: opt.SessionDay = None,
    source: opt.SourceName = None,
    calendar: opt.CalendarFile = None,
    chunk: opt.ChunkPrints = None,
    as_json: opt.AsJson = False,
    quiet: opt.Quiet = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 3 if any row was quarantined.")] = False,
) -> None:
    """Score a tape into a folder; show counts, the largest published events and the data quality."""
    from smartmoney_pipeline.console import scoring
    from smartmoney_pipeline.console.events import top_table

    output = scoring.run(scoring.Job(tape, out, source_format, session, source, calendar, chunk, quiet))
    if as_json:
        terminal.show_json(scoring.result_json(output))
    elif not quiet:
        terminal.show(scoring.summary(output), top_table(output.folder), scoring.files(output))
    quality = scoring.quality_note(output)
    if quality and strict:
        terminal.fail(quality, ExitCode.DATA_QUALITY)
    if quality and not quiet:
        terminal.note(quality)


@app.command()
def replay(
    tape: Annotated[Path, typer.Argument(metavar="TAPE", help="Canonical tape folder, or Cboe file or folder.")],
    out: opt.OutFolder,
    speed: Annotated[str, typer.Option("--speed", metavar="N|max", help="Seconds of the day in one second; max does not wait.")] = "max",
    source_format: opt.FromFormat = "canonical",
    session: opt.SessionDay = None,
    source: opt.SourceName = None,
    chunk_ms: Annotated[int | None, typer.Option("--chunk-ms", min=1, metavar="M", help="Milliseconds of the day in one push.")] = None,
    as_json: opt.AsJson = False,
    quiet: opt.Quiet = False,
) -> None:
    """Feed a tape to the live engine in order of receipt; the folder gets what score writes, and the log of what was said."""
    from smartmoney_pipeline.console import replaying

    job = replaying.Job(tape, out, source_format, session, source, replaying.parse_speed(speed), chunk_ms, quiet)
    replaying.show_result(replaying.run(job), as_json, quiet)


@app.command()
def verify(
    first: Annotated[Path, typer.Argument(metavar="A", help="Output folder of score or replay.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="Another one.")],
    as_json: opt.AsJson = False,
    quiet: opt.Quiet = False,
) -> None:
    """Compare two results by their run hash; exit with 1 and show the first differences where they are not equal."""
    from smartmoney_pipeline.console import verifying

    verifying.show_comparison(first, second, as_json, quiet)


@app.command()
def events(
    folder: opt.ResultPath,
    top: Annotated[int, typer.Option("--top", min=1, metavar="N", help="How many: the largest of each profile in turn.")] = 5,
    profile: Annotated[ProfileId | None, typer.Option("--profile", metavar="P", help="Only this profile, by its full name.")] = None,
    underlying: Annotated[str | None, typer.Option("--underlying", metavar="U", help="Only this ticker.")] = None,
    everything: Annotated[bool, typer.Option("--all", help="Abstained events too.")] = False,
    cards: Annotated[bool, typer.Option("--cards/--no-cards", help="A card with ladder and reasons for each event.")] = True,
    session: opt.LakeSession = None,
    source: opt.LakeSource = None,
    as_json: opt.AsJson = False,
) -> None:
    """Show the top events of an output folder or of a published session: a table, and a card for each."""
    from smartmoney_pipeline.console import events as shown
    from smartmoney_pipeline.console.ranking import Wanted
    from smartmoney_pipeline.console.results import open_results

    ticker = underlying.upper() if underlying else None
    found = shown.top_events(open_results(folder, session, source), Wanted(top, profile, ticker, everything))
    if as_json:
        terminal.show_json(shown.events_json(found))
    else:
        terminal.show(*shown.events_view(found, cards))


@app.command()
def explain(
    event_id: Annotated[str, typer.Argument(metavar="EVENT_ID", help="Event id, or a beginning of it that no other has.")],
    folder: Annotated[Path, typer.Option("--in", metavar="DIR", help="Output folder of score, or a lake.")],
    session: opt.LakeSession = None,
    source: opt.LakeSource = None,
    as_json: opt.AsJson = False,
) -> None:
    """Explain one event: contributions that add up, the runner-up, what would change it, the member prints."""
    from smartmoney_pipeline.console import explanation as why
    from smartmoney_pipeline.console.event_card import card
    from smartmoney_pipeline.console.results import open_results

    results = open_results(folder, session, source)
    event = results.events([results.find(event_id)])[0]
    legs, explained = results.legs([event.event_id]).get(event.event_id, []), why.explanation_of(event)
    if as_json:
        terminal.show_json(why.explanation_json(event, explained, legs))
    else:
        terminal.show(card(event, legs), why.explanation_view(event, explained, legs))
    if warning := why.differs(event, explained):
        terminal.note(warning)


@app.command()
def evaluate(
    folder: opt.ResultPath,
    labels: Annotated[Path, typer.Option("--labels", metavar="DIR_OR_FILE", help="labels.parquet, or the folder that holds it.")],
    session: opt.LakeSession = None,
    source: opt.LakeSource = None,
    as_json: opt.AsJson = False,
) -> None:
    """Hold scored events against the labels of a scenario."""
    from smartmoney_pipeline.console import metrics
    from smartmoney_pipeline.console.results import open_results

    figures, strangers = metrics.metrics_of(open_results(folder, session, source), metrics.read_labels(labels))
    if as_json:
        terminal.show_json(metrics.metrics_json(figures))
    else:
        terminal.show(metrics.metrics_view(figures))
    if strangers:
        terminal.note(f"{strangers} labelled prints are in no event of the folder")


@app.command()
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
        found = accepted.run(pack, session or accepted.SESSION, range(first_seed, first_seed + seeds), processes or opt.cores(), progress)
    accepted.keep(found, table)
    if as_json:
        terminal.show_json(accepted.acceptance_json(found))
    elif not quiet:
        terminal.show(accepted.acceptance_view(found))
    if not found.passed:
        terminal.fail(accepted.failed(found))


@app.command()
def check(
    tape: opt.TapePath,
    source_format: opt.FromFormat = "canonical",
    session: opt.SessionDay = None,
    as_json: opt.AsJson = False,
    quiet: opt.Quiet = False,
) -> None:
    """Read a tape without scoring it and show its data quality; exit with 3 if any row is quarantined."""
    from smartmoney_pipeline.console import check as tapes
    from smartmoney_pipeline.console.scoring import is_lake_day

    checked = tapes.check_day(tape) if is_lake_day(tape) else tapes.check_tape(tape, source_format, session)
    if as_json:
        terminal.show_json(tapes.check_json(checked))
    elif not quiet:
        terminal.show(tapes.check_view(checked))
    if checked.quarantined:
        terminal.fail(f"{checked.tape}: {checked.quarantined} rows are quarantined", ExitCode.DATA_QUALITY)


@app.command("market-check")
def market_check(
    pack: Annotated[str, typer.Option("--pack", metavar="PACK", help="Pack to generate.")] = "market",
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="First seed.")] = 7,
    days: Annotated[int, typer.Option("--days", metavar="N", min=1, help="Days to generate, a seed each.")] = 3,
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


@app.command()
def doctor(as_json: opt.AsJson = False) -> None:
    """Say whether this installation can work; exit with 1 if something is broken."""
    from smartmoney_pipeline.console import doctor as health

    found = health.findings()
    if as_json:
        terminal.show_json(health.findings_json(found))
    else:
        terminal.show(health.findings_view(found))
    if broken := [finding.check for finding in found if not finding.ok]:
        terminal.fail(f"broken: {', '.join(broken)}")


@app.command()
def schemas(out: opt.OutFolder, quiet: opt.Quiet = False) -> None:
    """Write the JSON Schema of every public object and table."""
    from smartmoney_pipeline.schemas.export import write_json_schemas

    written = write_json_schemas(out)
    if not quiet:
        terminal.show(f"{len(written)} schemas in {out}: objects there, rows of tables in {out / 'tables'}")
