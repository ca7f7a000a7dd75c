"""Chemistry as data: species, reactions, equilibrium constants, oracles. It knows no Case.

A species is read in three stages: the text of a file (mechanism_file.py), an entry of a phase
(phase_entries.py), a record (species_record.py).
stoichiometry.py, free_energies.py and equilibrium_constants.py compute from records.
components.py and potentials.py solve one closed system without reactions; cantera_oracle.py checks it.
May change: models of `thermo` (thermo_zones.py), the rule of the reference pressure (reference_pressure.py).
A new species needs no change here: it is an entry of a file in mechanisms/.
Start with mechanism.py.
"""
