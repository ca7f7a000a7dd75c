"""Manjon-Cabeza Cordoba & Ballmer (arXiv 2605.04840): the values of its claims, its figures."""
