"""The command mocoupled cases: the shipped cases."""

from __future__ import annotations

import click


@click.command("cases", short_help="List the shipped cases.")
def cases_command() -> None:
    """List the shipped cases: the name that 'mocoupled run' takes, and what it is."""
    from ..case import shipped_cases

    titles = shipped_cases()
    width = max(map(len, titles))
    click.echo("\n".join(f"{name:<{width}}  {title}" for name, title in titles.items()))
