"""The page of `mocoupled show`: what a case solves, with every law and equation and its source."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rich.console import Console

from ...constants import BAR
from .pages import counted, describe, plain, rows, table

if TYPE_CHECKING:
    from ...runs.job_records import Prepared


def declaration(prepared: Prepared, console: Console):
    """What is solved: planet, laws, species, equilibria, unknowns and equations, each with its source."""
    planet, model = prepared.planet, prepared.system.model
    describe(planet, console, full=True)
    if planet.chemistry.species:
        rows([(s, _species(planet, s)) for s in planet.chemistry.species], console, "species")
    if planet.chemistry.reactions:
        _equilibria(planet, console)
    scalars = prepared.start[len(prepared.start) - len(model.unknowns) :]
    start = [
        (u.name, f"{x:.8g}{_unit(u)}, {u.long_name}{_in_bar(u, x)}") for u, x in zip(model.unknowns, scalars)
    ]
    if model.field is not None:
        field = model.field
        span = f"{field.start[0]:.8g} at the top, {field.start[-1]:.8g} at the bottom"
        start.insert(
            0, (f"{field.name}[{field.cells}]", f"{span}{_unit(field)}, {field.long_name} of every cell")
        )
    rows(start, console, f"{counted(len(prepared.start), 'unknown')}, at the start", 36)
    rows(
        [(p.name, f"{p.value:.8g}{_unit(p)}, {p.long_name}") for p in model.parameters],
        console,
        "parameters",
        36,
    )
    _equations(planet, model, console)


def _species(planet, name):
    chemistry, one = planet.chemistry, planet.chemistry.mechanism.species[name]
    parts = [f"{1e3 * chemistry.molar_mass(name):.7g} g/mol"]
    if name in chemistry.absorption:
        law = chemistry.solubility[name].name
        parts.append(f"absorbs {chemistry.absorption[name]:g} m2/kg at 101325 Pa")
        parts.append("does not dissolve" if law == "none" else f"dissolves by {law}")
    if chemistry.partition.get(name):
        parts.append(f"crystals/melt {chemistry.partition[name]:g} by mass")
    lines = [
        ", ".join(parts),
        f"{one.temperature_range[0]:g} to {one.temperature_range[1]:g} K: {one.reference}",
    ]
    if one.radiation and name not in planet.case.atmosphere.absorption:
        lines.append(f"absorption: {one.radiation.get('reference', 'no reference given')}")
    return "\n".join(lines)


def _equilibria(planet, console):
    """log10 K of every reaction at the start and the end of the run."""
    from ...chemistry.equilibrium_constants import ln_K_values

    chemistry, run = planet.chemistry, planet.case.run
    ends = (run.initial_surface_temperature, run.end_surface_temperature)
    found = [
        (
            k,
            one.text,
            *(
                f"{value / math.log(10):.4f}"
                for value in ln_K_values(chemistry.mechanism, one, ends, chemistry.source)[0]
            ),
        )
        for k, one in enumerate(chemistry.reactions, 1)
    ]
    table(
        "equilibria, fugacities in bar",
        ("", "reaction", *(f"log10 K, {T:g} K" for T in ends)),
        found,
        console,
    )


def _equations(planet, model, console):
    """Balances, equilibria and starts, in pressures and temperature instead of the solver's logarithms."""
    expression = readable(planet, model)

    def shown(one):
        return str(expression(one))

    reactions = {r.text: r for r in planet.chemistry.reactions}
    if model.field is not None:
        _field(model, shown, console)
    for balance in model.balances:
        rows(
            [("", f"d/dt [ {shown(balance.storage)} ] = {shown(balance.source)}")],
            console,
            f"balance of {balance.name}, {balance.unit}",
        )
    for one in model.constraints:
        known = reactions.get(one.name)
        left = affinity(known, planet.chemistry, _term).removeprefix("+ ") if known else shown(one.residual)
        rows([("", f"{left} = {'ln K(T)' if known else '0'}")], console, f"equilibrium {one.name}")
    for name, value in imposed(planet, model):
        rows(
            [("", f"ln p_{name} = {shown(value)}")],
            console,
            f"{name}, at the fugacity of oxygen that the melt imposes: part of the gas, in no balance",
        )
    rows([("", "; ".join(s.name for s in model.starts))], console, "given at the start")
    meant = ["T: surface temperature, K"]
    if planet.chemistry.species:
        meant += [
            "tau: optical depth",
            "p_X: pressure of X, bar",
            "P: surface pressure, bar",
            "mu: mean molar mass, kg/mol",
            "n_E: moles of element E",
        ]
    if reactions:
        meant += [
            "x_k: extent of reaction k since the start, in units of its scarcest element",
            f"fO2: {'as the buffer has it at T' if planet.chemistry.oxygen else 'the pressure of O2'}, bar",
        ]
    if "C(gr)" in planet.chemistry.species:
        meant.append(
            "graphite holds n_C (r + s)/2 moles at the activity exp(-(r - s)/2), r^2 = s^2 + 4e-14: either there is some or a < 1"
        )
    console.print(
        plain(
            "\n"
            + "; ".join(meant)
            + ".\nThe solver's own form, to the last digit: mocoupled show CASE --code",
            "dim",
        )
    )


def _field(model, shown, console):
    """The balance of a cell, the flux between two, and what the other equations see of them."""
    import sympy

    field = model.field
    source = f" + {shown(field.source)}" if field.source != 0 else ""
    rows(
        [("", f"d/dt [ {shown(field.storage)} ] = (flux from below) - (flux to above){source}")],
        console,
        f"balance of a cell ('here'), {field.name} in {field.unit}",
    )
    told = {"edge": "{}", "total": "sum over the cells of {}", "face": "{} at one face"}
    seen = [link.expression for link in model.links]
    steps, (flux, *seen) = sympy.cse(
        [field.flux, *seen], symbols=sympy.numbered_symbols("a"), order="canonical"
    )
    found = [(str(symbol), f"= {shown(expression)}") for symbol, expression in steps]
    rows(
        [*found, ("flux", f"= {shown(flux)}")],
        console,
        "flux from the cell 'below' to the cell 'above', through the face between them",
    )
    rows(
        [(inflow.at, shown(inflow.expression)) for inflow in model.inflows],
        console,
        "what enters the first and the last cell from outside",
    )
    rows(
        [(link.name, told[link.kind].format(shown(e))) for link, e in zip(model.links, seen)],
        console,
        "what the other equations see of the cells",
    )


def readable(planet, model):
    """A function that turns an expression of the model into one of p_X, P, mu, tau, T, x_k, five digits and short names of tables."""
    import sympy

    def symbol(name):
        return sympy.Symbol(name, positive=True)

    def whole(expression):
        return expression.xreplace(
            {
                f: sympy.Integer(int(f))
                for f in expression.atoms(sympy.Float)
                if float(f).is_integer() and abs(f) < 1e6
            }
        )

    outputs = {o.name: whole(sympy.sympify(o.expression)) for o in model.outputs if not o.dimension}
    steps = []
    if "surface_pressure" in outputs:
        total, mean = outputs["surface_pressure"], outputs["mean_molar_mass"]
        masses, sum_of_pressures = sympy.fraction(mean)
        steps = [
            (outputs["optical_depth"], symbol("tau")),
            (masses, symbol("mu") * symbol("P")),
            (sum_of_pressures, symbol("P")),
            (total, 10**5 * symbol("P")),
        ]
    tables = {
        leaf: sympy.Function(name.rsplit("_", 1)[0])
        for name, leaf in (model.externals | model.field_externals).items()
    }
    plain = {
        u.symbol: sympy.log(symbol(f"p_{u.name[5:-1]}")) for u in model.unknowns if u.name.startswith("ln_p[")
    }
    plain |= {
        sympy.Symbol(f"extent[{r.text}]", real=True): symbol(f"x_{k}")
        for k, r in enumerate(planet.chemistry.reactions, 1)
    }
    plain |= {p.symbol: symbol(p.name.replace("moles_", "n_")) for p in model.parameters}
    plain |= {
        sympy.Symbol("surface_temperature", real=True): symbol("T"),
        sympy.Symbol("s[C(gr)]", real=True): symbol("s"),
    }

    def shown(expression):
        expression = whole(sympy.sympify(expression))
        for old, new in steps:
            expression = expression.subs(old, new) if old.free_symbols else expression
        for leaf, name in tables.items():
            expression = expression.replace(leaf, name)
        expression = expression.xreplace(plain)
        return whole(expression.xreplace({f: sympy.Float(f, 5) for f in expression.atoms(sympy.Float)}))

    return shown


def imposed(planet, model):
    """(name, ln of the pressure in bar) of every gas that follows from the oxygen fugacity alone."""
    import sympy

    found = {o.label: o.expression for o in model.outputs if o.name == "pressure"}
    return [(name, sympy.log(found[name] / BAR)) for name in planet.chemistry.imposed if name in found]


def affinity(reaction, chemistry, term):
    """ln Q of a reaction as a chemist writes it; term(coefficient, name of a fugacity or activity) writes one logarithm."""
    kinds = {
        s: "fO2" if s == "O2" else f"{'p' if chemistry.mechanism.species[s].phase == 'gas' else 'a'}_{s}"
        for s, _ in reaction.stoichiometry
    }
    return " ".join(term(c, kinds[s]) for s, c in reaction.stoichiometry)


def _term(coefficient, name):
    return f"{'-' if coefficient < 0 else '+'} {'' if abs(coefficient) == 1 else f'{abs(coefficient)} '}ln {name}"


def _unit(item):
    return "" if item.unit == "1" else f" {item.unit}"


def _in_bar(unknown, x):
    return f": {math.exp(x):.4g} bar" if unknown.name.startswith("ln_p[") else ""
