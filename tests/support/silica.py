"""Gas of hydrogen over liquid silica: the reference table, and a mechanism of Cantera's data for it."""

# K, bar of H2 -> log10 fO2; bar of H2O, SiO, SiH4, for Si:O = 1:2 in the gas
OVER_SILICA = {
    (2500.0, 1e2): (-7.9183, 1.84725, 1.84786, 1.77518e-4),
    (2500.0, 1e3): (-8.8934, 6.01198, 5.67778, 0.167595),
    (2500.0, 1e4): (-9.0231, 51.7784, 6.59247, 22.5943),
    (3000.0, 1e2): (-4.4338, 13.5427, 13.6143, 7.86802e-5),
    (3000.0, 1e3): (-5.4306, 42.9812, 42.8965, 0.0781120),
    (3000.0, 1e4): (-6.1649, 184.548, 99.9058, 42.3697),
}
SILICA = """
phases:
- name: gas
  thermo: ideal-gas
  species:
  - nasa_gas.yaml/species: [H2, H2O, O2, O, OH, H, SiO, SiO2, SiH4]
- name: silica
  thermo: fixed-stoichiometry
  species:
  - nasa_condensed.yaml/species: [SiO2(L)]
"""
