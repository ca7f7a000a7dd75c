"""The command mocoupled cases: the shipped cases, planets first, then those of each paper."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

import click

NUMBER = re.compile(r"([-+]?\d+(?:\.\d+)?)")


@click.command("cases", short_help="List the shipped cases.")
@click.option("--all", "every", is_flag=True, help="One line for each case of a paper too.")
def cases_command(every: bool) -> None:
    """List the shipped cases: the name that 'mocoupled run' takes, and what it is.

    Planets come first, then the cases of papers; a series of cases is one line, without --all.
    """
    from ..schema.case_file import shipped_groups

    groups = shipped_groups()
    lines = {title: cases if every else dict(series(cases)) for title, cases in groups.items()}
    width = max(len(name) for cases in lines.values() for name in cases)
    pages = [
        "\n".join([title, *(f"  {name:<{width}}  {text}" for name, text in cases.items())])
        for title, cases in lines.items()
    ]
    click.echo("\n\n".join(pages))
    if not every:
        click.echo(f"\n{sum(map(len, groups.values()))} cases; each by its name: mocoupled cases --all")


def series(cases: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Cases whose names differ by their numbers alone, as one line: the first and the last.

    cases: name -> title. Names and titles of the lines, in the order of the cases. Names that end in a letter
    or a number of a planet, such as trappist-1b, stay apart.
    """
    families: dict[str, list[str]] = {}
    for name in cases:
        family = re.sub(r"\d+(\.\d+)?", "#", name) if name[0].isupper() else name
        family = f"{family} {NUMBER.sub('#', cases[name].replace('oceans', 'ocean'))}"
        families.setdefault(family, []).append(name)
    for names in families.values():
        first, last = names[0], names[-1]
        name = first if first == last else f"{first} … {last}"
        yield name, _both(cases[first], cases[last])


def _both(first: str, last: str) -> str:
    """The titles of the first and the last case of a series as one: '1 to 10 oceans of H'."""
    parts, ends = NUMBER.split(last), NUMBER.split(first)
    for place in range(1, len(parts), 2):
        if parts[place] != ends[place]:
            parts[place] = f"{ends[place]} to {parts[place]}"
    return "".join(parts)
