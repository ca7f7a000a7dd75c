"""Numerical functions that stand inside equations: an External and its derivatives, tables and smooth curves.

external.py makes a numerical function a symbol of sympy; the other files are such functions.
May be changed: how a table interpolates, or a further kind of table.
Must stay: derivatives of order 0 to 2, and NaN outside the range.
Start with external.py.
"""
