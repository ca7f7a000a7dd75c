"""Decompression melting of the deepest cumulates after an overturn: the melt fraction is a result.

A parcel of the mean cumulate deeper than some pressure starts at its solidus and rises without loss of heat
to the surface. It melts on two sets of curves: the lens of `mocoupled mantle`, and those of a mantle column.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..closures import iron_magnesium as fe_mg
from ..closures.distillation import MARS, melted
from ..closures.distillation import overturned_cumulates as cumulates_of
from ..closures.registry import find
from ..conditions import number
from ..errors import InputError
from ..floating import usual_floats
from ..interior.deep_melting_curves import chosen
from ..schema.buffering_case import BufferingCase
from .remelting import residue
from .remelting_equations import compiled

if TYPE_CHECKING:
    import xarray

CURVES = ("lens", "column")
# points of the way up
HEIGHTS = 400
# what the abstract states (Mg# and melt fraction), beside which the results stand
STATED = "abstract on Martian komatiites: Mg# above 80 deeper than 13 GPa, 60 to 65 % melts with Mg# above 79"
Row = tuple[tuple[str, ...], np.ndarray, dict[str, str]]


@dataclass(frozen=True)
class _Parcel:
    """A parcel that rises: iron of the source, bulk iron, K_D, start [Pa], and the case with its material."""

    iron: float
    bulk_iron: float
    exchange: float
    start: float
    case: BufferingCase

    @property
    def pressures(self) -> np.ndarray:
        """Pressures [Pa] of the way, from the start to the surface."""
        return np.linspace(self.start, 0.0, HEIGHTS)

    @property
    def adiabat(self) -> np.ndarray:
        """Ratio of temperatures to that at the start along the way, without melting."""
        v = self.case.values
        return np.exp(v["expansivity"] * (self.pressures - self.start) / (v["density"] * v["heat_capacity"]))

    def end_members(self) -> tuple[np.ndarray, np.ndarray]:
        """Melting temperatures [K] of the Mg and the Fe end-member of the lens along the way."""
        names = ("magnesium_temperature", "magnesium_slope", "iron_temperature", "iron_slope")
        values = [self.case.values[name] for name in names]
        hot, cold = (fe_mg.melting_temperature(share, self.pressures, *values) for share in (0, 1))
        return np.array(hot, dtype=float), np.array(cold, dtype=float)


@usual_floats
def overturned_cumulates(
    case: Any = "mars",
    bulk_magnesium: Any = 0.75,
    core_radius: Any = "1675 km",
    pressure: Any = "13 GPa",
    start_pressure: Any = "20 GPa",
    solidus: str = "auto",
    liquidus: str = "auto",
) -> xarray.Dataset:
    """Cumulates of a Martian magma ocean deeper than a pressure, and their melts after an overturn.

    case: a case of `mocoupled mantle`, for its material, lens and K_D (one number); its planet is not used.
    bulk_magnesium: Mg/(Fe + Mg) of the mantle, molar; core_radius [m] of Mars.
    pressure [Pa]: the cumulates from there to the core turn over.
    start_pressure [Pa]: where the parcel is at its solidus.
    solidus, liquidus: laws of the column.
    Returns a Dataset: magnesium of the cumulates, and along `curves` the melt fraction of the parcel at the
    surface, computed, with the magnesium of its melt; beside it that of an imposed melt fraction of 0.6.
    InputError where nothing can be computed.
    """
    base = BufferingCase.of(case)
    if isinstance(base.exchange, str):
        raise InputError(
            f"exchange_coefficient = {base.exchange!r}",
            "these cumulates have one K_D.",
            "allowed: a number",
        )
    magnesium = number(bulk_magnesium, "1", "bulk_magnesium")
    core, deep = number(core_radius, "m", "core_radius"), number(pressure, "Pa", "pressure")
    start = number(start_pressure, "Pa", "start_pressure")
    _check(magnesium, core, (deep, start))
    layers = cumulates_of(magnesium, base.exchange, core, deep)
    source = 1 - float(layers["mean"])
    parcel = _Parcel(source, 1 - magnesium, base.exchange, start, base)
    melts = {"lens": _on_lens(parcel), "column": _on_column(parcel, solidus, liquidus)}
    return _dataset(layers, melts, parcel)


def _check(magnesium: float, core: float, pressures: tuple[float, float]) -> None:
    """InputError for numbers that no Mars has."""
    if not 0.4 <= magnesium < 1:
        raise InputError(f"bulk_magnesium = {magnesium:g}", "out of range.", "allowed: from 0.4 to below 1")
    if not 5e5 <= core <= 3e6:
        raise InputError(f"core_radius = {core:g}", "out of range.", "allowed: from 500 to 3000 km")
    for P in pressures:
        if not 1e9 <= P <= 25e9:
            raise InputError(f"pressure = {P:g}", "out of range.", "allowed: from 1 to 25 GPa")


def _on_lens(parcel: _Parcel) -> tuple[float, float, float]:
    """On the lens: melt fraction at the surface, Fe/(Fe + Mg) of all melt, solidus at the start [K]."""
    code = compiled(parcel.case.readings)
    magnesium, iron = parcel.end_members()
    v = parcel.case.values
    K, L, cp = parcel.exchange, v["latent_heat"], v["heat_capacity"]
    source = np.array([[np.log(parcel.iron / (1 - parcel.iron))]])
    share = float(np.squeeze(code.slopes(source, source, K, L, cp)[0]))
    T = float(magnesium[0] - share * (magnesium[0] - iron[0]))
    warmth = (T * parcel.adiabat - magnesium)[None, None, :]
    y = residue(code, warmth, (magnesium - iron)[None, None, :], source, (K, L, cp))
    F, melt = (float(np.squeeze(value)) for value in code.melt(y, source, K, L, cp))
    return F, melt / F if F > 0 else float("nan"), T


def _on_column(parcel: _Parcel, solidus: str, liquidus: str) -> tuple[float, float, float]:
    """The same on the curves of a column, which iron lowers as it lowers the lens.

    Melt stays with the solid.
    """
    P, v = parcel.pressures, parcel.case.values
    cold, hot = (
        np.array(find(kind, chosen(name, parcel.start)).evaluate(P=P), dtype=float)
        for kind, name in (("solidus", solidus), ("liquidus", liquidus))
    )
    magnesium, iron = parcel.end_members()
    rise = (magnesium - iron) * (parcel.bulk_iron - parcel.iron)
    T = float(cold[0] + rise[0])
    excess = T * parcel.adiabat - cold - rise
    phi = float(np.clip((excess / (hot - cold + v["latent_heat"] / v["heat_capacity"])).max(), 0.0, 1.0))
    melt = float(melted(phi, parcel.iron, parcel.exchange, True)) if phi > 0 else float("nan")
    return phi, melt, T


def _dataset(
    layers: dict[str, np.ndarray], melts: dict[str, tuple[float, float, float]], parcel: _Parcel
) -> xarray.Dataset:
    """The results as a Dataset."""
    import xarray

    F, iron, T = (np.array([melts[name][k] for name in CURVES]) for k in range(3))
    imposed = float(layers["batch_melt"])
    rows: dict[str, Row] = {
        "base_magnesium": _row((), layers["base"], "1", "Mg/(Fe + Mg) of the first cumulates"),
        "magnesium_at_pressure": _row(
            (), layers["at_pressure"], "1", "that of the cumulates at the pressure"
        ),
        "mean_magnesium": _row((), layers["mean"], "1", "that of all deeper ones"),
        "mass_fraction": _row((), layers["mass_fraction"], "1", "mass fraction of the mantle that is deeper"),
        "solidus_at_start": _row(("curves",), T, "K", "solidus of the mean cumulate where it starts"),
        "melt_fraction": _row(("curves",), F, "1", "melt fraction of the parcel at the surface, computed"),
        "melt_magnesium": _row(("curves",), 1 - iron, "1", "Mg/(Fe + Mg) of all that melt"),
        "imposed_melt_magnesium": _row((), np.array(imposed), "1", "that of a batch melt of 0.6, imposed"),
    }
    attributes = {
        "stated": STATED,
        "melting": "lens: reading of the case (fractional: every increment of melt leaves); column: batch",
        "planet": f"Mars of radius {MARS.radius / 1e3:g} km",
        "start_pressure": parcel.start,
        **parcel.case.attributes,
    }
    return xarray.Dataset(rows, {"curves": list(CURVES)}, attributes)


def _row(dims: tuple[str, ...], values: np.ndarray, unit: str, text: str) -> Row:
    return dims, np.array(values, dtype=float), {"units": unit, "long_name": text}
