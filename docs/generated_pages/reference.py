"""Pages of the reference: keys of a case, shipped cases, variables of results, commands."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from html import escape

import click
import xarray

import mocoupled as mo
from mocoupled.schema.keys import Key, every_key
from mocoupled.units import si_text

# A case with every variable of a run, ended after a year: the page needs the variables, not the physics.
BRIEF = {
    "mantle.cells": 20,
    "cumulates.coupled": True,
    "escape.law": "Zahnle2019",
    "chemistry.water": True,
    "run.end_time": "1 yr",
    "mantle.heating": "1e-12 W/kg",
}
WIDTH = 96  # columns of the help of commands


def keys_page() -> str:
    """Every key of a case, by section."""
    first = (
        "Written from the schema that a case is checked against; `mocoupled show CASE --keys` prints the "
        "same. Every "
        "key may be left out. "
        'A number may carry its unit as text (`"6371 km"`, `"5 cm"`, `"1 Myr"`); a bare number is in the SI '
        "unit "
        "named here. `none` stands for no value. In a file a key stands in its section; `--set` and "
        "`case.replace` "
        "take the dotted name."
    )
    lines, before = ["# Keys of a case", "", first], None
    for key in every_key():
        section = key.name.rpartition(".")[0]
        if section != before:
            heading = f"## [{section}]" if section else "## At the top of the file"
            lines += ["", heading, "", "| key | default | allowed | meaning |", "|---|---|---|---|"]
        before = section
        meaning = f"{_cell(key.description)}{_unit(key)}"
        lines.append(f"| `{key.name}` | {_default(key)} | {_cell(_allowed(key))} | {meaning} |")
    return "\n".join(lines) + "\n"


def _allowed(key: Key) -> str:
    """The allowed values of a key, in words."""
    if key.table and key.unit:
        return f"{key.allowed}, for each species" if key.allowed else "a number for each species"
    if key.allowed:
        return key.allowed
    if key.table:
        return "a table with one text per species"
    return "text" if key.default != "" else ""


def _default(key: Key) -> str:
    if key.default in ("", {}, None, ()):
        return ""
    number = isinstance(key.default, float) and key.unit not in ("", "1")
    return f"`{si_text(key.default, key.unit) if number else key.default}`"


def _unit(key: Key) -> str:
    return f"; {key.unit}" if key.unit not in ("", "1") else ""


def cases_page() -> str:
    """The shipped cases with their titles, as `mocoupled cases` lists them."""
    lines = [
        "# Shipped cases",
        "",
        (
            "`mocoupled cases` lists them; `mocoupled run NAME` runs one. Any of them can be changed with "
            "`--set`. An ocean is 1.55e20 kg of hydrogen."
        ),
        "",
        "| name | planet |",
        "|---|---|",
    ]
    lines += [f"| `{name}` | {_cell(mo.Case.read(name).title)} |" for name in mo.shipped_cases()]
    return "\n".join(lines) + "\n"


def variables_page() -> str:
    """Variables of the results, read from results."""
    case = mo.Case.read("earth")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        run = mo.run(case.replace(BRIEF))
        state = mo.equilibrium(case, temperature=1650.0, melt_fraction=0.3)
        gas = mo.gas_equilibrium(temperature=1388.0, pressure=7.94e7, moles={"H": 4.6, "C": 0.4, "O": 2.5})
        vapour = mo.vapour({"SiO2": 50.0, "MgO": 50.0}, 2500.0)
    first = (
        "Written from results: an `xarray.Dataset` says of each of its variables the unit (`units`) and "
        "what it is (`long_name`). All are in SI. A point that did not converge is NaN, with `converged` "
        "false. What a case does not ask for is not in its result: cells belong to the column, iron to "
        "`cumulates.coupled`, escape to an escape law."
    )
    attributes = ", ".join(f"`{name}`" for name in sorted(run.attrs))
    parts = [
        "# Variables of a result",
        first,
        "## A run",
        "`mo.run`, `mo.read`, and `evolution.nc` of `mocoupled run`.",
        _variables(run),
        f"Attributes of the whole (`result.attrs`): {attributes}.",
        "## An equilibrium",
        "`mo.equilibrium` and `mocoupled equilibrium`, at one condition; arrays add their dimensions.",
        _variables(state),
        "## A closed system",
        "`mo.gas_equilibrium` and `mocoupled gas`.",
        _variables(gas),
        "## Vapour of a melt",
        "`mo.vapour` and `mocoupled vapour`; with `loss` along `loss`, and with two variables more.",
        _variables(vapour),
    ]
    return "\n\n".join(parts) + "\n"


def _variables(result: xarray.Dataset) -> str:
    """The table of the variables of a result."""
    lines = ["| variable | along | unit | meaning |", "|---|---|---|---|"]
    for name in [*result.coords, *result.data_vars]:
        variable = result[name]
        dimensions = ", ".join(map(str, variable.dims))
        unit = _cell(str(variable.attrs.get("units", "")))
        meaning = _cell(str(variable.attrs.get("long_name", "")))
        lines.append(f"| `{name}` | {dimensions} | {unit} | {meaning} |")
    return "\n".join(lines)


def commands_page() -> str:
    """The help of every command, as the command prints it."""
    from mocoupled.cli.commands import command_group

    lines = [
        "# Commands",
        "",
        "What `mocoupled COMMAND --help` prints. The exit status is 0 if the command did what was requested,",
        "1 if it could not, 2 for bad input, and 130 after Ctrl-C, which leaves a readable result marked",
        "`interrupted`.",
    ]
    for path, command in _commands(command_group, ["mocoupled"]):
        with click.Context(
            command, info_name=" ".join(path), terminal_width=WIDTH, max_content_width=WIDTH
        ) as context:
            help_text = command.get_help(context)
        lines += ["", f"{'#' * min(len(path) + 1, 4)} {' '.join(path)}", "", "```text", help_text, "```"]
    return "\n".join(lines) + "\n"


def _commands(command: click.Command, path: list[str]) -> Iterator[tuple[list[str], click.Command]]:
    """(words, command) of a command and of all commands below it that are not hidden."""
    yield path, command
    for name, below in getattr(command, "commands", {}).items():
        if not below.hidden:
            yield from _commands(below, [*path, name])


def _cell(text: str) -> str:
    return (
        escape(text, quote=False)
        .replace("|", r"\|")
        .replace("*", r"\*")
        .replace("_", r"\_")
        .replace("[", r"\[")
    )
