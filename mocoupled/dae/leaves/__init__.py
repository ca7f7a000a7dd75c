"""Numerical functions that stand inside equations: an External and its derivatives, tables and smooth curves.

May change: how a table interpolates. Start with external.py."""
