"""Melting of the lower mantle in MgO-FeO-SiO2, 25-136 GPa: ternary phase diagrams, crystallisation paths, densities.

Arrays in, xarray out; SI. The thermodynamic model is that of Boukaré, Ricard & Fiquet 2015 as Nabiei et al. 2021 use it
(`closures/phase_diagram.py`); CaO is a passive component. How the liquid mixes is the least certain part of it: see
`closures.fms_mixing.readings` and the attribute `uncertainty` of every result.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from ..conditions import choice, column, number, table, whole
from ..errors import InputError, nearest
from ..floating import usual_floats
from ..plain_values import plain
from .crystallisation import BATCH, FRACTIONAL, MODES, Path, crystallise
from .end_members import OXIDE_MASSES, OXIDES
from .mixing import check_mixing
from .phase_diagram import (  # fmt: skip
    BRIDGMANITE,
    FERROPERICLASE,
    PHASES,
    PRESSURE_RANGE,
    STISHOVITE,
    PhaseDiagram,
    phase_diagram,
    solid_oxides,
)

if TYPE_CHECKING:
    import xarray

__all__ = [
    "BOUNDARIES",
    "COMPOSITIONS",
    "MODES",
    "Composition",
    "composition",
    "density_crossover",
    "density_crossover_pressure",
    "liquidus",
    "path",
    "ternary",
    "two_component",
]

BOUNDARIES = MappingProxyType(
    {
        "ferropericlase-bridgmanite": (FERROPERICLASE, BRIDGMANITE),
        "bridgmanite-stishovite": (BRIDGMANITE, STISHOVITE),
    }
)
CALCIUM_PARTITION = (
    0.85  # CaO in bridgmanite over melt, mole fractions: 0.80-0.90 gives the 3.1 mol% of Nabiei et al. 2021
)
_REFERENCE = "Boukaré, Ricard & Fiquet 2015, J. Geophys. Res. 120, 6085; Nabiei et al. 2021, Geophys. Res. Lett., 10.1029/2021GL092446"
_UNCERTAINTY = (
    "The published mixing law of the liquid survives only as numbers; of five readings 'full' is taken because it alone gives D_Fe and the 33-36 % of "
    "bridgmanite of Nabiei et al. 2021 at 52 GPa. Temperatures: at 52 GPa the readings put pyrolite's liquidus at 3208-4501 K ('half': +197 K). Above about "
    "85 GPa 'full' is low: MgSiO3 melts at 3912 K at 136 GPa, where 5000 K and more is usual; 'anchored' takes a melting curve of MgSiO3 instead."
)


@dataclass(frozen=True)
class Composition:
    """A bulk composition. oxides: mole fractions of (FeO, MgO, SiO2), sum 1; calcium: CaO over all four oxides, moles."""

    name: str
    oxides: tuple[float, float, float]
    calcium: float = 0.0


COMPOSITIONS = MappingProxyType({
    "olivine": Composition("olivine", (0.2 / 3, 1.8 / 3, 1.0 / 3)),  # (Mg0.9Fe0.1)2SiO4, assumed
    "pyrolite": Composition("pyrolite", (0.07, 0.505, 0.425), 0.024),  # FeO and CaO as printed, SiO2 such that 33 % is bridgmanite
})  # fmt: skip


def composition(given) -> Composition:
    """A bulk composition: one of COMPOSITIONS by name, a Composition, or amounts of the oxides in moles, of any sum.

    given: e.g. "pyrolite" or {"FeO": 7, "MgO": 50.5, "SiO2": 42.5, "CaO": 2.4}, or a pandas Series of such amounts.
    InputError for anything else.
    """
    if isinstance(given, Composition):
        return given
    if isinstance(given, str):
        if given not in COMPOSITIONS:
            raise InputError(
                f"composition {given!r}",
                "no composition has this name.",
                f"known: {', '.join(COMPOSITIONS)}; or amounts of FeO, MgO, SiO2 and CaO",
                nearest(given, COMPOSITIONS),
            )
        return COMPOSITIONS[given]
    known = (*OXIDES, "CaO")
    amounts = table(
        given,
        "composition",
        f"{', '.join(COMPOSITIONS)}, or for example {{'FeO': 0.07, 'MgO': 0.505, 'SiO2': 0.425}} [mol]",
    )
    for oxide, amount in amounts.items():
        if oxide not in known:
            raise InputError(
                f"composition {oxide}",
                "the model has no such oxide.",
                f"allowed: {', '.join(known)}",
                nearest(oxide, known),
            )
        amounts[oxide] = number(amount, "mol", f"composition {oxide}")
        if amounts[oxide] < 0:
            raise InputError(
                f"composition {oxide} = {amount!r}",
                "this is not an amount.",
                "allowed: a number of moles, not negative",
            )
    moles = np.array([amounts.get(oxide, 0.0) for oxide in OXIDES])
    calcium = amounts.get("CaO", 0.0)
    if not moles.sum() > 0:
        raise InputError(
            "composition",
            "it holds none of FeO, MgO and SiO2.",
            "allowed: an amount above zero of one of them",
        )
    if calcium > 0.1 * moles.sum():
        raise InputError(
            f"composition CaO = {calcium:g}",
            "too much for a passive component, which does not change the phase diagram.",
            "allowed: up to a tenth of FeO + MgO + SiO2",
        )
    x = moles / moles.sum()
    return Composition(
        ", ".join(f"{o}={v:.6g}" for o, v in zip(OXIDES, x)),
        tuple(x.tolist()),
        calcium / (calcium + moles.sum()),
    )


def _diagram(pressure, mixing, anchor_temperature, exchange_factor=1.0) -> PhaseDiagram:
    anchor = None if anchor_temperature is None else number(anchor_temperature, "K", "anchor_temperature")
    return phase_diagram(
        number(pressure, "Pa", "pressure"),
        check_mixing(plain(mixing, "mixing")),
        anchor,
        number(exchange_factor, "1", "exchange_factor"),
    )


def _melts(composition) -> tuple[np.ndarray, np.ndarray]:
    """Mole fractions (n, 3) of melts, and which rows are masked; a DataArray along `oxide` is put in the order of OXIDES."""
    problem = (
        "composition",
        "these are not mole fractions of FeO, MgO and SiO2.",
        "allowed: an array (..., 3), not negative, sums of 1",
    )
    if isinstance(composition, (str, Mapping, Composition)):
        raise InputError(*problem, "amounts and names are for melting.path; here: [[0.07, 0.505, 0.425]]")
    read = column(composition, "1", "composition")
    x, masked = read.values, np.zeros(read.values.shape, dtype=bool) if read.mask is None else read.mask
    if read.frame is not None and "oxide" in read.frame.dims:
        labels = (
            [str(o) for o in read.frame["oxide"].values] if "oxide" in read.frame.coords else list(OXIDES)
        )
        if sorted(labels) != sorted(OXIDES):
            raise InputError(*problem, f"the dimension oxide has the labels {', '.join(OXIDES)}")
        axis, order = read.frame.dims.index("oxide"), [labels.index(o) for o in OXIDES]
        x, masked = (np.moveaxis(a, axis, -1)[..., order] for a in (x, masked))
    if x.size == 0 and x.ndim < 2:
        x = masked = np.empty((0, 3))
    if x.ndim == 0 or x.shape[-1] != 3:
        raise InputError(*problem)
    x, masked = x.reshape(-1, 3), masked.reshape(-1, 3).astype(bool).any(axis=-1)
    x = np.where(masked[:, None], 1 / 3, x)
    if (x < 0).any() or not np.allclose(x.sum(axis=-1), 1, atol=1e-6):
        raise InputError(*problem)
    return x, masked


def _attributes(diagram: PhaseDiagram, title: str) -> dict[str, str | float]:
    from ..version import __version__

    anchor = {"anchor_energy_J_mol": diagram.anchor} if diagram.mixing == "anchored" else {}
    return {
        "Conventions": "CF-1.11", "title": f"{title}, {diagram.pressure / 1e9:g} GPa", "source": f"mocoupled {__version__}",
        "pressure": diagram.pressure, "pressure_units": "Pa", "mixing": diagram.mixing, "reference": _REFERENCE, "uncertainty": _UNCERTAINTY,
    } | anchor  # fmt: skip


def _told(units, long_name, **more):
    return {"units": units, "long_name": long_name} | more


_PHASE = {"flag_values": [-1, 0, 1, 2], "flag_meanings": f"none {' '.join(PHASES)}"}


@usual_floats
def liquidus(
    composition,
    pressure: float,
    mixing: str = "full",
    anchor_temperature: float | None = None,
    exchange_factor: float = 1.0,
) -> xarray.Dataset:
    """Liquidus of melts (..., 3), mole fractions of FeO, MgO, SiO2 along the last axis, at `pressure` [Pa].

    Dataset along `point` (leading axes flattened): liquidus_temperature [K], liquidus_phase (index of PHASES, -1 for none),
    iron_fraction(point, solid): Fe/(Fe + Mg) of ferropericlase and bridgmanite, melt_density, liquidus_density [kg/m3],
    converged. Melts without a liquidus (they unmix, or the table ends) are NaN and not converged. InputError for melts that
    are no mole fractions, for a pressure outside 25-136 GPa and an unknown `mixing`. mixing, anchor_temperature,
    exchange_factor: as `closures.phase_diagram.phase_diagram` takes them.
    """
    import xarray

    x, masked = _melts(composition)
    diagram = _diagram(pressure, mixing, anchor_temperature, exchange_factor)
    T, phase, converged = (
        diagram.liquidus(x) if len(x) else (np.empty(0), np.empty(0, dtype=int), np.empty(0, dtype=bool))
    )
    if masked.any():
        x, T, phase, converged = (
            np.where(m, none, a)
            for m, a, none in (
                (masked[:, None], x, np.nan),
                (masked, T, np.nan),
                (masked, phase, -1),
                (masked, converged, False),
            )
        )
    _, iron = diagram.saturation(x, T)
    solid = np.full(len(x), np.nan)
    for k in range(3):
        solid = np.where(
            phase == k, diagram.solid_density(k, T, iron[:, k] if k != STISHOVITE else 0.0), solid
        )
    data = {
        "composition": (("point", "oxide"), x, _told("1", "mole fraction of the oxide in the melt")),
        "liquidus_temperature": ("point", T, _told("K", "temperature at which the first solid appears")),
        "liquidus_phase": ("point", phase, _told("1", "first solid", **_PHASE)),
        "iron_fraction": (
            ("point", "solid"),
            iron,
            _told("1", "Fe/(Fe + Mg) of the solid in equilibrium with the melt, or nearest to it"),
        ),
        "melt_density": (
            "point",
            diagram.melt_density(x, T),
            _told("kg m-3", "density of the melt at its liquidus"),
        ),
        "liquidus_density": ("point", solid, _told("kg m-3", "density of the first solid")),
        "converged": ("point", converged, _told("1", "whether there is a liquidus")),
    }
    return xarray.Dataset(
        data,
        {"oxide": list(OXIDES), "solid": list(PHASES[:2])},
        _attributes(diagram, "Liquidus of MgO-FeO-SiO2")
        | {"exchange_factor": number(exchange_factor, "1", "exchange_factor")},
    )


@usual_floats
def ternary(
    pressure: float, mixing: str = "full", anchor_temperature: float | None = None, divisions: int = 57, cotectic_points: int = 61,
    exchange_factor: float = 1.0,
) -> xarray.Dataset:  # fmt: skip
    """Phase diagram of MgO-FeO-SiO2 at `pressure` [Pa]: the liquidus on a triangular grid, and its cotectics.

    divisions: of each side (57: 1711 points). As `liquidus`, and for each boundary of BOUNDARIES along `iron_number`, Fe/(Fe +
    Mg) of the melt: cotectic_composition, cotectic_temperature [K], cotectic_converged (false where there is none).
    """
    n, points = whole(divisions, "divisions", 2, 1000), whole(cotectic_points, "cotectic_points", 2, 1000)
    diagram = _diagram(pressure, mixing, anchor_temperature, exchange_factor)
    i, j = np.triu_indices(n + 1)  # i of FeO, n - j of SiO2
    result = liquidus(
        np.stack([i, j - i, n - j], axis=-1) / n, pressure, mixing, anchor_temperature, exchange_factor
    )
    iron = np.linspace(0.0, 1.0, points)
    found = [diagram.cotectic(*pair, iron) for pair in BOUNDARIES.values()]
    dims = ("boundary", "iron_number")
    result = result.assign_coords(
        boundary=list(BOUNDARIES), iron_number=("iron_number", iron, _told("1", "Fe/(Fe + Mg) of the melt"))
    )
    result["cotectic_composition"] = (
        (*dims, "oxide"),
        np.stack([f[0] for f in found]),
        _told("1", "mole fraction of the oxide in the cotectic melt"),
    )
    result["cotectic_temperature"] = (
        dims,
        np.stack([f[1] for f in found]),
        _told("K", "temperature of the cotectic melt"),
    )
    result["cotectic_converged"] = (
        dims,
        np.stack([f[3] for f in found]),
        _told("1", "whether there is such a melt"),
    )
    result.attrs = _attributes(diagram, "Melting of MgO-FeO-SiO2") | {
        "exchange_factor": result.attrs["exchange_factor"]
    }
    return result


@usual_floats
def path(
    bulk="pyrolite", pressure: float = 52.0e9, mode: str = FRACTIONAL, mixing: str = "full", anchor_temperature: float | None = None,
    until: float | None = None, step: float = 0.005, calcium_partition: float = CALCIUM_PARTITION, exchange_factor: float = 1.0,
    progress: Callable[[float], None] = lambda fraction: None,
) -> xarray.Dataset:  # fmt: skip
    """Liquid line of descent at `pressure` [Pa], from the liquidus down to the melt fraction `until`, as a Dataset along `step`.

    bulk: as `composition` takes it. mode: "fractional" or "batch". until: melt fraction by moles of oxides (default 0.01
    fractional, 0, the solidus, in batch). step: share of the melt (fractional) or the system (batch) that crystallises at a
    time. calcium_partition: CaO of bridgmanite over that of the melt, as mole fractions; ferropericlase and stishovite take
    none; CaO changes neither phases nor densities. exchange_factor: on K_D of Fe and Mg, see `liquidus`. Why it ends is the attribute `end_reason`. InputError for bad input;
    ConvergenceError where the melt has no liquidus.
    """
    what = composition(bulk)
    calcium_partition, factor = (
        number(calcium_partition, "1", "calcium_partition"),
        number(exchange_factor, "1", "exchange_factor"),
    )
    if not 0 <= calcium_partition <= 10:
        raise InputError(
            f"calcium_partition = {calcium_partition!r}",
            "no partition coefficient of CaO.",
            "allowed: 0 to 10; measured: 0.8 to 0.9",
        )
    mode = choice(mode, MODES, "mode", "no such crystallisation.")
    until = (0.01 if mode == FRACTIONAL else 0.0) if until is None else number(until, "1", "until")
    step = number(step, "1", "step")
    diagram = _diagram(pressure, mixing, anchor_temperature, exchange_factor)
    found = crystallise(diagram, what.oxides, mode, until, step, progress)
    result = _path_dataset(diagram, found, what, mode, calcium_partition)
    return result.assign_attrs(exchange_factor=factor)


def _path_dataset(diagram, found: Path, what, mode, calcium_partition):
    import xarray

    states = found.states
    N, T = np.array([s.melt for s in states]), np.array([s.temperature for s in states])
    x, iron, solids = (np.stack([getattr(s, name) for s in states]) for name in ("x", "iron", "solids"))
    present = np.array([[k in s.present for k in range(3)] for s in states])
    y = np.column_stack([iron, np.zeros(len(T))])
    compositions = np.stack([solid_oxides(k, y[:, k]) for k in range(3)], axis=1)
    amounts = solids.sum(axis=-1)  # (step, solid)
    # volumes at the temperature of the step; those of ideal solutions follow from their end-members
    volumes = np.stack([_volume(diagram, k, T, solids[:, k], amounts[:, k]) for k in range(3)], axis=-1)
    masses = solids @ np.array(OXIDE_MASSES)
    melt_volume, melt_mass = N * diagram.melt_volume(x, T), N * (x @ np.array(OXIDE_MASSES))
    calcium = _calcium(what.calcium, calcium_partition, N, amounts[:, BRIDGMANITE], mode)
    with np.errstate(all="ignore"):
        partition = compositions[:, BRIDGMANITE, 0] / x[:, 0]
    along, solid = ("step",), ("step", "solid")
    whole = {"moles": (N, amounts), "volume": (melt_volume, volumes), "mass": (melt_mass, masses)}
    data = {
        "temperature": (along, T, _told("K", "temperature")),
        "melt_composition": (("step", "oxide"), x, _told("1", "mole fraction of the oxide in the melt, without CaO")),
        "present": (solid, present, _told("1", "whether the solid crystallises from the melt")),
        "solid_composition": (("step", "solid", "oxide"), compositions, _told("1", "mole fraction of the oxide in the solid in equilibrium with the melt, or nearest to it")),
        "solid_oxides": (("step", "solid", "oxide"), solids, _told("1", "moles of the oxide in all of the solid that has crystallised, per mole of the system")),
        "iron_fraction": (solid, y, _told("1", "Fe/(Fe + Mg) of the solid in equilibrium with the melt, or nearest to it")),
        "exchange_coefficient": (along, diagram.exchange(T), _told("1", "K_D of Fe and Mg between bridgmanite and ferropericlase")),
        "iron_partition_coefficient": (along, partition, _told("1", "FeO of bridgmanite over melt, mole fractions")),
        "melt_density": (along, diagram.melt_density(x, T), _told("kg m-3", "density of the melt")),
        "solid_density": (solid, np.stack([diagram.solid_density(k, T, y[:, k]) for k in range(3)], axis=-1), _told("kg m-3", "density of the solid in equilibrium with the melt, or nearest to it")),
        "melt_calcium": (along, calcium, _told("1", "mole fraction of CaO in the melt")),
        "bridgmanite_calcium": (along, calcium_partition * calcium, _told("1", "mole fraction of CaO in bridgmanite in equilibrium with the melt")),
        "mass_balance": (along, np.abs(N[:, None] * x + solids.sum(axis=1) - what.oxides).max(axis=-1), _told("1", "largest |moles of an oxide in melt and solids - in the system|, per mole of the system")),
    }  # fmt: skip
    for name, (melt, parts) in whole.items():
        total = melt + parts.sum(axis=-1)
        end = "" if name == "moles" else f"_by_{name}"
        data[f"melt_fraction{end}"] = (
            along,
            melt / total,
            _told("1", f"share of the melt in the system by {name}{' of oxides' if name == 'moles' else ''}"),
        )
        data[f"solid_fraction{end}"] = (
            solid,
            parts / total[:, None],
            _told(
                "1",
                f"share in the system of all of the solid that has crystallised, by {name}{' of oxides' if name == 'moles' else ''}",
            ),
        )
    attributes = _attributes(diagram, f"{mode.capitalize()} crystallisation of {what.name}") | {
        "composition": what.name, "mode": mode, "calcium_partition": calcium_partition, "end_reason": found.end_reason,
    }  # fmt: skip
    return xarray.Dataset(data, {"oxide": list(OXIDES), "solid": list(PHASES)}, attributes)


def _volume(diagram, phase, T, oxides, amount):
    if phase == STISHOVITE:
        return amount * diagram.solid_volume(phase, T)
    both = oxides[:, 0] + oxides[:, 1]
    return amount * diagram.solid_volume(
        phase, T, np.divide(oxides[:, 0], both, out=np.zeros_like(both), where=both > 0)
    )


def _calcium(bulk, partition, melt, bridgmanite, mode):
    """Mole fraction of CaO in the melt; it stands for as much MgO, so moles of oxides are those of FeO, MgO and SiO2."""
    if mode == BATCH:
        holds = melt + partition * bridgmanite
        return np.divide(bulk, holds, out=np.full_like(holds, np.nan), where=holds > 0)
    taken = -np.diff(melt)
    share = np.divide(
        np.diff(bridgmanite), taken, out=np.zeros_like(taken), where=taken > 0
    )  # of what crystallises in a step
    # d ln(moles of CaO) = partition * share * d ln(melt), integrated over each step
    moles = bulk * np.exp(np.concatenate([[0.0], np.cumsum(partition * share * np.diff(np.log(melt)))]))
    return moles / melt


def _temperatures(temperature) -> tuple[np.ndarray, np.ndarray | None]:
    """Temperatures [K] along one dimension, and which are masked."""
    read = column(temperature, "K", "temperature")
    if read.values.ndim > 1:
        raise InputError(
            "temperature", "an array of several dimensions.", "allowed: a number, or a list of temperatures"
        )
    return np.atleast_1d(read.values), None if read.mask is None else np.atleast_1d(read.mask)


@usual_floats
def two_component(
    bulk="pyrolite", pressure: float = 129.0e9, temperature=None, volatiles: float = 0.0
) -> xarray.Dataset:
    """Melt fraction along `temperature` [K] at `pressure` [Pa], 110-140 GPa, by the two-component model of Dannberg et al. 2021.

    bulk: as `composition` takes it; of it Fe/(Fe + Mg) alone matters. temperature: number or array; default: 21 values from
    solidus to liquidus. volatiles: mole fraction in the system, dissolved in the melt. Attributes `solidus` and `liquidus`
    [K] are those without volatiles. InputError for bad input.
    """
    import xarray

    from ..version import __version__
    from . import two_component_model as model

    what = composition(bulk)
    if not what.oxides[0] + what.oxides[1] > 0:
        raise InputError(f"composition {what.name}", "the two-component model needs FeO or MgO.")
    r = what.oxides[0] / (what.oxides[0] + what.oxides[1])
    iron = r * model.MAGNESIUM.oxides[1] / (r * model.MAGNESIUM.oxides[1] + (1 - r) * model.IRON.oxides[0])
    pressure, volatiles = number(pressure, "Pa", "pressure"), number(volatiles, "1", "volatiles")
    if not 0 <= volatiles <= 0.1:
        raise InputError(f"volatiles = {volatiles!r}", "no mole fraction of volatiles.", "allowed: 0 to 0.1")
    solidus, top = model.solidus_liquidus(pressure, iron)
    T, masked = (np.linspace(solidus, top, 21), None) if temperature is None else _temperatures(temperature)
    low, high = model.TEMPERATURE_RANGE
    there = T if masked is None else np.where(masked, low, T)
    if not ((there >= low) & (there <= high)).all():
        raise InputError(
            "temperature", "not a list of temperatures of the model.", f"allowed: {low:g} to {high:g} K"
        )
    f, x, x_s = model.melting(pressure, there, iron, volatiles) if T.size else np.empty((3, 0))
    if masked is not None:
        f, x, x_s, T = (np.where(masked, np.nan, a) for a in (f, x, x_s, T))
    melt, solid = f * model.melt_volume(pressure, T, x), (1 - f) * model.solid_volume(pressure, T, x_s)
    _, bridgmanite, ferropericlase = model.solid_iron(pressure, T, x_s)
    along = ("temperature",)
    data = {
        "melt_fraction": (along, f, _told("1", "share of the melt in the system by moles of components")),
        "melt_fraction_by_volume": (
            along,
            melt / (melt + solid),
            _told("1", "share of the melt in the system by volume"),
        ),
        "iron_in_melt": (
            along,
            x,
            _told("1", "mole fraction of the iron component in the melt, or the first melt"),
        ),
        "iron_in_solid": (
            along,
            x_s,
            _told("1", "mole fraction of the iron component in the solid, or the last solid"),
        ),
        "iron_fraction": (
            ("temperature", "solid"),
            np.stack([ferropericlase, bridgmanite], axis=-1),
            _told("1", "Fe/(Fe + Mg) of the solid"),
        ),
        "melt_density": (
            along,
            model.molar_mass(x) / model.melt_volume(pressure, T, x),
            _told("kg m-3", "density of the melt, or the first melt"),
        ),
        "solid_density": (
            along,
            model.molar_mass(x_s) / model.solid_volume(pressure, T, x_s),
            _told("kg m-3", "density of the solid, or the last solid"),
        ),
        "converged": (along, np.isfinite(f), _told("1", "whether there is an equilibrium")),
    }
    attributes = {
        "Conventions": "CF-1.11", "title": f"Melting of {what.name} in two components, {pressure / 1e9:g} GPa", "source": f"mocoupled {__version__}",
        "pressure": pressure, "pressure_units": "Pa", "iron": iron, "volatiles": volatiles, "solidus": solidus, "liquidus": top, "reference": model.REFERENCE,
        "uncertainty": "Of the same data as the ternary, with another law of mixing: at 129 GPa its liquidus of pyrolite is 930 K above that of 'full'.",
    }  # fmt: skip
    return xarray.Dataset(
        data,
        {"temperature": ("temperature", T, _told("K", "temperature")), "solid": list(PHASES[:2])},
        attributes,
    )


@usual_floats
def density_crossover(
    pressure: float, solid: str = "bridgmanite", mixing: str = "full", anchor_temperature: float | None = None
) -> tuple[tuple[float, float], ...]:
    """Where melt on the ferropericlase-bridgmanite cotectic is denser than `solid` in equilibrium with it: intervals of its FeO.

    pressure [Pa]; solid: "ferropericlase" or "bridgmanite". Each interval is (from, to) in mole fractions of FeO in the melt,
    in rising order, () where it never is; the first begins at 0, or the last ends with the cotectic, if it is denser there.
    """
    choice(solid, PHASES[:2], "solid", "it is not on this cotectic.")
    diagram, k = _diagram(pressure, mixing, anchor_temperature), PHASES.index(solid)

    def lead(iron):
        x, T, y, _ = diagram.cotectic(FERROPERICLASE, BRIDGMANITE, iron)
        return diagram.melt_density(x, T) - diagram.solid_density(k, T, y[..., k]), x[..., 0]

    return _positive(lead, np.linspace(0.0, 1.0, 101))


@usual_floats
def density_crossover_pressure(bulk="pyrolite", mixing: str = "full") -> tuple[tuple[float, float], ...]:
    """Where a melt of composition `bulk` is denser at its liquidus than its first solid: intervals of pressure [Pa] in 25-136 GPa."""
    what = composition(bulk)

    def lead(P):
        found = [liquidus([what.oxides], p, mixing) for p in P]
        return np.array([float(f.melt_density[0] - f.liquidus_density[0]) for f in found]), P

    return _positive(lead, np.linspace(*PRESSURE_RANGE, 23))


def _positive(function, points) -> tuple[tuple[float, float], ...]:
    """Intervals of the second value of function in which the first is positive; points where it is NaN do not count."""
    value, told = function(points)
    there = np.isfinite(value)
    value, told, points = value[there], told[there], points[there]
    if not len(points):
        return ()
    ends = [float(told[0])] if value[0] > 0 else []
    for k in np.flatnonzero((value[:-1] > 0) != (value[1:] > 0)):
        low, high, sign = points[k], points[k + 1], value[k] > 0
        while high - low > 1e-10 * max(abs(low), abs(high)):
            middle = 0.5 * (low + high)
            (lead,), (at,) = function(np.array([middle]))
            low, high = (middle, high) if (lead > 0) == sign else (low, middle)
        ends.append(float(at))
    if value[-1] > 0:
        ends.append(float(told[-1]))
    return tuple(zip(ends[::2], ends[1::2]))
