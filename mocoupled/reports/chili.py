"""Files for CHILI, the intercomparison of magma-ocean models: a run as its evolution table, an equilibrium as a static one.

Columns, order, names and limits are those of intercomparison/README.md of github.com/projectcuisines/chili (protocol:
Lichtenberg et al. 2026, PSJ 7, 108). What this model does not have is NaN; chili_notes.py tells, file by file, what stands
in a column and what departs from the protocol.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..case import Case
from ..closures.registry import find
from ..constants import BAR, STEFAN_BOLTZMANN_CONSTANT, YEAR
from ..errors import InputError
from ..files import content, new_folder, write_text
from ..interior.silicate_eos import melt_phase, solid_phase
from ..interior.two_phase import melting_range
from ..results.graphite import present
from .chili_notes import ATOMIC_WEIGHTS, evolution_notes, merged, static_notes

if TYPE_CHECKING:
    import xarray

CODE = "mocoupled"
EVOLUTION = (
    "t(yr)", "T_surf(K)", "T_pot(K)", "flux_surf(W/m2)", "flux_OLR(W/m2)", "flux_ASR(W/m2)", "phi(vol_frac)", "fO2_solid(bar)",
    "fO2_melt(bar)", "thick_surf_bl(m)", "massC_solid(kg)", "massC_melt(kg)", "massC_atm(kg)", "massH_solid(kg)", "massH_melt(kg)",
    "massH_atm(kg)", "massO_atm(kg)", "p_surf(bar)", "p_H2O(bar)", "p_CO2(bar)", "p_CO(bar)", "p_H2(bar)", "p_CH4(bar)", "p_O2(bar)",
    "mmw(kg/mol)", "R_trans(m)", "R_solid(m)",
    "viscosity(Pa.s)", "phi(mass_frac)",  # appended, as most submissions do
)  # fmt: skip
STATIC = (
    "z(m)",
    "p_tot(bar)",
    "T(K)",
    "p_H2O(bar)",
    "p_CO2(bar)",
    "p_CO(bar)",
    "p_H2(bar)",
    "p_CH4(bar)",
    "p_O2(bar)",
)
GASES = ("H2O", "CO2", "CO", "H2", "CH4")
MILESTONES = (0.95, 0.40, 0.05)  # melt fractions at which the models are compared
ROWS, LARGEST = 1600, 1_000_000  # rows of a file, and its bytes
GRID = {
    "H": {"low": 1.6e20, "mid": 7.8e20, "high": 1.6e21},
    "C": {"low": 1.36e20, "mid": 2.73e20, "high": 5.44e20},
}  # kg
GRIDDED, SAME = (
    ("earth", "venus"),
    5e-3,
)  # planets that have a grid; an inventory is that of the grid to so much


# ---- tables


def evolution_table(result: xarray.Dataset) -> dict[str, np.ndarray]:
    """Column -> values along the stored times, in the protocol's units; NaN where the run has no such quantity.

    result: a run, of `mocoupled.run` or `mocoupled.read`. The volume fraction of melt needs the column.
    """
    case = _case(result)
    time = _along(result, "time", 1 / YEAR)
    nothing = np.full(len(time), np.nan)
    flux, absorbed = (
        _along(result, "flux"),
        STEFAN_BOLTZMANN_CONSTANT * case.planet.equilibrium_temperature**4,
    )
    pressure = {s: _species(result, "pressure", s, 1 / BAR) for s in GASES}
    fO2 = 10 ** _along(result, "log10_fO2")
    depth = _along(result, "rheological_front_depth")
    surface = _along(result, "surface_temperature")
    oxygen = pressure_of_oxygen(result, fO2)
    values = (
        time, surface, surface, flux, flux + absorbed, np.full(len(time), absorbed), volume_fraction(result, case), nothing,
        fO2, nothing, *_element(result, case, "C"), *_element(result, case, "H"),
        _oxygen_of_gas(result, fO2), _along(result, "surface_pressure", 1 / BAR), *pressure.values(), oxygen,
        _along(result, "mean_molar_mass"), nothing, case.planet.radius - depth,
        _viscosity(result), _along(result, "melt_fraction"),
    )  # fmt: skip
    return dict(zip(EVOLUTION, values, strict=True))


def pressure_of_oxygen(result: xarray.Dataset, fO2: np.ndarray) -> np.ndarray:
    """bar, along time: of the gas O2, or its fugacity in a run whose gas leaves it out."""
    return _species(result, "pressure", "O2", 1 / BAR) if "O2" in result.coords.get("species", ()) else fO2


def volume_fraction(result: xarray.Dataset, case: Case) -> np.ndarray:
    """Melt of the whole mantle by volume, along time: every cell's by mass with the densities of melt and crystals on the
    melting curves at its pressure. NaN without a column."""
    if "local_melt_fraction" not in result:
        return np.full(result.sizes["time"], np.nan)
    mantle = case.mantle
    laws = find("solidus", mantle.solidus), find("liquidus", mantle.liquidus)
    span = melting_range(
        result["cell_pressure"].values, melt_phase(mantle.melt_eos), solid_phase(mantle.solid_eos), *laws
    )
    melt, mass = result["local_melt_fraction"].values, result["cell_mass"].values
    molten, frozen = melt @ (mass / span.melt_density), (1 - melt) @ (mass / span.solid_density)
    return molten / (molten + frozen)


def static_table(state: xarray.Dataset) -> dict[str, np.ndarray]:
    """Column -> the one value at the surface, of an equilibrium at a single condition (mo.equilibrium, mo.gas_equilibrium)."""
    alone = state.squeeze(drop=False)
    if alone["converged"].dims:
        raise InputError(
            "equilibrium",
            "it holds several conditions.",
            "allowed: one temperature and one of every other",
            "choose one with .isel(...)",
        )
    if not bool(alone["converged"]):
        raise InputError("equilibrium", "it did not converge: there are no numbers to hand in.")
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
    """Indices of the stored times that a file keeps: first and last, both sides of every milestone of the melt fraction,
    and of the others as many evenly along the steps as along the logarithm of time."""
    count = len(time)
    kept = {0, count - 1}
    for level in MILESTONES:
        kept |= {
            index
            for k in np.flatnonzero((melt[:-1] > level) & (melt[1:] <= level))
            for index in (int(k), int(k) + 1)
        }
    if count <= most:
        return np.arange(count)
    half = (most - len(kept)) // 2
    kept |= set(np.linspace(0, count - 1, half).astype(int).tolist())
    times = np.geomspace(max(time[1], time[-1] * 1e-12), time[-1], half)
    kept |= set(np.clip(np.searchsorted(time, times), 0, count - 1).tolist())
    return np.array(sorted(kept))


def _case(result) -> Case:
    if "case" not in result.attrs or "time" not in result.dims:
        raise InputError(
            "result",
            "this is no run: it has no case, or no time.",
            "allowed: a run, as 'mocoupled run' stores it",
        )
    return Case.parse(result.attrs["case"], "case of the run", result.attrs.get("case_name", "case"))


def _along(result, name, scale=1.0):
    return (
        np.asarray(result[name].values, float) * scale
        if name in result
        else np.full(result.sizes["time"], np.nan)
    )


def _species(result, name, species, scale=1.0):
    if name not in result or species not in result.species.values:
        return np.full(result.sizes["time"], np.nan)
    return result[name].sel(species=species).values * scale


def _element(result, case, element):
    """kg of an element in crystals (with graphite), melt and gas, along time; NaN where it is absent."""
    solid, melt, gas = np.zeros((3, result.sizes["time"]))
    carriers = {s: n[element] for s, n in json.loads(result.attrs["composition"]).items() if element in n}
    if "gas_mass" not in result or not carriers:
        return [np.full(result.sizes["time"], np.nan)] * 3
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
        solid, melt, gas = (
            solid + crystals,
            melt + dissolved - crystals,
            gas + share * _species(result, "gas_mass", species),
        )
    return [solid, melt, gas]


def _oxygen_of_gas(result, fO2):
    """kg of oxygen in the gas, O2 with two atoms, also in a run whose gas leaves it out."""
    if "gas_mass" not in result:
        return np.full(result.sizes["time"], np.nan)
    compositions, molar = json.loads(result.attrs["composition"]), json.loads(result.attrs["molar_masses"])
    atoms, moles = np.zeros((2, result.sizes["time"]))
    for species in map(str, result.species.values):
        amount = _species(result, "gas_mass", species) / molar[species]
        atoms, moles = atoms + amount * compositions[species].get("O", 0), moles + amount
    if "O2" not in result.species.values:
        atoms = atoms + 2 * moles * np.nan_to_num(fO2) * BAR / result["surface_pressure"].values
    return atoms * ATOMIC_WEIGHTS["O"]


def _viscosity(result):
    """Pa s: geometric mean over the mantle's mass, or that of the lumped mantle."""
    if "log10_viscosity" not in result:
        return np.full(result.sizes["time"], np.nan)
    values = result["log10_viscosity"].values
    return 10 ** (
        values @ result["cell_mass"].values / result["cell_mass"].values.sum() if values.ndim == 2 else values
    )


# ---- files


def export(
    result: xarray.Dataset, folder: str | os.PathLike, planet: str | None = None, overwrite: bool = False
) -> list[Path]:
    """Write a run in CHILI's layout: outputs/mocoupled/evolution-mocoupled-<planet>-data.csv and ...-notes.txt, which keeps
    what it says of other planets, and inputs/mocoupled/evolution-mocoupled-<planet>-config.toml; the paths written.

    planet: its name in the files; by default that of a shipped case (chili-earth), with the inventories of the grid
    where the run has them (earth-grid-Hlow-Cmid). InputError, before anything is written, for a name that
    cannot be told or a data file that is there, unless overwrite.
    """
    name = planet_name(result, planet)
    files = _places(folder, f"evolution-{CODE}-{name}", f"evolution-{CODE}", overwrite)
    table = evolution_table(result)
    melt = table["phi(vol_frac)"] if np.isfinite(table["phi(vol_frac)"]).all() else table["phi(mass_frac)"]
    rows = chosen_rows(result["time"].values, melt)
    text = _csv(table, rows)
    notes = evolution_notes(result, _case(result), name, len(rows))
    return _write(files, text, result.attrs["case"], notes)


def export_static(
    state: xarray.Dataset, folder: str | os.PathLike, planet: str, snapshot: str, overwrite: bool = False
) -> list[Path]:
    """The same of one equilibrium: static-mocoupled-<planet>-<snapshot>-data.csv and so on. snapshot: "tau3-cold"."""
    if not re.fullmatch(r"tau[3-9]-(hot|cold)", snapshot):
        raise InputError(
            f"snapshot = {snapshot!r}",
            "not one of CHILI's.",
            "allowed: tau3 to tau9, with -hot or -cold, such as 'tau3-cold'",
        )
    name = _checked_name(planet)
    text = _csv(static_table(state), np.array([0]))
    files = _places(folder, f"static-{CODE}-{name}-{snapshot}", f"static-{CODE}", overwrite)
    return _write(files, text, _asked(state), static_notes(state, f"{name}-{snapshot}"))


def planet_name(result: xarray.Dataset, planet: str | None = None) -> str:
    """The name of the planet in the files, checked."""
    if planet is not None:
        return _checked_name(planet)
    case_name = result.attrs.get("case_name", "")
    if not case_name.startswith("chili-"):
        raise InputError(
            "planet",
            f"the run is of {case_name!r}, which is no case of CHILI's.",
            "allowed: a run of chili-earth and so on",
            "name the planet: --planet NAME",
        )
    name = _checked_name(case_name.removeprefix("chili-"))
    if name not in GRIDDED or "element_moles" not in result:
        return name
    moles = result["element_moles"].isel(time=0)
    cell = {}
    for element, levels in GRID.items():
        held = (
            float(moles.sel(element=element)) * ATOMIC_WEIGHTS[element]
            if element in moles.element.values
            else 0.0
        )
        cell[element] = next(
            (level for level, mass in levels.items() if abs(held - mass) < SAME * mass), None
        )
    return f"{name}-grid-H{cell['H']}-C{cell['C']}" if all(cell.values()) else name


def _checked_name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*", name):
        raise InputError(
            f"planet = {name!r}",
            "not a name for files.",
            "allowed: letters, digits and single hyphens, such as 'earth'",
        )
    return name


def _csv(table: Mapping[str, np.ndarray], rows: np.ndarray) -> str:
    columns = [values[rows] for values in table.values()]
    lines = (",".join("NaN" if np.isnan(v) else f"{v:.9e}" for v in row) for row in zip(*columns))
    text = "\n".join([",".join(table), *lines]) + "\n"
    if len(text) > LARGEST:
        raise InputError("table", f"it would be a file of {len(text)} bytes.", f"allowed: {LARGEST}")
    return text


def _places(folder, stem, notes, overwrite) -> dict[str, Path]:
    home = Path(folder)
    out, put = (new_folder(home / part / CODE) for part in ("outputs", "inputs"))
    files = {
        "data": out / f"{stem}-data.csv",
        "config": put / f"{stem}-config.toml",
        "notes": out / f"{notes}-notes.txt",
    }
    held = [str(files[kind]) for kind in ("data", "config") if files[kind].exists()]
    if held and not overwrite:
        raise InputError(
            f"output {home}",
            f"it holds {' and '.join(held)} already.",
            cure="name another folder, or overwrite them with --overwrite",
        )
    return files


def _write(files, table, config, notes) -> list[Path]:
    old = content(files["notes"]).decode("utf-8", errors="replace") if files["notes"].exists() else ""
    for path in files.values():
        path.parent.mkdir(parents=True, exist_ok=True)
    for kind, text in (("data", table), ("config", config), ("notes", merged(old, notes))):
        write_text(files[kind], text, newline="\n")
    return list(files.values())


def _asked(state) -> str:
    """What an equilibrium was asked for, as TOML."""
    import tomli_w

    alone = state.squeeze(drop=False)
    given = {
        str(n): float(alone[n])
        for n in alone.variables
        if not alone[n].dims
        and (n in ("temperature", "total_pressure", "melt_fraction") or str(n).startswith("moles_"))
    }
    about = {
        n: str(alone.attrs[n])
        for n in (
            "case_name",
            "mechanism",
            "mechanism_sha256",
            "thermochemistry",
            "oxygen_fugacity",
            "fugacity",
        )
        if n in alone.attrs
    }
    return tomli_w.dumps({"asked": given, "with": about})
