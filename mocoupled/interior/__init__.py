"""The interior of a planet: hydrostatic structure, equations of state, melting curves. Symbols and numbers, no solver.

A new law is one decorated function. Start with melting_curves.py."""
