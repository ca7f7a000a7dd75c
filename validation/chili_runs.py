"""The runs behind reports/chili.md: which there are, and how they are computed or read."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import xarray

import mocoupled as mo
from mocoupled.reports.chili import GRID, GRIDDED

PLANETS = {
    "earth": "Earth",
    "venus": "Venus",
    "trappist1e": "TRAPPIST-1 e",
    "trappist1b": "TRAPPIST-1 b",
    "trappist1alpha": "TRAPPIST-1 alpha",
}
# The starlight at the start of the clock as an equilibrium temperature [K], which a grey law needs.
TEMPERATURES = {
    "earth": 245.8,
    "venus": 289.1,
    "trappist1e": 386.9,
    "trappist1b": 616.0,
    "trappist1alpha": 1608.6,
}
LUMPED = {"mantle.model": "lumped"}
OPACITIES = (0.5, 2.0)
Changes = Mapping[str, object]


def grey(planet: str) -> Changes:
    """The changes to a case that make its atmosphere grey, as it was before."""
    return {
        "atmosphere.radiation": "AbeMatsui1985",
        "planet.equilibrium_temperature": TEMPERATURES[planet],
    }


def wanted() -> dict[str, tuple[str, Changes]]:
    """Name of a run's folder -> name of its planet, changes to the planet's case. Short runs come first."""
    lumped, column = {}, {}
    for planet in PLANETS:
        lumped[f"chili-{planet}-lumped"] = planet, LUMPED
        lumped[f"chili-{planet}-grey-lumped"] = planet, {**grey(planet), **LUMPED}
        column[f"chili-{planet}"] = planet, {}
        column[f"chili-{planet}-grey"] = planet, grey(planet)
    for factor in OPACITIES:
        changes = {"atmosphere.opacity_factor": factor}
        column[f"chili-earth-opacity-{factor:g}"] = "earth", changes
        lumped[f"chili-earth-opacity-{factor:g}-lumped"] = "earth", {**changes, **LUMPED}
    for planet, hydrogen, carbon in grid():
        name = grid_name(planet, hydrogen, carbon)
        amounts = {
            "volatiles.hydrogen": f"{GRID['H'][hydrogen]:g} kg",
            "volatiles.carbon": f"{GRID['C'][carbon]:g} kg",
        }
        lumped[f"{name}-lumped"] = planet, {**amounts, **LUMPED}
        lumped[f"{name}-grey-lumped"] = planet, {**amounts, **grey(planet), **LUMPED}
        column[name] = planet, amounts
    return {**lumped, **column}


def grid() -> list[tuple[str, str, str]]:
    """Planet, level of hydrogen and level of carbon, of every point of the grid."""
    return [(planet, h, c) for planet in GRIDDED for h in GRID["H"] for c in GRID["C"]]


def grid_name(planet: str, hydrogen: str, carbon: str) -> str:
    """Name of the folder of a point of the grid."""
    return f"chili-{planet}-grid-H{hydrogen}-C{carbon}"


class Runs:
    """The stored runs in a folder, by name; each is read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, xarray.Dataset] = {}

    def __getitem__(self, name: str) -> xarray.Dataset:
        if name not in self._read:
            self._read[name] = mo.read(self._folder / name).load()
        return self._read[name]

    def case(self, name: str) -> mo.Case:
        """The case of a run."""
        planet, changes = wanted()[name]
        return mo.Case.read(f"chili-{planet}").replace(changes)

    def everyone(self) -> dict[str, xarray.Dataset]:
        """All runs, by name."""
        return {name: self[name] for name in wanted()}


def compute(folder: Path, jobs: int) -> Runs:
    """The runs, with those that the folder does not have yet computed by this number of processes."""
    missing = [name for name in wanted() if not (folder / name / "evolution.nc").exists()]
    with ProcessPoolExecutor(jobs) as pool:
        for name in pool.map(_computed, [folder] * len(missing), missing):
            print(f"computed: {name}", flush=True)
    return Runs(folder)


def _computed(folder: Path, name: str) -> str:
    """Compute and store a run; its name."""
    warnings.simplefilter("ignore")
    planet, changes = wanted()[name]
    mo.run(mo.Case.read(f"chili-{planet}").replace(changes), output=folder / name)
    return name
