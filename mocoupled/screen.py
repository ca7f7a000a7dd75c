"""What the commands print: tables that a person can read, from a prepared case or a stored result."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from .constants import BAR, OCEAN_HYDROGEN, YEAR
from .output import summary

if TYPE_CHECKING:
    import xarray

    from .planet import Planet
    from .run import Prepared


def describe(planet: Planet, console: Console):
    """The planet, its inventories, oxygen, chemistry and laws, before anything is solved."""
    case, inside, chemistry = planet.case, planet.structure, planet.chemistry
    console.print(f"[bold]{escape(case.title or case.name)}[/bold]  ({escape(case.source)})")
    table = _plain()
    table.add_row("planet", f"radius {inside.radius / 1e3:.0f} km, core radius {inside.core_radius / 1e3:.0f} km, gravity {inside.gravity:g} m/s2")
    table.add_row("mantle", f"{inside.mantle_mass:.4e} kg down to {inside.core_mantle_pressure / 1e9:.1f} GPa, model '{case.mantle.model}'")
    for element in chemistry.elements:
        table.add_row(f"inventory of {element}", _inventory(planet, element))
    if not chemistry.elements:
        table.add_row("inventory", "no volatiles: the bare surface radiates")
    if chemistry.reactions:
        table.add_row("oxygen fugacity", _oxygen(planet))
    if chemistry.species:
        table.add_row("species", f"{', '.join(chemistry.species)}  (mechanism {chemistry.mechanism.name}, ln K from {chemistry.source})")
    for reaction in chemistry.reactions:
        table.add_row("equilibrium", reaction.text)
    table.add_row("from, to", _ends(case))
    console.print(table)
    console.print(_laws(planet))


def _inventory(planet, element):
    chemistry = planet.chemistry
    if element in chemistry.pressures:
        species, pressure = chemistry.pressures[element]
        return f"from an initial pressure of {species} of {pressure / BAR:.4g} bar"
    mass = chemistry.masses[element]
    text = f"{mass:.4e} kg, {1e6 * mass / planet.structure.mantle_mass:.4g} ppmw of the mantle"
    if element == "H":
        return f"{text}, {mass / OCEAN_HYDROGEN:.4g} oceans"
    return f"{text}, {element}/H = {mass / chemistry.masses['H']:.4g} by mass" if "H" in chemistry.masses else text


def _oxygen(planet):
    oxygen, T = planet.chemistry.oxygen, planet.case.run.initial_surface_temperature
    return f"{oxygen.label}, log10 fO2 = {float(oxygen.evaluate(T)):.3f} (bar) at {T:g} K"


def _ends(case):
    options = case.run
    ends = [f"surface at {options.end_surface_temperature:g} K"]
    if options.end_melt_fraction is not None:
        ends.append(f"melt fraction {options.end_melt_fraction:g}")
    if options.end_time is not None:
        ends.append(f"{options.end_time / YEAR:.4g} yr")
    return f"surface at {options.initial_surface_temperature:g} K until {' or '.join(ends)}"


def _laws(planet):
    table = Table("role", "law", "reference", title="laws", title_justify="left", box=None, pad_edge=False)
    for role, law in planet.laws.items():
        table.add_row(role, law.name, escape(law.reference))
    return table


def declaration(prepared: Prepared, console: Console):
    """The page of equations: unknowns, balances, constraints and starts."""
    import sympy

    model = prepared.system.model
    console.print(_titled("unknowns", ("name", "unit", "start"), [(u.name, u.unit, f"{x:.8g}") for u, x in zip(model.unknowns, prepared.start)]))
    console.print(_titled("parameters", ("name", "value", "unit"), [(p.name, f"{p.value:.8g}", p.unit) for p in model.parameters]))
    console.print("[bold]balances[/bold]  d(storage)/dt = source")
    for balance in model.balances:
        console.print(f"  [cyan]{escape(balance.name)}[/cyan] [{balance.unit}]", highlight=False, markup=True)
        console.print(escape(f"    storage = {sympy.N(balance.storage, 6)}"), highlight=False, soft_wrap=True)
        console.print(escape(f"    source  = {sympy.N(balance.source, 6)}"), highlight=False, soft_wrap=True)
    console.print("[bold]constraints[/bold]  residual = 0")
    for constraint in model.constraints:
        console.print(f"  [cyan]{escape(constraint.name)}[/cyan]", highlight=False)
        console.print(escape(f"    {sympy.N(constraint.residual, 6)}"), highlight=False, soft_wrap=True)
    console.print("[bold]starts[/bold]  " + escape(", ".join(s.name for s in model.starts)), soft_wrap=True)
    rows = [(w.law, f"{w.argument} {w.low:.6g} to {w.high:.6g} {w.unit}") for w in model.watches]
    if rows:
        console.print(_titled("calibrated ranges", ("law", "range"), rows))


def ending(result: xarray.Dataset, console: Console):
    """The end of a run: why, when, and what is where."""
    digest = summary(result)
    final = digest["final"]
    mark = {"complete": "green", "interrupted": "yellow"}.get(digest["status"], "red")
    console.print(f"[{mark}]{digest['status']}[/{mark}]: {escape(digest['end'])}")
    table = _plain()
    table.add_row("time", f"{final['time_yr']:.6g} yr")
    table.add_row("surface temperature", f"{final['surface_temperature_K']:.2f} K")
    table.add_row("melt fraction", f"{final['melt_fraction']:.4f}")
    table.add_row("flux to space", f"{final['flux_W_m2']:.5g} W/m2, optical depth {final['optical_depth']:.4g}")
    if "surface_pressure_bar" in final:
        table.add_row("surface pressure", f"{final['surface_pressure_bar']:.5g} bar")
        table.add_row("log10 fO2", f"{final['log10_fO2_bar']:.4f} (bar)")
    if "graphite_mass_kg" in final:
        table.add_row("graphite", f"{final['graphite_mass_kg']:.4g} kg")
    if "escaped_mass_kg" in final:
        table.add_row("escaped", f"{final['escaped_mass_kg']:.4g} kg of H2")
    console.print(table)
    if "pressure_bar" in final:
        console.print(_species_table(result))
    statistics, drift = digest["statistics"], digest["largest_drift"]
    console.print(
        f"{statistics['steps']} steps, {statistics['rates']} rates, {statistics['jacobians']} Jacobians, "
        f"{statistics['factorizations']} factorizations in {statistics['wall']:.2f} s; largest drift: "
        + ", ".join(f"{name.removesuffix('_drift')} {value:.1e}" for name, value in drift.items()),
        highlight=False,
    )
    for item in digest["extrapolations"]:
        low, high = item["calibrated"]
        reached = item["reached"]
        console.print(
            f"[yellow]outside calibration[/yellow] for {item['share']:.0%} of the steps: {escape(item['law'])} "
            f"({item['argument']} {low:.6g} to {high:.6g} {item['unit']}; here {reached[0]:.6g} to {reached[1]:.6g})",
            highlight=False,
        )


def _species_table(result):
    last = result.isel(time=-1)
    table = Table("species", "pressure, bar", "mixing ratio", "in the gas, kg", "dissolved, kg", box=None, pad_edge=False)
    for column in table.columns[1:]:
        column.justify = "right"
    for species in result.species.values:
        one = last.sel(species=species)
        table.add_row(
            str(species),
            f"{float(one.pressure) / BAR:.5g}",
            f"{float(one.mixing_ratio):.4g}",
            f"{float(one.gas_mass):.4e}",
            f"{float(one.dissolved_mass):.4e}",
        )
    return table


def status(result: xarray.Dataset) -> str:
    """One line on a stored run."""
    versions = json.loads(result.attrs["versions"])
    return f"{result.attrs['case_name']}: {result.attrs['status']} ({result.attrs['end_reason']}), mocoupled {versions['mocoupled']}"


def table(title: str, head: tuple[str, ...], rows: list[tuple], console: Console):
    """Print a titled table."""
    console.print(_titled(title, head, rows))


def _titled(title, head, rows):
    made = Table(*head, title=title, title_justify="left", box=None, pad_edge=False)
    for row in rows:
        made.add_row(*(escape(str(cell)) for cell in row))
    return made


def _plain():
    made = Table(box=None, show_header=False, pad_edge=False)
    made.add_column(style="cyan", no_wrap=True)
    made.add_column()
    return made
