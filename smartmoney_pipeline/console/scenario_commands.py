"""`smartmoney scenarios …`: thin commands, as in `cli`. Heavy imports happen inside them."""

# ruff: noqa: PLC0415

from __future__ import annotations

from typing import Annotated

import typer

from smartmoney_pipeline.console import options as opt
from smartmoney_pipeline.console import terminal

scenarios = typer.Typer(no_args_is_help=True, help="Generated sessions with known answers.")


@scenarios.command("list")
def list_scenarios(as_json: opt.AsJson = False) -> None:
    """List the packs and the templates that they draw from. A source is a pack and a seed: demo-7."""
    from smartmoney_pipeline.console import scenarios as packs

    if as_json:
        terminal.show_json(packs.scenarios_json())
    else:
        terminal.show(packs.scenarios_view())


@scenarios.command()
def generate(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="Pack and seed, such as demo-7.")],
    session: opt.ExchangeSession,
    out: opt.OutFolder,
    prints: opt.WantedPrints = None,
    quotes: opt.WantedQuotes = None,
    processes: opt.Processes = None,
    as_json: opt.AsJson = False,
    quiet: opt.Quiet = False,
) -> None:
    """Generate one session: the tape in DIR/tape, its labels apart in DIR/labels."""
    from smartmoney_pipeline.console import scenarios as packs
    from smartmoney_pipeline.console import stress

    asked = stress.Asked(prints, quotes, processes)
    if stress.is_stress(source):
        stress.show(stress.generate_into(source, session, out, asked, quiet), out, as_json, quiet)
        return
    stress.refuse_sizes(source, asked)
    with terminal.working(f"generating {terminal.plain(source)}", quiet):
        day = packs.generate_into(source, session, out)
    if as_json:
        terminal.show_json(packs.generated_json(day, out))
    elif not quiet:
        terminal.show(packs.generated_view(day, out))


@scenarios.command()
def picture(
    source: Annotated[str, typer.Argument(metavar="SOURCE", help="Pack and seed, such as demo-7.")],
    session: opt.ExchangeSession,
    out: opt.OutFolder,
    as_json: opt.AsJson = False,
    quiet: opt.Quiet = False,
) -> None:
    """Draw one session as PNG files: spot, surface, spreads, arrivals and one worked order."""
    from smartmoney_pipeline.console import pictures

    with terminal.working(f"drawing {terminal.plain(source)}", quiet):
        files = pictures.draw_into(source, session, out)
    if as_json:
        terminal.show_json({"pictures": files})
    elif not quiet:
        terminal.show("\n".join(str(file) for file in files))
