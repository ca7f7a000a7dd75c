"""The batch kernel: the start of a model at many sets of parameters, as generated numpy code and a clamped Newton.

May change: operations and memory of the generated text. Start with batch.py."""
