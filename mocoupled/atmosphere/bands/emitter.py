"""Outgoing flux of a column of gas, with its derivatives by surface temperature and partial pressures.

The level arrays (25 numbers each) take a step of 1e-30 i in every input at once: exact derivatives.
The large arrays (optical depths) have an adjoint. The product of both is the gradient.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from ...errors import InputError
from . import flux as fluxes
from . import opacity as absorbers
from .columns import Column, Environment, Gases, column, gases_of
from .data_file import BandTable, shipped
from .flux import Flux
from .gas_data import BandGas
from .opacity import Depths, LayerInputs, Opacities, layer_inputs, opacities
from .planck import BandEmission, band_emission

STEP = 1e-30
LN_1000 = math.log(1000.0)


class Emission(NamedTuple):
    """The outgoing radiation of one column at surface temperature T [K] and partial pressures p [Pa].

    stratosphere [K]: its temperature. column: its profile. depths: of its layers.
    flux [W/m2]: with its bands. factor: on the optical depths of absorption.
    """

    T: float
    p: np.ndarray
    stratosphere: float
    column: Column
    depths: Depths
    flux: Flux
    factor: float


@dataclass(frozen=True, eq=False)
class Gradient:
    """Derivatives of the flux by surface temperature [W/m2/K] and by ln of each pressure [W/m2].

    by_stratosphere: by the temperature of the stratosphere [W/m2/K]. by_factor: by the factor on the
    absorption [W/m2].
    """

    by_T: float
    by_ln_p: np.ndarray
    by_stratosphere: float
    by_factor: float


@dataclass(frozen=True, eq=False)
class Emitter:
    """The outgoing radiation of atmospheres of these gases.

    factor: on all optical depths of absorption: 0.5 to 2 is what is not known of windows and continua.
    """

    names: tuple[str, ...]
    gases: Gases
    opacity: Opacities
    planck: BandEmission
    around: Environment
    factor: float
    sources: Mapping[str, str]
    transparent: tuple[str, ...]

    def emission(
        self, T: float, p: np.ndarray, stratosphere: float | None = None, factor: float | None = None
    ) -> Emission:
        """The outgoing radiation at surface temperature T [K] under partial pressures p [Pa], (gas,).

        stratosphere [K]: its temperature; None: that of `around`. T is at least this, all p are > 0.
        factor: on the absorption; None: that of the emitter.
        """
        factor = self.factor if factor is None else factor
        p = np.asarray(p, dtype=float)
        cold = float(self.around.stratosphere if stratosphere is None else stratosphere)
        air = column(self.gases, float(T), p, self.around, cold)
        depths = absorbers.depths(layer_inputs(air, self.opacity), self.opacity)
        levels = self.planck(air.x + LN_1000)
        # the layer on top has the temperature of the last level: that of the stratosphere
        flux = fluxes.outgoing(levels, levels[-1], depths, factor)
        return Emission(T, p, cold, air, depths, flux, factor)

    def gradient(self, emission: Emission) -> Gradient:
        """The derivatives of the flux at the conditions of an emission of this emitter."""
        gases = len(emission.p)
        # a step in each input: T, the pressures, the stratosphere
        T = np.full(gases + 2, complex(emission.T))
        p = np.repeat(emission.p[:, None].astype(complex), gases + 2, axis=1)
        cold = np.full(gases + 2, complex(emission.stratosphere))
        T[0] += STEP * 1j
        p[np.arange(gases), np.arange(1, gases + 1)] += STEP * 1j * emission.p
        cold[-1] += STEP * 1j
        air = column(self.gases, T, p, self.around, cold)
        by_emission, by_absorption, by_scattering = fluxes.adjoint(emission.flux, emission.factor)
        by_layers = absorbers.adjoint(emission.depths, self.opacity, by_absorption, by_scattering)
        slope = self.planck.slope(emission.column.x + LN_1000)
        by_x = (by_emission * slope).sum(axis=1)
        # the layer on top, of the temperature of the last level
        by_x[-1] += ((1.0 - emission.flux.mean[-1]) * slope[-1]).sum()
        total = (by_x @ air.x.imag + _inner(by_layers, layer_inputs(air, self.opacity))) / STEP
        by_factor = float((emission.depths.absorption * by_absorption).sum()) / emission.factor
        return Gradient(float(total[0]), total[1:-1], float(total[-1]), by_factor)


def _inner(by: LayerInputs, stepped: LayerInputs) -> np.ndarray:
    """Derivatives by the layers times the steps of the layers, for each step."""
    kinds = zip(by, stepped)
    return sum(a.reshape(-1) @ b.imag.reshape(a.size, b.shape[-1]) for a, b in kinds)


def emitter_of(
    gases: Sequence[BandGas], around: Environment, factor: float = 1.0, table: BandTable | None = None
) -> Emitter:
    """The emitter of these gases. table: opacities of pairs; None: the shipped ones.

    InputError for a gas that is named twice.
    """
    table = table or shipped()
    names = [gas.name for gas in gases]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise InputError(f"gas {twice}", "it is named twice.", cure="add up its pressures")
    return Emitter(
        names=tuple(gas.name for gas in gases),
        gases=gases_of(gases, table.saturation),
        opacity=opacities(gases, table),
        planck=band_emission(table.edges),
        around=around,
        factor=factor,
        sources=MappingProxyType({gas.name: gas.reference for gas in gases}),
        transparent=tuple(gas.name for gas in gases if gas.transparent),
    )
