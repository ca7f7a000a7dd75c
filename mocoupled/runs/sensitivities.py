"""What a run needs for sensitivities: its named parameters, and the derivatives of its equations by them."""

from __future__ import annotations

from functools import partial

from ..case import Case
from ..dae.solve.field_system import FieldSystem
from ..dae.solve.integrate import Event, Trajectory
from ..dae.solve.system import System
from ..dae.solve.varied import Varied
from ..dae.solve.varied_field import VariedField
from ..errors import InputError
from ..planet.assembly import Planet, assemble, assemble_equilibrium
from ..planet.keys_without_slope import refusal
from ..planet.parameters_of_case import NamedParameter, chosen, parameters_of
from ..planet.run_parameters import has_ferric_cells, parameters_of_run
from ..results.sensitivities_of_run import Wanted

WHERE = "sensitivities="


def every_parameter(case: Case) -> list[NamedParameter]:
    """The named parameters of the equilibria and the runs of a case, each once."""
    of_equilibrium = parameters_of(assemble_equilibrium(case, 1500.0, 0.5))
    known = {parameter.name: parameter for parameter in (*of_equilibrium, *parameters_of_run(assemble(case)))}
    return list(known.values())


def planet_of(case: Case, names: object) -> tuple[Planet, tuple[NamedParameter, ...]]:
    """The planet of a case with a symbol for each parameter of these names, and the parameters.

    names: a list of names, or () for none. InputError for names that cannot be varied.
    """
    planet = assemble(case)
    if isinstance(names, tuple) and not names:
        return planet, ()
    parameters = chosen(parameters_of_run(planet), names, WHERE, "run", partial(refusal, case))
    if planet.under_lid is not None:
        raise InputError(
            f"{WHERE} {parameters[0].name!r}",
            "a run goes on under its lid, whose start depends on the state at the lid.",
            "allowed: run.after_lid = 'end' or 'open'",
        )
    if has_ferric_cells(planet):
        raise InputError(
            f"{WHERE} {parameters[0].name!r}",
            "the cells start with a ferric share that has no derivative: trials determine it.",
            "allowed with mantle.model = 'column': redox.ferric_iron or cumulates.coupled, not both",
        )
    symbols = [parameter.name for parameter in parameters if parameter.law]
    return (assemble(case, symbols) if symbols else planet), parameters


def wanted_of(system: System | FieldSystem, parameters: tuple[NamedParameter, ...]) -> Wanted | None:
    """The derivatives of compiled equations by the parameters; None without parameters."""
    if not parameters:
        return None
    directions = [parameter.direction for parameter in parameters]
    if isinstance(system, FieldSystem):
        return Wanted(parameters, VariedField(system, directions))
    return Wanted(parameters, Varied(system, directions))


def ending_quantity(trajectory: Trajectory, events: list[Event]) -> str | None:
    """The output whose value has ended a trajectory; "" for a prescribed time, None where it is not known."""
    if trajectory.end.kind != "event":
        return ""
    event = next((event for event in events if event.name == trajectory.end.name), None)
    if event is None or event.quantity is None:
        return None
    return event.quantity(float(trajectory.time[-1]), trajectory.states[-1])
