"""The declaration of a model: unknowns, balances, constraints, outputs and fields. Nothing is solved here.

model.py has the records of a model; field.py those of an unknown along cells.
matching.py tests whether equations can determine their unknowns.
May be changed: what can be declared, and which models are refused.
Must stay: records are frozen, and balances of one name add up.
Start with model.py.
"""
