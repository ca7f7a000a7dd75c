"""The interior of a planet: structure, equations of state, melting curves, two-phase properties.

They are expressions of sympy and functions on arrays; no file here integrates in time.
You may add a melting curve or an equation of state: a law of its kind, which a case calls by its name.
The column that moves heat through these properties is in reservoirs/.
Start with melting_curves.py, then read silicate_eos.py.
"""
