"""Numerical solution: start, rate and Jacobian of a generated system, scipy's BDF, and the march in time.

system.py solves a model, field_*.py one with a field; integrate.py marches; march_*.py store and restore.
bdf.py lists which private names of scipy are used, and has the only import of scipy.integrate.
May be changed: Newton, the integrator, the march. The limits of a Newton step are in ../declare.
Start with system.py, then integrate.py.
"""
