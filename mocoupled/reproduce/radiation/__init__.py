"""Outgoing radiation beside published values: steam, mixtures, gravity; no paper, but the tables of many.

You may add a published value: a line in validation/published/radiation.csv. Start in job.py.
"""
