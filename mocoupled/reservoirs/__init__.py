"""Balances of the reservoirs: gas, melt and condensates, ferric iron, mantle and core, pile of cumulates.

The files declare equations in sympy and never solve them; numbers enter as records and as tables.
May change: a balance, a closure of the column, the choice of unknowns; a new balance is joined in planet/.
Must stay: names and order of unknowns and balances, which stored runs and generated code refer to.
Start with volatiles.py, then column.py and column_heat_flux.py. Only planet/ and cumulates/ import this.
"""
