"""The parameters of a run by name: those of gas and melt, keys of the case, and what the run starts from."""

from __future__ import annotations

from collections.abc import Iterator

from ..dae.declare.direction import Direction
from ..reservoirs.column_core import BEGIN
from ..reservoirs.column_iron import FERRIC
from .assembly import Planet
from .parameters_of_case import NamedParameter, of_chemistry
from .varied_keys import key_numbers
from .varied_laws import PREFIX

AT = "time"
# parameters that every model of a run declares: name in the model -> key of the case
DECLARED = {
    "initial_surface_temperature": "run.initial_surface_temperature",
    "xuv": "escape.xuv",
    "escape_prefactor": "escape.prefactor",
    "escape_efficiency": "escape.efficiency",
    "escape_temperature": "escape.temperature",
    "constant_xuv_flux": "escape.xuv_flux",
}
FIXED = f"{AT}, the other keys as written"


def parameters_of_run(planet: Planet) -> tuple[NamedParameter, ...]:
    """Every named parameter of a run of this planet, which has no symbol in place of a number yet."""
    return *of_chemistry(planet, (), AT), *_declared(planet), *_entropy(planet), *_keys(planet)


def has_ferric_cells(planet: Planet) -> bool:
    """Whether each cell of the mantle starts with a ferric share, which is a number of the case then."""
    field = planet.model.field
    return field is not None and FERRIC in [component.name for component in field.components]


def _declared(planet: Planet) -> Iterator[NamedParameter]:
    for parameter in planet.model.parameters:
        if parameter.name in DECLARED and parameter.value != 0:
            name = DECLARED[parameter.name]
            along = Direction(name, {parameter.name: 1.0})
            short = (name.partition(".")[2],)
            yield NamedParameter(
                name, parameter.long_name, parameter.unit, along, FIXED, parameter.value, others=short
            )


def _entropy(planet: Planet) -> Iterator[NamedParameter]:
    """The entropy at the start of a mantle with depth, where the case has it: all cells follow."""
    entropy = planet.case.run.initial_entropy
    at_core = [p for p in planet.model.parameters if p.name == BEGIN]
    if entropy is not None and at_core:
        name = "run.initial_entropy"
        along = Direction(name, {BEGIN: entropy / at_core[0].value})
        title = "specific entropy of the mantle at the start"
        yield NamedParameter(name, title, "J/kg/K", along, FIXED, entropy, others=("initial_entropy",))


def _keys(planet: Planet) -> Iterator[NamedParameter]:
    for name, number in key_numbers(planet.case, planet.chemistry, planet.laws["radiation"]).items():
        along = Direction(name, {name: 1.0}, relative=number.value != 0)
        fixed, source = (f"{AT}, all keys", number.source) if name.startswith(PREFIX) else (FIXED, "")
        yield NamedParameter(
            name, number.meaning, number.unit, along, fixed, number.value, source=source, law=True
        )
