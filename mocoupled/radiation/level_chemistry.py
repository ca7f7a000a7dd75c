"""Composition of the levels of a column in chemical equilibrium, frozen above a quench level."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..atmosphere.bands.columns import HIGHEST_CONDENSATION, ln_saturation
from ..atmosphere.bands.data_file import shipped
from ..chemistry.equilibrium_constants import temperature_limits
from ..chemistry.mechanism import read_mechanism
from ..chemistry.records import Mechanism
from ..closures.fugacity import TEMPERATURES
from ..equilibria.closed_equilibrium import gas_equilibrium
from ..equilibria.mechanism_choice import choose_mechanism
from ..errors import InputError, nearest
from ..units import shown, split, to_si

WATER = "H2O"
RUN, ALL = "run", "all"
IDEAL = "ideal"
QUENCH = "allowed: a pressure or a temperature with its unit, such as '1 bar' or '1000 K'"


@dataclass(frozen=True)
class Quench:
    """The level above which reactions are too slow: its temperature [K] or its pressure [Pa].

    0 where it is not set by that.
    """

    temperature: float = 0.0
    pressure: float = 0.0


def read_quench(text: object) -> Quench:
    """The quench level of text with a unit; None: nowhere. InputError for anything else."""
    if text is None:
        return Quench()
    written = split(text) if isinstance(text, str) else None
    if written is None or not written[1]:
        raise InputError(f"quench = {shown(text)}", "this is no number with a unit.", QUENCH)
    for name, unit in (("temperature", "K"), ("pressure", "Pa")):
        try:
            value = to_si(text, unit, "quench")
        except InputError:
            continue
        if value <= 0.0:
            raise InputError(f"quench = {shown(text)}", "it is not above zero.", QUENCH)
        return Quench(**{name: value})
    raise InputError(f"quench = {shown(text)}", "this is neither temperature nor pressure.", QUENCH)


@dataclass(frozen=True, eq=False)
class Levels:
    """Levels of columns from the surface up, NaN beyond the end of each.

    T [K], p [Pa]: (level, point). mixing: mole fractions, (gas, level, point). composition: of each gas.
    fugacity: law of the fugacity coefficients.
    """

    names: tuple[str, ...]
    composition: Mapping[str, Mapping[str, float]]
    T: np.ndarray
    p: np.ndarray
    mixing: np.ndarray
    fugacity: str = "ideal"


@dataclass(frozen=True, eq=False)
class Composition:
    """Mole fractions of gases at each level, (gas, level, point).

    frozen: whether a level has the composition of the quench level, (level, point). quench_T [K], quench_p
    [Pa]: of that level, (point,); NaN where nothing is frozen.
    """

    names: tuple[str, ...]
    mixing: np.ndarray
    frozen: np.ndarray
    quench_T: np.ndarray
    quench_p: np.ndarray
    mechanism: str


def composition_of(
    levels: Levels, quench: Quench, species: str | Sequence[str], known: Mechanism
) -> Composition:
    """The equilibrium of the elements of each level at its temperature and pressure: gases alone.

    species: "run" (the gases of the result), "all" (of the smallest shipped mechanism that has them), or
    names of gases of that mechanism. known: the mechanism of the result. Above the quench level, and colder
    than the data of the gases (real ones: 500 K), the composition is that of the level before, less the water
    that condensed.
    """
    elements = tuple(dict.fromkeys(e for counts in levels.composition.values() for e in counts))
    mechanism = known if species == RUN else read_mechanism(choose_mechanism(elements))
    names = levels.names if species == RUN else _names(species, mechanism, elements)
    low, _ = temperature_limits(mechanism, names)
    if levels.fugacity != IDEAL:
        low = max(low, TEMPERATURES[0])
    coldest = max(low, quench.temperature)
    ends = [_last(levels, coldest, quench.pressure, k) for k in range(levels.T.shape[1])]
    rows: list[tuple[int, int, float, float, np.ndarray]] = []  # level (-1: quench), point, T, p, gas
    for k, end in enumerate(ends):
        for level in range(end.below):
            rows.append((level, k, levels.T[level, k], levels.p[level, k], levels.mixing[:, level, k]))
        if end.frozen:
            rows.append((-1, k, max(end.T, low), end.p, end.mixing))
    count = np.array([[levels.composition[name].get(e, 0.0) for name in levels.names] for e in elements])
    amounts = count @ np.array([row[4] for row in rows]).T
    solved = gas_equilibrium(
        np.array([row[2] for row in rows]),
        np.array([row[3] for row in rows]),
        dict(zip(elements, amounts)),
        species=names,
        condensates=(),
        mechanism=str(mechanism.path),
        fugacity=levels.fugacity,
    )
    ratios = solved.mixing_ratio.sel(species=list(names)).values
    return _spread(levels, ends, names, ratios, [row[:2] for row in rows], mechanism.name)


def _names(species: str | Sequence[str], known: Mechanism, elements: Sequence[str]) -> tuple[str, ...]:
    """The gases of "all" or of a list of names. InputError for a name that is no gas of the mechanism."""
    made = [
        s.name for s in known.species.values() if s.phase == "gas" and set(s.composition) <= set(elements)
    ]
    if isinstance(species, str) and species == ALL:
        return tuple(made)
    if isinstance(species, str) or not isinstance(species, Sequence) or not species:
        raise InputError(
            f"species = {species!r}", "no choice of gases.", "allowed: 'run', 'all', or a list of names"
        )
    for name in species:
        if name not in made:
            raise InputError(
                f"species {name!r}",
                f"the mechanism {known.name} has no such gas of {', '.join(elements)}.",
                f"known: {', '.join(made)}",
                nearest(name, made),
            )
    return tuple(species)


@dataclass(frozen=True, eq=False)
class _End:
    """Where equilibrium ends in a column: so many levels below, and the level there if it is within."""

    below: int
    frozen: bool
    T: float
    p: float
    mixing: np.ndarray


def _last(levels: Levels, coldest: float, lowest: float, k: int) -> _End:
    """The end of the equilibrium in column k: the first level colder or at less pressure than these."""
    T, p, mixing = levels.T[:, k], levels.p[:, k], levels.mixing[:, :, k]
    size = int(np.count_nonzero(~np.isnan(T)))
    within = (T[:size] >= coldest) & (p[:size] >= lowest)
    below = size if within.all() else int(np.argmin(within))
    if below == size:
        return _End(size, False, math.nan, math.nan, mixing[:, 0])
    if below == 0:  # the surface itself
        return _End(0, True, float(T[0]), float(p[0]), mixing[:, 0])
    x, y = np.log(T[below - 1 : below + 1]), np.log(p[below - 1 : below + 1])
    share = 0.0
    if T[below] < coldest:
        share = (x[0] - math.log(coldest)) / (x[0] - x[1])
    if p[below] < lowest:
        by_pressure = (y[0] - math.log(lowest)) / (y[0] - y[1])
        share = by_pressure if T[below] >= coldest else min(share, by_pressure)
    between = (1.0 - share) * mixing[:, below - 1] + share * mixing[:, below]
    at = [float(np.exp((1.0 - share) * z[0] + share * z[1])) for z in (x, y)]
    return _End(below, True, at[0], at[1], between)


def _saturated(T: float, p: float) -> float:
    """Mole fraction of saturated water vapour at T [K] and p [Pa]; inf where nothing condenses."""
    if T >= HIGHEST_CONDENSATION:
        return math.inf
    coefficients, at = tuple(map(float, shipped().saturation)), np.array([T])
    return math.exp(float(ln_saturation(coefficients, at, np.log(at))[0])) / p


def _spread(
    levels: Levels,
    ends: Sequence[_End],
    names: tuple[str, ...],
    ratios: np.ndarray,
    places: Sequence[tuple[int, int]],
    mechanism: str,
) -> Composition:
    """The compositions at their levels, and that of the quench level on all above it."""
    count, points = levels.T.shape
    mixing = np.full((len(names), count, points), np.nan)
    quenched = np.full((len(names), points), np.nan)
    for column, (level, k) in zip(ratios.T, places):
        if level < 0:
            quenched[:, k] = column
        else:
            mixing[:, level, k] = column
    frozen = np.zeros((count, points), dtype=bool)
    water = names.index(WATER) if WATER in names else None
    for k, end in enumerate(ends):
        if not end.frozen:
            continue
        for level in range(end.below, int(np.count_nonzero(~np.isnan(levels.T[:, k])))):
            frozen[level, k] = True
            above = quenched[:, k].copy()
            if water is not None:
                wet = min(above[water], _saturated(levels.T[level, k], levels.p[level, k]))
                if wet < above[water] < 1.0:
                    above *= (1.0 - wet) / (1.0 - above[water])
                    above[water] = wet
            mixing[:, level, k] = above
    ends_T, ends_p = np.array([end.T for end in ends]), np.array([end.p for end in ends])
    return Composition(names, mixing, frozen, ends_T, ends_p, mechanism)
