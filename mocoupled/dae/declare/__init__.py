"""The declaration of a model: unknowns, balances, constraints, outputs, fields. Nothing is solved here.

May change: what can be declared. Start with model.py."""
