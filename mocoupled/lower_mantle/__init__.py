"""Melting of the lower mantle in MgO-FeO-SiO2: one model, public as mocoupled.melting.

Start with melting.py, the functions a user calls."""
