"""Optical depths of the layers by band and quantile, and their adjoint."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .columns import WATER, Column
from .data_file import QUANTILES, BandTable, Pair
from .gas_data import BandGas

# ln of T/1000 K and p/Pa at which the cross-sections of lines end; the values there are used beyond
LINE_X = (math.log(0.18), math.log(2.0))
LINE_LN_P = (math.log(1e0), math.log(1e8))
# origin and scale of the variables of the cubic
ORIGIN_X, SCALE_X = math.log(0.6), 1.2
ORIGIN_LN_P, SCALE_LN_P = math.log(1e4), 9.2


@dataclass(frozen=True, eq=False)
class Opacities:
    """The opacities of a set of gases, as arrays.

    bands: number of bands. lines: (monomial, table * band * quantile) of the tables of lines.
    line_gases: molecules of each gas that count for a table, (table, gas).
    pairs: (3, pair * band). pair_ends: ln(T/1000 K) where the data of each pair end, (pair, 1).
    pair_gases: the amount of a gas times the density of a gas that counts for a pair, (pair, gas, gas).
    rayleigh: cm2, (gas, band).
    """

    bands: int
    lines: np.ndarray
    lines_transposed: np.ndarray
    line_gases: np.ndarray
    pairs: np.ndarray
    pair_ends: np.ndarray
    pair_gases: np.ndarray
    rayleigh: np.ndarray


def opacities(gases: Sequence[BandGas], table: BandTable) -> Opacities:
    """The opacities of these gases; pairs and shared lines are those of the table."""
    tables: list[np.ndarray] = []
    rows: list[np.ndarray] = []
    for index, gas in enumerate(gases):
        shares = {**gas.like} if gas.lines is None else {}
        counted = [(gas.lines, 1.0)] if gas.lines is not None else []
        counted += [(table.lines[name], share) for name, share in shares.items() if share > 0.0]
        for lines, share in counted:
            place = next((k for k, known in enumerate(tables) if known is lines), None)
            if place is None:
                place = len(tables)
                tables.append(lines)
                rows.append(np.zeros(len(gases)))
            rows[place][index] = share
    lines = np.hstack(tables) if tables else np.zeros((10, 0))
    pairs = _pairs(gases, table)
    return Opacities(
        bands=table.bands,
        lines=lines,
        lines_transposed=np.ascontiguousarray(lines.T),
        line_gases=np.array(rows).reshape(len(tables), len(gases)),
        pairs=np.array([pair.coefficients for pair, _ in pairs]).reshape(-1, 3, table.bands).swapaxes(0, 1),
        pair_ends=np.array([[pair.highest] for pair, _ in pairs]).reshape(-1, 1),
        pair_gases=np.array([weights for _, weights in pairs]).reshape(len(pairs), len(gases), len(gases)),
        rayleigh=np.array([gas.rayleigh for gas in gases]),
    )


def _pairs(gases: Sequence[BandGas], table: BandTable) -> list[tuple[Pair, np.ndarray]]:
    """The pairs among these gases, each with the weights of (gas by amount, gas by density)."""
    found: dict[str, tuple[Pair, np.ndarray]] = {}

    def add(pair: Pair, absorber: int, partner: int) -> None:
        weights = found.setdefault(pair.name, (pair, np.zeros((len(gases), len(gases)))))[1]
        weights[absorber, partner] += 1.0

    names = [gas.name if gas.shipped else "" for gas in gases]
    for (absorber, partner), pair in table.pairs.items():
        if absorber in names and partner in names:
            add(pair, names.index(absorber), names.index(partner))
    if WATER in names:
        water = names.index(WATER)
        for other in range(len(gases)):
            if other != water:
                add(table.foreign, water, other)
    return list(found.values())


@dataclass(frozen=True, eq=False)
class LayerInputs:
    """What optical depths depend on, (layer,) or (kind, layer); leading axes are allowed.

    x: ln(T/1000 K). ln_p: ln(p/Pa). lines: molecules/cm2 for each table of lines.
    pairs: amounts times densities for each pair, 1/cm5. gases: molecules/cm2 of each gas.
    """

    x: np.ndarray
    ln_p: np.ndarray
    lines: np.ndarray
    pairs: np.ndarray
    gases: np.ndarray


def layer_inputs(column: Column, opacity: Opacities) -> LayerInputs:
    """The inputs of the optical depths of columns; the leading axis is that of the columns."""
    lines = opacity.line_gases @ column.amounts
    partners = np.tensordot(column.densities, opacity.pair_gases, axes=(1, 2)).transpose(0, 2, 3, 1)
    pairs = (partners * column.amounts[:, None]).sum(axis=2)
    return LayerInputs(column.layer_x, column.layer_ln_p, lines, pairs, column.amounts)


@dataclass(frozen=True, eq=False)
class Depths:
    """Optical depths of one column and what their adjoint needs.

    absorption: (layer, band, quantile). scattering: (layer, band).
    line_opacity: cm2, (layer, table, band * quantile). pair_opacity: cm5, (layer, pair, band).
    """

    inputs: LayerInputs
    absorption: np.ndarray
    scattering: np.ndarray
    line_opacity: np.ndarray
    pair_opacity: np.ndarray


def _variables(inputs: LayerInputs) -> tuple[np.ndarray, np.ndarray]:
    """The variables of the cubic of ln k, cut where the tables end."""
    a = (np.minimum(np.maximum(inputs.x, LINE_X[0]), LINE_X[1]) - ORIGIN_X) / SCALE_X
    b = (np.minimum(np.maximum(inputs.ln_p, LINE_LN_P[0]), LINE_LN_P[1]) - ORIGIN_LN_P) / SCALE_LN_P
    return a, b


def depths(inputs: LayerInputs, opacity: Opacities) -> Depths:
    """The optical depths of one column (without a leading axis)."""
    a, b = _variables(inputs)
    layers, wide = len(a), opacity.bands * QUANTILES
    monomials = np.empty((layers, 10))
    monomials[:, 0], monomials[:, 1], monomials[:, 2] = 1.0, a, b
    monomials[:, 3], monomials[:, 4], monomials[:, 5] = a * a, a * b, b * b
    monomials[:, 6:8] = monomials[:, 3:5] * a[:, None]
    monomials[:, 8:] = monomials[:, 4:6] * b[:, None]
    line_opacity = monomials @ opacity.lines
    np.exp(line_opacity, out=line_opacity)
    line_opacity = line_opacity.reshape(layers, -1, wide)
    absorption = (inputs.lines.T[:, None, :] @ line_opacity).reshape(layers, opacity.bands, QUANTILES)
    x = np.minimum(inputs.x[:, None, None], opacity.pair_ends)
    pair_opacity = opacity.pairs[2] * x
    pair_opacity += opacity.pairs[1]
    pair_opacity *= x
    pair_opacity += opacity.pairs[0]
    np.exp(pair_opacity, out=pair_opacity)
    absorption += (inputs.pairs.T[:, None, :] @ pair_opacity).transpose(0, 2, 1)
    return Depths(inputs, absorption, inputs.gases.T @ opacity.rayleigh, line_opacity, pair_opacity)


def adjoint(
    result: Depths, opacity: Opacities, by_absorption: np.ndarray, by_scattering: np.ndarray
) -> LayerInputs:
    """The derivatives of a number by the inputs of the optical depths.

    by_absorption, by_scattering: its derivatives by these depths, of their shapes.
    The one derivative by hand of this room; tests compare it with a complex step through `depths`.
    """
    inputs = result.inputs
    layers, wide = len(inputs.x), opacity.bands * QUANTILES
    flat = by_absorption.reshape(layers, 1, wide)
    by_opacity = flat * result.line_opacity
    by_lines = by_opacity.sum(axis=2).T
    by_opacity *= inputs.lines.T[:, :, None]
    by_monomials = by_opacity.reshape(layers, -1) @ opacity.lines_transposed
    a, b = _variables(inputs)
    _, one_a, one_b, aa, ab, bb, aaa, aab, abb, bbb = by_monomials.T
    by_a = one_a + 2.0 * a * aa + b * ab + 3.0 * a * a * aaa + 2.0 * a * b * aab + b * b * abb
    by_b = one_b + a * ab + 2.0 * b * bb + a * a * aab + 2.0 * a * b * abb + 3.0 * b * b * bbb
    by_a *= (inputs.x > LINE_X[0]) & (inputs.x < LINE_X[1])
    by_b *= (inputs.ln_p > LINE_LN_P[0]) & (inputs.ln_p < LINE_LN_P[1])
    by_band = by_absorption.sum(axis=2)[:, None, :]
    by_pair_opacity = by_band * result.pair_opacity
    x = np.minimum(inputs.x[:, None, None], opacity.pair_ends)
    slope = opacity.pairs[1] + 2.0 * x * opacity.pairs[2]
    by_x = (by_pair_opacity * slope).sum(axis=2) * inputs.pairs.T
    by_x = (by_x * (inputs.x[:, None] < opacity.pair_ends[:, 0])).sum(axis=1)
    return LayerInputs(
        x=by_a / SCALE_X + by_x,
        ln_p=by_b / SCALE_LN_P,
        lines=by_lines,
        pairs=by_pair_opacity.sum(axis=2).T,
        gases=opacity.rayleigh @ by_scattering.T,
    )
