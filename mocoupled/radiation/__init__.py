"""Outgoing radiation of a column of gas as a Dataset, public as `mo.outgoing_radiation`.

The physics is in atmosphere/bands/; here are arguments, arrays of conditions and the variables of the result.
You may add a variable: one line in outgoing.py and its value in points.py. Start with outgoing.py.
"""
