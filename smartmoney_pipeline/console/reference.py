"""Reference of the commands as Markdown, made from the commands themselves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

START, END = "<!-- reference: generated -->", "<!-- end of reference -->"


def commands(app: typer.Typer) -> Iterator[tuple[str, Any]]:
    """Yield the name, such as `scenarios list`, and the object of each command."""
    yield from _commands(typer.main.get_command(app), "")


def _commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    below = getattr(command, "commands", None)
    if below is None:
        yield name, command
        return
    if name and command.invoke_without_command:
        yield name, command
    for word, child in below.items():
        yield from _commands(child, f"{name} {word}".strip())


def render(app: typer.Typer) -> str:
    """Return one section a command: what it does, and a table of its arguments and options."""
    return "\n".join(_section(name, command) for name, command in commands(app))


def with_reference(page: str, app: typer.Typer) -> str:
    """Return the page with its generated part made anew. Raises `ValueError` where the page has no marks around it."""
    before, after = page.index(START) + len(START), page.index(END)
    return f"{page[:before]}\n\n{render(app)}\n{page[after:]}"


def write(path: Path, app: typer.Typer) -> None:
    """Make the reference in the page anew."""
    path.write_text(with_reference(path.read_text(encoding="utf-8"), app), encoding="utf-8")


def _section(name: str, command: Any) -> str:
    rows = [_row(param) for param in command.params if param.name != "help"]
    head = "| argument or option | default | meaning |\n| --- | --- | --- |"
    return f"### smartmoney {name}\n\n{command.help.strip()}\n\n{head}\n" + "\n".join(rows) + "\n"


def _row(param: Any) -> str:
    names = [name for name in (*param.opts, *param.secondary_opts) if name.startswith("-")]
    spelled = ", ".join(f"`{name}`" for name in names) if names else f"`{param.metavar}`"
    value = f" `{param.metavar}`" if names and param.metavar else ""
    return f"| {spelled}{value} | {_default(param)} | {param.help} |"


def _default(param: Any) -> str:
    if param.required:
        return "required"
    if param.default is None or param.default is False:
        return ""
    return "on" if param.default is True else str(param.default)
