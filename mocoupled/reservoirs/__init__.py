"""Balances of the reservoirs: they declare and never solve."""
