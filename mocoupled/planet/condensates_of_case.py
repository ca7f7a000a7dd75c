"""The condensates of a case beside graphite and water: names, elements and ranges of their data."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

import sympy

from ..case import Case
from ..chemistry.equilibrium_constants import ln_K
from ..chemistry.mechanism import read_mechanism
from ..chemistry.mechanism_paths import CONDENSATES
from ..chemistry.records import CHARGE, Mechanism, Species
from ..chemistry.stoichiometry import reactions
from ..chemistry.volatile_chemistry import Chemistry
from ..dae.declare.model import Watch
from ..errors import InputError, nearest
from ..schema.condensates import ALL
from .species_of_case import BUFFERED, GRAPHITE


def further_condensates(case: Case, mechanism: Mechanism, present: Collection[str]) -> tuple[str, ...]:
    """The condensates that chemistry.condensates names, in the order of the mechanism.

    present: the elements of the planet.
    InputError for a name that is no condensate of the mechanism, and for one of absent elements.
    """
    names = case.chemistry.condensates
    if not names:
        return ()
    elements = {*present, "O"}
    known = condensates_of(mechanism)
    if names == (ALL,):
        return tuple(name for name, s in known.items() if set(s.composition) <= elements)
    for name in names:
        _check(case, mechanism, known, name, elements)
    return tuple(name for name in known if name in names)


def condensates_of(mechanism: Mechanism) -> dict[str, Species]:
    """The condensates of a mechanism but graphite, by name."""
    return {
        s.name: s
        for s in mechanism.species.values()
        if s.phase != "gas" and s.name != GRAPHITE and CHARGE not in s.composition
    }


def _check(
    case: Case, mechanism: Mechanism, known: Mapping[str, Species], name: str, elements: Collection[str]
) -> None:
    """InputError for a name that is no condensate of the mechanism, or whose elements the case has not."""
    where = f"{case.name} [chemistry] condensates {name}"
    if name not in known:
        problem = f"the mechanism {mechanism.name} has no condensate {name!r}."
        if name in mechanism.species:
            problem = f"{name} is a gas."
        cure = nearest(name, known)
        if name in condensates_of(read_mechanism(CONDENSATES)) or len(known) == 0:
            cure = f"chemistry.mechanism = {CONDENSATES!r} has iron, sulfides, carbides and oxides"
        raise InputError(where, problem, f"known: {', '.join(['graphite', 'water', *known])}", cure)
    absent = [e for e in known[name].composition if e not in elements]
    if absent:
        raise InputError(
            where,
            f"it consists of {', '.join(known[name].composition)}, "
            f"and the case has no {' and no '.join(absent)}.",
            f"allowed: condensates of {', '.join(sorted(elements))}",
            "give the element an inventory in [volatiles], or 'all' for those that the elements make",
        )


def is_further(chemistry: Chemistry, name: str) -> bool:
    """Whether a species is a condensate other than graphite."""
    return chemistry.mechanism.species[name].phase != "gas" and name != GRAPHITE


def range_watches(chemistry: Chemistry, T: sympy.Expr) -> Iterator[Watch]:
    """The ranges of the data of the further condensates. T [K]."""
    if chemistry.source != "nasa7":
        return
    for name in chemistry.species:
        if is_further(chemistry, name):
            species = chemistry.mechanism.species[name]
            yield Watch(f"data of {name}", "T", T, *species.temperature_range, "K", species.reference)


def left_out_watches(
    chemistry: Chemistry, activity: Mapping[str, sympy.Expr], T: sympy.Expr
) -> Iterator[Watch]:
    """The activities of condensates that the elements make and the case does not list: at most 1.

    Only where the case lists some. activity: ln of those of the species. T [K].
    """
    mechanism = chemistry.mechanism
    if not any(is_further(chemistry, s) for s in chemistry.species) or chemistry.source != "nasa7":
        return
    elements = {e for s in chemistry.species for e in mechanism.species[s].composition}
    buffered = None if chemistry.oxygen is None else BUFFERED
    balanced = [s for s in chemistry.species if s not in chemistry.imposed]
    for name, species in condensates_of(mechanism).items():
        if name in chemistry.species or not set(species.composition) <= elements:
            continue
        formed = reactions(mechanism, [*balanced, name], buffered)[-1]
        others = [(s, c) for s, c in formed.stoichiometry if s != name]
        if formed.stoichiometry[-1][0] != name or any(s not in activity for s, _ in others):
            continue
        ln_a = ln_K(mechanism, formed, T) - sympy.Add(*(float(c) * activity[s] for s, c in others))
        label = f"{name}, which chemistry.condensates does not list"
        yield Watch(label, "activity", sympy.exp(ln_a), 0.0, 1.0, "1", species.reference)
