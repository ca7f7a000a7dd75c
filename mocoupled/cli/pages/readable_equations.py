"""Equations as a chemist writes them: pressures and temperature in place of the solver's logarithms."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

from ...constants import BAR

if TYPE_CHECKING:
    import sympy

    from ...chemistry.records import Reaction
    from ...chemistry.volatile_chemistry import Chemistry
    from ...dae.declare.model import Model
    from ...planet.assembly import Planet

WHOLE = 1e6  # whole numbers below this are printed without a decimal point
DIGITS = 5


def readable(planet: Planet, model: Model) -> Callable[[sympy.Expr], sympy.Expr]:
    """A function that turns an expression of the model into one of p_X, P, mu, tau, T and x_k.

    Numbers have five digits, and tables have short names.
    """
    import sympy

    outputs = {o.name: _whole(sympy.sympify(o.expression)) for o in model.outputs if not o.dimension}
    steps = []
    if "surface_pressure" in outputs:
        total, mean = outputs["surface_pressure"], outputs["mean_molar_mass"]
        masses, sum_of_pressures = sympy.fraction(mean)
        grey = [(outputs["optical_depth"], _positive("tau"))] if "optical_depth" in outputs else []
        steps = [
            *grey,
            (masses, _positive("mu") * _positive("P")),
            (sum_of_pressures, _positive("P")),
            (total, 10**5 * _positive("P")),
        ]
    tables = {
        leaf: sympy.Function(name.rsplit("_", 1)[0])
        for name, leaf in (model.externals | model.field_externals).items()
    }
    names = _names(planet, model)

    def shown(expression: sympy.Expr) -> sympy.Expr:
        expression = _whole(sympy.sympify(expression))
        for former, new in steps:
            expression = expression.subs(former, new) if former.free_symbols else expression
        for leaf, name in tables.items():
            expression = expression.replace(leaf, name)
        expression = expression.xreplace(names)
        rounded = {f: sympy.Float(f, DIGITS) for f in expression.atoms(sympy.Float)}
        return _whole(expression.xreplace(rounded))

    return shown


def _names(planet: Planet, model: Model) -> dict[sympy.Expr, sympy.Expr]:
    """Symbol of the model -> what is printed in its place."""
    import sympy

    names: dict[sympy.Expr, sympy.Expr] = {}
    for unknown in model.unknowns:
        if unknown.name.startswith("ln_p["):
            names[unknown.symbol] = sympy.log(_positive(f"p_{unknown.name[5:-1]}"))
    for k, reaction in enumerate(planet.chemistry.reactions, 1):
        names[sympy.Symbol(f"extent[{reaction.text}]", real=True)] = _positive(f"x_{k}")
    for parameter in model.parameters:
        names[parameter.symbol] = _positive(parameter.name.replace("moles_", "n_"))
    names[sympy.Symbol("surface_temperature", real=True)] = _positive("T")
    names[sympy.Symbol("s[C(gr)]", real=True)] = _positive("s")
    return names


def _positive(name: str) -> sympy.Symbol:
    import sympy

    return sympy.Symbol(name, positive=True)


def _whole(expression: sympy.Expr) -> sympy.Expr:
    """The expression with whole floats as integers."""
    import sympy

    integers = {}
    for number in expression.atoms(sympy.Float):
        if float(number).is_integer() and abs(number) < WHOLE:
            integers[number] = sympy.Integer(int(float(number)))
    return expression.xreplace(integers)


def imposed(planet: Planet, model: Model) -> list[tuple[str, sympy.Expr]]:
    """(name, ln of the pressure in bar) of every gas that follows from the oxygen fugacity alone."""
    import sympy

    pressures = {o.label: o.expression for o in model.outputs if o.name == "pressure"}
    return [
        (name, sympy.log(pressures[name] / BAR)) for name in planet.chemistry.imposed if name in pressures
    ]


def affinity(reaction: Reaction, chemistry: Chemistry, term: Callable[[Fraction, str], str]) -> str:
    """ln Q of a reaction as a chemist writes it.

    term(coefficient, name of a fugacity or activity): the text of one logarithm.
    """
    terms = []
    for species, coefficient in reaction.stoichiometry:
        name = "fO2"
        if species != "O2":
            gas = chemistry.mechanism.species[species].phase == "gas"
            name = f"{'p' if gas else 'a'}_{species}"
        terms.append(term(coefficient, name))
    return " ".join(terms)
