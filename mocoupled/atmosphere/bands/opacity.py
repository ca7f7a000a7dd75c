"""Optical depths of the layers by band and quantile, and their adjoint."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

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
    pairs: (power, pair * band): 1, x of each range, x2 of each range, where x = ln(T/1000 K) is cut where the
    data end. ranges: x where the data begin and end, of all pairs with the same ends.
    absorbers, partners: gases of each term (amount times density) of the pairs; starts: first term of a pair.
    rayleigh: cm2, (gas, band).
    """

    bands: int
    lines: np.ndarray
    line_gases: np.ndarray
    pairs: np.ndarray
    ranges: tuple[tuple[float, float], ...]
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
    ranges, by_power = _by_power([pair for pair, _ in pairs], table.bands)
    terms = [term for _, listed in pairs for term in listed]
    ends = np.cumsum([len(listed) for _, listed in pairs], dtype=int)
    return Opacities(
        bands=table.bands,
        lines=lines,
        line_gases=np.array(rows).reshape(len(tables), len(gases)),
        pairs=by_power,
        ranges=ranges,
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


def _by_power(pairs: Sequence[Pair], bands: int) -> tuple[tuple[tuple[float, float], ...], np.ndarray]:
    """The ranges of the pairs, and their coefficients by power, (1 + 2 ranges, pair * band)."""
    ranges = tuple(sorted({(float(pair.lowest), float(pair.highest)) for pair in pairs}))
    result = np.zeros((1 + 2 * len(ranges), len(pairs), bands))
    for k, pair in enumerate(pairs):
        place = 1 + ranges.index((float(pair.lowest), float(pair.highest)))
        result[[0, place, place + len(ranges)], k] = pair.coefficients
    return ranges, result.reshape(len(result), -1)


class LayerInputs(NamedTuple):
    """What optical depths depend on, (kind, layer); a last axis of steps is allowed.

    places: ln(T/1000 K) and ln(p/Pa). lines: molecules/cm2 for each table of lines.
    pairs: amounts times densities for each pair, 1/cm5. gases: molecules/cm2 of each gas.
    """

    places: np.ndarray
    lines: np.ndarray
    pairs: np.ndarray
    gases: np.ndarray


def layer_inputs(column: Column, opacity: Opacities) -> LayerInputs:
    """The inputs of the optical depths of a column, or of steps of it."""
    amounts = column.amounts
    lines = opacity.line_gases @ amounts.reshape(len(amounts), -1)
    pairs = amounts.take(opacity.absorbers, axis=0)
    pairs *= column.densities.take(opacity.partners, axis=0)
    if len(opacity.starts):
        pairs = np.add.reduceat(pairs, opacity.starts, axis=0)
    return LayerInputs(column.places, lines.reshape(len(lines), *amounts.shape[1:]), pairs, amounts)


class Depths(NamedTuple):
    """Optical depths of one column and what their adjoint needs.

    absorption: (layer, quantile, band). scattering: (layer, band).
    monomials: of the cubic of ln k, (monomial, layer).
    powers: of ln(T/1000 K) of the pairs, (power, layer).
    line_opacity: cm2, (layer, table, quantile * band). pair_opacity: cm5, (layer, pair, band).
    """

    inputs: LayerInputs
    absorption: np.ndarray
    scattering: np.ndarray
    monomials: np.ndarray
    powers: np.ndarray
    line_opacity: np.ndarray
    pair_opacity: np.ndarray


@lru_cache(maxsize=64)
def _rows(layers: int, *columns: tuple[float, ...]) -> tuple[np.ndarray, ...]:
    """Each column of constants repeated for the layers, (constant, layer): numpy is fast on equal shapes."""
    return tuple(np.repeat(np.array(column)[:, None], layers, axis=1) for column in columns)


def _cubic(layers: int) -> tuple[np.ndarray, ...]:
    """Least and greatest values, origin and scale of the two variables of the cubic, each (2, layer)."""
    ends = zip(LINE_X, LINE_LN_P)
    return _rows(layers, *ends, (ORIGIN_X, ORIGIN_LN_P), (SCALE_X, SCALE_LN_P))


def _monomials(places: np.ndarray) -> np.ndarray:
    """The monomials of the cubic of ln k: 1, a, b, a2, ab, b2, a3, a2b, ab2, b3, (monomial, layer).

    Its variables a and b are cut where the tables end.
    """
    least, most, origin, scale = _cubic(places.shape[1])
    result = np.empty((MONOMIALS, places.shape[1]), dtype=places.dtype)
    result[0] = 1.0
    variables, a, b = result[1:3], result[1], result[2]
    np.maximum(places, least, out=variables)
    np.minimum(variables, most, out=variables)
    variables -= origin
    variables /= scale
    np.multiply(variables, a, out=result[3:5])
    np.multiply(b, b, out=result[5])
    np.multiply(result[3:6], a, out=result[6:9])
    np.multiply(result[5], b, out=result[9])
    return result


def _powers(places: np.ndarray, opacity: Opacities) -> np.ndarray:
    """1, x and x2 of each range, (power, layer), with x = ln(T/1000 K) cut where the data of pairs end."""
    x, ranges = places[0], len(opacity.ranges)
    result = np.empty((1 + 2 * ranges, len(x)), dtype=x.dtype)
    result[0] = 1.0
    if ranges:
        least, most = _rows(len(x), *zip(*opacity.ranges))
        cut = result[1 : 1 + ranges]
        np.maximum(x, least, out=cut)
        np.minimum(cut, most, out=cut)
        np.multiply(cut, cut, out=result[1 + ranges :])
    return result


def _slopes() -> np.ndarray:
    """The derivatives of the monomials by a and by b, as matrices on weights of the monomials."""
    powers = [(0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2), (3, 0), (2, 1), (1, 2), (0, 3)]
    by_a, by_b = np.zeros((MONOMIALS, MONOMIALS)), np.zeros((MONOMIALS, MONOMIALS))
    for k, (i, j) in enumerate(powers):
        if i:
            by_a[k, powers.index((i - 1, j))] = i
        if j:
            by_b[k, powers.index((i, j - 1))] = j
    return np.array([by_a.T, by_b.T])


SLOPES = _slopes()


def depths(inputs: LayerInputs, opacity: Opacities) -> Depths:
    """The optical depths of one column (without steps)."""
    layers, bands = inputs.places.shape[1], opacity.bands
    monomials, powers = _monomials(inputs.places), _powers(inputs.places, opacity)
    line_opacity = monomials.T @ opacity.lines
    np.exp(line_opacity, out=line_opacity)
    line_opacity = line_opacity.reshape(layers, len(inputs.lines), QUANTILES * bands)
    pair_opacity = powers.T @ opacity.pairs
    np.exp(pair_opacity, out=pair_opacity)
    pair_opacity = pair_opacity.reshape(layers, len(inputs.pairs), bands)
    absorption = (inputs.lines.T[:, None, :] @ line_opacity).reshape(layers, QUANTILES, bands)
    absorption = absorption + inputs.pairs.T[:, None, :] @ pair_opacity
    scattering = inputs.gases.T @ opacity.rayleigh
    return Depths(inputs, absorption, scattering, monomials, powers, line_opacity, pair_opacity)


def adjoint(
    result: Depths, opacity: Opacities, by_absorption: np.ndarray, by_scattering: np.ndarray
) -> LayerInputs:
    """The derivatives of a number by the inputs of the optical depths.

    by_absorption, by_scattering: its derivatives by these depths, of their shapes.
    Written by hand; tests compare it with a complex step through `depths`.
    """
    inputs, monomials, powers = result.inputs, result.monomials, result.powers
    places, layers = inputs.places, inputs.places.shape[1]
    by_lines = (result.line_opacity @ by_absorption.reshape(layers, -1, 1))[:, :, 0].T
    by_opacity = by_absorption.reshape(layers, 1, -1) * result.line_opacity
    by_opacity *= inputs.lines.T[:, :, None]
    by_monomials = opacity.lines @ by_opacity.reshape(layers, -1).T
    least, most, _, scale = _cubic(layers)
    by_places = np.add.reduce(SLOPES @ by_monomials * monomials, axis=1) / scale
    by_places *= (places > least) & (places < most)
    # of ln of the opacity of the pairs, and by their powers
    weighted = result.pair_opacity * np.add.reduce(by_absorption, axis=1)[:, None, :]
    by_pairs = np.add.reduce(weighted, axis=2).T
    if ranges := len(opacity.ranges):
        weighted *= inputs.pairs.T[:, :, None]
        by_powers = opacity.pairs @ weighted.reshape(layers, -1).T
        by_x = by_powers[1 : 1 + ranges] + 2.0 * powers[1 : 1 + ranges] * by_powers[1 + ranges :]
        least, most = _rows(layers, *zip(*opacity.ranges))
        by_x *= (places[0] > least) & (places[0] < most)
        by_places[0] += np.add.reduce(by_x, axis=0)
    return LayerInputs(by_places, by_lines, by_pairs, opacity.rayleigh @ by_scattering.T)
