"""The page of `mocoupled show`: what a case solves, with every law and equation and its source."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .case_header import describe
from .readable_equations import affinity, imposed, readable
from .text import counted, plain, rows, table

if TYPE_CHECKING:
    from collections.abc import Callable
    from fractions import Fraction

    import sympy
    from rich.console import Console

    from ...dae.declare.field import Field
    from ...dae.declare.model import Model
    from ...planet.assembly import Planet
    from ...runs.job_records import Prepared

LABELS = 36  # columns
SYMBOLS = {
    "tau": "optical depth",
    "p_X": "pressure of X, bar",
    "P": "surface pressure, bar",
    "mu": "mean molar mass, kg/mol",
    "n_E": "moles of element E",
}
EXTENT = "x_k: extent of reaction k since the start, in units of its scarcest element"
GRAPHITE = (
    "graphite holds n_C (r + s)/2 moles at the activity exp(-(r - s)/2), r^2 = s^2 + 4e-14: "
    "either there is some or a < 1"
)
LINKS = {"edge": "{}", "total": "sum over the cells of {}", "face": "{} at one face"}


def print_declaration(prepared: Prepared, console: Console) -> None:
    """Print what is solved: planet, laws, species, equilibria, unknowns, equations, and their sources."""
    planet, model = prepared.planet, prepared.system.model
    describe(planet, console, full=True)
    if planet.chemistry.species:
        rows([(name, _species(planet, name)) for name in planet.chemistry.species], console, "species")
    if planet.chemistry.reactions:
        _print_equilibria(planet, console)
    _print_start(prepared, console)
    parameters = [(p.name, f"{p.value:.8g}{_unit(p.unit)}, {p.long_name}") for p in model.parameters]
    rows(parameters, console, "parameters", LABELS)
    _print_equations(planet, model, console)
    if prepared.under_lid is not None:
        _print_lid(model, prepared.under_lid.model, console)


def _print_lid(before: Model, under: Model, console: Console) -> None:
    """What differs in the equations under a lid that closes."""
    known = {p.name for p in before.parameters} | {u.name for u in before.unknowns}
    new = [
        (p.name, f"{p.long_name},{_unit(p.unit) or ' 1'}") for p in under.parameters if p.name not in known
    ]
    more = [(u.name, f"an unknown: {u.long_name}") for u in under.unknowns if u.name not in known]
    same = "the same mantle, species and equilibria; no term of dissolution; amounts are those of the gas"
    rows([("equations", same), *more, *new], console, "under the lid, once it has closed", LABELS)


def _print_start(prepared: Prepared, console: Console) -> None:
    """Every unknown at the start; of the cells the first and the last."""
    model = prepared.system.model
    start = []
    if model.field is not None:
        field = model.field
        for component in field.components:
            ends = f"{component.start[0]:.8g} at the top, {component.start[-1]:.8g} at the bottom"
            text = f"{ends}{_unit(component.unit)}, {component.long_name} of every cell"
            start.append((f"{component.name}[{field.cells}]", text))
    scalars = prepared.start[len(prepared.start) - len(model.unknowns) :]
    for unknown, x in zip(model.unknowns, scalars):
        bar = f": {math.exp(x):.4g} bar" if unknown.name.startswith("ln_p[") else ""
        start.append((unknown.name, f"{x:.8g}{_unit(unknown.unit)}, {unknown.long_name}{bar}"))
    rows(start, console, f"{counted(len(prepared.start), 'unknown')}, at the start", LABELS)


def _species(planet: Planet, name: str) -> str:
    """Molar mass, absorption, solubility and source of a species."""
    chemistry, species = planet.chemistry, planet.chemistry.mechanism.species[name]
    parts = [f"{1e3 * chemistry.molar_mass(name):.7g} g/mol"]
    if name in chemistry.absorption:
        law = chemistry.solubility[name].name
        parts.append(f"absorbs {chemistry.absorption[name]:g} m2/kg at 101325 Pa")
        parts.append("does not dissolve" if law == "none" else f"dissolves by {law}")
    if chemistry.partition.get(name):
        parts.append(f"crystals/melt {chemistry.partition[name]:g} by mass")
    low, high = species.temperature_range
    lines = [", ".join(parts), f"{low:g} to {high:g} K: {species.reference}"]
    if species.radiation and name not in planet.case.atmosphere.absorption:
        lines.append(f"absorption: {species.radiation.get('reference', 'no reference given')}")
    return "\n".join(lines)


def _print_equilibria(planet: Planet, console: Console) -> None:
    """log10 K of every reaction at the start and the end of the run."""
    from ...chemistry.equilibrium_constants import ln_K_values

    chemistry, run = planet.chemistry, planet.case.run
    ends = (planet.initial_temperature, run.end_surface_temperature)
    body = []
    for k, reaction in enumerate(chemistry.reactions, 1):
        values = ln_K_values(chemistry.mechanism, reaction, ends, chemistry.source)[0]
        body.append([k, reaction.text, *(f"{value / math.log(10):.4f}" for value in values)])
    head = ["", "reaction", *(f"log10 K, {T:g} K" for T in ends)]
    table("equilibria, fugacities in bar", head, body, console)


def _print_equations(planet: Planet, model: Model, console: Console) -> None:
    """Balances, equilibria and starts, in pressures and temperature instead of the solver's logarithms."""
    expression = readable(planet, model)

    def shown(value: sympy.Expr) -> str:
        return str(expression(value))

    reactions = {reaction.text: reaction for reaction in planet.chemistry.reactions}
    if model.field is not None:
        _print_field(model, model.field, shown, console)
    for balance in model.balances:
        text = f"d/dt [ {shown(balance.storage)} ] = {shown(balance.source)}"
        rows([("", text)], console, f"balance of {balance.name}, {balance.unit}")
    for constraint in model.constraints:
        reaction = reactions.get(constraint.name)
        if reaction:
            text = f"{affinity(reaction, planet.chemistry, _term).removeprefix('+ ')} = ln K(T)"
        else:
            text = f"{shown(constraint.residual)} = 0"
        rows([("", text)], console, f"equilibrium {constraint.name}")
    for name, value in imposed(planet, model):
        title = f"{name}, at the fugacity of oxygen that the melt imposes: part of the gas, in no balance"
        rows([("", f"ln p_{name} = {shown(value)}")], console, title)
    rows([("", "; ".join(start.name for start in model.starts))], console, "given at the start")
    text = "; ".join(_symbols(planet))
    form = "The solver's own form, to the last digit: mocoupled show CASE --code"
    console.print(plain(f"\n{text}.\n{form}", "dim"))


def _symbols(planet: Planet) -> list[str]:
    """What the symbols of the equations mean."""
    chemistry = planet.chemistry
    meanings = ["T: surface temperature, K"]
    if chemistry.species:
        meanings += [f"{symbol}: {meaning}" for symbol, meaning in SYMBOLS.items()]
    if chemistry.reactions:
        oxygen = "as the buffer has it at T" if chemistry.oxygen else "the pressure of O2"
        meanings += [EXTENT, f"fO2: {oxygen}, bar"]
    if "C(gr)" in chemistry.species:
        meanings.append(GRAPHITE)
    further = [s for s in chemistry.species if s not in chemistry.gases and s != "C(gr)"]
    if further:
        meanings.append(f"{', '.join(further)}: the same with s[name], in the most that its elements make")
    return meanings


def _print_field(model: Model, field: Field, shown: Callable[[sympy.Expr], str], console: Console) -> None:
    """The balance of a cell, the flux between two, and what the other equations see of them."""
    import sympy

    for component in field.components:
        source = f" + {shown(component.source)}" if component.source != 0 else ""
        rows(
            [("", f"d/dt [ {shown(component.storage)} ] = (flux from below) - (flux to above){source}")],
            console,
            f"balance of a cell ('here'), {component.name} in {component.unit}",
        )
    several = len(field.components) > 1
    expressions = [*(c.flux for c in field.components), *(link.expression for link in model.links)]
    symbols = sympy.numbered_symbols("a")
    steps, reduced = sympy.cse(expressions, symbols=symbols, order="canonical")
    fluxes, links = reduced[: len(field.components)], reduced[len(field.components) :]
    lines = [(str(symbol), f"= {shown(expression)}") for symbol, expression in steps]
    titles = [f"flux of {c.name}" if several else "flux" for c in field.components]
    rows(
        [*lines, *((title, f"= {shown(flux)}") for title, flux in zip(titles, fluxes))],
        console,
        "flux from the cell 'below' to the cell 'above', through the face between them",
    )
    rows(
        [(f"{i.at} {i.component}" if several else i.at, shown(i.expression)) for i in model.inflows],
        console,
        "what enters the first and the last cell from outside",
    )
    rows(
        [(link.name, LINKS[link.kind].format(shown(value))) for link, value in zip(model.links, links)],
        console,
        "what the other equations see of the cells",
    )


def _term(coefficient: Fraction, name: str) -> str:
    factor = "" if abs(coefficient) == 1 else f"{abs(coefficient)} "
    return f"{'-' if coefficient < 0 else '+'} {factor}ln {name}"


def _unit(unit: str) -> str:
    return "" if unit == "1" else f" {unit}"
