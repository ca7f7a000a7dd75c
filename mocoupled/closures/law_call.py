"""Calls a law, and says which line of it is wrong and what to write where it fails on the expressions that it is given."""

from __future__ import annotations

import inspect
import linecache
import numbers
import re
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import InputError, MocoupledError, nearest

if TYPE_CHECKING:
    from .law import Law

KINDS = {  # kind of a law that a user may add -> key of a case that names it, arguments that it is called with
    "radiation": ("atmosphere.radiation", ("optical_depth", "T", "T_eq")),
    "escape": ("escape.law", ("mixing_ratio_H2", "xuv", "prefactor")),
    "buffer": ("redox.buffer", ("T", "P")),
    "ferric_iron": ("redox.ferric_iron", ("T", "ln_fO2", "composition", "P")),
    "solidus": ("mantle.solidus", ("P",)),
    "liquidus": ("mantle.liquidus", ("P",)),
    "solubility": ("volatiles.solubility", ("p", "p_<species>", "P", "T", "ln_fO2", "ln_fO2_IW")),
}
NEEDED = {
    "buffer": ("family",),
    "solidus": ("slope",),
    "liquidus": ("slope",),
}  # kind -> attributes it must have
ON_ARRAYS = ("solidus", "liquidus")  # called with numpy arrays; the others with sympy expressions
SMOOTH = "no `if`, min, max or comparison on an argument: write a smooth step, as low + (high - low)*(1 + sympy.tanh((T - 2000)/50))/2"
UNSMOOTH = (
    "floor",
    "ceiling",
    "frac",
    "Mod",
    "sign",
    "Heaviside",
    "DiracDelta",
    "gamma",
    "loggamma",
    "Derivative",
    "Integral",
)  # of sympy
IN_SYMPY = {
    "log10": "sympy.log(x, 10)", "log2": "sympy.log(x, 2)", "pow": "x**y", "power": "x**y", "fabs": "sympy.sqrt(x**2 + small**2)",
    "abs": "sympy.sqrt(x**2 + small**2)", "arctan": "sympy.atan(x)", "log1p": "sympy.log(1 + x)", "expm1": "sympy.exp(x) - 1",
}  # fmt: skip


def call(law: Law, arguments: Mapping[str, Any]):
    """The law's value; InputError with the line and the cure where its function cannot take what it is called with.

    What a number brings about (an overflow, the logarithm of zero) is raised as it is.
    """
    import sympy

    symbolic = any(isinstance(value, sympy.Basic) for value in arguments.values())
    try:
        found = law.function(**arguments)
    except MocoupledError:
        raise
    except Exception as error:
        if isinstance(error, (ArithmeticError, ValueError)) and not symbolic:
            raise
        raise _failed(law, arguments, error) from None
    if law.kind in KINDS:
        _check(law, arguments, found, symbolic)
    return found


def check_declaration(law: Law):
    """InputError for a law that cannot be used as its kind is; raised when it is registered."""
    for attribute in NEEDED.get(law.kind, ()):
        if attribute not in law.attributes:
            raise InputError(
                _where(law),
                f"a {law.kind} needs the attribute {attribute!r}.",
                f"write attributes={{{attribute!r}: ...}} in @law(...)",
                "see docs/add-a-law.md",
            )
        value = law.attributes[attribute]
        if not (callable(value) if attribute == "slope" else isinstance(value, str)):
            allowed = (
                "allowed: a function of P, the derivative in K/Pa"
                if attribute == "slope"
                else "allowed: a family's name, such as 'IW'"
            )
            raise InputError(
                _where(law),
                f"its attribute {attribute!r} is {str(value)[:40]!r}.",
                allowed,
                "see docs/add-a-law.md",
            )
    for name, span in law.ranges.items():
        pair = isinstance(span, (tuple, list)) and len(span) == 2
        if not pair or not all(isinstance(end, (int, float)) for end in span) or not span[0] <= span[1]:
            raise InputError(
                _where(law), f"{name} = {span!r} is not a range.", f"allowed: {name}=(low, high) in SI"
            )


def _where(law) -> str:
    code = getattr(law.function, "__code__", None)
    place = f" ({Path(code.co_filename).name} line {code.co_firstlineno})" if code else ""
    return f"law {law.kind} {law.name!r}{place}"


def _given(law, arguments) -> str:
    key, names = KINDS.get(law.kind, ("", tuple(arguments)))
    of = f" named by {key}" if key else ""
    kind = "numpy arrays" if law.kind in ON_ARRAYS else "sympy expressions or numbers"
    return f"{'an' if law.kind[0] in 'aeiou' else 'a'} {law.kind} law{of} is called with {', '.join(dict.fromkeys([*arguments, *names]))}: keywords in SI, {kind}"


def _failed(law, arguments, error) -> InputError:
    """The error of a law's function in words."""
    try:
        inspect.signature(law.function).bind(**arguments)
    except TypeError as unbound:
        return _unbound(law, arguments, str(unbound))
    own = getattr(getattr(law.function, "__code__", None), "co_filename", "")
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == own
    ] or traceback.extract_tb(error.__traceback__)[-1:]
    line = (linecache.getline(frames[-1].filename, frames[-1].lineno) or frames[-1].line or "").strip()
    place = f"{Path(frames[-1].filename).name} line {frames[-1].lineno}"
    reason = (str(error).splitlines() or [""])[0][:160]
    problem = f"it fails at {place}, `{line[:100]}`: {type(error).__name__}: {reason}."
    return InputError(
        _where(law), problem, _given(law, arguments), _cure(law, arguments, line, reason, error)
    )


def _unbound(law, arguments, reason) -> InputError:
    parameters = inspect.signature(law.function).parameters.values()
    named = [p.name for p in parameters if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)]
    needed = [p.name for p in parameters if p.name in named and p.default is p.empty]
    lacking = [name for name in needed if name not in arguments]
    if lacking:
        cure = " ".join(
            filter(None, (nearest(name, [a for a in arguments if a not in named]) for name in lacking))
        )
        return InputError(
            _where(law),
            f"it takes the argument {', '.join(map(repr, lacking))}, which it is not called with.",
            _given(law, arguments),
            cure or "use the arguments it is called with, or give this one a default",
        )
    return InputError(
        _where(law),
        f"its arguments do not fit: {reason}.",
        _given(law, arguments),
        "end its arguments with **_, which takes those that it does not use",
    )


def _cure(law, arguments, line, reason, error) -> str:
    """What to write in place of a line that fails."""
    library = re.search(r"\b(math|np|numpy)\.(\w+)", line)
    if law.kind in ON_ARRAYS:
        return (
            f"write numpy.{library[2]} in place of math.{library[2]}"
            if library and library[1] == "math"
            else "write it for arrays: numpy functions, numpy.where in place of `if`"
        )
    if (
        "truth value" in reason
        or re.match(r"(if|elif|while)\b", line)
        or re.search(r"\b(min|max)\(|\.(where|maximum|minimum|clip)\(", line)
    ):
        return SMOOTH
    if library:
        return f"write {IN_SYMPY.get(library[2], f'sympy.{library[2]}(x)')} in place of {library[0]}(x)"
    if isinstance(error, NameError) and (name := re.search(r"'([^']+)'", reason)):
        return nearest(name[1], [*arguments, *law.arguments]) or "name it among the arguments, or define it"
    return "use + - * / ** and functions of sympy on the arguments"


def _check(law, arguments, found, symbolic):
    """InputError for a value that is no expression, or names symbols that the law was not given."""
    import sympy

    no_value = (
        found is None
        or isinstance(found, (str, bool, complex, tuple, list, dict, set))
        or callable(found)
        or (isinstance(found, sympy.Basic) and not isinstance(found, sympy.Expr))
    )
    if (
        no_value
        or symbolic
        and law.kind not in ON_ARRAYS
        and not isinstance(found, (sympy.Expr, numbers.Real))
    ):
        problem = (
            "it returns nothing."
            if found is None
            else f"it returns {str(found)[:60]!r}, which is no number or expression."
        )
        raise InputError(
            _where(law),
            problem,
            _given(law, arguments),
            "end it with `return` and the value" if found is None else SMOOTH,
        )
    if law.kind in ON_ARRAYS:
        shape, given = getattr(found, "shape", ()), getattr(arguments.get("P"), "shape", ())
        if shape != given:
            raise InputError(
                _where(law),
                f"it returns values of shape {shape} for pressures of shape {given}.",
                _given(law, arguments),
                "write it for arrays: a constant is 1300.0 + 0*P",
            )
    if symbolic and isinstance(found, sympy.Expr):
        steps = found.atoms(*(getattr(sympy, name) for name in UNSMOOTH)) | found.atoms(
            sympy.core.function.AppliedUndef
        )
        if steps:
            problem = f"its value holds {', '.join(sorted({str(one.func) for one in steps}))}, of which the program has no derivative."
            raise InputError(_where(law), problem, _given(law, arguments), SMOOTH)
        if found.has(sympy.I):
            raise InputError(
                _where(law),
                f"its value is not real: {str(found)[:80]}.",
                _given(law, arguments),
                "the logarithm or root of a negative number?",
            )
        known = {
            s for value in arguments.values() if isinstance(value, sympy.Basic) for s in value.free_symbols
        }
        foreign = sorted(map(str, found.free_symbols - known))
        if foreign:
            raise InputError(
                _where(law),
                f"its value holds the symbol {', '.join(foreign)}, which it was not given.",
                _given(law, arguments),
                "use the arguments themselves, no symbols made in the law",
            )
        if found.has(sympy.nan, sympy.zoo, sympy.oo, -sympy.oo):
            raise InputError(
                _where(law), f"its value is not finite: {str(found)[:80]}.", _given(law, arguments)
            )
