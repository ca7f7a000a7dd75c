"""The two types of a law, and the small records of what a law says beside its formula.

A `SymbolicLaw` is written in sympy: the solvers differentiate its expression.
A `NumericLaw` is called on numbers and numpy arrays, since it has no closed form.
The kind decides: NUMERIC_KINDS are numeric, every other kind is symbolic.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from ..errors import InputError, nearest
from .law_call import call

if TYPE_CHECKING:
    import numpy as np
    import sympy

Range = tuple[float, float]
Ranges = Mapping[str, Range]
NUMERIC_KINDS = ("fugacity", "solidus", "liquidus")
MELTING_CURVES = ("solidus", "liquidus")
TOTAL = "total"  # value of the attribute `buffer_pressure`


@dataclass(frozen=True)
class MineralBuffer:
    """What a law of the kind "buffer" stands for.

    family: such as "IW". family_default: whether the family's name alone means this law. reaction: as text.
    """

    family: str
    family_default: bool = False
    reaction: str = ""


@dataclass(frozen=True)
class IronWustite:
    """The buffer of iron-wustite to which dIW and DIW of a law refer.

    name: of the buffer's law. total_pressure: whether it is taken at the total pressure; else at 1 bar.
    """

    name: str
    total_pressure: bool = False


@dataclass(frozen=True)
class Dissolution:
    """What a law of the kind "solubility" says beside its formula.

    form: "power-law", "expression", "sum", "law" or "none", as in a mechanism's file;
    "" for a law of this program.
    melt: the silicate melt of the experiments. coefficient [kg/kg/Pa^exponent], exponent: of a power law.
    expression: the formula's text. parts: names of the laws in a sum.
    """

    form: str = ""
    melt: str = ""
    coefficient: float | None = None
    exponent: float | None = None
    expression: str = ""
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Coefficient:
    """A number of a law that may be varied by its name.

    value: in `unit`, as published. error: uncertainty (+-) that its publication states, in `unit`; None where
    it states none. meaning: in words.
    relative: whether changes are counted relative to it; not so for an offset of a logarithm.
    """

    value: float
    unit: str
    meaning: str
    error: float | None = None
    relative: bool = True


# kind -> what every law of the kind has beside its published coefficients
COMMON = {
    "solubility": {"factor": Coefficient(1.0, "1", "factor on the mass fraction that dissolves")},
    "buffer": {"offset": Coefficient(0.0, "dex", "added to log10 fO2", relative=False)},
    "ferric_iron": {"offset": Coefficient(0.0, "1", "added to ln(Fe3+/Fe2+)", relative=False)},
}


@dataclass(frozen=True)
class RealGases:
    """The gases for which a law of fugacity coefficients was made.

    species: gases with constants in the law; () if a critical point is enough.
    ranges: gas -> T [K] and P [Pa].
    reduced_temperature: range of T over the critical temperature, None where the paper states none.
    """

    species: tuple[str, ...] = ()
    ranges: Mapping[str, Ranges] = field(default_factory=dict)
    reduced_temperature: Range | None = None


@dataclass(frozen=True)
class PublishedLaw:
    """What every law has: its place in the registry, its function, its calibration and its publication.

    kind, name: its place in the registry, e.g. ("buffer", "ONeillEggins2002").
    unit: of the result, as text; every argument is in SI.
    reference: the paper, with table or equation.
    function: called with keyword arguments; it ignores keywords that it does not use.
    A symbolic law passes expressions of sympy or numbers to it, a numeric law numbers and arrays.
    arguments: names of those that it uses.
    ranges: argument -> (low, high) of the calibration, SI;
    outside it the law is computed, and the use is recorded.
    key, further_keys: BibTeX keys of its publication and of others that the reference names; doi:
    of the first.
    conditions, outside, note: the experiments, what the law does outside its range, how it compares with
    others.
    """

    kind: str
    name: str
    unit: str
    reference: str
    function: LawFunction
    arguments: tuple[str, ...]
    ranges: Ranges = field(default_factory=dict)
    key: str = ""
    further_keys: tuple[str, ...] = ()
    doi: str = ""
    conditions: str = ""
    outside: str = ""
    note: str = ""

    @property
    def keys(self) -> tuple[str, ...]:
        """BibTeX keys of all publications that the declaration states."""
        return (self.key, *self.further_keys) if self.key else ()

    @property
    def doc(self) -> str:
        """The law's docstring on one line."""
        return _on_one_line(self.function)


@dataclass(frozen=True)
class SymbolicLaw(PublishedLaw):
    """One published relation as an expression of sympy.

    species: the species that it describes, "" for none. pressure: whether it has a pressure term.
    volumes: of the magnesium and the iron end-member [m3/mol], of a law of density.
    melt: the silicate melt of the experiments ("" for none; of a law of solubility it is in `dissolution`).
    coefficients: published numbers that the function takes by these names, and has as defaults.
    varied: name of a coefficient -> expression that stands in its place.
    composition: of the melt by mass, an argument of the function; None for a law without one.
    """

    species: str = ""
    pressure: bool = False
    mineral_buffer: MineralBuffer | None = None
    iron_wustite: IronWustite | None = None
    dissolution: Dissolution | None = None
    volumes: tuple[float, float] | None = None
    melt: str = ""
    coefficients: Mapping[str, Coefficient] = field(default_factory=dict)
    varied: Mapping[str, sympy.Expr] = field(default_factory=dict)
    composition: Mapping[str, float | sympy.Expr] | None = None

    def __call__(self, **arguments: object) -> sympy.Expr:
        """The law's value: an expression for symbols, a number for numbers (SI).

        Raises InputError, with the line and the cure, where the function fails on the arguments.
        """
        if self.composition is not None:
            arguments = {"composition": self.composition, **arguments}
        if not self.varied:
            return call(self, arguments)
        value = call(self, {**arguments, **{n: v for n, v in self.varied.items() if n in self.coefficients}})
        return value * self.varied.get("factor", 1) + self.varied.get("offset", 0)

    @property
    def variable(self) -> dict[str, Coefficient]:
        """Every coefficient that may be varied, by its name: the published, and those of all such laws."""
        return {**self.coefficients, **COMMON.get(self.kind, {})}

    def with_symbols(self, symbols: Mapping[str, sympy.Expr]) -> SymbolicLaw:
        """The law with symbols in place of coefficients. symbols: name of a coefficient -> symbol."""
        unknown = [name for name in symbols if name not in self.variable]
        if unknown:
            raise InputError(
                f"law {self.kind} {self.name!r}",
                f"it has no coefficient {unknown[0]!r}.",
                f"known: {', '.join(self.variable) or 'none'}",
                nearest(unknown[0], self.variable),
            )
        return replace(self, varied={**self.varied, **symbols})

    @cached_property
    def _compiled(self) -> Callable[..., np.ndarray]:
        import sympy

        symbols = {name: sympy.Symbol(name, real=True) for name in self.arguments}
        return sympy.lambdify(list(symbols.values()), self(**symbols), modules="numpy", cse=True)

    def evaluate(self, **values: float | np.ndarray) -> np.ndarray:
        """The law on numbers or arrays (SI, broadcast), from the expression that the solvers use.

        Raises InputError where an argument is missing.
        """
        _check_arguments(self, values)
        return self._compiled(*(values[name] for name in self.arguments))

    @property
    def family(self) -> str:
        """Family of a buffer, such as "IW"; "" for a law of another kind."""
        return self.mineral_buffer.family if self.mineral_buffer else ""


@dataclass(frozen=True)
class NumericLaw(PublishedLaw):
    """One published relation that is computed on numbers and numpy arrays.

    slope: dT/dP [K/Pa] of a melting curve as a function of P [Pa], None for other laws.
    gases: what a law of fugacity coefficients was made for, None for other laws.
    """

    slope: Callable[[np.ndarray], np.ndarray] | None = None
    gases: RealGases | None = None

    def __call__(self, **arguments: object) -> np.ndarray:
        """The law's value, a number or an array (SI).

        Raises InputError, with the line and the cure, where the function fails on the arguments.
        """
        return call(self, arguments)

    def evaluate(self, **values: float | np.ndarray) -> np.ndarray:
        """The law on numbers or arrays (SI, broadcast). Raises InputError where an argument is missing."""
        _check_arguments(self, values)
        return self(**values)

    def derivative(self, P: np.ndarray) -> np.ndarray:
        """dT/dP [K/Pa] of a melting curve at pressures P [Pa]; InputError for a law of another kind."""
        if self.slope is None:
            raise InputError(
                f"law {self.kind} {self.name!r}", "this is not a melting curve: it has no slope."
            )
        return self.slope(P)


Law = SymbolicLaw | NumericLaw
LawFunction = Callable[..., "sympy.Expr | np.ndarray"]  # keyword arguments in SI -> value


def arguments_of(function: Callable[..., object], without: Iterable[str] = ()) -> tuple[str, ...]:
    """Names of the arguments that a law's function takes by keyword, other than `without`."""
    kinds = (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    parameters = inspect.signature(function).parameters
    return tuple(n for n, p in parameters.items() if p.kind in kinds and n not in without)


def _on_one_line(function: Callable[..., object]) -> str:
    return " ".join((function.__doc__ or "").split())


def _check_arguments(law: Law, values: Mapping[str, object]) -> None:
    """InputError where an argument of the law has no value."""
    missing = [name for name in law.arguments if name not in values]
    if not missing:
        return
    others = [name for name in values if name not in law.arguments]
    raise InputError(
        f"law {law.kind} {law.name!r}",
        f"its argument {', '.join(missing)} is missing.",
        f"its arguments: {', '.join(law.arguments)}",
        nearest(missing[0], others),
    )


def symbolic(law: Law) -> SymbolicLaw:
    """The law, known to be symbolic; InputError for a numeric one."""
    if isinstance(law, SymbolicLaw):
        return law
    raise InputError(f"law {law.kind} {law.name!r}", "it has no expression in sympy.")


def numeric(law: Law) -> NumericLaw:
    """The law, known to be numeric; InputError for a symbolic one."""
    if isinstance(law, NumericLaw):
        return law
    raise InputError(
        f"law {law.kind} {law.name!r}", "it is an expression of sympy, not a function of arrays."
    )
