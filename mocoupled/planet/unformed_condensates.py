"""Condensates that do not form beside the vapour of a melt: their activities, which are watched.

The melt sets the chemical potentials of its metals. With those of oxygen and of the gases of S, C and N each
sulfide, carbide, nitride and metal of the mechanism `condensates` has an activity. Oxides are left out: they
are crystals of the melt. Iron is that of `metal_activity`, relative to the measured iron-wuestite buffer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import sympy

from ..chemistry.free_energies import gibbs_RT
from ..chemistry.mechanism import read_mechanism
from ..chemistry.mechanism_paths import CONDENSATES
from ..chemistry.records import Mechanism, Species
from ..closures.redox import DEFAULT_IRON_WUSTITE, above_buffer
from ..dae.declare.model import Model, Output, Watch, join
from .condensates_of_case import condensates_of
from .metal_of_melt import METAL_ACTIVITY, ln_activity_of_iron, metal_beside_vapour
from .species_of_case import BUFFERED

ACTIVITY = "watched_activity"
_DIMENSION = "watched"
_IRON = "Fe(sl)"


def needs(output: Output, element: str) -> bool:
    """Whether an output is the activity of iron metal, or of a watched condensate, with this element."""
    if output.name == METAL_ACTIVITY:
        return element == "Fe"
    shipped = read_mechanism(CONDENSATES).species
    return output.dimension == _DIMENSION and element in shipped[output.label].composition


def watched_condensates(
    mechanism: Mechanism,
    liquids: Mapping[str, str],
    ln_activity: Mapping[str, sympy.Expr],
    ln_fugacity: Mapping[str, sympy.Expr],
    T: sympy.Expr,
) -> Model:
    """The activities of the condensates as outputs, and at most 1.

    mechanism: of gases and liquids. liquids: oxide of the melt -> its liquid. ln_activity: of these liquids.
    ln_fugacity: of gases [bar], O2 among them. T [K].
    """
    shipped = read_mechanism(CONDENSATES)
    potential = _potentials(mechanism, shipped, liquids, ln_activity, ln_fugacity, T)
    metals = {e for s in liquids.values() for e in mechanism.species[s].composition} - {"O"}
    outputs, watches = [], []
    for name, species in _formed(shipped, metals, set(potential)):
        ln_a = sympy.Add(*(count * potential[e] for e, count in species.composition.items()))
        activity = sympy.exp(ln_a - gibbs_RT(shipped, name, T))
        title = "activity of a condensate that does not form beside vapour of the melt; above 1 it would"
        outputs.append(Output(ACTIVITY, activity, "1", title, _DIMENSION, name))
        label = f"{name}, which does not form beside vapour of the melt"
        watches.append(Watch(label, "activity", activity, 0.0, 1.0, "1", species.reference))
    return Model("condensates that do not form", outputs=tuple(outputs), watches=tuple(watches))


def beside_vapour(
    mechanism: Mechanism,
    liquids: Mapping[str, str],
    activity: Mapping[str, sympy.Expr],
    vapour: Model,
    T: sympy.Symbol,
) -> Model:
    """What a vapour over a melt alone says of its oxygen: above iron-wustite, iron metal, condensates.

    liquids: oxide of the melt -> its liquid. activity: ln of those of liquids, and of the fugacity of
    prescribed gases [bar]. vapour: with the output log10_fO2. T [K].
    """
    ln_fO2 = next(o.expression for o in vapour.outputs if o.name == "log10_fO2") * sympy.log(10)
    above = above_buffer(DEFAULT_IRON_WUSTITE, T=T, ln_fO2=ln_fO2)
    title = f"log10 fO2 less that of {DEFAULT_IRON_WUSTITE}"
    distance = Model("distance", outputs=(Output("log10_fO2_above_IW", above, "1", title),))
    gases = {s: ln_f for s, ln_f in activity.items() if s not in liquids.values()} | {BUFFERED: ln_fO2}
    watched = watched_condensates(mechanism, liquids, activity, gases, T)
    if "FeO" not in liquids:
        return join("redox", distance, watched)
    return join("redox", distance, metal_beside_vapour(activity[liquids["FeO"]], ln_fO2, T), watched)


def _formed(shipped: Mechanism, metals: set[str], elements: set[str]) -> Iterator[tuple[str, Species]]:
    """The condensates with a metal of the melt, of these elements, without oxygen."""
    for name, species in condensates_of(shipped).items():
        parts = set(species.composition)
        if name != _IRON and parts & metals and parts <= elements and "O" not in parts:
            yield name, species


def _potentials(
    mechanism: Mechanism,
    shipped: Mechanism,
    liquids: Mapping[str, str],
    ln_activity: Mapping[str, sympy.Expr],
    ln_fugacity: Mapping[str, sympy.Expr],
    T: sympy.Expr,
) -> dict[str, sympy.Expr]:
    """Element -> its chemical potential over RT, of those that a liquid or a gas of it and oxygen gives."""
    ln_fO2 = ln_fugacity[BUFFERED]
    potential = {"O": (gibbs_RT(mechanism, BUFFERED, T) + ln_fO2) / 2}
    known = {species: ln_activity[species] for species in liquids.values()}
    for species, ln_a in {**known, **ln_fugacity}.items():
        composition = mechanism.species[species].composition
        others = set(composition) - {"O"}
        if len(others) != 1 or others & set(potential):
            continue
        (element,) = others
        rest = gibbs_RT(mechanism, species, T) + ln_a - composition.get("O", 0) * potential["O"]
        potential[element] = rest / composition[element]
    if "FeO" in liquids:
        iron = ln_activity_of_iron(ln_activity[liquids["FeO"]], ln_fO2, T)
        potential["Fe"] = gibbs_RT(shipped, _IRON, T) + iron
    return potential
