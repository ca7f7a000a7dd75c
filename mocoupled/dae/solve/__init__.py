"""Compiled models: the start, the march with scipy's BDF, the projection, what a march needs to continue.

May change: the march. Start with system.py, then integrate.py."""
