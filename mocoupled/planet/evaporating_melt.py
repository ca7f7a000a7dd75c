"""A planet's melt that evaporates: the activities of its oxides, and its gases as the balances need them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

import sympy

from ..chemistry.volatile_chemistry import Chemistry, MeltVapour
from ..constants import BAR
from ..dae.declare.model import Model, Output
from ..melt.activities import Activities, declare_activities
from ..reservoirs.gas_state import Surroundings
from ..reservoirs.volatile_species import MeltReaction, Reaction, Volatile
from .activity_curves import curves_of, curves_of_activities
from .species_declarations import declared
from .species_of_case import BUFFERED
from .vapour_of_melt import formation_of, ranges_of_melt


def with_melt_gases(
    chemistry: Chemistry, rock: MeltVapour, around: Surroundings
) -> tuple[Surroundings, list[Volatile], Model]:
    """The surroundings with the activities of the oxides, the gases that form from them, outputs and ranges.

    The activities of a melt of constant composition depend on temperature alone. Where its composition is a
    parameter, they are unknowns of the equations.
    """
    mechanism, T = chemistry.mechanism, around.temperature
    if rock.ln_moles is None:
        amounts = tuple((oxide, float(moles)) for oxide, moles in rock.composition.moles.items())
        curves = curves_of_activities(mechanism, rock.activities, amounts)
        solved = Activities(rock.activities, {oxide: curve(1 / T) for oxide, curve in curves.items()})
    else:
        solved = declare_activities(rock.activities, rock.ln_moles, T, formation_of(mechanism))
    ln_activity = {liquid: solved.ln_activity[oxide] for oxide, liquid in rock.liquids.items()}
    title = "activity of the pure liquid oxide in the melt"
    outputs = [
        Output("activity", sympy.exp(ln_activity[liquid]), "1", title, "oxide", oxide)
        for oxide, liquid in rock.liquids.items()
    ]
    watches = ranges_of_melt(mechanism, tuple(rock.liquids), rock.activities, T=T)
    gases = _gases(chemistry, rock, around, ln_activity)
    more = Model(
        "activities",
        unknowns=solved.unknowns,
        constraints=solved.constraints,
        outputs=tuple(outputs),
        watches=tuple(watches),
    )
    return replace(around, ln_activity=ln_activity), gases, more


def _gases(
    chemistry: Chemistry, rock: MeltVapour, around: Surroundings, ln_activity: Mapping[str, sympy.Expr]
) -> list[Volatile]:
    """The gases with metals of the melt.

    In a run, whose temperature is an unknown, what depends on it alone is one curve a gas: ln K and the
    activities of the oxides. The generated text is then short, as a run needs its derivatives too.
    """
    mechanism, T = chemistry.mechanism, around.temperature
    formed = {name: declared(mechanism, rock.reactions[name], T, chemistry.source) for name in rock.gases}
    if not around.prescribed_temperature:
        t = sympy.Symbol("T", positive=True)
        of_t = {liquid: value.xreplace({T: t}) for liquid, value in ln_activity.items()}
        parts = []
        for name in rock.gases:
            reaction = declared(mechanism, rock.reactions[name], t, chemistry.source)
            supplied = {s: c for s, c in reaction.stoichiometry.items() if s in of_t}
            parts.append(reaction.ln_K - sympy.Add(*(c * of_t[s] for s, c in supplied.items())))
        names = [f"ln_formation_{re.sub(r'[^0-9A-Za-z]', '_', name)}" for name in rock.gases]
        for name, curve in zip(rock.gases, curves_of(names, parts, t)):
            others = {s: c for s, c in formed[name].stoichiometry.items() if s not in of_t}
            formed[name] = Reaction(formed[name].text, others, curve(1 / T))
    return [
        Volatile(
            name,
            mechanism.species[name].composition,
            chemistry.molar_mass(name),
            formation=MeltReaction(formed[name], rock.counted[name]),
        )
        for name in rock.gases
    ]


def rough_vapour(chemistry: Chemistry, around: Surroundings) -> float:
    """Moles of O in an atmosphere of 1 bar of O2: a scale [mol]."""
    return 2 * around.area_per_gravity * BAR / chemistry.molar_mass(BUFFERED)
