"""The command line `smartmoney`: thin commands. What they show stands in `console`; heavy imports happen inside commands."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smartmoney_pipeline import __version__
from smartmoney_pipeline.console import group, operating, serving, terminal
from smartmoney_pipeline.console import judging_commands as judging
from smartmoney_pipeline.console import options as opt
from smartmoney_pipeline.console import tape_commands as tapes
from smartmoney_pipeline.console.keys import keys
from smartmoney_pipeline.console.rule_commands import rules
from smartmoney_pipeline.console.scenario_commands import scenarios
from smartmoney_pipeline.console.terminal import ExitCode
from smartmoney_pipeline.schemas.codes import ProfileId

app = typer.Typer(cls=group.Commands, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
app.add_typer(scenarios, name="scenarios")
app.add_typer(rules, name="rules")
app.add_typer(keys, name="keys")


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
    out: opt.OutPlace,
    source_format: opt.FromFormat = "canonical",
    session: opt.SessionDay = None,
    source: opt.SourceName = None,
    calendar: opt.CalendarFile = None,
    chunk: opt.ChunkPrints = None,
    executor: opt.ExecutorName = "serial",
    scheduler: opt.Scheduler = None,
    buckets: opt.Buckets = None,
    processes: opt.Processes = None,
    as_json: opt.AsJson = False,
    quiet: opt.Quiet = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 3 if any row was quarantined.")] = False,
) -> None:
    """Score a tape into a folder; show counts, the largest published events and the data quality."""
    from smartmoney_pipeline.console import scoring
    from smartmoney_pipeline.console.events import top_table

    cut = scoring.cut_asked(executor, scheduler, processes, buckets)
    job = scoring.Job(tape, out, source_format, session=session, source=source, quiet=quiet, calendar=calendar, chunk=chunk, cut=cut)
    output = scoring.run(job)
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
    folder: Annotated[Path, typer.Option("--in", metavar="DIR", help="Output of score, or a lake: a folder, or an s3:// URL.")],
    session: opt.LakeSession = None,
    source: opt.LakeSource = None,
    as_json: opt.AsJson = False,
) -> None:
    """Explain one event: contributions that add up, the runner-up, what would change it, the member prints."""
    from smartmoney_pipeline.console import explanation as why
    from smartmoney_pipeline.console.event_card import Card
    from smartmoney_pipeline.console.results import open_results
    from smartmoney_pipeline.engine.explained import differs, explanation_of

    results = open_results(folder, session, source)
    event = results.events([results.find(event_id)])[0]
    legs, explained = results.legs([event.event_id]).get(event.event_id, []), explanation_of(event)
    if as_json:
        terminal.show_json(why.explanation_json(event, explained, legs))
    else:
        terminal.show(Card(event, legs), why.explanation_view(event, explained, legs))
    if warning := differs(event, explained):
        terminal.note(warning)


app.command("import")(tapes.import_)
app.command()(tapes.check)
app.command()(tapes.replay)
app.command()(tapes.verify)
app.command()(judging.evaluate)
app.command()(judging.calibrate)
app.command()(judging.acceptance)
app.command()(judging.recovery)
app.command("market-check")(judging.market_check)
app.command()(serving.serve)
app.command()(operating.backfill)
app.command()(operating.publish)
app.command()(operating.restore)
app.command()(operating.retention)


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
