"""The batch kernel: the start of a model at many sets of parameters, by generated numpy code and Newton.

batch.py solves and says why a second compiler exists beside sympy's; elimination.py reduces the unknowns.
operations.py, lowering.py and gradients.py make a tape of the equations; *_text.py write it as Python.
May be changed: operations and memory of the generated text. Names and frames of functions are in ../generate.
Start with batch.py, then kernel_text.py.
"""
