"""Completion in a shell: names of shipped cases, files of cases, and keys of a case.

The shell asks the program itself, by click: docs/run.md has the line that switches it on.
"""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem


def complete_case(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Shipped cases that begin with the text, each with its title, and files."""
    from ..schema.case_file import shipped

    names = [
        CompletionItem(name, help=place.title)
        for name, place in shipped().items()
        if name.startswith(incomplete)
    ]
    return [*names, CompletionItem(incomplete, type="file")]


def complete_setting(
    context: click.Context, parameter: click.Parameter, incomplete: str
) -> list[CompletionItem]:
    """Keys of a case as far as '=', each with its meaning."""
    from ..schema.keys import every_key

    return [
        CompletionItem(f"{key.name}=", help=key.description)
        for key in every_key()
        if key.name.startswith(incomplete) and "." in key.name
    ]
