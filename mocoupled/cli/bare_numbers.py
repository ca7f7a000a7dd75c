"""A note on numbers of the command line without a unit, for quantities that have several usual units."""

from __future__ import annotations

from collections.abc import Mapping

import click

# SI unit -> another unit in which many write such a number, "" where it depends on the quantity
SEVERAL = {"Pa": "bar", "s": "yr", "m": "km", "kg": ""}


def note_bare(text: str, unit: str, place: str) -> None:
    """Say on stderr in which unit a number without a unit is read; nothing for 0 and for other units.

    text: one number as it was written; unit: SI; place: the option or argument.
    """
    from ..units import split

    read = split(text)
    if unit not in SEVERAL or read is None or read[1] or not read[0]:
        return
    other = f", for instance '{text} {SEVERAL[unit]}'" if SEVERAL[unit] else ""
    where = place if text in place else f"{place} {text}"
    click.echo(f"note: {where}: a bare number is in {unit}; write another unit beside it{other}", err=True)


def note_bare_settings(changes: Mapping[str, object], units: Mapping[str, str]) -> None:
    """The same for the values of --set. units: SI unit of each key that is a quantity."""
    for key, value in changes.items():
        table = key.rpartition(".")[0]  # of a table, the unit is that of each entry
        unit = units.get(key) or units.get(table, "")
        if isinstance(value, str):
            note_bare(value.strip(), unit, f"--set {key}={value.strip()}")


def units_of_case() -> dict[str, str]:
    """SI unit of each key of a case that is a quantity; of an inventory kg."""
    from ..schema.element_names import ELEMENTS
    from ..schema.keys import leaves

    units = {f"{section}.{name}": si.unit for section, name, _, si in leaves() if si is not None}
    return units | {f"volatiles.{element}": "kg" for element in ELEMENTS}
