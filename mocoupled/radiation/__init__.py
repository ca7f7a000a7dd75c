"""Outgoing radiation and profiles of columns of gas as Datasets: `mo.outgoing_radiation`, `mo.profiles`.

The physics is in atmosphere/bands/; here are arguments, arrays of conditions and the variables of the result.
atmospheres.py reads a stored result (stored_gas.py), level_chemistry.py the composition of each level.
You may add a variable: one line in outgoing.py and its value in points.py. Start with outgoing.py.
"""
