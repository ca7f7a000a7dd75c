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


@dataclass(frozen=True, eq=False)
class Emission:
    """The outgoing radiation of one column at surface temperature T [K] and partial pressures p [Pa].

    stratosphere [K]: its temperature. column: its profile. depths: of its layers.
    flux [W/m2]: with its bands.
    """

    T: float
    p: np.ndarray
    stratosphere: float
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

    def emission(self, T: float, p: np.ndarray, stratosphere: float | None = None) -> Emission:
        """The outgoing radiation at surface temperature T [K] under partial pressures p [Pa], (gas,).

        stratosphere [K]: its temperature; None: that of `around`. T is at least this, all p are > 0.
        """
        cold = self.around.stratosphere if stratosphere is None else stratosphere
        air = column(self.gases, np.array([T]), p[None, :], self.around, np.array([cold]))
        inputs = layer_inputs(air, self.opacity)
        first = LayerInputs(inputs.x[0], inputs.ln_p[0], inputs.lines[0], inputs.pairs[0], inputs.gases[0])
        depths = absorbers.depths(first, self.opacity)
        levels = self.planck(air.x[0] + LN_1000)
        # the layer on top has the temperature of the last level: that of the stratosphere
        return Emission(T, p, cold, air, depths, fluxes.outgoing(levels, levels[-1], depths, self.factor))

    def gradient(self, emission: Emission) -> Gradient:
        """The derivatives of the flux at the conditions of an emission of this emitter."""
        T, p, inputs = emission.T, emission.p, len(emission.p) + 1
        T_stepped = np.full(inputs, complex(T))
        T_stepped[0] += STEP * 1j
        p_stepped = np.repeat(p[None, :].astype(complex), inputs, axis=0)
        p_stepped[np.arange(1, inputs), np.arange(len(p))] += STEP * 1j * p
        total = self._slopes(emission, T_stepped, p_stepped, np.full(inputs, emission.stratosphere))
        return Gradient(float(total[0]), total[1:])

    def by_stratosphere(self, emission: Emission) -> float:
        """The derivative of the flux by the temperature of the stratosphere [W/m2/K]."""
        cold = np.array([emission.stratosphere + STEP * 1j])
        p = emission.p[None, :].astype(complex)
        return float(self._slopes(emission, np.array([complex(emission.T)]), p, cold)[0])

    def _slopes(self, emission: Emission, T: np.ndarray, p: np.ndarray, cold: np.ndarray) -> np.ndarray:
        """Derivatives of the flux along steps into the complex plane, one for each column: (column,)."""
        air = column(self.gases, T, p, self.around, cold)
        by_emission, by_absorption, by_scattering = fluxes.adjoint(emission.flux, self.factor)
        by_layers = absorbers.adjoint(emission.depths, self.opacity, by_absorption, by_scattering)
        slope = self.planck.slope(emission.column.x[0] + LN_1000)
        total = air.x.imag @ (by_emission * slope).sum(axis=1)
        # the layer on top, of the temperature of the last level
        top = float(((1.0 - emission.flux.mean[-1]) * slope[-1]).sum())
        total += air.x.imag[:, -1] * top
        total += _inner(by_layers, layer_inputs(air, self.opacity))
        return total / STEP


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
