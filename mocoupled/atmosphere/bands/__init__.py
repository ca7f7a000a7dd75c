"""Outgoing radiation by bands of a convecting, condensing atmosphere: a smooth law with exact derivatives.

columns.py: temperature, pressure and composition of the column, in closed form. opacity.py: optical depths.
flux.py: the outgoing flux and its adjoint. emitter.py: both joined for a set of gases, with the gradient.
leaf.py: the same as a function inside the equations. gas_data.py, data_file.py: the opacities and their
checks. You may add gases to opacities.json or beside a species in a mechanism (`bands:`), and refine levels.
Start with emitter.py.
"""
