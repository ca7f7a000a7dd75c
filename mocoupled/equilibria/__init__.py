"""Equilibria at one or a million conditions: mo.equilibrium of a planet, mo.gas_equilibrium;
and the flow that escapes from a gas, mo.escape (escape_fluxes.py).

planet_equilibrium.py and closed_equilibrium.py read arguments, prepare a problem, solve the points and make a
Dataset (points.py). The equations are declared in planet/ and only solved here.
metal_equilibrium.py is mo.planet_equilibrium, after_core_formation.py the case of what its core left.
amounts.py reads amounts as a user writes them.
planet_failures.py, closed_failures.py and metal_failures.py explain why a point has no solution.
May change: how points are solved; another engine stands beside kernel_engine.py and cantera_engine.py.
Start with planet_equilibrium.py or closed_equilibrium.py.
"""
