"""Fugacity coefficients of gases in the equations: critical points, and the table of a law as a smooth surface."""

from __future__ import annotations

import re
from functools import lru_cache

from ..closures.fugacity import CAS, Gas, cas_number, covers, table
from ..dae.leaves.external import External
from ..dae.leaves.smooth_surface import Surface


@lru_cache(maxsize=256)
def real_gas(law: str, species: str) -> External | None:
    """ln phi of T [K] and ln(P/Pa) for the equations; None where the gas is taken as ideal: no law for it is known."""
    if law == "ideal" or species not in CAS or not covers(law, species):
        return None
    return External("ln_phi_" + re.sub(r"\W", "_", species), Surface(*table(law, critical_point(species))), 2)


@lru_cache(maxsize=64)
def critical_point(species: str, where: str = "") -> Gas:
    """Critical temperature [K] and pressure [Pa] and acentric factor, from the tables behind `thermo`; InputError
    at `where` for a species without one."""
    import chemicals

    number = cas_number(species, where)
    return Gas(species, chemicals.Tc(number), chemicals.Pc(number), chemicals.omega(number))
