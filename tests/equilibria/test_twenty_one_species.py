"""Twenty-one species of C-H-O-N-S-He: reactions and solution of an independent program."""

import math

import pytest
from support.made_mechanisms import LN10, REFERENCE, cantera_species, mechanism_of

from mocoupled.chemistry import equilibrium_constants, stoichiometry


def texts(*arguments, **keywords):
    return [r.text for r in stoichiometry.reactions(*arguments, **keywords)]


def twenty_one(tmp_path):
    names = [*REFERENCE["extensibility_case"]["p_bar"]]
    entries = [cantera_species(n, **{"reference-pressure": "1 bar"}) for n in [*names, "O2"]]
    return mechanism_of(tmp_path, entries), names


def test_twenty_one_species(tmp_path):
    """C-H-O-N-S-He: reactions and solution of an independent program.

    The list of reactions is the same word for word. The solution (residual 8e-16, printed to all digits)
    satisfies every ln K, whose terms have size 100, to 1e-9.
    """
    mechanism, names = twenty_one(tmp_path)
    case = REFERENCE["extensibility_case"]
    assert texts(mechanism, names) == case["reactions"]
    temperature = case["inputs"]["T_K"]
    buffer = (
        2
        * (-244118 + 115.559 * temperature - 8.474 * temperature * math.log(temperature))
        / (8.31441 * temperature)
    )
    ln = {s: math.log(p) for s, p in case["p_bar"].items()} | {"O2": buffer + case["inputs"]["dIW"] * LN10}
    for r in stoichiometry.reactions(mechanism, names):
        quotient = math.fsum(float(c) * ln[s] for s, c in r.stoichiometry)
        assert quotient == pytest.approx(
            float(equilibrium_constants.ln_K_values(mechanism, r, temperature)[0]), abs=1e-9
        )
