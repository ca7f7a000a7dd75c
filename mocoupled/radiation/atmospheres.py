"""Profiles of the atmosphere of a run at chosen times, or of equilibria: `mo.profiles`."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..conditions import choice as choice_of
from ..errors import InputError, users_line
from ..floating import usual_floats
from ..provenance.omissions import OmissionWarning
from ..results.integrity import MISSING
from ..results.output import read_one
from ..value_kinds import is_a
from .level_chemistry import Levels, Quench, composition_of, read_quench
from .outgoing import check_conditions, radiation_at, resolution_of
from .stored_gas import Choice, StoredGas, gas_of

if TYPE_CHECKING:
    import xarray

MIXED, EQUILIBRIUM = COMPOSITIONS = ("mixed", "equilibrium")
BANDS = "bands"
# stored variable -> its name in the result
FLUXES = {"flux": "net_flux", "absorbed_flux": "absorbed_flux", "outgoing_flux": "stored_outgoing_flux"}
# what NaN means
GAPS = {
    "equilibrium_mixing_ratio": {MISSING: "above the last level, where the stratosphere begins"},
    "quench_temperature": {MISSING: "nothing is frozen"},
    "quench_pressure": {MISSING: "nothing is frozen"},
}
COLUMNS = {
    BANDS: "the column of the radiation of the run",
    "": "the column of the radiation by bands over these equilibria",
}
OTHER = (
    "the column that the radiation by bands has over the surface of the run, which radiates by {law}: "
    "outgoing_flux is not the flux of the run (net_flux)"
)


@usual_floats
def profiles(
    result: xarray.Dataset | str | os.PathLike[str],
    times: object = None,
    *,
    composition: str = MIXED,
    quench: str | None = None,
    species: str | Sequence[str] = "run",
    gravity: object = None,
    stratosphere_temperature: object = None,
    opacity_factor: object = None,
    mechanism: str | None = None,
    levels: Sequence[int] = (14, 10),
) -> xarray.Dataset:
    """Temperature, pressure, height, composition and clouds of the atmosphere of a result, and its spectrum.

    result: a run (`run`, `read`, or its folder) or equilibria (`equilibrium`, `gas_equilibrium`); their
    surface temperature and partial pressures are taken as stored: no chemistry is solved again.
    times: of a run [s], or text ("10 kyr", "start", "end"), or a list of these; between stored states
    temperature and ln of pressures are linear in time. By default eight stored states at even distances in
    surface temperature; "all": every stored state.
    composition: "mixed", as at the surface up to the clouds; or "equilibrium": of the elements of each level
    at its temperature and pressure, by `gas_equilibrium` and the fugacity law of the result, for the gases
    `species`: "run" (those of the result), "all" (of the smallest shipped mechanism with their elements) or
    names.
    quench: the level above which reactions are too slow, "1000 K" or "1 bar". Temperatures, heights and
    fluxes are those of the mixed column in any case.
    gravity [m/s2], stratosphere_temperature [K], opacity_factor, mechanism: in place of those of the result.
    Equilibria need gravity; their stratosphere has 200 K. levels: as of `outgoing_radiation`.

    Returns the Dataset of `outgoing_radiation` along the times or points, with, besides:
    mixed_column_mass(species) [kg/m2]: of the well-mixed atmosphere that the run counts, beside column_mass;
    surface_water [kg/m2]: liquid at the surface. With chemistry.water it is the condensed water of the
    result (its saturation and that of the column differ by up to 0.12 %); otherwise the water above
    saturation, which the result has as gas: an OmissionWarning states it;
    net_flux, absorbed_flux, stored_outgoing_flux [W/m2] of a run, where stored;
    equilibrium_mixing_ratio(level_species, level) and quenched(level), quench_temperature, quench_pressure.
    attrs["column"]: what the column is, for a run of another radiation law.
    InputError for a result without what a column needs, and for arguments without meaning.
    """
    kind = choice_of(composition, COMPOSITIONS, "composition =", "no such composition.")
    level = read_quench(quench)
    if kind == MIXED and quench is not None:
        raise InputError("quench=", "it acts on nothing.", cure="set composition='equilibrium'")
    if kind == MIXED and species != "run":
        raise InputError("species=", "it acts on nothing.", cure="set composition='equilibrium'")
    resolution = resolution_of(levels)
    if not is_a(result, "xarray", "Dataset"):
        result = read_one(result)
    chosen = Choice(gravity, stratosphere_temperature, opacity_factor, mechanism)
    stored = gas_of(result, times, chosen)  # type: ignore[arg-type]  # a Dataset, as is_a says
    check_conditions(stored.conditions, [gas.name for gas in stored.gases])
    made = radiation_at(stored.conditions, stored.gases, resolution, stored.mechanism)
    made = _with_stored(made, stored)
    if kind == EQUILIBRIUM:
        made = _with_equilibrium(made, stored, level, species)
    column = COLUMNS.get(stored.law, OTHER.format(law=stored.law))
    about = {
        name: stored.states.attrs[name] for name in ("case_name", "source") if name in stored.states.attrs
    }
    return made.assign_attrs(column=column, level_composition=kind, **about)


def _with_stored(made: xarray.Dataset, stored: StoredGas) -> xarray.Dataset:
    """The columns with liquid water, masses of the well-mixed gas and the fluxes that the run stores."""
    points, shape = made.outgoing_flux.dims, made.outgoing_flux.shape
    mixed = stored.mixed_masses
    added: dict[str, tuple[tuple[str, ...], np.ndarray, str, str]] = {
        "mixed_column_mass": (
            ("species", *map(str, points)),
            mixed.reshape(-1, *shape),
            "kg/m^2",
            "mass of each gas above the surface of a well-mixed atmosphere",
        )
    }
    water = stored.water
    if water is None:
        water = np.zeros(stored.conditions.size)
        names = [gas.name for gas in stored.gases]
        if "H2O" in names:
            k = names.index("H2O")
            excess = np.array(made.liquid_water.values).reshape(-1)
            present = stored.pressures[k] > 0.0
            water[present] = (mixed[k] * excess)[present] / stored.pressures[k][present]
            _warn_of_ocean(water)
    title = "liquid water at the surface"
    added["surface_water"] = (tuple(map(str, points)), water.reshape(shape), "kg/m^2", title)
    variables = {
        name: (along, values, {"units": unit, "long_name": text})
        for name, (along, values, unit, text) in added.items()
    }
    for name, other in FLUXES.items():
        if "time" in stored.states.dims and name in stored.states:
            values = stored.states[name]
            label = {"units": "W/m^2", "long_name": f"{values.attrs['long_name']}, as stored"}
            variables[other] = (tuple(map(str, values.dims)), values.values, label)
    source = "of the chemistry (chemistry.water)" if stored.water is not None else "above saturation"
    return made.assign(variables).assign_attrs(surface_water=source)


def _warn_of_ocean(water: np.ndarray) -> None:
    """An OmissionWarning for liquid water [kg/m2] in a result whose chemistry has it as gas."""
    wet = np.count_nonzero(water > 0.0)
    if wet:
        warnings.warn(
            f"water is above its saturation at {wet} of {water.size} points, up to "
            f"{np.nanmax(water):.3g} kg/m2, and the chemistry of the result has it as gas: with "
            "chemistry.water = true it condenses, and the other gases change with it.",
            OmissionWarning,
            stacklevel=users_line(),
        )


def _with_equilibrium(
    made: xarray.Dataset, stored: StoredGas, quench: Quench, species: str | Sequence[str]
) -> xarray.Dataset:
    """The columns with the composition of their levels in equilibrium."""
    points, shape = tuple(map(str, made.outgoing_flux.dims)), made.outgoing_flux.shape
    count = made.sizes["level"]
    composition: dict[str, Mapping[str, float]] = {}
    for gas in stored.gases:
        atoms = stored.mechanism.species[gas.name].composition
        composition[gas.name] = {element: float(number) for element, number in atoms.items()}
    levels = Levels(
        tuple(composition),
        composition,
        made.level_temperature.values.reshape(count, -1),
        made.level_pressure.values.reshape(count, -1),
        made.mixing_ratio.values.reshape(len(composition), count, -1),
        stored.fugacity,
    )
    solved = composition_of(levels, quench, species, stored.mechanism)
    rows: dict[str, tuple[tuple[str, ...], np.ndarray, str, str]] = {
        "equilibrium_mixing_ratio": (
            ("level_species", "level", *points),
            solved.mixing.reshape(len(solved.names), count, *shape),
            "1",
            "mole fraction of each gas in equilibrium at the levels, frozen above the quench level",
        ),
        "quenched": (
            ("level", *points),
            solved.frozen.reshape(count, *shape),
            "1",
            "whether the level has the composition of the quench level",
        ),
        "quench_temperature": (
            points,
            solved.quench_T.reshape(shape),
            "K",
            "temperature of the quench level",
        ),
        "quench_pressure": (points, solved.quench_p.reshape(shape), "Pa", "pressure of the quench level"),
    }
    variables = {
        name: (along, values, {"units": unit, "long_name": text} | GAPS.get(name, {}))
        for name, (along, values, unit, text) in rows.items()
    }
    made = made.assign(variables).assign_coords(level_species=list(solved.names))
    return made.assign_attrs(level_mechanism=solved.mechanism)
