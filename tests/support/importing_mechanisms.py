"""The shipped mechanisms, and the texts of two files that build on them."""

from mocoupled.chemistry import mechanism_paths
from mocoupled.chemistry.mechanism import read_mechanism

SHIPPED = {name: read_mechanism(name) for name in mechanism_paths.shipped_mechanisms()}

# a gas and graphite of shipped files, without data of its own
BUILDS_ON = """
phases:
- name: gas
  thermo: ideal-gas
  species:
  - volatiles.yaml/species: all
  - chons.yaml/species: [N2, NH3]
- name: graphite
  thermo: fixed-stoichiometry
  species:
  - volatiles.yaml/condensates: [C(gr)]
"""
# a gas that is made up, with a law
MADE_UP = """
phases:
- name: gas
  thermo: ideal-gas
  species:
  - volatiles.yaml/species: all
  - species: all
species:
- name: Ghost
  composition: {Xe: 1}
  thermo: {model: NASA7, reference-pressure: 1 bar, temperature-ranges: [200, 6000], \
data: [[2.5, 0, 0, 0, 0, -745.375, 6.0]]}
  melt:
    magma-Nobody2030: {form: expression, expression: "2e-3*tanh(p/(10*bar))", unit: kg/kg, \
reference: "made up 2030"}
"""
