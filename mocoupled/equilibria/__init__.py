"""Equilibria at one or a million conditions: mo.equilibrium of a planet, mo.gas_equilibrium.

Start reading in planet_equilibrium.py or closed_equilibrium.py: each reads arguments, prepares a problem,
solves the points and makes a Dataset (points.py). The equations are declared in planet/; here is only what
solves them.
Another way to solve a closed system stands beside kernel_engine.py and cantera_engine.py.
The reason why a point has no solution is in planet_failures.py and closed_failures.py.
What a user may write as an amount is in amounts.py.
"""
