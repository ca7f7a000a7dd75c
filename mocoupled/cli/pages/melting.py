"""Melting of MgO-FeO-SiO2 as text: the tables of mocoupled melting."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .pages import rows, table

if TYPE_CHECKING:
    import xarray
    from rich.console import Console

SHOWN = (
    1.0,
    0.95,
    0.9,
    0.8,
    0.7,
    0.6,
    0.5,
    0.4,
    0.3,
    0.2,
    0.1,
    0.05,
    0.02,
    0.01,
)  # melt fractions of a path's table


def ternary(result: xarray.Dataset, paths: dict[str, xarray.Dataset], console: Console):
    """The cotectics, and where each path begins."""
    console.print(f"{result.attrs['title']}; liquid mixing: {result.attrs['mixing']}")
    there = result.converged.values
    T = result.liquidus_temperature.values
    if there.any():
        console.print(
            f"liquidus of {there.sum()} melts from {np.nanmin(T):.0f} to {np.nanmax(T):.0f} K; {(~there).sum()} without one (they would unmix)"
        )
    for k, name in enumerate(result.boundary.values):
        body = []
        for iron in (0.0, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8):
            at = result.isel(boundary=k).sel(iron_number=iron, method="nearest")
            if bool(at.cotectic_converged):
                body.append(
                    (
                        f"{float(at.iron_number):.3g}",
                        *(f"{100 * v:.2f}" for v in at.cotectic_composition.values),
                        f"{float(at.cotectic_temperature):.1f}",
                    )
                )
        if body:
            table(
                f"cotectic {name}",
                ("Fe/(Fe+Mg)", "FeO mol%", "MgO mol%", "SiO2 mol%", "T [K]"),
                body,
                console,
            )
    pairs = []
    for name, one in paths.items():
        first = ", ".join(str(s) for s, p in zip(one.solid.values, one.present.values[0]) if p)
        second = np.flatnonzero(one.present.values.sum(axis=1) > 1)
        text = f"{first} at {float(one.temperature[0]):.1f} K"
        if len(second):
            at = one.isel(step=int(second[0]))
            text += f"; two solids from {float(at.temperature):.1f} K, after {100 * (1 - float(at.melt_fraction)):.1f} mol% ({100 * (1 - float(at.melt_fraction_by_volume)):.1f} vol%) crystallised"
        pairs.append((name, text))
    if pairs:
        rows(pairs, console, "paths")
    _uncertain(result, console)


def path(result: xarray.Dataset, console: Console):
    """The liquid line of descent at round melt fractions."""
    a = result.attrs
    console.print(f"{a['title']}; liquid mixing: {a['mixing']}")
    melt = result.melt_fraction.values
    two = (
        np.flatnonzero(np.diff(result.present.values.astype(int), axis=0).any(axis=1)) + 1
    )  # where the solids change
    chosen = sorted(
        {int(np.argmin(np.abs(melt - s))) for s in SHOWN if s >= melt[-1] - 1e-9}
        | set(two.tolist())
        | {0, len(melt) - 1}
    )
    calcium = float(result.melt_calcium[0]) > 0
    melts, solids = [], []
    for k in chosen:
        at = result.isel(step=k)
        present = ", ".join(str(s) for s, p in zip(at.solid.values, at.present.values) if p)
        share = f"{100 * float(at.melt_fraction):.2f}"
        oxides = (*at.melt_composition.values, *((float(at.melt_calcium),) if calcium else ()))
        melts.append((share, f"{float(at.temperature):.1f}", *(f"{100 * v:.2f}" for v in oxides), present))
        numbers = [
            f"{100 * float(at.melt_fraction_by_volume):.2f}",
            *(f"{float(v):.3f}" for v in at.iron_fraction.values[:2]),
        ]
        solids.append(
            (share, *numbers, *(f"{float(v):.0f}" for v in (at.melt_density, *at.solid_density.values[:2])))
        )
    table(
        "melt (mol%)",
        ("melt", "T [K]", "FeO", "MgO", "SiO2", *(("CaO",) if calcium else ()), "crystallising"),
        melts,
        console,
    )
    table(
        "beside it",
        ("melt mol%", "melt vol%", "Fe# Fp", "Fe# Brg", "ρ melt", "ρ Fp", "ρ Brg"),
        solids,
        console,
    )
    console.print(
        "Fp, Brg: ferropericlase, bridgmanite; Fe# = Fe/(Fe + Mg) and densities [kg/m3] of solids in equilibrium with the melt, or nearest to it"
    )
    console.print(f"{a['end_reason']} Mass balance {float(result.mass_balance.max()):.1e}.")
    _uncertain(result, console)


def two_component(result: xarray.Dataset, console: Console):
    """Melt fraction against temperature of the two-component model."""
    console.print(result.attrs["title"])
    body = []
    for k in range(min(result.sizes["temperature"], 60)):
        at = result.isel(temperature=k)
        numbers = (at.melt_fraction, at.melt_fraction_by_volume, at.iron_in_melt, at.iron_in_solid)
        body.append(
            (
                f"{float(at.temperature):.1f}",
                *(f"{float(v):.4f}" for v in numbers),
                f"{float(at.melt_density):.0f}",
                f"{float(at.solid_density):.0f}",
            )
        )
    table("", ("T [K]", "melt, mol", "melt, vol", "Fe melt", "Fe solid", "ρ melt", "ρ solid"), body, console)
    console.print(
        f"solidus {result.attrs['solidus']:.0f} K, liquidus {result.attrs['liquidus']:.0f} K (without volatiles). {result.attrs['uncertainty']}"
    )


def _uncertain(result, console):
    console.print(f"\n{result.attrs['uncertainty']}")
