"""The page of the declared equations: what `earth` solves, read from its model."""

from __future__ import annotations

import sympy

import mocoupled as mo
from mocoupled.cli.pages.readable_equations import affinity, imposed, readable
from mocoupled.planet.assembly import assemble

from .equations import SPACE, block, derivative, inner, word

FIRST = """---
hide: [toc]
---

# The equations of a run

Written from the model that `mocoupled run earth` solves; `mocoupled show CASE` prints that of any case, `mocoupled show CASE --code` the
program generated from it. Nobody typed these equations for this page, and nobody typed a derivative: residuals, Jacobians and the consistent
start are all generated from this one declaration.

## What is solved

A *balance* says that a stored amount changes by its sources; a *constraint* is an equilibrium that holds at every instant. Both are
differentiated in time, which gives one linear system for the rates of all unknowns. A BDF method of variable order marches it; a small pull
towards the constraints (`run.stabilisation`) and a projection at every stored state keep them to rounding. Every result carries what is left:
`element_drift`, `energy_drift`, `equilibrium_drift`.
"""
MEANINGS = (
    ("T", "surface temperature, K"), ("tau", "optical depth"), ("mu", "mean molar mass, kg/mol"), ("P", "surface pressure, bar"),
    ("p_X", "pressure of X, bar"), ("n_E", "moles of element E"), ("x_k", "extent of reaction k since the start, in units of its scarcest element"),
    ("s", "complementarity variable of graphite"),
)  # fmt: skip


def page() -> str:
    """The page as Markdown."""
    planet = assemble(mo.Case.read("earth"))
    model, shown = planet.model, readable(planet, planet.model)
    reactions = {r.text: r for r in planet.chemistry.reactions}
    parts = [FIRST, _unknowns(model), "## Balances"]
    for one in model.balances:
        parts += [
            f"**{one.name}**, {one.unit}",
            block(derivative(inner(shown(one.storage))), inner(shown(one.source))),
        ]
    parts += [
        "## Equilibria",
        "Written with the natural logarithms of pressures in bar; K follows from the free energies of the species at T.",
    ]
    for one in model.constraints:
        known = reactions.get(one.name)
        right = (
            f"<mrow><mi>ln</mi>{SPACE}<mi>K</mi><mo>(</mo><mi>T</mi><mo>)</mo></mrow>"
            if known
            else "<mn>0</mn>"
        )
        left = (
            affinity(known, planet.chemistry, _term).removeprefix("<mo>+</mo>")
            if known
            else inner(shown(one.residual))
        )
        parts += [f"**{one.name}**", block(left, right)]
    parts += [
        "The melt imposes the fugacity of oxygen. Gases that follow from it alone are part of the gas, in P and mu, and in no balance:"
    ]
    parts += [
        block(f"<mi>ln</mi>{SPACE}{inner(sympy.Symbol(f'p_{name}'))}", inner(shown(value)))
        for name, value in imposed(planet, model)
    ]
    parts += [
        "Graphite holds n_C (r + s)/2 moles at the activity exp(−(r − s)/2), where r² = s² + 4·10⁻¹⁴: either there is graphite, or its activity is below 1; "
        "one smooth equation says both.",
        _column(model, shown),
        "## The start",
        "Known at the start, beside the constraints: " + "; ".join(s.name for s in model.starts) + ".",
        "## Parameters",
        _table(
            [(f"`{p.name}`", f"{p.value:.8g}", p.unit, p.long_name) for p in model.parameters],
            ("name", "value", "unit", "meaning"),
        ),
        "## Names",
        _table(MEANINGS, ("name", "meaning")),
        "Numbers are those of `earth` (its mass, area and gravity multiplied out), to five digits.",
        "## Laws it uses",
        _table(
            [(role, f"`{law.name}`", law.reference) for role, law in planet.laws.items()],
            ("role", "law", "source"),
        ),
        "Each stands on [the pages of the laws](laws/index.md), with its range and its own equation.",
    ]
    return "\n\n".join(parts) + "\n"


def _term(coefficient, name):
    number = sympy.Abs(coefficient)
    factor = (
        ""
        if number == 1
        else inner(sympy.Rational(number.p, number.q) if isinstance(number, sympy.Rational) else number)
    )
    return f"<mo>{'−' if coefficient < 0 else '+'}</mo>{factor}{SPACE}<mi>ln</mi>{SPACE}{inner(sympy.Symbol(name))}"


def _unknowns(model):
    field = model.field
    rows = (
        [(f"`{field.name}[{field.cells}]`", field.unit, f"{field.long_name} of every cell")]
        if field is not None
        else []
    )
    rows += [(f"`{u.name}`", u.unit, u.long_name) for u in model.unknowns]
    return "## Unknowns\n\n" + _table(rows, ("name", "unit", "meaning"))


def _column(model, shown):
    """The balance of a cell, the flux between two cells in steps, and what the other equations see of them."""
    field = model.field
    parts = [
        "## The column",
        f"Every cell ('here') keeps its {field.name}; the fluxes come through its two faces.",
        block(derivative(inner(shown(field.storage))), word("(flux from below) − (flux to above)")),
        "The flux through a face from the cell 'below' to the cell 'above', in steps; names of several letters are tables over entropy at the "
        "pressure of the face, built at the start of a run from the equations of state and the melting curves:",
    ]
    seen = [link.expression for link in model.links]
    steps, (flux, *seen) = sympy.cse(
        [field.flux, *seen], symbols=sympy.numbered_symbols("a_"), order="canonical"
    )
    parts += [block(inner(symbol), inner(shown(expression))) for symbol, expression in steps]
    parts += [
        block(word("flux"), inner(shown(flux))),
        "What enters the first and the last cell from outside:",
    ]
    parts += [block(word(inflow.at), inner(shown(inflow.expression))) for inflow in model.inflows]
    parts += ["What the other equations see of the cells:"]
    told = {"edge": "", "total": "sum over the cells of ", "face": "at one face: "}
    parts += [
        block(
            word(link.name.replace("_", " ")),
            (word(told[link.kind]) if told[link.kind] else "") + inner(shown(e)),
        )
        for link, e in zip(model.links, seen)
    ]
    return "\n\n".join(parts)


def _table(rows, head):
    return "\n".join(
        [
            f"| {' | '.join(head)} |",
            "|---" * len(head) + "|",
            *(f"| {' | '.join(map(str, row))} |" for row in rows),
        ]
    )
