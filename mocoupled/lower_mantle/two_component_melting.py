"""Melting of the deepest mantle in two components as a dataset along temperature."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..conditions import column, number
from ..errors import InputError
from ..floating import usual_floats
from ..version import __version__
from . import two_component_model as model
from .compositions import Bulk, Composition, composition
from .mixing import PHASES
from .result_attributes import described

if TYPE_CHECKING:
    import xarray
    from numpy.typing import ArrayLike

_UNCERTAINTY = (
    "Of the same data as the ternary, with another law of mixing: at 129 GPa its liquidus of pyrolite is "
    "930 K above "
    "that of 'full'."
)


@usual_floats
def two_component(
    bulk: Bulk = "pyrolite",
    pressure: float = 129.0e9,
    temperature: ArrayLike | None = None,
    volatiles: float = 0.0,
) -> xarray.Dataset:
    """Melt fraction along `temperature` [K] at `pressure` [Pa], 110-140 GPa, after Dannberg et al. 2021.

    bulk: as `composition` takes it; of it Fe/(Fe + Mg) alone matters.
    temperature: number or array; default: 21 values from solidus to liquidus.
    volatiles: mole fraction in the system, dissolved in the melt.
    The attributes `solidus` and `liquidus` [K] are those without volatiles.
    Raises InputError for a composition without FeO and MgO, and for numbers outside the model.
    """
    import xarray

    what = composition(bulk)
    iron = _iron_component(what)
    pressure, volatiles = number(pressure, "Pa", "pressure"), number(volatiles, "1", "volatiles")
    if not 0 <= volatiles <= 0.1:
        raise InputError(
            f"volatiles = {volatiles!r}", "this is not a mole fraction of volatiles.", "allowed: 0 to 0.1"
        )
    solidus, top = model.solidus_liquidus(pressure, iron)
    T, masked = _temperatures(temperature, (solidus, top))
    f, x, x_s = model.melting(pressure, T, iron, volatiles) if T.size else np.empty((3, 0))
    f, x, x_s, T = (np.where(masked, np.nan, a) for a in (f, x, x_s, T))
    data = _fractions(pressure, T, f, x, x_s) | _solid_and_densities(pressure, T, x, x_s)
    data["converged"] = (("temperature",), np.isfinite(f), described("1", "whether there is an equilibrium"))
    attributes = {
        "Conventions": "CF-1.11",
        "title": f"Melting of {what.name} in two components, {pressure / 1e9:g} GPa",
        "source": f"mocoupled {__version__}",
        "pressure": pressure,
        "pressure_units": "Pa",
        "iron": iron,
        "volatiles": volatiles,
        "solidus": solidus,
        "liquidus": top,
        "reference": model.REFERENCE,
        "uncertainty": _UNCERTAINTY,
    }
    along = ("temperature", T, described("K", "temperature"))
    return xarray.Dataset(data, {"temperature": along, "solid": list(PHASES[:2])}, attributes)


def _iron_component(what: Composition) -> float:
    """Mole fraction of the iron component in a composition; InputError for one without FeO and MgO."""
    metals = what.oxides[0] + what.oxides[1]
    if not metals > 0:
        raise InputError(f"composition {what.name}", "the two-component model needs FeO or MgO.")
    r = what.oxides[0] / metals
    magnesium = r * model.MAGNESIUM.oxides[1]
    return magnesium / (magnesium + (1 - r) * model.IRON.oxides[0])


def _temperatures(
    temperature: ArrayLike | None, default: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    """Temperatures [K] along one dimension, and which are masked; `default`.

    The ends where none is prescribed.

    A masked temperature is the lowest of the model.
    Raises InputError for another shape, or outside the model.
    """
    low, high = model.TEMPERATURE_RANGE
    if temperature is None:
        T = np.linspace(*default, 21)
        masked = np.zeros(T.shape, dtype=bool)
    else:
        read = column(temperature, "K", "temperature")
        if read.values.ndim > 1:
            allowed = "allowed: a number, or a list of temperatures"
            raise InputError("temperature", "an array of several dimensions.", allowed)
        T = np.atleast_1d(read.values)
        masked = np.zeros(T.shape, dtype=bool) if read.mask is None else np.atleast_1d(read.mask)
    T = np.where(masked, low, T)
    if not ((low <= T) & (high >= T)).all():
        allowed = f"allowed: {low:g} to {high:g} K"
        raise InputError("temperature", "not a list of temperatures of the model.", allowed)
    return T, masked


def _fractions(
    pressure: float, T: np.ndarray, f: np.ndarray, x: np.ndarray, x_s: np.ndarray
) -> dict[str, tuple]:
    """Melt fractions, and the iron component in melt and solid.

    f: melt fraction by moles; x, x_s: iron component in melt and solid, mole fractions.
    """
    along = ("temperature",)
    melt, solid = f * model.melt_volume(pressure, T, x), (1 - f) * model.solid_volume(pressure, T, x_s)
    by_moles = "share of the melt in the system by moles of components"
    in_melt = "mole fraction of the iron component in the melt, or the first melt"
    in_solid = "mole fraction of the iron component in the solid, or the last solid"
    return {
        "melt_fraction": (along, f, described("1", by_moles)),
        "melt_fraction_by_volume": (
            along,
            melt / (melt + solid),
            described("1", "share of the melt in the system by volume"),
        ),
        "iron_in_melt": (along, x, described("1", in_melt)),
        "iron_in_solid": (along, x_s, described("1", in_solid)),
    }


def _solid_and_densities(pressure: float, T: np.ndarray, x: np.ndarray, x_s: np.ndarray) -> dict[str, tuple]:
    """Fe/(Fe + Mg) of the solids, and densities [kg/m3] of melt and solid; x, x_s as in `_fractions`."""
    along = ("temperature",)
    _, bridgmanite, ferropericlase = model.solid_iron(pressure, T, x_s)
    return {
        "iron_fraction": (
            ("temperature", "solid"),
            np.stack([ferropericlase, bridgmanite], axis=-1),
            described("1", "Fe/(Fe + Mg) of the solid"),
        ),
        "melt_density": (
            along,
            model.molar_mass(x) / model.melt_volume(pressure, T, x),
            described("kg m-3", "density of the melt, or the first melt"),
        ),
        "solid_density": (
            along,
            model.molar_mass(x_s) / model.solid_volume(pressure, T, x_s),
            described("kg m-3", "density of the solid, or the last solid"),
        ),
    }
