"""The tables of CHILI's files: the columns of a run along time, and of one equilibrium.

Columns, order, names and limits are those of intercomparison/README.md of github.com/projectcuisines/chili
(protocol: Lichtenberg et al. 2026, PSJ 7, 108). What this model does not have is NaN.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import numpy as np

from ..case import Case
from ..closures.registry import find
from ..constants import BAR, STEFAN_BOLTZMANN_CONSTANT, YEAR
from ..errors import InputError
from ..interior.silicate_eos import melt_phase, solid_phase
from ..interior.static_structure import structure
from ..interior.two_phase import melting_range
from ..results.graphite import present

if TYPE_CHECKING:
    import xarray

# kg/mol, conventional, as in the mechanisms
ATOMIC_WEIGHTS = {"H": 1.00794e-3, "C": 12.0107e-3, "O": 15.9994e-3}
EVOLUTION = (
    "t(yr)",
    "T_surf(K)",
    "T_pot(K)",
    "flux_surf(W/m2)",
    "flux_OLR(W/m2)",
    "flux_ASR(W/m2)",
    "phi(vol_frac)",
    "fO2_solid(bar)",
    "fO2_melt(bar)",
    "thick_surf_bl(m)",
    "massC_solid(kg)",
    "massC_melt(kg)",
    "massC_atm(kg)",
    "massH_solid(kg)",
    "massH_melt(kg)",
    "massH_atm(kg)",
    "massO_atm(kg)",
    "p_surf(bar)",
    "p_H2O(bar)",
    "p_CO2(bar)",
    "p_CO(bar)",
    "p_H2(bar)",
    "p_CH4(bar)",
    "p_O2(bar)",
    "mmw(kg/mol)",
    "R_trans(m)",
    "R_solid(m)",
    # appended, as most submissions do
    "viscosity(Pa.s)",
    "phi(mass_frac)",
)
PRESSURES = ("p_H2O(bar)", "p_CO2(bar)", "p_CO(bar)", "p_H2(bar)", "p_CH4(bar)", "p_O2(bar)")
STATIC = ("z(m)", "p_tot(bar)", "T(K)", *PRESSURES)
GASES = ("H2O", "CO2", "CO", "H2", "CH4")
MILESTONES = (0.95, 0.40, 0.05)  # melt fractions at which the models are compared
ROWS = 1600  # of a file, at most


def evolution_table(result: xarray.Dataset) -> dict[str, np.ndarray]:
    """Column -> values along the stored times, in the protocol's units; NaN for what the run lacks.

    result: a run, of `mocoupled.run` or `mocoupled.read`. The volume fraction of melt needs the column.
    """
    case = case_of(result)
    time = _along(result, "time", 1 / YEAR)
    nothing = np.full(len(time), np.nan)
    flux = _along(result, "flux")
    absorbed = _absorbed(result, case)
    pressure = {s: _species(result, "pressure", s, 1 / BAR) for s in GASES}
    fO2 = 10 ** _along(result, "log10_fO2")
    depth = _along(result, "rheological_front_depth")
    surface = _along(result, "surface_temperature")
    oxygen = pressure_of_oxygen(result, fO2)
    values = (
        time,
        surface,
        surface,
        flux,
        flux + absorbed,
        absorbed,
        volume_fraction(result, case),
        nothing,
        fO2,
        nothing,
        *_element(result, case, "C"),
        *_element(result, case, "H"),
        _oxygen_of_gas(result, fO2),
        _along(result, "surface_pressure", 1 / BAR),
        *pressure.values(),
        oxygen,
        _along(result, "mean_molar_mass"),
        nothing,
        structure(case.planet).radius - depth,
        _viscosity(result),
        _along(result, "melt_fraction"),
    )
    return dict(zip(EVOLUTION, values, strict=True))


def _absorbed(result: xarray.Dataset, case: Case) -> np.ndarray:
    """Absorbed starlight [W/m2], along time: of the result, or of an equilibrium temperature."""
    T_eq = case.planet.equilibrium_temperature
    if T_eq is None:
        return _along(result, "absorbed_flux")
    return np.full(result.sizes["time"], STEFAN_BOLTZMANN_CONSTANT * T_eq**4)


def pressure_of_oxygen(result: xarray.Dataset, fO2: np.ndarray) -> np.ndarray:
    """Pressure of O2 [bar], along time: of the gas, or its fugacity in a run whose gas leaves it out."""
    if "O2" in result.coords.get("species", ()):
        return _species(result, "pressure", "O2", 1 / BAR)
    return fO2


def volume_fraction(result: xarray.Dataset, case: Case) -> np.ndarray:
    """Melt of the whole mantle by volume, along time; NaN without a column.

    Of every cell: its melt by mass, with the densities of melt and crystals on the melting curves at its
    pressure.
    """
    if "local_melt_fraction" not in result:
        return np.full(result.sizes["time"], np.nan)
    mantle = case.mantle
    used = json.loads(result.attrs["laws"])
    laws = find("solidus", used["solidus"]["name"]), find("liquidus", used["liquidus"]["name"])
    span = melting_range(
        result["cell_pressure"].values, melt_phase(mantle.melt_eos), solid_phase(mantle.solid_eos), *laws
    )
    melt, mass = result["local_melt_fraction"].values, result["cell_mass"].values
    molten, frozen = melt @ (mass / span.melt_density), (1 - melt) @ (mass / span.solid_density)
    return molten / (molten + frozen)


def static_table(state: xarray.Dataset) -> dict[str, np.ndarray]:
    """Column -> the value at the surface (1,), of an equilibrium at a single condition.

    state: of `mocoupled.equilibrium` or `mocoupled.gas_equilibrium`.
    InputError for several conditions, or one that did not converge.
    """
    alone = state.squeeze(drop=False)
    if alone["converged"].dims:
        raise InputError(
            "equilibrium",
            "it contains several conditions.",
            "allowed: one temperature and one of every other",
            "choose one with .isel(...)",
        )
    if not bool(alone["converged"]):
        raise InputError("equilibrium", "it did not converge: there are no numbers to export.")
    total = "surface_pressure" if "surface_pressure" in alone else "total_pressure"
    gas = {str(s): float(alone["pressure"].sel(species=s)) / BAR for s in alone.species.values}
    oxygen = gas.get("O2", 10 ** float(alone["log10_fO2"]) if "log10_fO2" in alone else np.nan)
    values = (
        0.0,
        float(alone[total]) / BAR,
        float(alone["temperature"]),
        *(gas.get(s, np.nan) for s in GASES),
        oxygen,
    )
    return {name: np.array([value]) for name, value in zip(STATIC, values, strict=True)}


def chosen_rows(time: np.ndarray, melt: np.ndarray, most: int = ROWS) -> np.ndarray:
    """Indices of the stored times that a file keeps, at most about `most`.

    First and last, and both sides of every milestone of the melt fraction.
    Of the others, as many evenly along the steps as along the logarithm of time.
    time (n,) [s]; melt (n,): melt fraction.
    """
    count = len(time)
    kept = {0, count - 1}
    for level in MILESTONES:
        for k in np.flatnonzero((melt[:-1] > level) & (melt[1:] <= level)):
            kept |= {int(k), int(k) + 1}
    if count <= most:
        return np.arange(count)
    half = (most - len(kept)) // 2
    kept |= set(np.linspace(0, count - 1, half).astype(int).tolist())
    times = np.geomspace(max(time[1], time[-1] * 1e-12), time[-1], half)
    kept |= set(np.clip(np.searchsorted(time, times), 0, count - 1).tolist())
    return np.array(sorted(kept))


def case_of(result: xarray.Dataset) -> Case:
    """The case of a run; InputError for a Dataset that is no run."""
    if "case" not in result.attrs or "time" not in result.dims:
        raise InputError(
            "result",
            "this is not a run: it has no case, or no time.",
            "allowed: a run, as 'mocoupled run' stores it",
        )
    return Case.stored(result.attrs["case"], result.attrs.get("case_name", "case"))


def _nothing(result: xarray.Dataset) -> np.ndarray:
    """A column of NaN."""
    return np.full(result.sizes["time"], np.nan)


def _along(result: xarray.Dataset, name: str, scale: float = 1.0) -> np.ndarray:
    """A variable along time; NaN where the run does not have it."""
    if name not in result:
        return _nothing(result)
    return np.asarray(result[name].values, float) * scale


def _species(result: xarray.Dataset, name: str, species: str, scale: float = 1.0) -> np.ndarray:
    """A variable of a species along time; NaN where the run does not have it."""
    if name not in result or species not in result.species.values:
        return _nothing(result)
    return result[name].sel(species=species).values * scale


def _element(result: xarray.Dataset, case: Case, element: str) -> list[np.ndarray]:
    """kg of an element in crystals (with graphite), melt and gas, along time; NaN where it is absent."""
    solid, melt, gas = np.zeros((3, result.sizes["time"]))
    carriers = {s: n[element] for s, n in json.loads(result.attrs["composition"]).items() if element in n}
    if "gas_mass" not in result or not carriers:
        return [_nothing(result)] * 3
    molar = json.loads(result.attrs["molar_masses"])
    liquid = result["melt_mass"].values
    frozen = liquid[0] / result["melt_fraction"].values[0] - liquid
    for species, atoms in carriers.items():
        share = atoms * ATOMIC_WEIGHTS[element] / molar[species]
        if species not in result.species.values:  # graphite
            if "graphite_mass" in result:
                solid = solid + share * present(result).values
            continue
        partition = case.volatiles.partition_coefficient.get(species, 0.0)
        dissolved = share * _species(result, "dissolved_mass", species)
        crystals = dissolved * partition * frozen / (liquid + partition * frozen)
        if "trapped_mass" in result:
            solid = solid + share * _species(result, "trapped_mass", species)
        solid = solid + crystals
        melt = melt + dissolved - crystals
        gas = gas + share * _species(result, "gas_mass", species)
    return [solid, melt, gas]


def _oxygen_of_gas(result: xarray.Dataset, fO2: np.ndarray) -> np.ndarray:
    """kg of oxygen in the gas, O2 with two atoms, also in a run whose gas leaves it out."""
    if "gas_mass" not in result:
        return _nothing(result)
    compositions, molar = json.loads(result.attrs["composition"]), json.loads(result.attrs["molar_masses"])
    atoms, moles = np.zeros((2, result.sizes["time"]))
    for species in map(str, result.species.values):
        amount = _species(result, "gas_mass", species) / molar[species]
        atoms, moles = atoms + amount * compositions[species].get("O", 0), moles + amount
    if "O2" not in result.species.values:
        atoms = atoms + 2 * moles * np.nan_to_num(fO2) * BAR / result["surface_pressure"].values
    return atoms * ATOMIC_WEIGHTS["O"]


def _viscosity(result: xarray.Dataset) -> np.ndarray:
    """Viscosity [Pa s]: the geometric mean over the mantle's mass, or that of the lumped mantle."""
    if "log10_viscosity" not in result:
        return _nothing(result)
    exponent = result["log10_viscosity"].values
    if exponent.ndim == 2:
        mass = result["cell_mass"].values
        exponent = exponent @ mass / mass.sum()
    return 10**exponent
