"""The commands mocoupled species list | show | copy | check: species, and files to start from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import InputError, nearest
from .output_files import warnings_printed
from .terminal import Page

if TYPE_CHECKING:
    from ..chemistry.records import Mechanism


@click.group("species", short_help="Species of the mechanisms: list, show, copy into a file, check a file.")
def species_group() -> None:
    """What is shipped with which data and laws; a file to start from; a check of a file without a run."""


@species_group.command("list", short_help="List species with their data and laws of solubility.")
@click.option("--mechanism", help="One mechanism, shipped or a path [default: all shipped ones].")
@click.option("--element", metavar="SYMBOL", help="Only species that contain this element.")
def list_command(mechanism: str | None, element: str | None) -> None:
    """List the species of the shipped mechanisms: phase, range of the data, laws of solubility, opacity."""
    from .pages.species import print_list

    page = Page()
    names = _shipped() if mechanism is None else (mechanism,)
    with warnings_printed():
        mechanisms = [_read(name) for name in names]
    known = {e for m in mechanisms for s in m.species.values() for e in s.composition}
    if element is not None and element not in known:
        raise InputError(
            f"--element {element}",
            "no species contains it.",
            f"elements: {', '.join(sorted(known))}",
            nearest(element, known),
        )
    print_list(mechanisms, element, page.console)
    page.show()


@species_group.command("show", short_help="Show the data of species.")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--mechanism", help="Mechanism, shipped or a path [default: the shipped one that has it].")
def show_command(names: tuple[str, ...], mechanism: str | None) -> None:
    """Show composition, free energy and its source, laws of solubility with their ranges, and opacity."""
    from .pages.species import print_species

    page = Page()
    with warnings_printed():
        for name in names:
            read = _read(mechanism or _shipped_with(name))
            print_species(read, _known(read, name), page.console)
    page.show()


@species_group.command("copy", short_help="Write a mechanism file with species of another file.")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option(
    "--from",
    "source",
    metavar="FILE",
    help="Mechanism: shipped, a path or a file of Cantera (nasa_gas.yaml) [default: the shipped one].",
)
@click.option("--alone", is_flag=True, help="Without the gases of volatiles.yaml beside them.")
@click.option("-o", "--output", metavar="FILE", help="The file to write (.yaml) [default: the screen].")
def copy_command(names: tuple[str, ...], source: str | None, alone: bool, output: str | None) -> None:
    """Write a mechanism with the species NAME... of a file: their data, and a place for laws of solubility.

    \b
    For example:
      mocoupled species copy HF SiF4 --from nasa_gas.yaml -o fluorine.yaml
    """
    from ..chemistry.species_copy import BASE, base_species, mechanism_text
    from ..files import new_file

    target = None if output is None else new_file(output, suffixes=(".yaml", ".yml"), cure="remove it")
    mechanism = source or _shipped_with(names[0])
    with warnings_printed():
        read = _read(mechanism)
        for name in names:
            _known(read, name)
        base = () if alone else base_species(_read(BASE), names)
        text = mechanism_text(read, names, base)
    if target is None:
        click.echo(text, nl=False)
        return
    from .output_files import whole

    with whole(target) as path:
        path.write_text(text, encoding="utf-8")
    click.echo(f"wrote {target}")


@species_group.command("check", short_help="Check a mechanism file, without a run.")
@click.argument("file", metavar="FILE")
def check_command(file: str) -> None:
    """Read FILE as a run would, with all its laws, and state what it has. Status 0: it can be used."""
    from ..closures.solubility import solubility_law
    from .pages.species import print_summary

    page = Page()
    if not file.strip() or (Path(file).suffix in (".yaml", ".yml") and not Path(file).is_file()):
        raise InputError(file or "FILE", "there is no such file.", "allowed: the path of a file of YAML")
    with warnings_printed():
        mechanism = _read(file)
        for species in mechanism.species.values():
            for law, entry in species.melt.items():
                where = f"{mechanism.path.name} species {species.name} melt {law}"
                solubility_law(species.name, law, entry, where)
    print_summary(mechanism, page.console)
    page.show()


def _shipped() -> tuple[str, ...]:
    from ..chemistry.mechanism_paths import shipped_mechanisms

    return shipped_mechanisms()


def _read(name: str) -> Mechanism:
    from ..chemistry.mechanism import read_mechanism

    return read_mechanism(name, where="mechanism")


def _shipped_with(name: str) -> str:
    """The smallest shipped mechanism with this species; InputError where none has it."""
    from ..chemistry.species_copy import files_with

    files = files_with(name)
    if not files:
        known = dict.fromkeys(s for file in _shipped() for s in _read(file).species)
        raise InputError(
            f"species {name!r}",
            "no shipped mechanism has it.",
            f"known: {', '.join(known)}",
            nearest(name, known) or "name a file, for instance Cantera's nasa_gas.yaml",
        )
    return min(files, key=lambda file: len(_read(file).species))


def _known(mechanism: Mechanism, name: str) -> str:
    """The name; InputError where the mechanism does not have it."""
    if name not in mechanism.species:
        raise InputError(
            f"species {name!r}",
            f"the mechanism {mechanism.name} does not have it.",
            f"known: {', '.join(mechanism.species)}",
            nearest(name, mechanism.species),
        )
    return name
