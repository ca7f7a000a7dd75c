"""Fugacity coefficients of gases in the equations: critical points, and tables as smooth surfaces.

This file is the door to `thermo`: to its constants of pure substances, and to its equations of state, which
are the oracle of our cubic ones (`ln_phi_by_thermo`). Both need no network.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ..closures.fugacity import CAS, Gas, cas_number, covers, table
from ..dae.leaves.external import External
from ..dae.leaves.smooth_surface import Surface

# Our law -> the class of `thermo` with the same equation.
CUBIC_IN_THERMO = {"RedlichKwong1949": "RK", "SoaveRedlichKwong1972": "SRK", "PengRobinson1976": "PR"}


@lru_cache(maxsize=256)
def real_gas(law: str, species: str) -> External | None:
    """ln phi as a function of T [K] and ln(P/Pa) for the equations.

    None where the gas is taken as ideal: no law for it is known.
    """
    if law == "ideal" or species not in CAS or not covers(law, species):
        return None
    name = "ln_phi_" + re.sub(r"\W", "_", species)
    return External(name, Surface(*table(law, critical_point(species))), 2)


@lru_cache(maxsize=64)
def critical_point(species: str, where: str = "") -> Gas:
    """Critical temperature [K] and pressure [Pa] and acentric factor of a gas, from the data of `thermo`.

    InputError at `where` for a species without them.
    """
    import thermo

    number = cas_number(species, where)
    return Gas(species, thermo.Tc(number), thermo.Pc(number), thermo.omega(number))


def ln_phi_by_thermo(law: str, gas: Gas, temperature: float, pressure: float) -> float:
    """ln phi of the pure gas by the equation of state of `thermo` that is our law, a name of CUBIC_IN_THERMO.

    temperature [K], pressure [Pa]. Where the equation has only one root, `thermo` may call it a liquid
    (water by PR at 2000 K and 500 bar): it is the gas all the same.
    """
    import thermo

    state = getattr(thermo, CUBIC_IN_THERMO[law])(
        T=temperature,
        P=pressure,
        Tc=gas.critical_temperature,
        Pc=gas.critical_pressure,
        omega=gas.acentric_factor,
    )
    return state.lnphi_g if hasattr(state, "lnphi_g") else state.lnphi_l
