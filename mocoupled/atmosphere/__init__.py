"""Laws of the atmosphere: radiation to space, optical depth, light of the star, and escape.

They are expressions of sympy, or functions on numbers and arrays; no file here solves an equation.
You may add a law: one function with the decorator `law`, which states its unit, range and publication.
The adiabat and the reservoirs of gas are in reservoirs/.
Start with radiation.py; stars.py has the star, by the tracks that star_tracks.py reads; for escape start
with escape_flow.py.
"""
