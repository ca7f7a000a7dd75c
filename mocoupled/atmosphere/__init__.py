"""Laws of the atmosphere: radiation to space and escape. Symbols and numbers, no solver.

A new law is one decorated function. Start with radiation.py."""
