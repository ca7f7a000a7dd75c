"""The tables of `mocoupled melting`: melting of MgO-FeO-SiO2 as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from .text import rows, table

if TYPE_CHECKING:
    import xarray
    from rich.console import Console

# melt fractions of a path's table
SHOWN = (1.0, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05, 0.02, 0.01)
IRON_NUMBERS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8)  # of a cotectic's table
MOST_TEMPERATURES = 60  # rows of the two-component model


def print_ternary(result: xarray.Dataset, paths: Mapping[str, xarray.Dataset], console: Console) -> None:
    """Print the cotectics, and where each path begins."""
    console.print(f"{result.attrs['title']}; liquid mixing: {result.attrs['mixing']}")
    there = result.converged.values
    T = result.liquidus_temperature.values
    if there.any():
        console.print(
            f"liquidus of {there.sum()} melts from {np.nanmin(T):.0f} to {np.nanmax(T):.0f} K; "
            f"{(~there).sum()} without one (they would unmix)"
        )
    for k, name in enumerate(result.boundary.values):
        body = []
        for iron in IRON_NUMBERS:
            point = result.isel(boundary=k).sel(iron_number=iron, method="nearest")
            if not bool(point.cotectic_converged):
                continue
            row = [f"{float(point.iron_number):.3g}"]
            row += [f"{100 * v:.2f}" for v in point.cotectic_composition.values]
            body.append([*row, f"{float(point.cotectic_temperature):.1f}"])
        if body:
            head = ("Fe/(Fe+Mg)", "FeO mol%", "MgO mol%", "SiO2 mol%", "T [K]")
            table(f"cotectic {name}", head, body, console)
    pairs = [(name, _beginning(path)) for name, path in paths.items()]
    if pairs:
        rows(pairs, console, "paths")
    _print_uncertainty(result, console)


def _beginning(path: xarray.Dataset) -> str:
    """The first solids of a path, and where two of them begin to crystallise together."""
    first = ", ".join(str(s) for s, present in zip(path.solid.values, path.present.values[0]) if present)
    text = f"{first} at {float(path.temperature[0]):.1f} K"
    second = np.flatnonzero(path.present.values.sum(axis=1) > 1)
    if not len(second):
        return text
    step = path.isel(step=int(second[0]))
    moles = 100 * (1 - float(step.melt_fraction))
    volume = 100 * (1 - float(step.melt_fraction_by_volume))
    return (
        f"{text}; two solids from {float(step.temperature):.1f} K, "
        f"after {moles:.1f} mol% ({volume:.1f} vol%) crystallised"
    )


def print_path(result: xarray.Dataset, console: Console) -> None:
    """Print the liquid line of descent at round melt fractions."""
    attributes = result.attrs
    console.print(f"{attributes['title']}; liquid mixing: {attributes['mixing']}")
    calcium = float(result.melt_calcium[0]) > 0
    melts, solids = [], []
    for k in _chosen_steps(result):
        step = result.isel(step=k)
        share = f"{100 * float(step.melt_fraction):.2f}"
        oxides = list(step.melt_composition.values)
        if calcium:
            oxides.append(float(step.melt_calcium))
        present = ", ".join(str(s) for s, there in zip(step.solid.values, step.present.values) if there)
        amounts = [f"{100 * amount:.2f}" for amount in oxides]
        melts.append([share, f"{float(step.temperature):.1f}", *amounts, present])
        volume = f"{100 * float(step.melt_fraction_by_volume):.2f}"
        irons = [f"{float(iron):.3f}" for iron in step.iron_fraction.values[:2]]
        densities = (step.melt_density, *step.solid_density.values[:2])
        solids.append([share, volume, *irons, *(f"{float(density):.0f}" for density in densities)])
    head = ["melt", "T [K]", "FeO", "MgO", "SiO2", *(["CaO"] if calcium else []), "crystallising"]
    table("melt (mol%)", head, melts, console)
    head = ["melt mol%", "melt vol%", "Fe# Fp", "Fe# Brg", "ρ melt", "ρ Fp", "ρ Brg"]
    table("beside it", head, solids, console)
    console.print(
        "Fp, Brg: ferropericlase, bridgmanite; Fe# = Fe/(Fe + Mg) and densities [kg/m3] of solids "
        "in equilibrium with the melt, or nearest to it"
    )
    console.print(f"{attributes['end_reason']} Mass balance {float(result.mass_balance.max()):.1e}.")
    _print_uncertainty(result, console)


def _chosen_steps(result: xarray.Dataset) -> list[int]:
    """Steps of a path's table: the first, the last, round melt fractions, and where the solids change."""
    melt = result.melt_fraction.values
    chosen = {0, len(melt) - 1}
    for fraction in SHOWN:
        if fraction >= melt[-1] - 1e-9:
            chosen.add(int(np.argmin(np.abs(melt - fraction))))
    changes = np.diff(result.present.values.astype(int), axis=0).any(axis=1)
    chosen |= set((np.flatnonzero(changes) + 1).tolist())
    return sorted(chosen)


def print_two_component(result: xarray.Dataset, console: Console) -> None:
    """Print melt fraction against temperature of the two-component model."""
    console.print(result.attrs["title"])
    body = []
    for k in range(min(result.sizes["temperature"], MOST_TEMPERATURES)):
        point = result.isel(temperature=k)
        row = [f"{float(point.temperature):.1f}"]
        for name in ("melt_fraction", "melt_fraction_by_volume", "iron_in_melt", "iron_in_solid"):
            row.append(f"{float(point[name]):.4f}")
        body.append([*row, f"{float(point.melt_density):.0f}", f"{float(point.solid_density):.0f}"])
    head = ("T [K]", "melt, mol", "melt, vol", "Fe melt", "Fe solid", "ρ melt", "ρ solid")
    table("", head, body, console)
    console.print(
        f"solidus {result.attrs['solidus']:.0f} K, liquidus {result.attrs['liquidus']:.0f} K "
        f"(without volatiles). {result.attrs['uncertainty']}"
    )


def _print_uncertainty(result: xarray.Dataset, console: Console) -> None:
    console.print(f"\n{result.attrs['uncertainty']}")
