"""The command mocoupled init FILE: a commented case to start from."""

from __future__ import annotations

import click

from .completion import complete_case


@click.command("init", short_help="Write a commented case to start from.")
@click.argument("file", default="my-planet.toml")
@click.option(
    "--from",
    "origin",
    default="earth",
    show_default=True,
    metavar="CASE",
    help="A shipped case, or a file.",
    shell_complete=complete_case,
)
@click.option("--title", metavar="TEXT", help="One line on the planet.  [default: the name of the file]")
def init_command(file: str, origin: str, title: str | None) -> None:
    """Write FILE, a new case with the planet of another one, and say above each key what it is.

    Keys that planets often differ by, and that the other case leaves at their defaults, are comments: take
    the '#' away to use one. FILE must not exist.
    """
    from ..case import Case
    from ..files import new_file, write_text
    from ..schema.case_file import document_of
    from ..schema.case_template import template

    target = new_file(file, suffixes=(".toml",), cure="")
    Case.read(origin)  # an error in it is said of its file
    _, document = document_of(origin)
    head = (
        f"A case of mocoupled, started from {origin!r}.\n"
        f"Run it: mocoupled run {target}\n"
        f"All keys: mocoupled show {target} --keys"
    )
    text = template(document, title or target.stem, head)
    Case.parse(text, str(target))
    write_text(target, text)
    click.echo(f"written: {target}")
