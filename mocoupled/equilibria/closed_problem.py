"""The problem of a closed system: the species of its elements, and the equations compiled for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from types import MappingProxyType

import numpy as np

from ..chemistry.components import independent
from ..chemistry.gas_mixtures import is_mixture
from ..chemistry.mechanism import read_mechanism
from ..chemistry.mechanism_file import Version
from ..chemistry.records import CHARGE, NO_LAWS, Mechanism
from ..closures.fugacity import KIND as FUGACITY
from ..closures.registry import find as find_law
from ..closures.saturation import TRIPLE_TEMPERATURE
from ..constants import BAR
from ..dae.declare.model import Model
from ..dae.kernel.batch import Batch
from ..errors import InputError, nearest
from ..planet.closed_system import assemble_closed_system, standard_potentials
from ..planet.species_declarations import WATER
from ..provenance.calibration import Watched
from .mechanism_choice import shipped_with
from .points import Layout, layout

# mu/RT of species as a function of T [K] and P [Pa].
Potentials = Callable[[float, float], Sequence[float]]


@dataclass(frozen=True, eq=False)
class Problem:
    """A closed system with its declared equations. The kernel is generated when it is first used.

    species: gases in the order of the mechanism. condensates: those that the elements make.
    elements: with E, the electrons, where there are charged species. keep: unknowns of the kernel that are
    not eliminated.
    """

    mechanism: Mechanism
    species: tuple[str, ...]
    condensates: tuple[str, ...]
    elements: tuple[str, ...]
    fugacity: str
    model: Model
    layout: Layout
    keep: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Gases, then condensates."""
        return (*self.species, *self.condensates)

    @cached_property
    def batch(self) -> Batch:
        """The compiled kernel, one attempt a point: where it fails, the balances of components are faster.

        A mixture of real gases has every pressure in every row; where it fails it begins at the pure gases.
        """
        parameters = [p.name for p in self.model.parameters]
        if not is_mixture(self.fugacity):
            return Batch(self.model, parameters, patient=False, keep=self.keep)
        unknowns = [u.name for u in self.model.unknowns]
        return Batch(self.model, parameters, patient=False, keep=unknowns, pivoted=True)

    @cached_property
    def watched(self) -> Watched:
        """The arguments of the laws whose calibration is watched."""
        return Watched(self.model)

    @cached_property
    def real(self) -> np.ndarray:
        """Mask of `elements`: true for an element, false for the charge."""
        return np.array([element != CHARGE for element in self.elements])

    @cached_property
    def repeated(self) -> list[int]:
        """Rows of `matrix` that follow from others: the species contain these elements in one ratio only."""
        return sorted(set(range(len(self.elements))) - set(independent(self.matrix)))

    @cached_property
    def matrix(self) -> np.ndarray:
        """Atoms (element, species then condensate)."""
        compositions = [self.mechanism.species[name].composition for name in self.names]
        return np.array([[c.get(e, 0) for c in compositions] for e in self.elements], dtype=float)

    @cached_property
    def potentials(self) -> Potentials:
        """mu/RT of `names`, fugacity coefficients included, as a function of T [K] and P [Pa]."""
        return standard_potentials(self.mechanism, self.names, self.fugacity)

    @cached_property
    def ideal_potentials(self) -> Potentials:
        """mu/RT of `names` in an ideal gas, as a function of T [K] and P [Pa]."""
        return standard_potentials(self.mechanism, self.names, "ideal")

    @cached_property
    def oxygen(self) -> Callable[[float], float] | None:
        """mu/RT of the ideal gas O2 at 1 bar as a function of T [K].

        None where the mechanism does not have it.
        """
        if "O2" not in self.mechanism.species:
            return None
        potentials = standard_potentials(self.mechanism, ("O2",), "ideal")
        return lambda T: float(np.asarray(potentials(T, BAR)).reshape(-1)[0])

    @cached_property
    def rows(self) -> Mapping[tuple[str, str], int]:
        """(output, label) -> row of the kernel's outputs."""
        return {(output.name, output.label): k for k, output in enumerate(self.model.outputs)}

    def rows_of(self, *names: str) -> list[int]:
        """Rows of all outputs with these names."""
        return [row for (name, _), row in self.rows.items() if name in names]

    def amounts(self, columns: Mapping[str, float | np.ndarray], n: int) -> np.ndarray:
        """mol (element, point) from the columns of the conditions; 0 for a charge without a column."""
        zero = np.zeros(n)
        moles = [np.asarray(columns.get(f"moles_{e}", zero), dtype=float) for e in self.elements]
        return np.array([np.broadcast_to(values, n) for values in moles])


@dataclass(frozen=True)
class Request:
    """What determines a problem.

    species: "all", or names of gases. condensates: names of those that may form.
    files: versions of the mechanism's files, so that a file that has changed is read again.
    """

    mechanism: str
    elements: tuple[str, ...]
    species: str | tuple[str, ...]
    condensates: tuple[str, ...]
    fugacity: str = "ideal"
    files: tuple[Version, ...] = ()


@lru_cache(maxsize=32)
def problem(request: Request) -> Problem:
    """The compiled problem of a request.

    InputError for unknown species and laws, and for elements that no species, or no gas, contains.
    """
    mechanism = read_mechanism(request.mechanism, where="mechanism")
    find_law(FUGACITY, request.fugacity, f"fugacity = {request.fugacity!r}")
    if WATER in request.condensates and WATER not in mechanism.species:
        if "H2O" not in mechanism.species or not (
            isinstance(request.species, str) or "H2O" in request.species
        ):
            raise InputError(
                f"condensates {WATER!r}",
                "it condenses from the gas H2O, which is not among the species.",
                cure="add H2O to the species",
            )
        mechanism = with_liquid_water(mechanism)
    if not request.elements:
        raise InputError("moles", "every element's amount is zero.", "allowed: at least one above zero")
    elements = request.elements
    _check_names(mechanism, request)
    gases = _gases(mechanism, elements, request.species)
    _check_condensates(mechanism, request.condensates)
    pure = [c for c in request.condensates if set(mechanism.species[c].composition) <= set(elements)]
    _check_elements(mechanism, elements, [*gases, *pure])
    if not gases:
        cure = "add a gas"
        raise InputError("species", f"no gas contains {', '.join(elements)}, only condensates.", cure=cure)
    if CHARGE not in elements and any(CHARGE in mechanism.species[s].composition for s in gases):
        elements = (*elements, CHARGE)
    model = assemble_closed_system(mechanism, (*gases, *pure), elements, "nasa7", request.fugacity)
    return Problem(mechanism, tuple(gases), tuple(pure), elements, request.fugacity, model, layout(model))


def with_liquid_water(mechanism: Mechanism) -> Mechanism:
    """The mechanism with H2O(l) as a condensate.

    It has no polynomials: its free energy is that of the saturated vapour (closures/saturation.py), from the
    triple point up to the critical temperature. Above, there is no liquid.
    """
    steam = mechanism.species["H2O"]
    liquid = replace(
        steam,
        name=WATER,
        phase="condensed",
        temperature_range=(TRIPLE_TEMPERATURE, steam.temperature_range[1]),
        reference=f"saturated vapour: Wagner & Pruss 1993; vapour: {steam.reference}",
        melt=NO_LAWS,
        default_melt="none",
        radiation=None,
        gibbs=(),
    )
    return replace(mechanism, species=MappingProxyType({**mechanism.species, WATER: liquid}))


# ---- checks of a request


def _check_names(mechanism: Mechanism, request: Request) -> None:
    """InputError for species that the mechanism does not have."""
    gases = () if isinstance(request.species, str) else request.species
    for name in (*request.condensates, *gases):
        if name not in mechanism.species:
            raise InputError(
                f"species {name!r}",
                f"the mechanism {mechanism.name} does not have it.",
                f"known: {', '.join(mechanism.species)}",
                _cure(name, mechanism),
            )
    if isinstance(request.species, str) and request.species != "all":
        where = f"species = {request.species!r}"
        raise InputError(where, "not a list of names.", "allowed: 'all', or a list of species")


def _cure(name: str, mechanism: Mechanism) -> str:
    """What an unknown species may mean: the electron by its usual name, or a typing error."""
    for species in mechanism.species.values():
        if dict(species.composition) == {CHARGE: 1} and name.casefold() in ("e", "e-", "electron"):
            return f"did you mean {species.name!r}?"
    return nearest(name, mechanism.species)


def _check_condensates(mechanism: Mechanism, condensates: Sequence[str]) -> None:
    """InputError for a gas among the condensates."""
    for name in condensates:
        if mechanism.species[name].phase == "gas":
            known = [s.name for s in mechanism.species.values() if s.phase != "gas"]
            allowed = ", ".join(dict.fromkeys([*(known or [""]), WATER]))
            raise InputError(f"condensates {name!r}", "it is a gas.", f"known: {allowed}")


def _check_elements(mechanism: Mechanism, elements: Sequence[str], species: Sequence[str]) -> None:
    """InputError for an element that none of the species holds."""
    for element in elements:
        if any(element in mechanism.species[name].composition for name in species):
            continue
        if element == CHARGE:
            raise InputError(
                "moles of E",
                f"the mechanism {mechanism.name} has no charged gases of these elements, "
                "so that no gas can carry a charge.",
                cure="leave it out",
            )
        known = sorted({e for s in mechanism.species.values() for e in s.composition})
        raise InputError(
            f"moles of {element}",
            f"no gas of the mechanism {mechanism.name} contains it with the other elements.",
            f"elements of its species: {', '.join(known)}",
            shipped_with(element),
        )


def _gases(mechanism: Mechanism, elements: Sequence[str], species: str | Sequence[str]) -> list[str]:
    """The gases that the elements make.

    Charged gases are left out where all have the same sign and the system is neutral.
    """
    inside = []
    for record in mechanism.species.values():
        requested = species == "all" or record.name in species
        if record.phase == "gas" and requested and set(record.composition) <= {*elements, CHARGE}:
            inside.append(record)
    charged = [record.name for record in inside if CHARGE in record.composition]
    signs = {record.composition[CHARGE] > 0 for record in inside if CHARGE in record.composition}
    if len(signs) != 1 or CHARGE in elements:
        return [record.name for record in inside]
    if species != "all":
        raise InputError(
            "species",
            f"nothing balances the charge of {', '.join(charged)}.",
            cure="add an ion of the other sign or the electron, or leave them out",
        )
    return [record.name for record in inside if CHARGE not in record.composition]
