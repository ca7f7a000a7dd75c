"""The silicate melt: its composition by oxides, and the activities of its oxides.

Expressions of sympy and numbers; no file here solves an equation, none knows a case or a mechanism.
You may add a composition to composition.py, or a law of the kind "melt_activity".
The two models are associated_solution.py (MAGMA) and regular_solution.py (MELTS).
Start with composition.py; activities.py makes equations of a law.
"""
