"""Nabiei et al. 2021: the values of its claims, its figures."""
