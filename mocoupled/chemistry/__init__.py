"""Chemistry as data: species, reactions, equilibrium constants, oracles. It knows no Case.

Start reading in mechanism.py: text of a file (mechanism_file.py) -> entry (phase_entries.py) -> record
(species_record.py). What is computed from records: stoichiometry.py, free_energies.py,
equilibrium_constants.py.
A new model of `thermo` goes to thermo_zones.py, a new rule of the reference pressure to
reference_pressure.py.
Without reactions: components.py and potentials.py solve one closed system, cantera_oracle.py checks it.
A new species needs no change here: it is an entry of a file in mechanisms/.
"""
