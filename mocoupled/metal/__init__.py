"""Metal, silicate melt and gas of a planet in one equilibrium: what dissolves where, and the equations.

species.yaml has the gases and the pure liquids; solution_laws.py the laws of what is dissolved, each with its
source; phase_species.py lists the species of each phase by the laws that they follow.
miscibility.py has H2 and silicate as one solution.
surface_pressure.py turns a mass of gas into a pressure. three_phases.py has the system in symbols,
and declaration.py declares it; nothing is solved here.
A further species is an entry in phase_species.py, a further law an entry in solution_laws.py.
Start with phase_species.py.
"""
