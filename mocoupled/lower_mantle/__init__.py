"""Melting of the lower mantle in MgO-FeO-SiO2, 25-136 GPa: one model, public as mocoupled.melting.

Arrays in, xarray out; SI. This file is the face: what a user calls, and nothing else.
Phase diagrams are in liquidus_surfaces.py, paths of crystallisation in liquid_descent.py, densities in
density_inversions.py; the model behind them is in end_members.py, mixing.py, phase_diagrams.py,
crystallisation.py.
The thermodynamic model is that of Boukaré, Ricard & Fiquet 2015 as Nabiei et al. 2021 use it;
CaO is a passive component.
How the liquid mixes is its least certain part: see `mixing.readings` and the attribute `uncertainty` of
every result.
You may add a reading of the mixing law in mixing.py. Start with phase_diagrams.py.
"""

from __future__ import annotations

from .compositions import COMPOSITIONS, Composition, composition
from .crystallisation import MODES
from .density_inversions import density_crossover, density_crossover_pressure
from .end_members import OXIDES as OXIDES
from .liquid_descent import path
from .liquidus_surfaces import BOUNDARIES, liquidus, ternary
from .mixing import PHASES as PHASES
from .phase_diagrams import phase_diagram as phase_diagram
from .two_component_melting import two_component

__all__ = [
    "BOUNDARIES",
    "COMPOSITIONS",
    "MODES",
    "Composition",
    "composition",
    "density_crossover",
    "density_crossover_pressure",
    "liquidus",
    "path",
    "ternary",
    "two_component",
]
