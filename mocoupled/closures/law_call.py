"""Calls a law; where its function fails on the arguments, says which line is wrong and what to write."""

from __future__ import annotations

import inspect
import linecache
import numbers
import re
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import InputError, MocoupledError, nearest

if TYPE_CHECKING:
    import sympy

# kind of a law that a user may add -> key of a case that names it, arguments that it is called with
KINDS = {
    "radiation": ("atmosphere.radiation", ("optical_depth", "T", "T_eq")),
    "albedo": ("atmosphere.albedo", ("T", "star_temperature", "p_<species>")),
    "luminosity": ("star.luminosity", ("mass", "age")),
    "xuv": ("star.xuv", ("luminosity", "age")),
    "escape": ("escape.law", ("mixing_ratio_H2", "xuv", "prefactor")),
    "buffer": ("redox.buffer", ("T", "P")),
    "ferric_iron": ("redox.ferric_iron", ("T", "ln_fO2", "composition", "P")),
    "solidus": ("mantle.solidus", ("P",)),
    "liquidus": ("mantle.liquidus", ("P",)),
    "solubility": ("volatiles.solubility", ("p", "p_<species>", "P", "T", "ln_fO2", "ln_fO2_IW")),
}
# called with numpy arrays; the others with sympy expressions
ON_ARRAYS = ("solidus", "liquidus")
SMOOTH = (
    "no `if`, min, max or comparison on an argument: write a smooth step, "
    "as low + (high - low)*(1 + sympy.tanh((T - 2000)/50))/2"
)
# functions of sympy that have no derivative, or none that the program can generate
UNSMOOTH = (
    "floor", "ceiling", "frac", "Mod", "sign", "Heaviside", "DiracDelta", "gamma", "loggamma", "Derivative",
    "Integral",
)  # fmt: skip
# function of math or numpy -> what to write in sympy
IN_SYMPY = {
    "log10": "sympy.log(x, 10)", "log2": "sympy.log(x, 2)", "pow": "x**y", "power": "x**y",
    "fabs": "sympy.sqrt(x**2 + small**2)", "abs": "sympy.sqrt(x**2 + small**2)", "arctan": "sympy.atan(x)",
    "log1p": "sympy.log(1 + x)", "expm1": "sympy.exp(x) - 1",
}  # fmt: skip


class Callee(Protocol):
    """What this file needs to know of a law."""

    @property
    def kind(self) -> str:
        """Kind of the law, such as "buffer"."""

    @property
    def name(self) -> str:
        """Name of the law within its kind."""

    @property
    def function(self) -> Callable[..., Any]:  # a user's function may return any object: that is checked here
        """The function that computes the law."""

    @property
    def arguments(self) -> tuple[str, ...]:
        """Names of the arguments that the function uses."""


def call(law: Callee, arguments: Mapping[str, object]) -> Any:  # an expression, a number or an array
    """The law's value.

    Raises InputError, with the line and the cure, where the function cannot take the arguments.
    An error that numbers cause (an overflow, the logarithm of zero) is raised as it is.
    """
    import sympy

    symbolic = any(isinstance(value, sympy.Basic) for value in arguments.values())
    try:
        value = law.function(**arguments)
    except MocoupledError:
        raise
    except Exception as error:
        if isinstance(error, (ArithmeticError, ValueError)) and not symbolic:
            raise
        raise _failed(law, arguments, error) from None
    if law.kind in KINDS:
        _check_type(law, arguments, value, symbolic)
        if law.kind in ON_ARRAYS:
            _check_shape(law, arguments, value)
        if symbolic and isinstance(value, sympy.Expr):
            _check_expression(law, arguments, value)
    return value


def check_ranges(place: str, ranges: Mapping[str, object]) -> None:
    """InputError at `place` for a range of a declaration that is not (low, high)."""
    for name, span in ranges.items():
        if not _is_range(span):
            problem = f"{name} = {span!r} is not a range."
            raise InputError(place, problem, f"allowed: {name}=(low, high) in SI")


def _is_range(span: object) -> bool:
    if not isinstance(span, (tuple, list)) or len(span) != 2:
        return False
    return all(isinstance(end, (int, float)) for end in span) and span[0] <= span[1]


def place_of(kind: str, name: str, function: Callable[..., object]) -> str:
    """Where a law is declared, for a message: kind, name, file and line."""
    code = getattr(function, "__code__", None)
    place = f" ({Path(code.co_filename).name} line {code.co_firstlineno})" if code else ""
    return f"law {kind} {name!r}{place}"


def _where(law: Callee) -> str:
    return place_of(law.kind, law.name, law.function)


def _interface(law: Callee, arguments: Mapping[str, object]) -> str:
    """The sentence that says what a law of this kind is called with."""
    key, names = KINDS.get(law.kind, ("", tuple(arguments)))
    article = "an" if law.kind[0] in "aeiou" else "a"
    named_by = f" named by {key}" if key else ""
    keywords = ", ".join(dict.fromkeys([*arguments, *names]))
    values = "numpy arrays" if law.kind in ON_ARRAYS else "sympy expressions or numbers"
    return f"{article} {law.kind} law{named_by} is called with {keywords}: keywords in SI, {values}"


def _failed(law: Callee, arguments: Mapping[str, object], error: Exception) -> InputError:
    """The error of a law's function in words."""
    try:
        inspect.signature(law.function).bind(**arguments)
    except TypeError as unbound:
        return _unbound(law, arguments, str(unbound))
    file = getattr(getattr(law.function, "__code__", None), "co_filename", "")
    every = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in every if frame.filename == file]
    frame = inside[-1] if inside else every[-1]
    line = (linecache.getline(frame.filename, frame.lineno or 0) or frame.line or "").strip()
    place = f"{Path(frame.filename).name} line {frame.lineno}"
    reason = (str(error).splitlines() or [""])[0][:160]
    problem = f"it fails at {place}, `{line[:100]}`: {type(error).__name__}: {reason}."
    cure = _cure(law, arguments, line, reason, error)
    return InputError(_where(law), problem, _interface(law, arguments), cure)


def _unbound(law: Callee, arguments: Mapping[str, object], reason: str) -> InputError:
    """The error of a function whose signature does not accept the arguments."""
    parameters = inspect.signature(law.function).parameters.values()
    named = [p for p in parameters if p.kind in (p.KEYWORD_ONLY, p.POSITIONAL_OR_KEYWORD)]
    needed = [p.name for p in named if p.default is p.empty]
    missing = [name for name in needed if name not in arguments]
    if not missing:
        return InputError(
            _where(law),
            f"its arguments do not fit: {reason}.",
            _interface(law, arguments),
            "end its arguments with **_, which takes those that it does not use",
        )
    unused = [name for name in arguments if name not in [p.name for p in named]]
    suggestions = [nearest(name, unused) for name in missing]
    return InputError(
        _where(law),
        f"it takes the argument {', '.join(map(repr, missing))}, which it is not called with.",
        _interface(law, arguments),
        " ".join(filter(None, suggestions))
        or "use the arguments it is called with, or give this one a default",
    )


def _cure(law: Callee, arguments: Mapping[str, object], line: str, reason: str, error: Exception) -> str:
    """What to write in place of a line that fails."""
    library = re.search(r"\b(math|np|numpy)\.(\w+)", line)
    if law.kind in ON_ARRAYS:
        if library and library[1] == "math":
            return f"write numpy.{library[2]} in place of math.{library[2]}"
        return "write it for arrays: numpy functions, numpy.where in place of `if`"
    branches = re.match(r"(if|elif|while)\b", line)
    compares = re.search(r"\b(min|max)\(|\.(where|maximum|minimum|clip)\(", line)
    if "truth value" in reason or branches or compares:
        return SMOOTH
    if library:
        return f"write {IN_SYMPY.get(library[2], f'sympy.{library[2]}(x)')} in place of {library[0]}(x)"
    unknown = re.search(r"'([^']+)'", reason)
    if isinstance(error, NameError) and unknown:
        suggestion = nearest(unknown[1], [*arguments, *law.arguments])
        return suggestion or "name it among the arguments, or define it"
    return "use + - * / ** and functions of sympy on the arguments"


def _check_type(law: Callee, arguments: Mapping[str, object], value: object, symbolic: bool) -> None:
    """InputError for a value that is no expression, number or array."""
    import sympy

    other = isinstance(value, (str, bool, complex, tuple, list, dict, set)) or callable(value)
    no_expression = isinstance(value, sympy.Basic) and not isinstance(value, sympy.Expr)
    no_number = symbolic and law.kind not in ON_ARRAYS and not isinstance(value, (sympy.Expr, numbers.Real))
    if value is None:
        problem, cure = "it returns nothing.", "end it with `return` and the value"
    elif other or no_expression or no_number:
        problem, cure = f"it returns {str(value)[:60]!r}, which is no number or expression.", SMOOTH
    else:
        return
    raise InputError(_where(law), problem, _interface(law, arguments), cure)


def _check_shape(law: Callee, arguments: Mapping[str, object], value: object) -> None:
    """InputError for an array whose shape is not that of the pressures."""
    shape, expected = getattr(value, "shape", ()), getattr(arguments.get("P"), "shape", ())
    if shape != expected:
        problem = f"it returns values of shape {shape} for pressures of shape {expected}."
        cure = "write it for arrays: a constant is 1300.0 + 0*P"
        raise InputError(_where(law), problem, _interface(law, arguments), cure)


def _check_expression(law: Callee, arguments: Mapping[str, object], value: sympy.Expr) -> None:
    """InputError for an expression that is not smooth, not real or not finite, or has foreign symbols."""
    import sympy

    def refused(problem: str, cure: str = "") -> InputError:
        return InputError(_where(law), problem, _interface(law, arguments), cure)

    steps = value.atoms(*(getattr(sympy, name) for name in UNSMOOTH))
    steps |= value.atoms(sympy.core.function.AppliedUndef)
    if steps:
        names = ", ".join(sorted({str(step.func) for step in steps}))
        raise refused(f"its value holds {names}, of which the program has no derivative.", SMOOTH)
    if value.has(sympy.I):
        cure = "the logarithm or root of a negative number?"
        raise refused(f"its value is not real: {str(value)[:80]}.", cure)
    known: set[sympy.Symbol] = set()
    for argument in arguments.values():
        parts = argument.values() if isinstance(argument, Mapping) else (argument,)
        for part in parts:  # the composition of a melt is a mapping
            if isinstance(part, sympy.Basic):
                known |= part.free_symbols
    foreign = sorted(map(str, value.free_symbols - known))
    if foreign:
        problem = f"its value holds the symbol {', '.join(foreign)}, which is none of its arguments."
        raise refused(problem, "use the arguments themselves, no symbols made in the law")
    if value.has(sympy.nan, sympy.zoo, sympy.oo, -sympy.oo):
        raise refused(f"its value is not finite: {str(value)[:80]}.")
