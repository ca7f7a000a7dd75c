"""Coefficients of the laws of a planet by their names, and the chemistry with symbols in their place.

A symbol stands only for a coefficient that is requested: without one the equations are those of the numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from ..chemistry.volatile_chemistry import Chemistry
from ..closures.law_types import Coefficient, SymbolicLaw
from ..dae.declare.model import Model, Parameter

PREFIX = "law:"
FERRIC = f"{PREFIX}ferric_iron"
PARTITION = "volatiles.partition_coefficient"


@dataclass(frozen=True)
class LawNumber:
    """A coefficient of a law of the planet, or a partition coefficient. source: its publication.

    law: what it belongs to, a species or "ferric_iron". coefficient: its name in the law, "" for a partition.
    """

    law: str
    coefficient: str
    number: Coefficient
    source: str


def law_numbers(chemistry: Chemistry) -> dict[str, LawNumber]:
    """Every number that a symbol may replace, by its name: "law:H2O.coefficient"."""
    numbers = {}
    for species, law in chemistry.solubility.items():
        if law.name != "none":
            for name, number in law.variable.items():
                numbers[f"{PREFIX}{species}.{name}"] = LawNumber(species, name, number, _source(law))
    if chemistry.iron is not None:
        for name, number in chemistry.iron.law.variable.items():
            row = LawNumber("ferric_iron", name, number, _source(chemistry.iron.law))
            numbers[f"{FERRIC}.{name}"] = row
    for species, value in chemistry.partition.items():
        if chemistry.solubility[species].name != "none":
            meaning = f"mass fraction of {species} in crystals over that in the melt"
            number = Coefficient(float(value), "1", meaning, relative=value != 0)
            numbers[f"{PARTITION}.{species}"] = LawNumber(species, "", number, "")
    return numbers


def _source(law: SymbolicLaw) -> str:
    return f"{law.name}: {law.reference}"


def with_symbols(chemistry: Chemistry, names: Collection[str]) -> tuple[Chemistry, Model]:
    """The chemistry with a symbol for each of these numbers, and the model of the symbols as parameters."""
    numbers = {name: row for name, row in law_numbers(chemistry).items() if name in names}
    if not numbers:
        return chemistry, Model()
    parameters = {
        name: Parameter(
            name, row.number.value, row.number.unit, row.number.meaning, row.number.error, row.source
        )
        for name, row in numbers.items()
    }
    solubility, partition, iron = dict(chemistry.solubility), dict(chemistry.partition), chemistry.iron
    for name, row in numbers.items():
        symbols = {row.coefficient: parameters[name].symbol}
        if not row.coefficient:
            partition[row.law] = parameters[name].symbol
        elif name.startswith(FERRIC) and iron is not None:
            iron = replace(iron, law=iron.law.with_symbols(symbols))
        else:
            solubility[row.law] = solubility[row.law].with_symbols(symbols)
    made = replace(chemistry, solubility=solubility, partition=partition, iron=iron)
    return made, Model("coefficients of laws", parameters=tuple(parameters.values()))


def names_of_law(numbers: Mapping[str, LawNumber], law: str) -> list[str]:
    """The names of the numbers of one law: of a species, or "ferric_iron"."""
    return [name for name, row in numbers.items() if row.law == law and row.coefficient]
