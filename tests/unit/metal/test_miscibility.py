"""The binodal of H2 and MgSiO3 against values of its formula, computed elsewhere."""

import pytest

from mocoupled.closures.registry import find

# mole fraction of H2: K at 0 and 5 GPa
BINODAL = {
    0.1: (1149.29, 985.11),
    0.3: (2217.17, 1900.43),
    0.5: (3490.64, 2991.98),
    0.73913: (4125.13, 3535.83),
    0.9: (3777.38, 3237.75),
    0.95: (2323.15, 1991.27),
}


@pytest.mark.parametrize("x", BINODAL)
def test_binodal(x):
    law = find("miscibility", "H2-MgSiO3-Rogers2025")
    for P, expected in zip((0.0, 5e9), BINODAL[x]):
        assert float(law(x=x, P=P)) == pytest.approx(expected, abs=6e-3)
