"""A formula of a solubility law, read with the names that such a law may use."""

from mocoupled.closures.expressions import parse
from mocoupled.closures.solubility import ARGUMENTS, CONSTANTS, OF_A_SPECIES

NAMES = (*ARGUMENTS, *CONSTANTS)


def read_formula(text, where="my.yaml"):
    """The formula in this text; where is the place in messages."""
    return parse(text, NAMES, where, (OF_A_SPECIES,))
