"""Buffered crystallisation: where melts of the convecting cumulates and crystals of the magma ocean balance.

On the way of fractional crystallisation the ocean grows richer in iron while melts of the pile are added to it. Where
melts poorer in iron take over, its composition is buffered: the crossing. With a timescale the melts must balance the
crystals of the growth as well. Every crossing is returned, or the reason why there is none.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from ..broadcasting import Conditions, broadcast, without_clashes
from ..closures import cumulate_density  # noqa: F401  (it registers its laws)
from ..closures import iron_magnesium as fe_mg
from ..closures.distillation import distilled, pile_iron
from ..closures.registry import find, names
from ..conditions import column
from ..errors import InputError, users_line
from ..floating import usual_floats
from ..schema.buffering_case import QUANTITIES, READINGS, TIMESCALE, BufferingCase, check
from .remelting import MOLTEN, Grid, Remelting, remelt

if TYPE_CHECKING:
    import xarray

LEAST, EVEN, MOST = (
    0.02,
    0.90,
    1e-4,
)  # scan: first solid fraction, up to where its steps are even, last melt fraction
ROUNDING = 1e-11  # of the balance, beside the rates in it
CHUNK = 32  # points scanned together
REFINED, ROUNDS = 6, 3  # points inside a bracket, how often
REASONS = {
    "buffered": "crystals and melts balance",
    "no convection": "the pile is nowhere colder at its top than at its base",
    "no melt": "the pile convects, but nothing of it melts",
    "buffered by wholly molten upwellings": "crystals and melts balance, but all that comes up melts, and there is hardly a pile",
    "wholly molten": "all that comes up melts, from the onset of convection on",
    "melts stay richer": "the melts are richer in iron than what they would balance, to the end",
    "melts are poorer": "the melts are poorer in iron than the crystals from their onset",
}


class NoCrossingWarning(UserWarning):
    """Some points have no buffered magma ocean; they are NaN, with the reason."""


@dataclass(frozen=True)
class Path:
    """States (…, n) along the way of fractional crystallisation. balance [1/s]: of iron, above 0 while the ocean would
    still grow richer."""

    solid_fraction: np.ndarray
    ocean_iron: np.ndarray
    pile_iron: np.ndarray
    crystal_iron: np.ndarray
    remelting: Remelting
    balance: np.ndarray

    @property
    def melt_iron(self) -> np.ndarray:
        """Fe/(Fe + Mg) of the melts; NaN where there are none."""
        with np.errstate(all="ignore"):
            return np.where(self.remelting.rate > 0, self.remelting.iron_rate / self.remelting.rate, np.nan)


def path(
    solid_fraction,
    values: Mapping[str, np.ndarray],
    readings: Mapping[str, str],
    growth=0.0,
    grid: Grid = Grid(),
) -> Path:
    """States at solid fractions (n,) of the way without remelting; values (SI): numbers or arrays (n,).

    growth [1/s]: rate at which the solid fraction grows, 1/timescale; 0: static. With the reading growth = gross it is
    the rate of crystallisation, of which remelting takes its part.
    """
    f = solid_fraction
    X_bulk, KD = values["bulk_iron"], values["exchange_coefficient"]
    X = distilled(1 - f, X_bulk, KD)
    X_pile = np.clip(pile_iron(f, X, X_bulk), 0.0, 1.0)
    X_crystals = fe_mg.exchange(X, KD)
    melts = remelt(f, X, X_pile, values, readings, grid)
    crystals = growth + (melts.rate if readings["growth"] == "net" else 0.0)
    net = crystals - melts.rate
    balance = melts.iron_rate - crystals * X_crystals + net * X
    return Path(f, X, X_pile, X_crystals, melts, balance)


def scan() -> np.ndarray:
    """Solid fractions at which crossings are looked for: even steps, then even ones of the logarithm of what is left."""
    return np.concatenate(
        [np.linspace(LEAST, EVEN, 40, endpoint=False), 1 - np.geomspace(1 - EVEN, MOST, 20)]
    )


@dataclass(frozen=True)
class Crossings:
    """points (m,): index of the case; solid_fraction (m,); buffers (m,): whether the ocean stops growing richer there."""

    points: np.ndarray
    solid_fraction: np.ndarray
    buffers: np.ndarray


def crossings(
    values: Mapping[str, np.ndarray], readings: Mapping[str, str], growth: np.ndarray, grid: Grid = Grid()
) -> tuple[Crossings, list[str]]:
    """All crossings of cases (n,), in the order of points and solid fractions, and the word of REASONS for each case.

    values: numbers or arrays (n,); growth (n,) [1/s].
    """
    n, f = growth.size, scan()
    found, reasons = [], []
    if not n:
        return Crossings(np.empty(0, dtype=int), np.empty(0), np.empty(0, dtype=bool)), []
    for first in range(0, n, CHUNK):
        some = np.arange(first, min(first + CHUNK, n))
        own = _take(values, np.repeat(some, f.size))
        way = path(np.tile(f, some.size), own, readings, np.repeat(growth[some], f.size), grid)
        balance = way.balance.reshape(some.size, f.size)
        sign = _signs(balance, (way.remelting.rate + np.repeat(growth[some], f.size)).reshape(balance.shape))
        rows, k = np.nonzero(sign[:, :-1] * sign[:, 1:] < 0)
        buffers = sign[rows, k] > 0
        found.append((some[rows], f[k], f[k + 1], buffers))
        with_buffer = set(rows[buffers].tolist())
        rates, ambient = (
            v.reshape(balance.shape) for v in (way.remelting.rate, way.remelting.ambient_melt_fraction)
        )
        reasons += [
            "buffered" if r in with_buffer else _reason(sign[r], rates[r], ambient[r])
            for r in range(some.size)
        ]
    points, low, high, buffers = (np.concatenate(parts) for parts in zip(*found))
    return Crossings(
        points, _refine(points, low, high, buffers, values, readings, growth, grid), buffers
    ), reasons


def _signs(balance, rates) -> np.ndarray:
    """Signs along the ways (m, n); where melts and crystals are the same but for rounding, that of the state before."""
    sign = np.where(np.abs(balance) > ROUNDING * rates, np.sign(balance), 0).astype(int)
    told = np.maximum.accumulate(np.where(sign != 0, np.arange(sign.shape[1]), 0), axis=1)
    return np.take_along_axis(sign, told, axis=1)


def _reason(sign, rate, ambient) -> str:
    """Why a way has no crossing: of its states, sign of the balance, remelting rate and melt fraction of the ambient pile."""
    if np.isnan(ambient).all():
        return "no convection"
    if not (rate > 0).any():
        return "no melt"
    onset = np.argmax(rate > 0)
    if sign[onset] > 0:
        return "melts stay richer"
    return "wholly molten" if ambient[onset] > MOLTEN else "melts are poorer"


def _refine(points, low, high, buffers, values, readings, growth, grid) -> np.ndarray:
    """Solid fractions at which the balance is zero, in brackets (m,): cut into equal parts, then by the secant."""
    if not points.size:
        return low
    share = np.linspace(0.0, 1.0, REFINED + 2)
    for _ in range(ROUNDS):
        f = low[:, None] + (high - low)[:, None] * share
        many = np.repeat(points, share.size)
        balance = path(f.reshape(-1), _take(values, many), readings, growth[many], grid).balance.reshape(
            f.shape
        )
        ahead = np.where(buffers[:, None], balance, -balance) > 0
        k = np.clip(np.argmin(ahead, axis=1), 1, share.size - 1) - 1  # the first that is behind
        rows = np.arange(points.size)
        low, high, a, b = f[rows, k], f[rows, k + 1], balance[rows, k], balance[rows, k + 1]
    with np.errstate(all="ignore"):
        root = low + (high - low) * a / (a - b)
    return np.where(np.isfinite(root), np.clip(root, low, high), 0.5 * (low + high))


def _take(values, index):
    return {name: v[index] if np.ndim(v) else v for name, v in values.items()}


# ---- the face


@usual_floats
def buffering(
    case: str | os.PathLike | BufferingCase = "earth", timescale: Any = None, **changes
) -> xarray.Dataset:
    """The buffered magma ocean of a case: static, or for a timescale of crystallisation ("5 Myr" or s).

    case: "earth", "mars", a TOML file or a BufferingCase. changes: its values by name, as text with units, SI numbers
    or quantities; numbers may be arrays, DataArrays or Series, which broadcast; readings by name, as text. Returns a
    Dataset: the first crossing where the ocean is buffered, what the pile is like there, and all crossings along
    `crossing`; where there is none, NaN, converged = False and the reason. Its attributes say what calibrated it.
    InputError for what cannot be asked.
    """
    base = BufferingCase.taken(case)
    arrays = {name: value for name, value in changes.items() if name in QUANTITIES and _several(name, value)}
    base = base.replace({name: value for name, value in changes.items() if name not in arrays})
    given = arrays | ({} if timescale is None else {"timescale": timescale})
    points = broadcast(given, UNITS) if given else Conditions((), (), {})
    there = points if points.masked is None or not points.masked.any() else points.at(~points.masked)
    columns = {name: np.broadcast_to(v, there.size) for name, v in there.columns.items()}
    for name, v in columns.items():
        quantity = TIMESCALE if name == "timescale" else QUANTITIES[name]
        outside = ~((v >= quantity.low) & (v <= quantity.high))
        if outside.any():
            check(
                name,
                float(v[outside][0]),
                quantity,
                f"{name} at point {int(np.argmax(outside))}" if points.shape else "",
            )
    n = there.size
    values = {**base.values, **{name: v for name, v in columns.items() if name in arrays}}
    _ordered(values)
    growth = np.broadcast_to(1 / columns["timescale"] if "timescale" in columns else 0.0, (n,))
    found, reasons = crossings(values, base.readings, growth)
    attributes = base.attributes
    different = [
        name for name in arrays if name not in base.changed and np.any(columns[name] != base.values[name])
    ]
    if different and not base.changed:
        attributes["calibration"] += f"; changed here: {', '.join(different)}"
    elif different:
        attributes["calibration"] += f", {', '.join(different)}"
    attributes["timescale"] = "static: growth is slow beside remelting" if timescale is None else "as given"
    return _dataset(found, reasons, values, base.readings, growth, points, attributes)


def _several(name, value) -> bool:
    """Whether a value is an array, masked, or carries coordinates, so that the result keeps it."""
    read = column(value, UNITS[name], name)
    return (
        read.values.ndim > 0
        or read.mask is not None
        or (read.frame is not None and len(read.frame.coords) > 0)
    )


def _ordered(values):
    pressure = values["density"] * values["gravity"] * values["mantle_thickness"]
    for p in (0.0, pressure):
        gap = (
            values["magnesium_temperature"]
            - values["iron_temperature"]
            + p * (values["magnesium_slope"] - values["iron_slope"])
        )
        if np.any(gap <= 0):
            raise InputError(
                "iron_temperature, iron_slope",
                "the Fe end-member would melt above the Mg end-member within the mantle.",
                "allowed: a lower temperature at every pressure",
            )


LABELS = {
    "solid_fraction": ("1", "fraction of the mantle that has crystallised, molar"),
    "ocean_iron": ("1", "Fe/(Fe + Mg) of the buffered magma ocean, molar (Fe# = 100 times it)"),
    "pile_iron": ("1", "mean Fe/(Fe + Mg) of the pile of cumulates, molar"),
    "crystal_iron": ("1", "Fe/(Fe + Mg) of crystals of the magma ocean, molar"),
    "melt_iron": ("1", "Fe/(Fe + Mg) of the melts of the pile, molar"),
    "thickness": ("m", "thickness of the pile"),
    "top_pressure": ("Pa", "pressure at the top of the pile"),
    "top_temperature": ("K", "potential temperature of the top of the pile"),
    "base_temperature": ("K", "potential temperature of its base"),
    "interior_temperature": ("K", "potential temperature of its interior"),
    "rayleigh_number": ("1", "Rayleigh number of the pile"),
    "velocity": ("m/s", "speed of its convection"),
    "topography": ("m", "height to which upwellings lift the top of the pile"),
    "rate": ("1/s", "melt returned to the magma ocean, as a share of the mantle"),
    "ambient_melt_fraction": ("1", "melt fraction of a parcel of the ambient pile that has come to the top"),
    "plume_melt_fraction": (
        "1",
        "melt fraction of a parcel on the axis of the plume that has come to the top",
    ),
}
NAMES = {"rate": "remelting_rate"}
VARIABLES = (
    "density_anomaly",
    "structure",
    "crossing",
    "crossing_solid_fraction",
    "crossing_ocean_iron",
    "crossing_buffers",
    "crossings",
    "reason",
    "converged",
)
MASKED = "masked: the point was left out"
UNITS = {name: quantity.unit for name, quantity in QUANTITIES.items()} | {"timescale": TIMESCALE.unit}


def density_anomaly(X_ocean, X_pile, structure: str):
    """Density of the crystallised ocean less that of the pile [kg/m3], both of one structure: bridgmanite, akimotoite, pyroxene."""
    law = find("cumulate_density", structure, f"structure = {structure!r}")
    return law(X=X_ocean) - law(X=X_pile)


def state(way: Path) -> dict[str, np.ndarray]:
    """The quantities of LABELS and their values (n,)."""
    melts = {f.name: getattr(way.remelting, f.name) for f in fields(Remelting)}
    own = {
        name: getattr(way, name)
        for name in ("solid_fraction", "ocean_iron", "pile_iron", "crystal_iron", "melt_iron")
    }
    return {name: (own | melts)[name] for name in LABELS}


def _laid(v, missing, masked, shape):
    """Values (..., n) of the points in the shape of the arguments, `missing` where they are masked."""
    if masked is not None:
        whole = np.full((*v.shape[:-1], masked.size), missing, dtype=np.result_type(v, type(missing)))
        whole[..., ~masked] = v
        v = whole
    return v.reshape((*v.shape[:-1], *shape))


def _dataset(found, reasons, values, readings, growth, points, attributes):
    import xarray

    reserved = {*LABELS, *NAMES.values(), *VARIABLES, *points.columns}
    points, renamed = without_clashes(points, reserved, UNITS)
    attributes = attributes | (
        {"renamed": ", ".join(f"{old} -> {new}" for old, new in renamed.items())} if renamed else {}
    )
    n, shape, dims = len(reasons), points.shape, points.dimensions
    masked = points.masked if points.masked is not None and points.masked.any() else None
    at, f = found.points, found.solid_fraction
    way = path(f, _take(values, at), readings, growth[at])
    order = np.arange(at.size) - np.searchsorted(at, at)  # number of the crossing within its point
    first = np.full(n, -1)
    for k in np.flatnonzero(found.buffers)[::-1]:
        first[at[k]] = k
    held = first >= 0
    data = {}

    def laid(v, missing=np.nan):
        return _laid(v, missing, masked, shape)

    def at_first(v):
        whole = np.full(n, np.nan)
        whole[held] = v[first[held]]
        return laid(whole)

    told = state(way)
    for name, v in told.items():
        unit, long_name = LABELS[name]
        data[NAMES.get(name, name)] = (dims, at_first(v), {"units": unit, "long_name": long_name})
    structures = names("cumulate_density")
    anomaly = np.array([at_first(density_anomaly(way.ocean_iron, way.pile_iron, s)) for s in structures])
    data["density_anomaly"] = (
        ("structure", *dims),
        anomaly,
        {
            "units": "kg/m3",
            "long_name": "density of the crystallised magma ocean above that of the pile, 1 bar and 300 K",
        },
    )
    width = max(1, int(order.max(initial=0)) + 1)
    for name, v in (
        ("crossing_solid_fraction", f),
        ("crossing_ocean_iron", way.ocean_iron),
        ("crossing_buffers", found.buffers.astype(float)),
    ):
        table = np.full((width, n), np.nan)
        table[order, at] = v
        text = {"crossing_solid_fraction": "solid fraction at each crossing", "crossing_ocean_iron": "Fe/(Fe + Mg) of the magma ocean at each crossing",
                "crossing_buffers": "1: the ocean stops growing richer in iron there; 0: it begins to again"}[name]  # fmt: skip
        data[name] = (("crossing", *dims), laid(table), {"units": "1", "long_name": text})
    data["crossings"] = (
        dims,
        laid(np.bincount(at, minlength=n), 0),
        {"units": "1", "long_name": "number of crossings"},
    )
    at_crossing = np.full(n, np.nan)
    at_crossing[held] = way.remelting.ambient_melt_fraction[first[held]]
    reasons = [
        f"{word} by wholly molten upwellings" if word == "buffered" and F > MOLTEN else word
        for word, F in zip(reasons, at_crossing)
    ]
    told = laid(np.array([f"{word}: {REASONS[word]}" for word in reasons], dtype=str), MASKED)
    data["reason"] = (dims, told, {"units": "1", "long_name": "why there is a buffered magma ocean or none"})
    data["converged"] = (
        dims,
        laid(held, False),
        {"units": "1", "long_name": "whether there is a buffered magma ocean"},
    )
    for name, v in points.columns.items():
        if points.coordinates is None or name not in points.coordinates.coords:
            label = {"units": UNITS[name], "long_name": f"{name.replace('_', ' ')}, as given"}
            data[name] = (
                dims,
                np.array(v if masked is None else np.where(masked, np.nan, v), dtype=float).reshape(shape),
                label,
            )
    missed = n - int(held.sum())
    if missed:
        words = ", ".join(
            f"{reasons.count(w)} {w}" for w in REASONS if not w.startswith("buffered") and w in reasons
        )
        warnings.warn(
            f"{missed} of {n} points have no buffered magma ocean; they are NaN ({words}).",
            NoCrossingWarning,
            stacklevel=users_line(),
        )
    coordinates = {"structure": list(structures), "crossing": np.arange(width)}
    result = xarray.Dataset(
        data,
        coordinates,
        attributes | {"readings": "; ".join(f"{k} = {v}" for k, v in readings.items() if k in READINGS)},
    )
    return result if points.coordinates is None else result.assign_coords(points.coordinates.coords)
