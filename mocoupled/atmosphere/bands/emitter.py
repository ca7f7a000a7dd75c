"""Outgoing flux of a column of gas, with its derivatives by surface temperature and partial pressures.

The level arrays (25 numbers each) take a step of 1e-30 i in every input at once: exact derivatives.
The large arrays (optical depths) have an adjoint. The product of both is the gradient.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

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


@dataclass(frozen=True, eq=False)
class Emission:
    """The outgoing radiation of one column at surface temperature T [K] and partial pressures p [Pa].

    column: its profile. depths: of its layers. flux [W/m2]: with its bands.
    """

    T: float
    p: np.ndarray
    column: Column
    depths: Depths
    flux: Flux


@dataclass(frozen=True, eq=False)
class Gradient:
    """Derivatives of the flux by surface temperature [W/m2/K] and by ln of each pressure [W/m2]."""

    by_T: float
    by_ln_p: np.ndarray


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

    def emission(self, T: float, p: np.ndarray) -> Emission:
        """The outgoing radiation at surface temperature T [K] under partial pressures p [Pa], (gas,).

        T is at least the temperature of the stratosphere, all p are > 0.
        """
        air = column(self.gases, np.array([T]), p[None, :], self.around)
        inputs = layer_inputs(air, self.opacity)
        first = LayerInputs(inputs.x[0], inputs.ln_p[0], inputs.lines[0], inputs.pairs[0], inputs.gases[0])
        depths = absorbers.depths(first, self.opacity)
        levels = self.planck(air.x[0] + LN_1000)
        # the layer on top has the temperature of the last level: that of the stratosphere
        return Emission(T, p, air, depths, fluxes.outgoing(levels, levels[-1], depths, self.factor))

    def gradient(self, emission: Emission) -> Gradient:
        """The derivatives of the flux at the conditions of an emission of this emitter."""
        T, p, inputs = emission.T, emission.p, len(emission.p) + 1
        T_stepped = np.full(inputs, complex(T))
        T_stepped[0] += STEP * 1j
        p_stepped = np.repeat(p[None, :].astype(complex), inputs, axis=0)
        p_stepped[np.arange(1, inputs), np.arange(len(p))] += STEP * 1j * p
        air = column(self.gases, T_stepped, p_stepped, self.around)
        by_emission, by_absorption, by_scattering = fluxes.adjoint(emission.flux, self.factor)
        by_layers = absorbers.adjoint(emission.depths, self.opacity, by_absorption, by_scattering)
        slope = self.planck.slope(emission.column.x[0] + LN_1000)
        total = air.x.imag @ (by_emission * slope).sum(axis=1)
        total += _inner(by_layers, layer_inputs(air, self.opacity))
        total /= STEP
        return Gradient(float(total[0]), total[1:])


def _inner(by: LayerInputs, stepped: LayerInputs) -> np.ndarray:
    """Derivatives by the layers times the steps of the layers, for each column."""
    columns = len(stepped.x)
    result = stepped.x.imag @ by.x + stepped.ln_p.imag @ by.ln_p
    for derivative, step in ((by.lines, stepped.lines), (by.pairs, stepped.pairs), (by.gases, stepped.gases)):
        result += step.imag.reshape(columns, -1) @ derivative.reshape(-1)
    return result


def emitter_of(
    gases: Sequence[BandGas], around: Environment, factor: float = 1.0, table: BandTable | None = None
) -> Emitter:
    """The emitter of these gases, each once. table: opacities of pairs; None: the shipped ones."""
    table = table or shipped()
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
