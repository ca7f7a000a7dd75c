"""Pages of the reference: keys of a case, shipped cases, variables of results, commands."""

from __future__ import annotations

import warnings
from html import escape

import click

import mocoupled as mo
from mocoupled.schema.keys import every_key
from mocoupled.units import si_text

BRIEF = {  # a case that has every variable of a run, ended after a year: the variables are asked for, not the physics
    "mantle.cells": 20, "cumulates.coupled": True, "escape.law": "Zahnle2019", "chemistry.water": True, "run.end_time": "1 yr",
    "mantle.heating": "1e-12 W/kg",
}  # fmt: skip
WIDTH = 96  # columns of the commands' help


def keys_page() -> str:
    """Every key of a case, by section."""
    told = (
        "Written from the schema that a case is checked against; `mocoupled show CASE --keys` prints the same. Every key may be left out. "
        'A number may carry its unit as text (`"6371 km"`, `"5 cm"`, `"1 Myr"`); a bare number is in the SI unit named here. '
        "`none` stands for no value. In a file a key stands in its section; `--set` and `case.replace` take the dotted name."
    )
    lines, before = ["# Keys of a case", "", told], None
    for key in every_key():
        section = key.name.rpartition(".")[0]
        if section != before:
            lines += [
                "",
                f"## [{section}]" if section else "## At the top of the file",
                "",
                "| key | default | allowed | meaning |",
                "|---|---|---|---|",
            ]
        before = section
        allowed = key.allowed or (
            "a table with one text per species"
            if key.table and not key.unit
            else "text"
            if key.default != ""
            else ""
        )
        if key.table and key.unit:
            allowed += ", for each species" if allowed else "a number for each species"
        lines.append(
            f"| `{key.name}` | {_default(key)} | {_cell(allowed)} | {_cell(key.description)}{_unit(key)} |"
        )
    return "\n".join(lines) + "\n"


def _default(key):
    if key.default in ("", {}, None, ()):
        return ""
    number = isinstance(key.default, float) and key.unit not in ("", "1")
    return f"`{si_text(key.default, key.unit) if number else key.default}`"


def _unit(key):
    return f"; {key.unit}" if key.unit not in ("", "1") else ""


def cases_page() -> str:
    """The shipped cases with their titles, as `mocoupled cases` lists them."""
    lines = [
        "# Shipped cases",
        "",
        "`mocoupled cases` lists them; `mocoupled run NAME` runs one. Any of them can be changed with `--set`. An ocean is 1.55e20 kg of hydrogen.",
        "",
        "| name | planet |",
        "|---|---|",
    ]
    lines += [f"| `{name}` | {_cell(mo.Case.read(name).title)} |" for name in mo.shipped_cases()]
    return "\n".join(lines) + "\n"


def variables_page() -> str:
    """Variables of the three results, read from results."""
    case = mo.Case.read("earth")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run = mo.run(case.replace(BRIEF))
        state = mo.equilibrium(case, temperature=1650.0, melt_fraction=0.3)
        gas = mo.gas_equilibrium(temperature=1388.0, pressure=7.94e7, moles={"H": 4.6, "C": 0.4, "O": 2.5})
    first = (
        "Written from results: an `xarray.Dataset` says of each of its variables the unit (`units`) and what it is (`long_name`). All are in SI. "
        "A point that did not converge is NaN, with `converged` false. What a case does not ask for is not in its result: cells belong to the "
        "column, iron to `cumulates.coupled`, escape to an escape law."
    )
    parts = ["# Variables of a result", first]
    for title, told, result in (
        ("A run", "`mo.run`, `mo.read`, and `evolution.nc` of `mocoupled run`.", run),
        (
            "An equilibrium",
            "`mo.equilibrium` and `mocoupled equilibrium`, at one condition; arrays add their dimensions.",
            state,
        ),
        ("A closed system", "`mo.gas_equilibrium` and `mocoupled gas`.", gas),
    ):
        parts += [f"## {title}", told, _variables(result)]
        if title == "A run":
            parts += [
                "Attributes of the whole (`result.attrs`): "
                + ", ".join(f"`{name}`" for name in sorted(result.attrs))
                + "."
            ]
    return "\n\n".join(parts) + "\n"


def _variables(result):
    lines = ["| variable | along | unit | meaning |", "|---|---|---|---|"]
    for name in [*result.coords, *result.data_vars]:
        one = result[name]
        lines.append(
            f"| `{name}` | {', '.join(map(str, one.dims))} | {_cell(str(one.attrs.get('units', '')))} | {_cell(str(one.attrs.get('long_name', '')))} |"
        )
    return "\n".join(lines)


def commands_page() -> str:
    """The help of every command, as the command prints it."""
    from mocoupled.cli.commands import commands

    lines = [
        "# Commands",
        "",
        "What `mocoupled COMMAND --help` prints. The exit status is 0 if the command did what was asked, 1 if it could not,",
    ]
    lines += ["2 for bad input, and 130 after Ctrl-C, which leaves a readable result marked `interrupted`."]
    for path, command in _commands(commands, ["mocoupled"]):
        with click.Context(
            command, info_name=" ".join(path), terminal_width=WIDTH, max_content_width=WIDTH
        ) as context:
            help_text = command.get_help(context)
        lines += ["", f"{'#' * min(len(path) + 1, 4)} {' '.join(path)}", "", "```text", help_text, "```"]
    return "\n".join(lines) + "\n"


def _commands(command, path):
    yield path, command
    for name, one in getattr(command, "commands", {}).items():
        if not one.hidden:
            yield from _commands(one, [*path, name])


def _cell(text):
    return (
        escape(text, quote=False)
        .replace("|", r"\|")
        .replace("*", r"\*")
        .replace("_", r"\_")
        .replace("[", r"\[")
    )
