"""The tables of `mocoupled planet-equilibrium`: the states, and where each element is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Console

from ...constants import BAR
from .text import table

if TYPE_CHECKING:
    import xarray

ROWS = 200  # printed at most
PHASES = ("metal", "silicate", "gas")
# condition -> its head
HEADS = {"temperature": "T, K", "metal_temperature": "metal, K", "planet_mass": "planet, kg"}
# of the elements, in this order
ELEMENTS = ("H", "C", "N", "S", "O", "Si", "Fe", "Mg", "Na")
GASES = 8  # largest that are printed


def print_planets(result: xarray.Dataset, axes: Sequence[str], console: Console) -> None:
    """Print the states of a planet; of a single one also where each element is, and its gas."""
    dimensions = list(result["converged"].dims)
    flat = result.stack(row=dimensions) if dimensions else result.expand_dims("row")
    conditions = list(dict.fromkeys(("temperature", *axes)))
    heads = [HEADS.get(name, f"n({name.removeprefix('moles_')}), mol") for name in conditions]
    heads += ["P, bar", "log10 fO2", "core", "FeO in silicate", "Si + O in metal"]
    whole = bool(flat["converged"].all())
    if not whole:
        heads.append("why none")
    body = []
    for k in range(min(flat.sizes["row"], ROWS)):
        point = flat.isel(row=k)
        row = [f"{float(point[name]):.6g}" for name in conditions] + _state(point)
        body.append(row if whole else [*row, _why(point)])
    table("", heads, body, console)
    if flat.sizes["row"] > ROWS:
        console.print(f"... and {flat.sizes['row'] - ROWS} more rows: write them to a file with -o")
    if flat.sizes["row"] == 1 and bool(flat["converged"].all()):
        _print_contents(flat.isel(row=0), console)
    console.print("core: share of the metal in the mass below the gas; FeO and Si + O: mole fractions")


def _why(point: xarray.Dataset) -> str:
    """Why a state has no result, in short; the warning has the reason."""
    if bool(point["converged"]):
        return ""
    return "outside the domain" if bool(point["outside_domain"]) else "see the warning"


def _state(point: xarray.Dataset) -> list[str]:
    silicate = point["mole_fraction"].sel(phase="silicate")
    iron = float(silicate.sel(species="FeO"))
    if "FeSiO3" in point["species"].values:
        iron += float(silicate.sel(species="FeSiO3"))
    pressure = float(point["surface_pressure"]) / BAR
    return [
        f"{pressure:.5g}",
        f"{float(point['log10_fO2']):.4g}",
        f"{float(point['core_mass_fraction']):.4g}",
        f"{iron:.4g}",
        f"{float(point['light_fraction']):.4g}",
    ]


def _print_contents(point: xarray.Dataset, console: Console) -> None:
    """Where each element is, and the largest gases."""
    from ...equilibria.after_core_formation import shares_of

    shares = shares_of(point)
    body = []
    for element in ELEMENTS:
        total = sum(masses.get(element, 0.0) for masses in shares.kg.values())
        if total > 0:
            parts = [f"{100 * shares.share_in(phase, element):.4g}" for phase in PHASES]
            body.append([element, f"{total:.4g}", *parts])
    table("elements", ["", "kg", *(f"% in {phase}" for phase in PHASES)], body, console)
    pressures = {str(s): float(point["pressure"].sel(species=s)) / BAR for s in point["species"].values}
    largest = [s for s in sorted(pressures, key=lambda s: -pressures[s])[:GASES] if pressures[s] > 0]
    console.print(f"\ngases, bar: {', '.join(f'{s} {pressures[s]:.4g}' for s in largest)}")
