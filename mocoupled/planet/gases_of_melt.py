"""Gases that form from the oxides of a planet's melt (melt.vapour): which, by which reactions, checked."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType

from ..case import Case
from ..chemistry.records import CHARGE, POLYNOMIALS, Mechanism, Reaction
from ..chemistry.stoichiometry import BASIS_PRIORITY, reactions
from ..chemistry.volatile_chemistry import MeltVapour
from ..errors import InputError
from ..melt.activities import check_melt, oxides_in_law, oxides_of_law
from ..melt.composition import MeltComposition
from ..schema.element_names import ELEMENTS
from ..schema.melt_overrides import oxides_of
from ..schema.quantities import CONGRUENT
from ..schema.species_names import joined_names
from .species_of_case import BUFFERED
from .vapour_of_melt import liquid_of


def vapour_of_case(
    case: Case, mechanism: Mechanism, source: str, present: Collection[str], balanced: Sequence[str]
) -> MeltVapour | None:
    """The gases with metals of the melt; None without melt.vapour.

    source: data set of the equilibrium constants. present: elements with an inventory, or with a pressure in
    its place. balanced: species with a balance.
    InputError where a key contradicts it, and for an element that has an inventory and is in the melt.
    """
    budget = case.redox.oxygen
    congruent = budget is not None and budget.unit == CONGRUENT
    if not case.melt.vapour:
        if congruent:
            raise InputError(
                f"{case.name} [redox] oxygen = {CONGRUENT!r}",
                "without vapour of the melt there is no oxygen that its oxides could bring.",
                cure="set melt.vapour = true, or give a budget of oxygen",
            )
        return None
    _check_keys(case, source, congruent)
    composition, left_out = _composition(case)
    liquids = {oxide: liquid_of(mechanism, oxide) for oxide in composition.mass_fractions}
    liquids = {o: s for o, s in liquids.items() if o in oxides_of_law(case.melt.activities)}
    metals = frozenset(e for s in liquids.values() for e in mechanism.species[s].composition) - {"O"}
    _check_elements(case, mechanism, metals & set(present), composition)
    names = _names(case, mechanism, metals, metals | set(present) | {"O"})
    gases = [s for s in balanced if mechanism.species[s].phase == "gas" and s != BUFFERED]
    basis = [*liquids.values(), *BASIS_PRIORITY]
    formed = reactions(mechanism, [*gases, *liquids.values(), *names], BUFFERED, basis)
    by_gas = {reaction.stoichiometry[-1][0]: reaction for reaction in formed}
    return MeltVapour(
        case.melt.activities,
        composition,
        MappingProxyType(left_out),
        MappingProxyType(liquids),
        MappingProxyType({name: by_gas[name] for name in names}),
        MappingProxyType({name: _beyond_oxides(mechanism, by_gas[name], liquids) for name in names}),
        congruent,
    )


def _check_keys(case: Case, source: str, congruent: bool) -> None:
    """InputError for keys that vapour of the melt contradicts."""
    where = f"{case.name} [melt] vapour = true"
    if not case.chemistry.oxygen_in_gas:
        raise InputError(
            where,
            "the vapour has O2, and chemistry.oxygen_in_gas = false leaves it out.",
            cure="set chemistry.oxygen_in_gas = true",
        )
    if source != POLYNOMIALS:
        raise InputError(
            where,
            f"the data set {source!r} has no gases with metals.",
            cure=f"set chemistry.thermochemistry = {POLYNOMIALS!r}",
        )
    if case.run.after_lid == "closed":
        raise InputError(
            where,
            "under a lid that closes no melt is in contact with the gas.",
            f"allowed: with run.after_lid = {case.run.after_lid!r}, no vapour of the melt",
            "set melt.vapour = false, or end the run at the lid",
        )
    if congruent and case.redox.ferric_iron is not None:
        raise InputError(
            f"{case.name} [redox] oxygen = {CONGRUENT!r}",
            "ferric iron has oxygen beyond FeO: with none of it there is no ferric iron.",
            cure="give a budget of oxygen, or set redox.ferric_iron = 'none'",
        )


def _composition(case: Case) -> tuple[MeltComposition, dict[str, float]]:
    """The melt of the oxides that the law of the activities has, and the wt% of the others.

    InputError for such others in a composition without a name, and for a melt that the law cannot describe.
    """
    law, named, redox = case.melt.activities, case.melt.oxides, case.redox
    whole = named
    if redox.total_iron is not None or redox.melt_oxides:
        whole = MeltComposition(oxides_of(case.melt, redox))
    known = oxides_in_law(law, f"{case.name} [melt] activities = {law!r}")
    there = {oxide: float(share) for oxide, share in whole.mass_fractions.items() if float(share) > 0}
    left_out = {oxide: 100 * share for oxide, share in there.items() if oxide not in known}
    where = f"{case.name} [melt] composition"
    if left_out and not named.name:
        raise InputError(
            f"{where} {', '.join(left_out)}",
            f"{law} has no activity for it, which melt.vapour needs.",
            f"its oxides: {', '.join(known)}; Fe2O3 counts as FeO",
            "leave it out: the others are normalised to 100 wt%",
        )
    kept = {oxide: share for oxide, share in there.items() if oxide in known}
    total = sum(kept.values())
    shares = MappingProxyType({oxide: share / total for oxide, share in kept.items()})
    composition = MeltComposition(shares, whole.total, whole.name, whole.reference)
    check_melt(law, composition.moles, where)
    return composition, left_out


def _check_elements(
    case: Case, mechanism: Mechanism, twice: frozenset[str], composition: MeltComposition
) -> None:
    """InputError for an element of the melt that has an inventory too, or a prescribed pressure."""
    for kind in ("pressure", "fugacity"):
        for name in getattr(case.volatiles, f"initial_{kind}"):
            parts = twice & set(mechanism.species[name].composition)
            if parts:
                raise InputError(
                    f"{case.name} [volatiles.initial_{kind}] {name}",
                    f"the melt sets the {kind} of {name}, as its {', '.join(sorted(parts))} evaporates.",
                    cure="leave it out, or set melt.vapour = false",
                )
    if not twice:
        return
    first = next(e for e in mechanism.atomic_weights if e in twice)
    key = next(name for name, symbol in ELEMENTS.items() if symbol == first)
    oxides = ", ".join(o for o in composition.mass_fractions if o.startswith(first))
    raise InputError(
        f"{case.name} [volatiles] {key}",
        f"{first} is there twice: as an inventory, and as {oxides} of the melt, which evaporates "
        "(melt.vapour = true).",
        "allowed: one of them",
        f"set volatiles.{key} = '0 kg', or melt.vapour = false",
    )


def _names(
    case: Case, mechanism: Mechanism, metals: frozenset[str], elements: Collection[str]
) -> tuple[str, ...]:
    """The neutral gases of these elements with a metal of the melt.

    Those that chemistry.species lists, or all where it lists none of them. InputError without any.
    """
    names = []
    for record in mechanism.species.values():
        parts = set(record.composition)
        if record.phase == "gas" and parts & metals and parts <= set(elements) and CHARGE not in parts:
            names.append(record.name)
    if not names:
        raise InputError(
            f"{case.name} [chemistry] mechanism = {mechanism.name!r}",
            f"it has no gas with {', '.join(sorted(metals))}.",
            cure="set chemistry.mechanism = 'silicates'",
        )
    listed = case.chemistry.species
    chosen = set() if listed is None else set(joined_names(listed, mechanism.species)) & set(names)
    return tuple(name for name in names if not chosen or name in chosen)


def _beyond_oxides(
    mechanism: Mechanism, formed: Reaction, liquids: Mapping[str, str]
) -> dict[str, int | Fraction]:
    """Atoms of each element in a gas less those of the oxides from which it forms, without zeros."""
    gas = formed.stoichiometry[-1][0]
    atoms: dict[str, int | Fraction] = dict(mechanism.species[gas].composition)
    for species, count in formed.stoichiometry:
        if species in liquids.values():
            for element, number in mechanism.species[species].composition.items():
                atoms[element] = atoms.get(element, 0) + count * number
    return {element: count for element, count in atoms.items() if count}
