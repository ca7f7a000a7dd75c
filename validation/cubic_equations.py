"""Our cubic equations of state against those of `thermo`, for every pure gas with critical constants.

    python validation/cubic_equations.py

For each law: the largest difference of ln phi from 1.08 Tc (500 K at least) to 3500 K and from 1 Pa to 2 GPa.
"""

from __future__ import annotations

import numpy as np

from mocoupled.chemistry.real_gases import CUBIC_IN_THERMO, critical_point, ln_phi_by_thermo
from mocoupled.closures.fugacity import CAS, KIND, SUBCRITICAL
from mocoupled.closures.law import find

PRESSURES = np.geomspace(1.0, 2e9, 60)


def largest_difference(law: str) -> tuple[float, str, float, float]:
    """Difference of ln phi, gas, temperature [K] and pressure [Pa] where it is largest."""
    equation, worst = find(KIND, law), (0.0, "", 0.0, 0.0)
    for species in CAS:
        gas = critical_point(species)
        for T in np.geomspace(max(500.0, SUBCRITICAL * gas.critical_temperature), 3500.0, 30):
            ours = equation(T=T, P=PRESSURES, gas=gas)
            theirs = [ln_phi_by_thermo(law, gas, float(T), float(P)) for P in PRESSURES]
            apart = np.abs(ours - theirs)
            k = int(apart.argmax())
            worst = max(worst, (float(apart[k]), species, float(T), float(PRESSURES[k])))
    return worst


def main() -> None:
    """Print a line for each law."""
    for law in CUBIC_IN_THERMO:
        apart, species, T, P = largest_difference(law)
        print(f"{law:24} {apart:.1e} in ln phi ({species} at {T:.0f} K, {P:.2e} Pa)")


if __name__ == "__main__":
    main()
