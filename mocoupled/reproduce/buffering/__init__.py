"""Manjon-Cabeza Cordoba & Ballmer (arXiv 2605.04840), buffered crystallisation of magma oceans: claims and
figures.

Start in job.py, which `mocoupled reproduce buffering` calls. values.py has our value of each claim,
verdicts.py judges them (some only calibrate, and prove nothing), figures.py draws the figures. The claims are
data, in validation/published/buffering_claims.csv. The model is in cumulates/.
"""
