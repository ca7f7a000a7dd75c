"""The problem of a planet's equilibrium: a case and its replaced inventories, compiled once and stored."""

from __future__ import annotations

import json
import weakref
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from ..case import Case
from ..chemistry.gas_mixtures import is_mixture
from ..chemistry.mechanism_file import Version, versions
from ..chemistry.mechanism_paths import find_mechanism
from ..chemistry.volatile_chemistry import Chemistry
from ..closures.ferric_iron import BULK_SILICATE_EARTH
from ..dae.kernel.batch import Batch
from ..errors import InputError
from ..interior.static_structure import structure
from ..melt.activities import oxides_in_law
from ..planet.assembly import Planet, assemble_equilibrium
from ..planet.chemistry_of_case import resolve
from ..planet.degrees_of_freedom import Prescribed, assign
from ..planet.parameters_of_case import NamedParameter, parameters_of
from ..planet.species_of_case import check_gas
from ..provenance import omissions as left_out
from ..provenance.calibration import Watched
from ..provenance.melt_vapour import vapour_attributes
from ..provenance.sources import data_sources
from ..schema.element_names import ELEMENTS
from .cold_budgets import ClosedSystem, closed_system
from .points import Layout, layout
from .sensitivities import Wanted, compiled, requested, with_unknowns

INVENTORIES = {**ELEMENTS, "oxygen": "O"}
SYMBOLS = {symbol: name for name, symbol in INVENTORIES.items()}
# Keys of a case that set the oxidation state without a budget of oxygen.
WITHOUT_BUDGET = ("redox.oxygen_fugacity", "redox.buffer", "redox.buffer_pressure", "redox.ferric_share")


@dataclass(frozen=True)
class Prepared:
    """The equilibrium of a case, compiled. mantle_mass [kg]: integrated from its structure once.

    wanted: derivatives that are requested; the outputs of the batch then end with its unknowns.
    """

    planet: Planet
    mantle_mass: float
    batch: Batch
    layout: Layout
    attributes: Mapping[str, str]
    watched: Watched
    omissions: tuple[left_out.Omission, ...]
    wanted: Wanted | None = None

    @cached_property
    def closed(self) -> ClosedSystem | None:
        """The closed system of the same elements, for points where the kernel does not converge."""
        return closed_system(self.planet)

    @cached_property
    def rows(self) -> Mapping[tuple[str, str], int]:
        """(output, label) -> row of the kernel's outputs."""
        return {(o.name, o.label): k for k, o in enumerate(self.batch.model.outputs)}

    @cached_property
    def mixing_rows(self) -> list[int]:
        """Rows of the outputs that are the gases' mole fractions, in the order of the chemistry's gases."""
        return [self.rows["mixing_ratio", gas] for gas in self.planet.chemistry.all_gases]

    @cached_property
    def pressure_row(self) -> int:
        """Row of the output that is the total pressure."""
        return self.rows["surface_pressure", ""]

    @property
    def gives_moles(self) -> bool:
        """Whether the amounts of the elements are results."""
        return "element_moles" in self.layout.names


# Inventories, pressures and fugacities, and oxides of the melt that are arguments, sensitivities, versions of
# the mechanism's files.
_Key = tuple[tuple[str, ...], tuple[Prescribed, ...], tuple[str, ...], tuple[str, ...], tuple[Version, ...]]
# id(case) -> (weak reference to the case, its problems).
_prepared: dict[int, tuple[weakref.ref[Case], dict[_Key, Prepared]]] = {}


def prepare(
    case: Case,
    elements: tuple[str, ...] = (),
    pressures: tuple[Prescribed, ...] = (),
    sensitivities: Sequence[str] | None = None,
    oxides: tuple[str, ...] = (),
) -> Prepared:
    """The compiled equilibrium of a case, stored as long as the case exists.

    elements: names of the inventories that are arguments ("hydrogen"). pressures: the pressures and
    fugacities that are, as pairs ("pressure" or "fugacity", species). sensitivities: names of parameters.
    oxides: of the melt, where its composition is an argument.
    InputError for a case without volatiles, and where the degrees of freedom are not as many as the elements.
    """
    entry = _prepared.get(id(case))
    if entry is None or entry[0]() is not case:
        entry = (weakref.ref(case, _forgetting(id(case))), {})
        _prepared[id(case)] = entry
    # A file may change, or the folder in which it is searched.
    files = versions(find_mechanism(case.chemistry.mechanism))
    problems = entry[1]
    if sensitivities is None:
        key: _Key = (elements, pressures, oxides, (), files)
        if key not in problems:
            changed = _changed(case, elements, pressures, oxides)
            problems[key] = _compiled(assemble_equilibrium(changed, 1500.0, 0.5, (), oxides))
        return problems[key]
    known = parameters_of(prepare(case, elements, pressures, None, oxides).planet, elements)
    parameters = requested(known, sensitivities)
    key = (elements, pressures, oxides, tuple(p.name for p in parameters), files)
    if key not in problems:
        varied = [p.name for p in parameters if p.law]
        changed = _changed(case, elements, pressures, oxides)
        planet = assemble_equilibrium(changed, 1500.0, 0.5, varied, oxides)
        problems[key] = _with_derivatives(_compiled(planet), parameters)
    return problems[key]


def _changed(
    case: Case, elements: tuple[str, ...], pressures: tuple[Prescribed, ...], oxides: tuple[str, ...]
) -> Case:
    """The case with room for the arguments."""
    changes = _changes(case, elements, pressures)
    if oxides:
        # any melt of these oxides, of those that evaporate where it does
        known = oxides_in_law(case.melt.activities) if case.melt.vapour else oxides
        melt = {o: share for o, share in BULK_SILICATE_EARTH.items() if o in oxides and o in known}
        whole = sum(melt.values())
        changes["melt.composition"] = {oxide: 100 * share / whole for oxide, share in melt.items()}
    return case.replace(changes) if changes else case


def _with_derivatives(prepared: Prepared, parameters: tuple[NamedParameter, ...]) -> Prepared:
    """The same equilibrium, whose batch shows its unknowns, with the derivatives."""
    batch = prepared.batch
    wanted = compiled(batch.model, batch.reduction, batch.vary, parameters)
    kept = [u.name for u in batch.reduction.unknowns]
    shown = Batch(with_unknowns(batch.model, batch.reduction), batch.vary, keep=kept, pivoted=batch.pivoted)
    return replace(prepared, batch=shown, wanted=wanted)


def _forgetting(number: int) -> Callable[[object], None]:
    """A function that removes the problems of a case when it is gone; number: id of the case."""
    # At the end of the process the module's names may be gone before the case.
    kept = _prepared

    def forget(_: object) -> None:
        kept.pop(number, None)

    return forget


def _compiled(planet: Planet) -> Prepared:
    """The equilibrium of a planet, compiled."""
    chemistry = planet.chemistry
    if not chemistry.species:
        where = f"{planet.case.name} [volatiles]"
        raise InputError(where, "there are no volatiles.", cure="give an inventory")
    laws = {role: {"name": law.name, "reference": law.reference} for role, law in planet.laws.items()}
    sources = data_sources(planet.case, chemistry, planet.below, radiates=False)
    attributes = {
        "case_name": planet.case.name,
        "mechanism": chemistry.mechanism.name,
        "mechanism_sha256": chemistry.mechanism.checksum,
        "thermochemistry": chemistry.source,
        "oxygen_fugacity": chemistry.oxygen_label,
        **vapour_attributes(chemistry),
        "laws": json.dumps(laws),
        "data": json.dumps(sources),
    }
    hidden = {"reaction_mass"}
    if not chemistry.pressures and not chemistry.iron:
        hidden.add("element_moles")
    outputs = tuple(output for output in planet.model.outputs if output.name not in hidden)
    model = replace(planet.model, outputs=outputs)
    # A mixture of real gases has every pressure in every row, so that no row is linear.
    kept = [u.name for u in model.unknowns] if is_mixture(chemistry.fugacity) else []
    return Prepared(
        planet,
        planet.structure.mantle_mass,
        Batch(model, [p.name for p in model.parameters], keep=kept, pivoted=bool(kept)),
        layout(model),
        attributes,
        Watched(model),
        left_out.omissions_of(planet.case, chemistry, planet.laws),
    )


def oxygen_text(chemistry: Chemistry, columns: Mapping[str, np.ndarray]) -> str:
    """What sets the oxidation state, in words, with the values of the arguments in place of the case's."""
    stated = chemistry.oxygen or (None if chemistry.iron is None else chemistry.iron.fugacity)
    if "oxygen_fugacity_offset" in columns and stated is not None:
        low, high = _span(columns["oxygen_fugacity_offset"])
        text = replace(stated, offset=low).label
        if low < high:
            text = text.replace(f"{low:+g}", f"{low:+g} to {high:+g}", 1)
        return chemistry.oxygen_label.replace(stated.label, text)
    if "oxygen" in columns:
        low, high = _span(columns["oxygen"])
        text = f"{low:.6g}" if low == high else f"{low:.6g} to {high:.6g}"
        return chemistry.oxygen_label.replace(f"{chemistry.masses['O']:.6g} kg", f"{text} kg")
    return chemistry.oxygen_label


def _span(values: np.ndarray) -> tuple[float, float]:
    numbers = np.asarray(values, dtype=float)
    return float(np.min(numbers)), float(np.max(numbers))


# ---- what arguments change in the case


def place(kind: str, species: str) -> str:
    """The place of a pressure or fugacity in the user's call."""
    return f"{kind}={{{species!r}: ...}}"


def _changes(case: Case, elements: tuple[str, ...], pressures: tuple[Prescribed, ...]) -> dict[str, object]:
    """Changes of the case that make room for the arguments.

    InputError where the degrees of freedom are not as many as the elements.
    """
    changes: dict[str, object] = {}
    for name in elements:
        if name != "oxygen" and (pressures or getattr(case.volatiles, name).amount == 0):
            changes[f"volatiles.{name}"] = "1 kg"
    if "oxygen" in elements:
        changes |= {"redox.oxygen": "1 kg"} | dict.fromkeys(WITHOUT_BUDGET, "none")
    if not pressures and not (case.volatiles.initial_pressure or case.volatiles.initial_fugacity):
        return changes
    chemistry = resolve(case, structure(case.planet).mantle_mass)
    where = {(kind, species): place(kind, species) for kind, species in pressures}
    for kind, species in pressures:
        check_gas(chemistry.mechanism, species, where[kind, species])
    fixed = {INVENTORIES[name] for name in elements}
    buffered = case.redox.oxygen is None and "O" not in fixed
    compositions = {species: chemistry.mechanism.species[species].composition for _, species in pressures}
    free = {*chemistry.masses, *chemistry.pressures} - fixed
    replaced = assign(pressures, compositions, fixed, free, buffered, where)
    remaining = {
        element: row
        for element, row in chemistry.pressures.items()
        if element not in replaced and element not in fixed
    }
    for kind in ("pressure", "fugacity"):
        values: dict[str, object] = {s: p for k, s, p in remaining.values() if k == kind}
        values |= {species: "1 bar" for k, species in pressures if k == kind}
        changes[f"volatiles.initial_{kind}"] = values
    for element in replaced:
        changes["redox.oxygen" if element == "O" else f"volatiles.{SYMBOLS[element]}"] = "0 kg"
    _check_ratios(case, {*elements, *(SYMBOLS[element] for element in replaced)}, replaced)
    return changes


def _check_ratios(case: Case, arguments: Collection[str], replaced: Mapping[str, Prescribed]) -> None:
    """InputError for an inventory of the case that is a ratio to an element whose amount is now a result.

    arguments: names of the inventories that the case does not set. replaced: element -> what replaces its
    inventory.
    """
    inventories = {name: getattr(case.volatiles, name) for name in ELEMENTS}
    inventories["oxygen"] = case.redox.oxygen
    for name, inventory in inventories.items():
        if inventory is None or not inventory.amount or name in arguments:
            continue
        if inventory.reference not in replaced:
            continue
        kind, species = replaced[inventory.reference]
        key = "redox.oxygen" if name == "oxygen" else f"volatiles.{name}"
        raise InputError(
            f"{case.name} {name} = {inventory.text!r}",
            f"the amount of {SYMBOLS[inventory.reference]} follows from the {kind} of {species}: "
            f"a ratio to it gives no inventory of {name}.",
            "allowed: one inventory, pressure or fugacity for each element",
            f"give {name} in kg or ppmw ({name}=, or --set {key}='4e20 kg'), "
            "or a pressure of one of its species",
        )
