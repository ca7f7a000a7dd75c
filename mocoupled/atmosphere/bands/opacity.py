"""Optical depths of the layers by band and quantile, and their adjoint."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .columns import WATER, Column
from .data_file import MONOMIALS, QUANTILES, BandTable, Pair
from .gas_data import BandGas

# K and Pa at which the cross-sections of lines end, and ln of T/1000 K and p/Pa; the values there
# are used beyond
LINE_T, LINE_P = (180.0, 2000.0), (1e0, 1e8)
LINE_X = (math.log(1e-3 * LINE_T[0]), math.log(1e-3 * LINE_T[1]))
LINE_LN_P = (math.log(LINE_P[0]), math.log(LINE_P[1]))
# origin and scale of the variables of the cubic
ORIGIN_X, SCALE_X = math.log(0.6), 1.2
ORIGIN_LN_P, SCALE_LN_P = math.log(1e4), 9.2


@dataclass(frozen=True, eq=False)
class Opacities:
    """The opacities of a set of gases, as arrays.

    bands: number of bands. lines: (monomial, table * quantile * band) of the tables of lines.
    line_gases: molecules of each gas that count for a table, (table, gas).
    pairs: (pair, power of x, band), x = ln(T/1000 K). pair_ends: x where the data of each begin
    and end, (2, pair, 1).
    absorbers, partners: gases of each term (amount times density) of the pairs; starts: first term of a pair.
    rayleigh: cm2, (gas, band).
    """

    bands: int
    lines: np.ndarray
    lines_transposed: np.ndarray
    line_gases: np.ndarray
    pairs: np.ndarray
    pair_ends: np.ndarray
    absorbers: np.ndarray
    partners: np.ndarray
    starts: np.ndarray
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
    # quantiles outside, bands inside: sums over quantiles are then sums of whole rows
    turned = [t.reshape(-1, table.bands, QUANTILES).swapaxes(1, 2).reshape(MONOMIALS, -1) for t in tables]
    lines = np.hstack(turned) if turned else np.zeros((MONOMIALS, 0))
    pairs = _pairs(gases, table)
    terms = [term for _, listed in pairs for term in listed]
    ends = np.cumsum([len(listed) for _, listed in pairs], dtype=int)
    return Opacities(
        bands=table.bands,
        lines=lines,
        lines_transposed=np.ascontiguousarray(lines.T),
        line_gases=np.array(rows).reshape(len(tables), len(gases)),
        pairs=np.array([pair.coefficients for pair, _ in pairs]).reshape(-1, 3, table.bands),
        pair_ends=np.array([[pair.lowest, pair.highest] for pair, _ in pairs])
        .reshape(-1, 2, 1)
        .swapaxes(0, 1),
        absorbers=np.array([absorber for absorber, _ in terms], dtype=int),
        partners=np.array([partner for _, partner in terms], dtype=int),
        starts=np.concatenate([[0], ends[:-1]]) if terms else ends,
        rayleigh=np.array([gas.rayleigh for gas in gases]),
    )


def _pairs(gases: Sequence[BandGas], table: BandTable) -> list[tuple[Pair, list[tuple[int, int]]]]:
    """The pairs among these gases, each with its terms: places of the absorber and of its partner."""
    listed_pairs: dict[str, tuple[Pair, list[tuple[int, int]]]] = {}
    names = [gas.name if gas.shipped else "" for gas in gases]
    for (absorber, partner), pair in table.pairs.items():
        if absorber in names and partner in names:
            term = names.index(absorber), names.index(partner)
            listed_pairs.setdefault(pair.name, (pair, []))[1].append(term)
    if WATER in names:
        water = names.index(WATER)
        terms = [(water, other) for other in range(len(gases)) if other != water]
        if terms:
            listed_pairs[table.foreign.name] = (table.foreign, terms)
    return list(listed_pairs.values())


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
    pairs = column.amounts[:, opacity.absorbers] * column.densities[:, opacity.partners]
    if len(opacity.starts):
        pairs = np.add.reduceat(pairs, opacity.starts, axis=1)
    return LayerInputs(column.layer_x, column.layer_ln_p, lines, pairs, column.amounts)


@dataclass(frozen=True, eq=False)
class Depths:
    """Optical depths of one column and what their adjoint needs.

    absorption: (layer, quantile, band). scattering: (layer, band).
    line_opacity: cm2, (layer, table, quantile * band). pair_opacity: cm5, (pair, layer, band).
    """

    inputs: LayerInputs
    absorption: np.ndarray
    scattering: np.ndarray
    monomials: np.ndarray
    line_opacity: np.ndarray
    pair_opacity: np.ndarray


def _variables(inputs: LayerInputs) -> tuple[np.ndarray, np.ndarray]:
    """The variables of the cubic of ln k, cut where the tables end."""
    a = (np.minimum(np.maximum(inputs.x, LINE_X[0]), LINE_X[1]) - ORIGIN_X) / SCALE_X
    b = (np.minimum(np.maximum(inputs.ln_p, LINE_LN_P[0]), LINE_LN_P[1]) - ORIGIN_LN_P) / SCALE_LN_P
    return a, b


def _monomials(inputs: LayerInputs) -> np.ndarray:
    """The monomials of the cubic of ln k: 1, a, b, a2, ab, b2, a3, a2b, ab2, b3, (layer, monomial)."""
    a, b = _variables(inputs)
    result = np.empty((len(a), MONOMIALS), dtype=np.result_type(a, b))
    result[:, 0], result[:, 1], result[:, 2] = 1.0, a, b
    result[:, 3:5] = result[:, 1:3] * a[:, None]
    result[:, 5] = b * b
    result[:, 6:8] = result[:, 3:5] * a[:, None]
    result[:, 8:] = result[:, 4:6] * b[:, None]
    return result


def _slopes() -> tuple[np.ndarray, np.ndarray]:
    """The derivatives of the monomials by a and by b, as matrices on the monomials."""
    powers = [(0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2), (3, 0), (2, 1), (1, 2), (0, 3)]
    by_a, by_b = np.zeros((MONOMIALS, MONOMIALS)), np.zeros((MONOMIALS, MONOMIALS))
    for k, (i, j) in enumerate(powers):
        if i:
            by_a[k, powers.index((i - 1, j))] = i
        if j:
            by_b[k, powers.index((i, j - 1))] = j
    return by_a, by_b


SLOPE_A, SLOPE_B = _slopes()


def _cut(inputs: LayerInputs, opacity: Opacities) -> np.ndarray:
    """ln(T/1000 K) of the layers within the data of each pair, (pair, layer)."""
    low, high = opacity.pair_ends
    return np.minimum(np.maximum(inputs.x, low), high)


def _powers(inputs: LayerInputs, opacity: Opacities) -> np.ndarray:
    """1, x and x2 of each pair, (pair, layer, power), with x = ln(T/1000 K) cut where its data end."""
    x = _cut(inputs, opacity)
    result = np.empty((*x.shape, 3), dtype=x.dtype)
    result[:, :, 0], result[:, :, 1] = 1.0, x
    np.multiply(x, x, out=result[:, :, 2])
    return result


def depths(inputs: LayerInputs, opacity: Opacities) -> Depths:
    """The optical depths of one column (without a leading axis)."""
    layers = len(inputs.x)
    monomials = _monomials(inputs)
    line_opacity = monomials @ opacity.lines
    np.exp(line_opacity, out=line_opacity)
    line_opacity = line_opacity.reshape(layers, -1, QUANTILES * opacity.bands)
    absorption = (inputs.lines.T[:, None, :] @ line_opacity).reshape(layers, QUANTILES, opacity.bands)
    pair_opacity = np.exp(_powers(inputs, opacity) @ opacity.pairs)
    absorption = absorption + inputs.pairs.T[:, None, :] @ pair_opacity.swapaxes(0, 1)
    return Depths(
        inputs, absorption, inputs.gases.T @ opacity.rayleigh, monomials, line_opacity, pair_opacity
    )


def adjoint(
    result: Depths, opacity: Opacities, by_absorption: np.ndarray, by_scattering: np.ndarray
) -> LayerInputs:
    """The derivatives of a number by the inputs of the optical depths.

    by_absorption, by_scattering: its derivatives by these depths, of their shapes.
    Written by hand; tests compare it with a complex step through `depths`.
    """
    inputs, layers = result.inputs, len(result.inputs.x)
    by_lines = (result.line_opacity @ by_absorption.reshape(layers, -1, 1))[:, :, 0]
    by_opacity = by_absorption.reshape(layers, 1, -1) * result.line_opacity
    by_opacity *= inputs.lines.T[:, :, None]
    by_monomials = by_opacity.reshape(layers, -1) @ opacity.lines_transposed
    by_a = (by_monomials @ SLOPE_A * result.monomials).sum(axis=1)
    by_b = (by_monomials @ SLOPE_B * result.monomials).sum(axis=1)
    by_a *= (inputs.x > LINE_X[0]) & (inputs.x < LINE_X[1])
    by_b *= (inputs.ln_p > LINE_LN_P[0]) & (inputs.ln_p < LINE_LN_P[1])
    # of ln of the opacity of the pairs, and by their coefficients
    weighted = result.pair_opacity * by_absorption.sum(axis=1)
    by_powers = weighted @ opacity.pairs.swapaxes(1, 2)
    by_x = by_powers[:, :, 1] + 2.0 * _cut(inputs, opacity) * by_powers[:, :, 2]
    by_x *= inputs.pairs
    by_x *= (inputs.x > opacity.pair_ends[0]) & (inputs.x < opacity.pair_ends[1])
    return LayerInputs(
        x=by_a / SCALE_X + by_x.sum(axis=0),
        ln_p=by_b / SCALE_LN_P,
        lines=by_lines.T,
        pairs=weighted.sum(axis=2),
        gases=opacity.rayleigh @ by_scattering.T,
    )
