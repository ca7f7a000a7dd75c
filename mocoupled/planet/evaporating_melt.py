"""A planet's melt that evaporates: the activities of its oxides, and its gases as the balances need them."""

from __future__ import annotations

from dataclasses import replace

import sympy

from ..chemistry.records import Mechanism, Species
from ..chemistry.volatile_chemistry import Chemistry, MeltVapour
from ..constants import BAR
from ..dae.declare.model import Model, Output
from ..reservoirs.gas_state import Surroundings
from ..reservoirs.volatile_species import MeltReaction, Volatile
from .activity_curves import activity_curves
from .species_declarations import declared
from .species_of_case import BUFFERED
from .vapour_of_melt import ranges_of_melt


def evaporating_melt(
    chemistry: Chemistry, rock: MeltVapour, around: Surroundings
) -> tuple[Surroundings, list[Volatile], Model]:
    """The surroundings with the activities of the oxides, the gases that form from them, outputs and ranges.

    The composition of the melt is constant, so that its activities depend on temperature alone.
    """
    mechanism, T = chemistry.mechanism, around.temperature
    amounts = tuple((oxide, float(moles)) for oxide, moles in rock.composition.moles.items())
    curves = activity_curves(mechanism, rock.activities, amounts)
    ln_activity = {liquid: curves[oxide](1 / T) for oxide, liquid in rock.liquids.items()}
    title = "activity of the pure liquid oxide in the melt"
    outputs = [
        Output("activity", sympy.exp(ln_activity[liquid]), "1", title, "oxide", oxide)
        for oxide, liquid in rock.liquids.items()
    ]
    watches = ranges_of_melt(mechanism, tuple(rock.liquids), rock.activities, T=T)
    gases = [_gas(chemistry, mechanism.species[name], rock, T) for name in rock.gases]
    more = Model("activities", outputs=tuple(outputs), watches=tuple(watches))
    return replace(around, ln_activity=ln_activity), gases, more


def _gas(chemistry: Chemistry, species: Species, rock: MeltVapour, T: sympy.Expr) -> Volatile:
    """A gas with metals of the melt."""
    mechanism: Mechanism = chemistry.mechanism
    reaction = declared(mechanism, rock.reactions[species.name], T, chemistry.source)
    return Volatile(
        species.name,
        species.composition,
        chemistry.molar_mass(species.name),
        formation=MeltReaction(reaction, rock.counted[species.name]),
    )


def rough_vapour(chemistry: Chemistry, around: Surroundings) -> float:
    """Moles of O in an atmosphere of 1 bar of O2: a scale [mol]."""
    return 2 * around.area_per_gravity * BAR / chemistry.molar_mass(BUFFERED)
