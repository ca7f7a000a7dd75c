"""Published laws, except those that have a folder of their subject: interior/, atmosphere/, lower_mantle/.

A law is one function with the decorator `law`, which states unit, range, reference and key.
You may add a law, or a file of laws; a law takes expressions and returns one, and knows no solver.
The two types of a law are in law_types.py, the registry of all laws is in registry.py.
Start with heating.py, which is short, then read redox.py. law.py is the face for a user's script.
"""
