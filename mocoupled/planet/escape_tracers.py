"""Isotopes and noble gases that escape with the elements and act on nothing: D, He, Ne, Ar, Kr, Xe.

A noble gas is in the gas alone. Of N atoms a share N/N_gas of all atoms of the gas is carried off,

    d ln N/dt = -(area/N_A) f/n_gas,   f = (flux of the tracer)/(its fraction),

with n_gas the moles of atoms of the gas. Deuterium is wherever hydrogen is, in the same ratio, so that n_gas
is replaced by n_H/X_H, moles of hydrogen in gas and melt over its fraction of the gas. Its unknown is the
ratio to hydrogen, which changes by the small difference of both fluxes,

    d ln(D/H)/dt = -(area/N_A) (f - w) X_H/n_H.
"""

from __future__ import annotations

from dataclasses import dataclass

import sympy

from ..atmosphere.binary_diffusion import diffusion_law, element_of, molar_mass_of
from ..atmosphere.escape_flow import Atom, Flow
from ..case import Case
from ..closures.law_types import symbolic
from ..dae.declare.model import Balance, Model, Output, Parameter, Start, Unknown, join
from ..errors import InputError, nearest

DEUTERIUM, HEAVY_HYDROGEN = "D", "2H"
ALLOWED = ("D", "He", "Ne", "Ar", "Kr", "Xe")


@dataclass(frozen=True)
class Wind:
    """What carries tracers off, in symbols.

    area [m2]: of the surface, over Avogadro's constant. gas [mol]: atoms of the gas that reach space.
    hydrogen [mol]: moles of hydrogen that gas and melt share, over its fraction of the gas.
    all_hydrogen, start [mol]: hydrogen of the planet now, and at the start.
    """

    flow: Flow
    area: float
    gas: sympy.Expr
    hydrogen: sympy.Expr
    all_hydrogen: sympy.Expr
    start: sympy.Expr


def tracers_of(case: Case, wind: Wind) -> Model:
    """The tracers of a case. InputError for what cannot be one."""
    _check(case, wind)
    return join("tracers", *(_tracer(case, name, wind) for name in case.escape.tracers))


def _tracer(case: Case, name: str, wind: Wind) -> Model:
    """One tracer: ln of what is left of it."""
    where = _where(case, name)
    mass, coefficient = molar_mass_of(name, where), case.escape.diffusion.get(element_of(name))
    T = wind.flow.top.temperature
    b = symbolic(diffusion_law(name, where))(T=T, molar_mass=mass) if coefficient is None else coefficient
    flux = wind.flow.relative_flux(Atom(sympy.Float(mass), sympy.sympify(b)))
    first = Parameter(f"tracer[{name}]", case.escape.tracers[name], "1", f"{name} over H at the start")
    label = ("tracer", name)
    if name == DEUTERIUM:
        unknown = Unknown(f"ln_ratio[{name}]", "1", long_name=f"ln of {name} over H, over that at the start")
        rate = -wind.area * (flux - wind.flow.symbol) / wind.hydrogen
        ratio = first.symbol * sympy.exp(unknown.symbol)
        moles = ratio * wind.all_hydrogen
    else:
        unknown = Unknown(f"ln_left[{name}]", "1", long_name=f"ln of the share of {name} that is left")
        rate = -wind.area * flux / wind.gas
        moles = first.symbol * wind.start * sympy.exp(unknown.symbol)
        ratio = moles / wind.all_hydrogen
    return Model(
        unknowns=(unknown,),
        parameters=(first,),
        balances=(Balance(f"ln of {name}", unknown.symbol, rate),),
        starts=(Start(f"ln of {name}", unknown.symbol),),
        outputs=(
            Output("tracer_moles", moles, "mol", "moles of an isotope or noble gas that are left", *label),
            Output("tracer_ratio", ratio, "1", "its atoms over those of hydrogen", *label),
        ),
    )


def check_names(case: Case) -> None:
    """InputError for a tracer that is neither deuterium nor a noble gas."""
    for name in case.escape.tracers:
        if element_of(name) not in ALLOWED:
            allowed = f"allowed: {', '.join(ALLOWED)}, and isotopes such as '36Ar'"
            cure = "did you mean 'D'?" if name == HEAVY_HYDROGEN else nearest(element_of(name), ALLOWED)
            raise InputError(_where(case, name), "it is neither deuterium nor a noble gas.", allowed, cure)


def _check(case: Case, wind: Wind) -> None:
    """InputError for a tracer that is an element of the case, or that the equations do not follow."""
    for name in case.escape.tracers:
        where, element = _where(case, name), element_of(name)
        if element in wind.flow.atoms:
            problem = f"{element} is an element of the case, which escapes with the others."
            raise InputError(where, problem, cure="remove it from escape.tracers, or from [volatiles]")
        if name == DEUTERIUM and case.run.after_lid == "closed":
            problem = "the deuterium that a mantle keeps under a closed lid is not followed."
            raise InputError(where, problem, "allowed: run.after_lid = 'end' or 'open'")
        if case.cumulates.coupled and case.cumulates.trapped_melt:
            problem = "what melt takes along that is trapped among cumulates is not followed."
            raise InputError(where, problem, "allowed: cumulates.trapped_melt = 0")


def _where(case: Case, name: str) -> str:
    return f"{case.name} [escape.tracers] {name}"
