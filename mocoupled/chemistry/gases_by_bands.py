"""The gases of a planet with their opacities by spectral bands."""

from __future__ import annotations

from ..atmosphere.bands.gas_data import BandGas, band_gas
from .volatile_chemistry import Chemistry


def band_gases(chemistry: Chemistry) -> tuple[BandGas, ...]:
    """The gases with the opacities of the mechanism, in the order of the species.

    Gases with metals of the melt are among them only where the mechanism has `bands` of them.
    """
    gases = []
    for name in chemistry.all_gases:
        species = chemistry.mechanism.species[name]
        if species.bands is None and name not in chemistry.gases:
            continue
        gases.append(band_gas(name, species.composition, chemistry.molar_mass(name), species.bands))
    return tuple(gases)
