"""The activities of a melt's oxides as equations: what each law of the kind "melt_activity" needs.

An activity is that of the pure liquid oxide at 1 bar.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import sympy

from ..closures.registry import find
from ..dae.declare.model import Constraint, Unknown
from ..errors import InputError
from . import associated_solution as associated
from . import regular_solution as regular

KIND = associated.KIND
DEFAULT = associated.MAGMA
# ln K of the formation of a component from liquid oxides, as an expression in T [K].
Formation = Callable[[str, sympy.Expr], sympy.Expr]


@dataclass(frozen=True)
class Activities:
    """Expressions for a melt, and the unknowns and constraints that they bring along.

    ln_activity: oxide -> ln of its activity. law: the name of the model.
    """

    law: str
    ln_activity: Mapping[str, sympy.Expr]
    unknowns: tuple[Unknown, ...] = ()
    constraints: tuple[Constraint, ...] = ()


def oxides_of_law(name: str, where: str = "") -> tuple[str, ...]:
    """The oxides whose activity a law gives. InputError for an unknown law."""
    find(KIND, name, where)
    if name == regular.NAME:
        return tuple(oxide for oxide in regular.OXIDE_OF.values() if oxide != "Cr2O3")
    return associated.OXIDES


def oxides_in_law(name: str, where: str = "") -> tuple[str, ...]:
    """The oxides that a melt of a law may have; Cr2O3 of MELTS mixes, but has no standard state here."""
    return (*oxides_of_law(name, where), *(("Cr2O3",) if name == regular.NAME else ()))


def declare_activities(
    name: str, ln_moles: Mapping[str, sympy.Expr], T: sympy.Expr, formation: Formation
) -> Activities:
    """The activities of a melt by the law `name`.

    ln_moles: oxide -> ln of its amount, in any unit. T [K].
    formation: used for components of MELTS, whose standard states are not the oxides.
    """
    if name == regular.NAME:
        return _regular(name, ln_moles, T, formation)
    return _associated(name, ln_moles, T)


@dataclass(frozen=True)
class Amount:
    """The amount of an oxide in an associated solution, as exp(ln_size) times `inner`.

    inner is finite however little there is of the oxide.
    """

    ln_size: sympy.Expr
    inner: sympy.Expr

    @property
    def ln(self) -> sympy.Expr:
        """ln of the amount."""
        return self.ln_size + sympy.log(self.inner)


def associated_amounts(
    name: str, ln_a: Mapping[str, sympy.Expr], T: sympy.Expr
) -> tuple[dict[str, Amount], sympy.Expr]:
    """Amounts of the oxides in all species of an associated solution, and the constraint on their scale.

    ln_a: oxide -> ln of its activity. An amount is the derivative of the law by ln_a.
    The constraint is 0 where the amounts are those of a mole of oxides (IMCC-MAGMA), or of a mole of species
    (IMCC-ideal).
    """
    symbols = {oxide: sympy.Symbol(associated.PREFIX + oxide, real=True) for oxide in ln_a}
    total = find(KIND, name)(T=T, **{associated.PREFIX + oxide: symbol for oxide, symbol in symbols.items()})
    values = {symbols[oxide]: value for oxide, value in ln_a.items()}
    amounts = {}
    for oxide, symbol in symbols.items():
        # the trace of an alkali is in complexes with one of its two atoms
        power = sympy.Rational(1, 2) if oxide in ("Na2O", "K2O") else sympy.S.One
        terms = sympy.Add.make_args(sympy.diff(total, symbol))
        inner = [_exponential(term, values, -power * symbol) for term in terms]
        amounts[oxide] = Amount(power * ln_a[oxide], sympy.Add(*inner))
    if name == associated.IDEAL:
        sums = [_exponential(term, values) for term in sympy.Add.make_args(total)]
    else:
        sums = [sympy.exp(amount.ln_size) * amount.inner for amount in amounts.values()]
    return amounts, sympy.log(sympy.Add(*sums))


def _exponential(
    term: sympy.Expr, values: Mapping[sympy.Symbol, sympy.Expr], further: sympy.Expr = sympy.S.Zero
) -> sympy.Expr:
    """c exp(e) exp(f) as c exp(e + f + further), with the symbols of the exponent replaced."""
    factor, exponent = sympy.S.One, further
    for part in sympy.Mul.make_args(term):
        if part.func == sympy.exp:
            exponent += part.args[0]
        else:
            factor *= part
    return factor * sympy.exp(sympy.expand(exponent).xreplace(dict(values)))


def _associated(name: str, ln_moles: Mapping[str, sympy.Expr], T: sympy.Expr) -> Activities:
    """The associated solution: ln of the activity coefficients are unknowns.

    The amounts of the oxides in all species are their mole fractions (IMCC-MAGMA), or in the same ratios with
    a mole of species (IMCC-ideal).
    """
    ln_all = sympy.log(sympy.Add(*(sympy.exp(value) for value in ln_moles.values())))
    ln_X = {oxide: value - ln_all for oxide, value in ln_moles.items()}
    unknowns = [
        Unknown(
            f"ln_gamma_{oxide}",
            guess=associated.FIRST_LN_GAMMA[oxide],
            step=2.0,
            long_name=f"ln of the activity coefficient of {oxide}",
        )
        for oxide in ln_moles
    ]
    ln_a = {oxide: ln_X[oxide] + unknown.symbol for oxide, unknown in zip(ln_moles, unknowns)}
    amounts, scale = associated_amounts(name, ln_a, T)
    size = Unknown("ln_oxides_in_melt", step=2.0, long_name="ln of the oxides in a mole of melt species")
    ln_size = size.symbol if name == associated.IDEAL else sympy.S.Zero
    constraints = [
        Constraint(f"amount of {oxide}", amount.ln_size - ln_X[oxide] - ln_size + sympy.log(amount.inner))
        for oxide, amount in amounts.items()
    ]
    if name == associated.IDEAL:
        unknowns.append(size)
        constraints.append(Constraint("a mole of species", scale))
    return Activities(name, ln_a, tuple(unknowns), tuple(constraints))


def _regular(
    name: str, ln_moles: Mapping[str, sympy.Expr], T: sympy.Expr, formation: Formation
) -> Activities:
    """The regular solution: the activities of its components are explicit, those of oxides follow."""
    names = regular.components_of(ln_moles)
    symbols = {c: sympy.Symbol(regular.PREFIX + c, positive=True) for c in names}
    energy = find(KIND, name)(T=T, **{regular.PREFIX + c: n for c, n in symbols.items()})
    amounts = regular.amounts_of({oxide: sympy.exp(value) for oxide, value in ln_moles.items()})
    values = {symbols[c]: amounts[c] for c in names}
    ln_of = {c: sympy.expand_log(sympy.log(amounts[c]), force=True) for c in names}
    ln_component = {}
    for c, symbol in symbols.items():
        slope = sympy.expand(sympy.diff(energy, symbol))
        # ln n of a trace is linear in its logarithm, not the logarithm of an exponential
        slope = slope.xreplace({sympy.log(n): ln_of[other] for other, n in symbols.items()})
        ln_component[c] = slope.xreplace(values)
    oxides = [oxide for oxide in ln_moles if oxide in oxides_of_law(name)]
    ln_a = {}
    for oxide, shares in _oxides_in_components(names, oxides).items():
        terms = [_number(share) * (ln_component[c] - formation(c, T)) for c, share in shares.items()]
        ln_a[oxide] = sympy.Add(*terms)
    return Activities(name, ln_a)


def _number(value: Fraction) -> sympy.Rational:
    return sympy.Rational(value.numerator, value.denominator)


def _oxides_in_components(components: Sequence[str], oxides: Sequence[str]) -> dict[str, dict[str, Fraction]]:
    """Each oxide as a sum of components: MgO is half Mg2SiO4 less half SiO2."""
    known: dict[str, dict[str, Fraction]] = {"SiO2": {"SiO2": Fraction(1)}}
    # Al2O3 before KAlSiO4, which contains it
    for component in sorted(components, key=lambda c: c == "KAlSiO4"):
        oxide = regular.OXIDE_OF.get(component)
        if oxide is None or oxide in known or component == "MgCr2O4":
            continue
        content = associated.oxides_of(component)
        count = content.pop(oxide)
        shares = {component: 1 / count}
        for other, needed in content.items():
            for c, share in known[other].items():
                shares[c] = shares.get(c, Fraction(0)) - needed * share / count
        known[oxide] = shares
    return {oxide: known[oxide] for oxide in oxides}


def check_melt(name: str, moles: Mapping[str, float | np.ndarray], where: str) -> None:
    """InputError for a melt that the law cannot describe.

    moles: of oxides, numbers or arrays. MELTS has no melt with less silica than its other oxides bind, nor
    one with more K2O than Al2O3.
    """
    if name != regular.NAME:
        return
    for oxide, component, needed in (("K2O", "KAlSiO4", "Al2O3"), ("Cr2O3", "MgCr2O4", "MgO")):
        if oxide in moles and needed not in moles:
            raise InputError(where, f"{name} has {oxide} as {component} only.", cure=f"state {needed} too")
    for component, amount in regular.amounts_of(moles).items():
        if np.any(np.asarray(amount) < 0):
            raise InputError(
                where,
                f"{name} has no melt of these oxides: its component {component} would be negative.",
                "allowed: SiO2 above (MgO + FeO)/2 + CaO + Na2O + 2 K2O by moles, and Al2O3 above K2O",
                f"take activities = {DEFAULT!r}",
            )
