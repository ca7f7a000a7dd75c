"""Differential-algebraic models: declare, generate, solve. This folder is mathematics and knows no planet.

declare/ holds what a model consists of; leaves/ numerical functions inside its equations.
generate/ writes residuals and derivatives as text, kernel/ for many points at once; solve/ integrates.
May be changed: any of these. Derivatives are always generated, never written by hand.
Start with declare/model.py, then solve/system.py.
"""
