"""The shipped solubility laws, and their values in ppmw."""

import math

from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.chemistry.mechanism_paths import shipped_mechanisms
from mocoupled.closures.solubility import solubility_law

BAR = 1e5
POWER = {"form": "power-law", "coefficient": 534, "exponent": 0.5, "unit": "ppmw/bar^0.5"}


def shipped(species, name):
    """The law of this name for a species, as the mechanism chons has it."""
    return solubility_law(species, name, read_mechanism("chons").species[species].melt[name])


def ppmw(law, f, T, P, fO2=1e-9):
    """The law's value in ppmw; f (of the species itself), P and fO2 in bar, T in K."""
    values = {"T": T, "P": P * BAR, "ln_fO2": math.log(fO2)}
    return 1e6 * law(p=f * BAR, **{f"p_{law.species}": f * BAR}, **values)


def every_shipped_law():
    """Every law of every shipped mechanism, once: {(species, name of the law): law}."""
    laws = {}
    for mechanism in map(read_mechanism, shipped_mechanisms()):
        for species in mechanism.species.values():
            for name, entry in species.melt.items():
                laws[species.name, name] = solubility_law(species.name, name, entry)
    return laws


LAWS = every_shipped_law()
