"""Numerical functions inside equations: an External and its derivatives, tables and smooth curves.

external.py makes a numerical function a symbol of sympy; the other files are such functions.
You may change how a table interpolates, or add a kind of table.
Must stay: derivatives of order 0 to 2, and NaN outside the range.
Start with external.py.
"""
