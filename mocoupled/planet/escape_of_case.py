"""Escape of every element of a case: one algebraic unknown, and a loss of each element.

Each conserved element loses its atoms as moles of the species of a basis, whose balances exist: two atoms of
H leave as H2, one of C as CO less half an O2. The reactions of the gas share them out.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from fractions import Fraction

import sympy

from ..atmosphere.binary_diffusion import CARRIER, diffusion_law, element_of
from ..atmosphere.cold_trap import reaching, saturation_law
from ..atmosphere.escape_flow import BY_ELEMENT, ENERGY, Atom, Flow, Top, flow_of, hill_radius
from ..case import Case
from ..chemistry.stoichiometry import reduced
from ..chemistry.volatile_chemistry import Chemistry
from ..closures.law_types import Law, symbolic
from ..closures.registry import find
from ..constants import AVOGADRO_CONSTANT, GRAVITATIONAL_CONSTANT
from ..dae.declare.model import TIME, Balance, Model, Output, Parameter, Start, Unknown, Watch, join
from ..dae.leaves.external import numeric
from ..errors import InputError
from ..interior.static_structure import Structure
from ..reservoirs.volatiles import Volatiles
from ..schema.escape_keys import XUV_FLUXES
from .escape_tracers import Wind, check_names, tracers_of
from .metal_of_melt import METAL_MASS, iron_weight
from .species_of_case import BUFFERED
from .star_of_case import starlight

# share of an element's inventory below which its escape fades: it never takes more than there is
FADING = 1e-3
TRAPPED = "H2O"
ALONG = "escaping_element"
SHARE = "hydrogen_fraction"  # of the atoms: the argument of the law whose range is watched


def escaping_elements(chemistry: Chemistry) -> tuple[str, ...]:
    """The elements of the gas, in the order of the mechanism."""
    present = {e for gas in chemistry.gases for e in chemistry.mechanism.species[gas].composition}
    return tuple(e for e in chemistry.mechanism.atomic_weights if e in present)


def laws_of_escape(case: Case, chemistry: Chemistry) -> dict[str, Law]:
    """The laws behind the escape of every element, by role. InputError for an element without data."""
    laws: dict[str, Law] = {"energy of escape": find("escape_energy", ENERGY)}
    check_names(case)
    leaving = (*escaping_elements(chemistry), *case.escape.tracers)
    for name in case.escape.diffusion:
        if name == CARRIER or name not in map(element_of, leaving):
            known = ", ".join(dict.fromkeys(element_of(e) for e in leaving if e != CARRIER))
            problem = "no such element is dragged along; its coefficient would act on nothing."
            raise InputError(f"{case.name} [escape.diffusion] {name}", problem, f"known: {known}")
    for name in leaving:
        if name != CARRIER and element_of(name) not in case.escape.diffusion:
            laws[f"diffusion of {name} in hydrogen"] = diffusion_law(name, _where(case))
    if case.escape.cold_trap != "none":
        laws["saturation in the cold trap"] = saturation_law(case.escape.tropopause_temperature)
    if case.escape.xuv_flux is None and isinstance(case.star.xuv_law, str):
        xuv = laws["XUV of the star"] = find("xuv", case.star.xuv_law)
        if isinstance(case.star.luminosity, str) and "luminosity" in xuv.arguments:
            laws["luminosity of the star"] = find("luminosity", case.star.luminosity)
    return laws


def elements_to_space(
    case: Case, inside: Structure, chemistry: Chemistry, air: Volatiles, follows: bool
) -> Model:
    """Loss of every element of the gas to space. follows: whether the gas follows from a field."""
    if not air.pressures:
        return Model()
    elements = escaping_elements(chemistry)
    if CARRIER not in elements:
        problem = "there is no hydrogen in the gas, which carries the other elements."
        raise InputError(_where(case), problem, cure="add volatiles.hydrogen, or set escape.law = 'none'")
    if chemistry.rock is not None and chemistry.rock.congruent:
        problem = "a congruent vapour has no budget of oxygen that could escape."
        raise InputError(_where(case), problem, cure="give a budget of oxygen, or set escape.law = 'none'")
    top, parameters, driving = _top(case, inside)
    gas = _reaching_space(case, air, chemistry.rock.gases if chemistry.rock else ())
    atoms = {e: sympy.Add(*(_count(chemistry, s, e) * p for s, p in gas.items())) for e in elements}
    whole = sympy.Add(*atoms.values())
    moles = _conserved_moles(chemistry, air)
    left = {e: _fading(n / sympy.Symbol(f"moles_{e}", real=True)) for e, n in moles.items() if e != CARRIER}
    fractions = {e: n / whole for e, n in atoms.items()}
    flow = flow_of(_atoms(case, chemistry, elements), fractions, top, left, follows, case.escape.drag)
    area = 4 * math.pi * inside.radius**2
    rates = {e: area * flux / AVOGADRO_CONSTANT for e, flux in flow.fluxes.items()}  # mol/s
    scale = sum(chemistry.moles.values()) or 1e22
    counted = [_counted(e, rate, chemistry.mechanism.atomic_weights[e], scale) for e, rate in rates.items()]
    law = find("escape", BY_ELEMENT)
    watch = Watch(f"escape: {law.name}", SHARE, fractions[CARRIER], *law.ranges[SHARE], "1", law.reference)
    losses = Model(
        watches=(watch,) if case.escape.drag else (),
        parameters=parameters,
        balances=tuple(_losses(case, chemistry, air, rates)),
        outputs=(*driving, *_crossover(flow)),
    )
    wind = Wind(
        flow=flow,
        area=area / AVOGADRO_CONSTANT,
        # of all the atoms in the gas, those that reach space: by moles of gas for each Pa of its pressure
        gas=whole * _moles_per_pascal(chemistry, air),
        hydrogen=moles[CARRIER] / fractions[CARRIER],
        all_hydrogen=_everywhere(air),
        start=_everywhere(air) + scale * _escaped(CARRIER).symbol,
    )
    return join("escape", flow.model, losses, *counted, tracers_of(case, wind))


# ---- the top of the atmosphere


def _top(case: Case, inside: Structure) -> tuple[Top, tuple[Parameter, ...], tuple[Output, ...]]:
    """Gravity, temperature and energy-limited mass flux, with parameters and outputs."""
    keys = case.escape
    efficiency = Parameter("escape_efficiency", keys.efficiency, "1", "share of the XUV that lifts gas")
    T = Parameter("escape_temperature", keys.temperature, "K", "temperature of the homopause")
    constant = Parameter("constant_xuv_flux", keys.xuv_flux or 0.0, "W/m^2", "XUV flux at the orbit")
    xuv = constant.symbol
    if keys.xuv_flux is None:
        light = starlight(case)
        xuv = light.xuv_flux
        if xuv == 0:
            where = f"{case.name} [star] xuv = {case.star.xuv!r}"
            raise InputError(where, "escape needs XUV.", cure="set star.xuv = 'auto', or escape.xuv_flux")
        _check_flux(case, xuv)
    mass_flux = symbolic(find("escape_energy", ENERGY))(
        xuv_flux=xuv,
        efficiency=efficiency.symbol,
        radius=inside.radius,
        gravity=inside.gravity,
        xuv_radius=keys.xuv_radius,
        inverse_hill_radius=_inverse_hill_radius(case, inside),
        inverse_recombination_flux=1 / keys.recombination_flux if keys.recombination_flux else 0.0,
    )
    parameters = (efficiency, T) if keys.xuv_flux is None else (efficiency, T, constant)
    driving = (
        Output("xuv_flux", sympy.sympify(xuv), "W/m^2", "XUV flux of the star at the planet's orbit"),
        Output("escape_mass_flux", mass_flux, "kg/m^2/s", "mass that XUV can lift, mean over the surface"),
    )
    return Top(sympy.Float(inside.gravity), T.symbol, mass_flux), parameters, driving


def _check_flux(case: Case, xuv: sympy.Expr) -> None:
    """InputError for an XUV flux of the star [W/m2] at the start that is not allowed for a constant one."""
    at_start, (low, high) = float(numeric([TIME], xuv)(0.0)), XUV_FLUXES
    if not low <= at_start <= high:
        raise InputError(
            f"{case.name} [star] xuv",
            f"the XUV flux at the planet's orbit would be {at_start:.3g} W/m2 at the start.",
            f"allowed: {low:g} to {high:g} W/m2",
            "set star.xuv in W, planet.orbit, or escape.xuv_flux",
        )


def _inverse_hill_radius(case: Case, inside: Structure) -> float:
    """Radius over that of the Hill sphere; 0 without tides.

    InputError where XUV is absorbed outside that sphere.
    """
    keys = case.escape
    if not keys.tides:
        return 0.0
    mass = inside.gravity * inside.radius**2 / GRAVITATIONAL_CONSTANT
    inverse = inside.radius / hill_radius(case.planet.orbit, mass, case.star.kilograms)
    if keys.xuv_radius * inverse >= 1.0:
        raise InputError(
            f"{case.name} [escape] xuv_radius = {keys.xuv_radius:g}",
            "XUV would be absorbed outside the Hill sphere of the planet.",
            f"allowed: below {1 / inverse:.3g}, with planet.orbit and the mass of the star",
        )
    return float(inverse)


def _atoms(case: Case, chemistry: Chemistry, elements: tuple[str, ...]) -> dict[str, Atom]:
    """Mass and diffusion coefficient of each element."""
    T = sympy.Symbol("escape_temperature", real=True)
    atoms = {}
    for e in elements:
        mass = chemistry.mechanism.atomic_weights[e]
        b: sympy.Expr = sympy.S.One
        if e in case.escape.diffusion:
            b = sympy.Float(case.escape.diffusion[e])
        elif e != CARRIER:
            b = symbolic(diffusion_law(e, _where(case)))(T=T, molar_mass=mass)
        atoms[e] = Atom(sympy.Float(mass), b)
    return atoms


def _reaching_space(case: Case, air: Volatiles, condensing: Collection[str] = ()) -> dict[str, sympy.Expr]:
    """Partial pressures [Pa] of the gas that reaches the homopause, as of a gas at the surface.

    condensing: gases with metals of the melt, which rain out far below.
    """
    pressures, keys = {s: p for s, p in air.pressures.items() if s not in condensing}, case.escape
    if keys.cold_trap != "none" and TRAPPED in pressures:
        T, p = keys.tropopause_temperature, keys.tropopause_pressure
        pressures[TRAPPED] = reaching(pressures[TRAPPED], air.surface_pressure, T, p)
    return pressures


# ---- what is lost


def _losses(
    case: Case, chemistry: Chemistry, air: Volatiles, rates: Mapping[str, sympy.Expr]
) -> Iterator[Balance]:
    """Sources of the balances of species. rates [mol/s]: of each element."""
    known = {b.name for b in air.model.balances}
    conserved = [
        e for e in rates if e in _conserved_moles(chemistry, air) or (e == "O" and BUFFERED in known)
    ]
    gases = [s for s in chemistry.gases if s in known]
    gases.sort(key=lambda s: len(chemistry.mechanism.species[s].composition))
    rows = [
        [*(Fraction(_count(chemistry, s, e)) for s in gases), *(Fraction(int(e == f)) for f in conserved)]
        for e in conserved
    ]
    solved, pivots = reduced(rows)
    if [k for k in pivots if k >= len(gases)]:
        raise InputError(
            _where(case),
            f"the elements {', '.join(conserved)} cannot leave one by one: {', '.join(gases)} have too few "
            "independent compositions.",
            cure="add a species to [chemistry] species",
        )
    for row, k in zip(solved, pivots):
        parts = zip(row[len(gases) :], conserved)
        rate = sympy.Add(*(sympy.Rational(c.numerator, c.denominator) * rates[e] for c, e in parts if c))
        yield Balance(gases[k], source=-chemistry.molar_mass(gases[k]) * rate)


def _escaped(element: str) -> Unknown:
    """The unknown that counts the atoms of an element that have escaped."""
    return Unknown(f"escaped[{element}]", "1", long_name=f"atoms of {element} that have escaped, scaled")


def _counted(element: str, rate: sympy.Expr, weight: float, scale: float) -> Model:
    """What has left of an element. rate [mol/s], weight [kg/mol], scale [mol]: of its unknown."""
    unknown, label = _escaped(element), (ALONG, element)
    return Model(
        unknowns=(unknown,),
        balances=(Balance(f"escaped {element}", unknown.symbol, rate / scale),),
        starts=(Start(f"escaped {element}", unknown.symbol),),
        outputs=(
            Output("element_escape_rate", weight * rate, "kg/s", "mass lost to space per second", *label),
            Output(
                "escaped_element_mass", weight * scale * unknown.symbol, "kg", "mass lost to space", *label
            ),
        ),
    )


def _crossover(flow: Flow) -> Iterator[Output]:
    """The crossover mass with the diffusion coefficient of each element."""
    title = "mass above which hydrogen drags no atoms that diffuse like the element"
    for name in flow.atoms:
        if name != CARRIER:
            mass = flow.crossover_mass(name)
            yield Output("crossover_mass", mass, "kg/mol", title, "dragged_element", name)


# ---- amounts


def _count(chemistry: Chemistry, gas: str, element: str) -> int | Fraction:
    return chemistry.mechanism.species[gas].composition.get(element, 0)


def _fading(share: sympy.Expr) -> sympy.Expr:
    """1 while there is much of an element, 0 where little is left. share: of its inventory.

    It vanishes so fast that a sixth of FADING stays for ever: the balance of the element keeps its digits.
    """
    return sympy.exp(-((FADING / share) ** 2))


def _conserved_moles(chemistry: Chemistry, air: Volatiles) -> dict[str, sympy.Expr]:
    """Moles of each conserved element that the gas can reach: without what a mantle below a lid keeps."""
    kept = {p.symbol: 0 for p in air.model.parameters if p.name.startswith("kept")}
    moles = {o.label: o.expression for o in air.model.outputs if o.name == "element_moles"}
    moles = {e: n.subs(kept) for e, n in moles.items()}
    if "O" in moles:  # metal counts negative: what is in gas, melt and ferric iron can be reached
        metal = sum(o.expression.subs(kept) for o in air.model.outputs if o.name == METAL_MASS)
        moles["O"] += metal / iron_weight(chemistry)
    return moles


def _everywhere(air: Volatiles) -> sympy.Expr:
    """Moles of hydrogen in the planet, with what a mantle below a lid keeps."""
    (n,) = (o.expression for o in air.model.outputs if (o.name, o.label) == ("element_moles", CARRIER))
    return n


def _moles_per_pascal(chemistry: Chemistry, air: Volatiles) -> sympy.Expr:
    """Moles of a gas in the atmosphere for each Pa of its partial pressure: the same for all."""
    gas, pressure = next(iter(air.pressures.items()))
    (mass,) = (o.expression for o in air.model.outputs if (o.name, o.label) == ("gas_mass", gas))
    return mass / chemistry.molar_mass(gas) / pressure


def _where(case: Case) -> str:
    return f"{case.name} [escape] law = {case.escape.law!r}"
