"""Equilibria at one or a million conditions: of a planet, and of a closed system."""
