"""Small files in the format of Cantera, and the free energies of their species."""

import math
import warnings

import sympy

from mocoupled.chemistry import free_energies
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.constants import ATMOSPHERE, BAR

T = sympy.Symbol("T", positive=True)
ATM = math.log(BAR / ATMOSPHERE)
# a gas with iron, iron and two oxides of it, from Cantera's own files
FEO = """
phases:
- name: gas
  thermo: ideal-gas
  species: [{nasa_gas.yaml/species: [O2, O, Fe, FeO]}]
- name: Fe(a)
  thermo: fixed-stoichiometry
  species: [{nasa_condensed.yaml/species: [Fe(a)]}]
- name: FeO(s)
  thermo: fixed-stoichiometry
  species: [{nasa_condensed.yaml/species: [FeO(s)]}]
- name: Fe3O4(s)
  thermo: fixed-stoichiometry
  species: [{nasa_condensed.yaml/species: [Fe3O4(s)]}]
"""
H2 = (
    "{model: NASA7, reference-pressure: 1 bar, temperature-ranges: [200.0, 1000.0, 6000.0], data: "
    "[[2.34433112, 7.98052075e-03, -1.9478151e-05, 2.01572094e-08, -7.37611761e-12, -917.935173, "
    "0.683010238],[2.93286579, 8.26607967e-04, -1.46402335e-07, 1.54100359e-11, -6.88804432e-16, "
    "-813.065597, -1.02432887]]}"
)
ATOM = (
    "{model: NASA7, reference-pressure: 1 bar, temperature-ranges: [200.0, 6000.0], data: [[2.5, 0, 0, "
    "0, "
    "0, 2.54736599e+04, -0.446682853]]}"
)


def three_species(composition, thermo, head="", phase="gas", entry=""):
    """The text of a mechanism of H2, H and a third species X."""
    return f"""{head}
phases:
- {{name: {phase}, thermo: ideal-gas, species: [H2, H, X]}}
species:
- {{name: H2, composition: {{H: 2}}, thermo: {H2}}}
- {{name: H, composition: {{H: 1}}, thermo: {ATOM}}}
- name: X
  composition: {composition}
  thermo: {thermo}
{entry}"""


def read_quietly(name):
    """The mechanism, without the notes on its reference pressure."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return read_mechanism(name)


def mu(mechanism, species, temperature):
    """mu0/RT of a species at 1 bar."""
    return float(free_energies.gibbs_RT(mechanism, species, T).subs(T, temperature))
