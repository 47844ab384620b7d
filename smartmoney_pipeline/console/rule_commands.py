"""`smartmoney rules …`: thin commands, as in `cli`. Heavy imports happen inside them."""

# ruff: noqa: PLC0415

from __future__ import annotations

from typing import Annotated

import typer

from smartmoney_pipeline.console import options as opt
from smartmoney_pipeline.console import terminal
from smartmoney_pipeline.schemas.codes import ProfileId

rules = typer.Typer(invoke_without_command=True, help="The codes of evidence and guards, and a page for each.")


@rules.callback()
def list_rules(
    context: typer.Context,
    profile: Annotated[ProfileId | None, typer.Option("--profile", metavar="P", help="Only this profile, by its full name.")] = None,
    as_json: opt.AsJson = False,
) -> None:
    """List the codes of evidence and guards by profile."""
    if context.invoked_subcommand is not None:
        return
    from smartmoney_pipeline.console import rules as shown

    name = None if profile is None else profile.value
    if as_json:
        terminal.show_json(shown.rules_json(name))
    else:
        terminal.show(shown.rules_view(name))


@rules.command()
def show(
    code: Annotated[str, typer.Argument(metavar="CODE", help="Code of evidence or of a guard, such as ORDINARY_SIZE.")],
    as_json: opt.AsJson = False,
) -> None:
    """Show one code: what it reads, ramp, weight, grade, source, what else the cue speaks for, its guard and twin scenarios."""
    from smartmoney_pipeline.console import rules as shown

    found = shown.page(code)
    if as_json:
        terminal.show_json(shown.page_json(found))
    else:
        terminal.show(shown.page_view(found))
