"""The page of the declared equations: what `earth` solves, read from its model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import sympy

import mocoupled as mo
from mocoupled.cli.pages.readable_equations import affinity, imposed, readable
from mocoupled.planet.assembly import assemble

from .mathml import SPACE, block, derivative, inner, word

if TYPE_CHECKING:
    from mocoupled.dae.declare.model import Model
    from mocoupled.planet.assembly import Planet

FIRST = """---
hide: [toc]
---

# The equations of a run

Written from the model that `mocoupled run earth` solves; `mocoupled show CASE` prints that of any case,
`mocoupled show CASE --code` the program generated from it. Nobody typed these equations for this page, and
nobody typed a derivative: residuals, Jacobians and the consistent start are all generated from this one
declaration.

## What is solved

A *balance* says that a stored amount changes by its sources; a *constraint* is an equilibrium that holds at
every instant. Both are differentiated in time, which gives one linear system for the rates of all unknowns. A
BDF method of variable order marches it; a small pull towards the constraints (`run.stabilisation`) and a
projection at every stored state keep them to rounding. Every result carries what is left: `element_drift`,
`energy_drift`, `equilibrium_drift`.
"""
MEANINGS = (
    ("T", "surface temperature, K"),
    ("tau", "optical depth"),
    ("mu", "mean molar mass, kg/mol"),
    ("P", "surface pressure, bar"),
    ("p_X", "pressure of X, bar"),
    ("n_E", "moles of element E"),
    ("x_k", "extent of reaction k since the start, in units of its scarcest element"),
    ("s", "complementarity variable of graphite"),
)
# Kind of a link -> what it is of.
LINKS = {"edge": "", "total": "sum over the cells of ", "face": "at one face: "}


def page() -> str:
    """The page as Markdown."""
    planet = assemble(mo.Case.read("earth"))
    model, shown = planet.model, readable(planet, planet.model)
    parts = [FIRST, _unknowns(model), "## Balances"]
    for balance in model.balances:
        storage, source = inner(shown(balance.storage)), inner(shown(balance.source))
        parts += [f"**{balance.name}**, {balance.unit}", block(derivative(storage), source)]
    parts += _equilibria(planet, shown)
    for name, value in imposed(planet, model):
        pressure = inner(sympy.Symbol(f"p_{name}"))
        parts.append(block(f"<mi>ln</mi>{SPACE}{pressure}", inner(shown(value))))
    starts = "; ".join(s.name for s in model.starts)
    parameters = [(f"`{p.name}`", f"{p.value:.8g}", p.unit, p.long_name) for p in model.parameters]
    laws = [(role, f"`{law.name}`", law.reference) for role, law in planet.laws.items()]
    parts += [
        "Graphite holds n_C (r + s)/2 moles at the activity exp(−(r − s)/2), where r² = s² + 4·10⁻¹⁴: "
        "either there is graphite, or its activity is below 1; one smooth equation says both.",
        _column(model, shown),
        "## The start",
        f"Known at the start, beside the constraints: {starts}.",
        "## Parameters",
        _table(parameters, ("name", "value", "unit", "meaning")),
        "## Names",
        _table(MEANINGS, ("name", "meaning")),
        "Numbers are those of `earth` (its mass, area and gravity multiplied out), to five digits.",
        "## Laws it uses",
        _table(laws, ("role", "law", "source")),
        "Each stands on [the pages of the laws](laws/index.md), with its range and its own equation.",
    ]
    return "\n\n".join(parts) + "\n"


def _equilibria(planet: Planet, shown: Callable[[sympy.Expr], sympy.Expr]) -> list[str]:
    """The constraints; those of reactions as their law of mass action."""
    reactions = {r.text: r for r in planet.chemistry.reactions}
    parts = [
        "## Equilibria",
        "Written with the natural logarithms of pressures in bar; K follows from the free energies of the "
        "species at T.",
    ]
    for constraint in planet.model.constraints:
        reaction = reactions.get(constraint.name)
        if reaction is None:
            left, right = inner(shown(constraint.residual)), "<mn>0</mn>"
        else:
            left = affinity(reaction, planet.chemistry, _term).removeprefix("<mo>+</mo>")
            right = f"<mrow><mi>ln</mi>{SPACE}<mi>K</mi><mo>(</mo><mi>T</mi><mo>)</mo></mrow>"
        parts += [f"**{constraint.name}**", block(left, right)]
    parts.append(
        "The melt imposes the fugacity of oxygen. Gases that follow from it alone are part of the gas, in P "
        "and mu, and in no balance:"
    )
    return parts


def _term(coefficient: sympy.Expr, name: str) -> str:
    """A term of the law of mass action: its sign, its coefficient and the logarithm of a pressure."""
    number = sympy.Abs(coefficient)
    if isinstance(number, sympy.Rational):
        number = sympy.Rational(number.p, number.q)
    factor = "" if number == 1 else inner(number)
    sign = "−" if coefficient < 0 else "+"
    return f"<mo>{sign}</mo>{factor}{SPACE}<mi>ln</mi>{SPACE}{inner(sympy.Symbol(name))}"


def _unknowns(model: Model) -> str:
    rows = []
    if model.field is not None:
        for c in model.field.components:
            rows.append((f"`{c.name}[{model.field.cells}]`", c.unit, f"{c.long_name} of every cell"))
    rows += [(f"`{u.name}`", u.unit, u.long_name) for u in model.unknowns]
    return "## Unknowns\n\n" + _table(rows, ("name", "unit", "meaning"))


def _column(model: Model, shown: Callable[[sympy.Expr], sympy.Expr]) -> str:
    """The balance of a cell, the flux between two cells in steps, and what the other equations see of
    them."""
    field = model.field
    parts = [
        "## The column",
        f"Every cell ('here') keeps its {field.name}; the fluxes come through its two faces.",
        *(
            block(derivative(inner(shown(c.storage))), word("(flux from below) − (flux to above)"))
            for c in field.components
        ),
        "The flux through a face from the cell 'below' to the cell 'above', in steps; names of several "
        "letters are tables over entropy at the pressure of the face, built at the start of a run from the "
        "equations of state and the melting curves:",
    ]
    links = [link.expression for link in model.links]
    fluxes = [component.flux for component in field.components]
    steps, reduced = sympy.cse([*fluxes, *links], symbols=sympy.numbered_symbols("a_"), order="canonical")
    fluxes, links = reduced[: len(fluxes)], reduced[len(fluxes) :]
    parts += [block(inner(symbol), inner(shown(expression))) for symbol, expression in steps]
    parts += [
        *(block(word("flux"), inner(shown(flux))) for flux in fluxes),
        "What enters the first and the last cell from outside:",
    ]
    parts += [block(word(inflow.at), inner(shown(inflow.expression))) for inflow in model.inflows]
    parts.append("What the other equations see of the cells:")
    for link, expression in zip(model.links, links):
        of_cells = word(LINKS[link.kind]) if LINKS[link.kind] else ""
        parts.append(block(word(link.name.replace("_", " ")), of_cells + inner(shown(expression))))
    return "\n\n".join(parts)


def _table(rows: Sequence[Sequence[object]], head: Sequence[str]) -> str:
    """A Markdown table."""
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    lines += [f"| {' | '.join(map(str, row))} |" for row in rows]
    return "\n".join(lines)
