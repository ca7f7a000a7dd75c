"""Source text of the derivatives of a Model's equations with respect to some of its parameters.

The text of the model itself does not depend on what is varied.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..declare.model import TIME, Model
from .source_text import Arguments, carried_rows, emit, moved_program, rates_of
from .straight_line_programs import differentiate, program

_generated: dict[tuple[str, tuple[str, ...]], str] = {}  # text and names -> text of the derivatives


def varied_source(model: Model, source: str, names: Sequence[str]) -> str:
    """The module for a checked Model whose text is `source`; names: the parameters that vary.

    Functions (arguments as those of the text of the model; derivatives row by row, a column a parameter):
    begin(x, p, t)      -> F_x, F_p           of the rows of the start; x: unknowns and links
    settled(x, p, t)    -> A, H_p, H_t        A, H_t as of `linear`; H_p: of scaled storages and residuals
    pull(x, v, p, t)    -> A, H_p, P, s_p, i_p  P: of A v - [sources; 0] + dH/dtime; s, i: sources and inflows
    carried(x, v, p, t) -> c_p                of what is carried, where a balance has that
    shown(x, p, t)      -> o, o_x, o_p, o_t   outputs, and their derivatives by x, by parameters and by time
    P, s_p, i_p and c_p have columns of the unknowns that follow from a field, before those of the parameters.
    """
    key = source, tuple(names)
    if key not in _generated:
        _generated[key] = _text(model, names)
    return _generated[key]


def _text(model: Model, names: Sequence[str]) -> str:
    x = [u.symbol for u in model.unknowns] + [link.symbol for link in model.links]
    v, symbols = rates_of(model), {q.name: q.symbol for q in model.parameters}
    p, varied = list(symbols.values()), [symbols[name] for name in names]
    at_rest: Arguments = [("x", x), ("p", p), ("t", [TIME])]
    moving: Arguments = [("x", x), ("v", v), ("p", p), ("t", [TIME])]
    begin = program(F=[s.residual for s in model.starts] + [c.residual for c in model.constraints])
    begin = differentiate(begin, begin.results["F"], x, "F_x", "_d")
    begin = differentiate(begin, begin.results["F"], varied, "F_p", "_f")
    _, linear, moved, pull = moved_program(model, x, v)
    settled = differentiate(linear, linear.results["H"], varied, "H_p", "_p")
    moves = [u.symbol for u in model.unknowns if u.follows] + varied
    code = differentiate(moved, pull, moves, "P", "_g")
    code = differentiate(code, code.results["H"], varied, "H_p", "_p")
    for name, prefix in (("s", "_k"), ("i", "_j")):
        code = differentiate(code, code.results[name], moves, f"{name}_p", prefix)
    carried = program(c=carried_rows(model))
    carried = differentiate(carried, carried.results["c"], moves, "c_p", "_d")
    shown = program(o=[o.expression for o in model.outputs])
    for name, wrt, prefix in (("o_x", x, "_d"), ("o_p", varied, "_p"), ("o_t", [TIME], "_h")):
        shown = differentiate(shown, shown.results["o"], wrt, name, prefix)
    return "\n".join(
        [
            '"""Generated from the declaration of the model: do not edit."""',
            "import math",
            "",
            "",
            emit("begin", begin.keep("F_x", "F_p"), at_rest, "dF/dx and dF/dp of the start."),
            emit("settled", settled.keep("A", "H_p", "H_t"), at_rest, "A, dH/dp, dH/dtime."),
            emit("pull", code.keep("A", "H_p", "P", "s_p", "i_p"), moving, "d(A v - sources + dH/dtime)/dp."),
            emit("carried", carried.keep("c_p"), moving, "What is carried, by parameters."),
            emit("shown", shown.keep("o", "o_x", "o_p", "o_t"), at_rest, "Outputs and their derivatives."),
        ]
    )
