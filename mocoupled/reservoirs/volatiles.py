"""Reaction-mass balances of gas, melt and graphite: Bower et al. 2022, App. C, for any set of species.

For each species v, with X_v its mass fraction in the melt, k_v its solid/melt distribution coefficient and mu the
mean molar mass of the gas (eq. C1):

    X_v (M_melt + k_v M_solid) + (area/g) (mu_v/mu) p_v + (reaction masses) = mass of v given + exchanged (escape)

one reaction mass and one equilibrium ln Q = ln K per reaction (C5-C9). Where oxygen is buffered, the melt supplies O2 (and
O, O3) at the fugacity that it imposes: they are part of the gas, in its pressure, mean molar mass and composition, but have
no balance. Where oxygen is a budget, they are species like the others. Unknowns are ln(p/bar); graphite is one unknown s
with the smooth complementarity

    ln a_C = -(r - s)/2,   n_C(gr) = n_C (r + s)/2,   r = sqrt(s^2 + 4 eps^2)      (so n/n_C * (-ln a) = eps^2).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import sympy

from ..closures.law_types import SymbolicLaw
from ..closures.iron_wustite import buffer_of, distance
from ..constants import BAR, GAS_CONSTANT
from ..dae.declare.model import Balance, Constraint, Model, Output, Parameter, Start, Unknown, Watch, join

LEAST_RATE = 1e-30  # 1/s, keeps a quotient of two rates defined where both are 0
GRAPHITE_WIDTH = (
    1e-7  # eps of the complementarity: relative error of a pressure about 3e-11, of the activity 1e-14
)
LARGEST_LN_PRESSURE = 9.9  # 2e4 bar, where the tables of fugacity coefficients end


@dataclass(frozen=True)
class Volatile:
    """One species as the balances need it.

    composition: atoms of each element; molar_mass [kg/mol]; solubility: Law of the mass fraction in the melt;
    partition_coefficient: solid/melt, by mass; condensed: pure condensate (graphite) instead of gas.
    ln_phi: ln of the fugacity coefficient as a function of the symbols T [K] and ln(P/Pa), None for an ideal gas;
    volume [m3/mol]: of a condensate whose activity is to depend on pressure, else 0. ln_fugacity: ln(f/bar) of a gas whose
    fugacity is imposed from outside: it has a pressure and no balance; None for all others.
    """

    name: str
    composition: Mapping[str, int]
    molar_mass: float
    solubility: SymbolicLaw | None = None
    partition_coefficient: float = 0.0
    condensed: bool = False
    ln_phi: Callable[[sympy.Expr, sympy.Expr], sympy.Expr] | None = None
    volume: float = 0.0
    ln_fugacity: sympy.Expr | None = None


@dataclass(frozen=True)
class Reaction:
    """A reaction among the species and O2. stoichiometry: species -> number, reactants negative; ln_K: of T, 1 bar."""

    text: str
    stoichiometry: Mapping[str, sympy.Rational]
    ln_K: sympy.Expr


@dataclass(frozen=True)
class Trapping:
    """Melt that is trapped in a pile of crystals, and comes back when the pile melts.

    share: of melt in what settles; melt_rate [kg/s]: symbol of the rate at which the melt's mass changes; returned [kg/s]:
    melt that the pile gives back, and that crystallises again; melt, source [1/s]: the same as a share of the pile, and the
    rock that melts for it.
    """

    share: float
    melt_rate: sympy.Symbol
    returned: sympy.Expr = sympy.S.Zero
    melt: sympy.Expr = sympy.S.Zero
    source: sympy.Expr = sympy.S.Zero

    def release(self, partition_coefficient: float) -> sympy.Expr:
        """The share of what the pile holds of a volatile that it loses in a second: by batch melting of the rock that melts,
        its melt has 1/(D + (1 - D) F) of the rock's concentration, F = melt/source (Shaw 1970)."""
        D = partition_coefficient
        return (
            self.source
            if D == 0
            else self.source * self.melt / (D * self.source + (1 - D) * self.melt + LEAST_RATE)
        )


@dataclass(frozen=True)
class Surroundings:
    """The symbols handed in: T [K], masses of melt and solid [kg], ln(fO2/bar), and area/gravity [m2/(m/s2)].

    ln_fO2 is None where oxygen is an element like the others; O2 must then be among the species. follows: T and the masses
    are those of a field, which sets the step size. trapping: of melt among settling crystals, with what is dissolved in it.
    """

    temperature: sympy.Expr
    melt_mass: sympy.Expr
    solid_mass: sympy.Expr
    ln_fO2: sympy.Expr | None
    area_per_gravity: float
    follows: bool = False
    trapping: Trapping | None = None


@dataclass(frozen=True)
class Volatiles:
    """The part of the model, and the symbols handed on: partial pressures and surface pressure [Pa], ln(fO2/bar)."""

    model: Model
    pressures: Mapping[str, sympy.Expr] = field(default_factory=dict)
    surface_pressure: sympy.Expr = sympy.S.Zero
    ln_fO2: sympy.Expr | None = None


def volatiles(
    species: Sequence[Volatile],
    reactions: Sequence[Reaction],
    around: Surroundings,
    moles: Mapping[str, float],
    pressures: Mapping[str, tuple[str, str, float]] | None = None,
    graphite: Reaction | None = None,
    oxygen: Reaction | None = None,
) -> Volatiles:
    """Declare the volatile reservoirs.

    moles: element -> mol in the planet (for an element started from a pressure: a scale only). pressures: element ->
    ("pressure" or "fugacity", species, Pa) at the start, in place of its inventory; a parameter of the model each. graphite: the reaction that gives the activity of graphite
    where graphite is not among the species (a diagnostic only). oxygen: the reaction that makes O2 of the species, where it
    is neither among them nor imposed: gives its fugacity.
    """
    gases = [v for v in species if not v.condensed]
    if not gases:
        return Volatiles(Model("volatiles"))
    totals = {
        e: Parameter(f"moles_{e}", n, "mol", f"moles of {e} in gas, melt and graphite")
        for e, n in moles.items()
    }
    n = {e: parameter.symbol for e, parameter in totals.items()}
    real = any(v.ln_phi is not None for v in gases) or any(v.volume for v in species)
    states = {
        v.name: phase_state(v, n) if v.ln_fugacity is None else _imposed_state(v, around.temperature)
        for v in species
    }
    balanced = [v for v in species if v.ln_fugacity is None]
    bar = {v.name: sympy.exp(states[v.name].activity) for v in gases}  # partial pressures in bar
    p = {name: BAR * pressure for name, pressure in bar.items()}
    total = BAR * sympy.Add(*bar.values())
    mu = sympy.Add(*(bar[v.name] * v.molar_mass for v in gases)) / sympy.Add(*bar.values())
    ln_P = _total_pressure(real, bar)
    activity = _activities(species, states, around, ln_P.symbol)
    if around.ln_fO2 is not None:
        activity["O2"] = around.ln_fO2
    elif "O2" not in activity and oxygen is not None:
        activity["O2"] = -affinity(oxygen, activity | {"O2": sympy.S.Zero})
    f = {
        v.name: p[v.name] if v.ln_phi is None else BAR * sympy.exp(activity[v.name]) for v in gases
    }  # fugacities
    per_bar = around.area_per_gravity * BAR / mu  # moles of gas for each bar of partial pressure
    arguments = {
        "T": around.temperature,
        "P": total,
        "ln_fO2": activity.get("O2"),
        **{f"p_{s}": x for s, x in f.items()},
    }

    amounts, scales, extents = {}, {v.name: _largest_moles(v, n) for v in balanced}, {}
    trapped, masses, dissolved = [], {}, {}
    for v in gases:
        gas = v.molar_mass * bar[v.name] * per_bar
        fraction = (
            v.solubility(p=f[v.name], **arguments, **_relative(v.solubility, arguments))
            if v.solubility
            else sympy.S.Zero
        )
        melt = fraction * (around.melt_mass + v.partition_coefficient * around.solid_mass)
        amounts[v.name] = (gas, sympy.sympify(melt))
        dissolved[v.name] = fraction
    for v in species:
        if v.condensed:
            amounts[v.name] = (states[v.name].moles * v.molar_mass, sympy.S.Zero)
    for reaction in reactions:
        taking = [(s, c) for s, c in reaction.stoichiometry.items() if s in scales]
        unknown = Unknown(f"extent[{reaction.text}]", "1", long_name=f"extent of {reaction.text}, scaled")
        extents[reaction.text] = (unknown, sympy.Min(*(scales[s] / abs(c) for s, c in taking)))

    balances = []
    for v in balanced:
        lost = sympy.Add(
            *(
                -reaction.stoichiometry.get(v.name, 0)
                * extents[reaction.text][0].symbol
                * extents[reaction.text][1]
                for reaction in reactions
            )
        )
        storage = sympy.Add(*amounts[v.name]) + lost * v.molar_mass
        balances.append(Balance(v.name, storage, scale=scales[v.name] * v.molar_mass, unit="kg"))
        if around.trapping is not None and dissolved.get(v.name, 0) != 0:
            masses[v.name], told = _trapped(
                v, dissolved[v.name], around.trapping, scales[v.name] * v.molar_mass
            )
            trapped.append(told)
    constraints = [Constraint(r.text, affinity(r, activity)) for r in reactions]
    held = {e: per_bar * _atoms(e, gases, bar) + _stored(e, species, amounts) for e in moles}
    told = {e: _told(*one) for e, one in (pressures or {}).items()}
    starts = _starts(moles, told, pressures or {}, held, n, states, activity)
    starts += [Start(f"reaction mass of {r.text}", extents[r.text][0].symbol) for r in reactions]
    unknowns = [
        *(states[v.name].unknown for v in balanced),
        *(u for u, _ in extents.values()),
        *([ln_P.unknown] if ln_P.unknown else []),
    ]
    model = Model(
        "volatiles",
        unknowns=tuple(replace(u, follows=around.follows) for u in unknowns),
        parameters=(*totals.values(), *told.values()),
        balances=tuple(balances),
        constraints=(*constraints, *([Constraint("total pressure", ln_P.residual)] if ln_P.unknown else [])),
        starts=tuple(starts),
        outputs=tuple(
            _outputs(species, reactions, states, p, total, mu, amounts, extents, held, activity, graphite)
        ),
        watches=tuple(_watches(gases, arguments, f)),
    )
    if trapped:
        told = [
            Output(
                "trapped_mass",
                masses.get(v.name, sympy.S.Zero),
                "kg",
                "mass in melt trapped among the cumulates",
                "species",
                v.name,
            )
            for v in gases
        ]
        model = join(model.name, model, *trapped, Model(outputs=tuple(told)))
    return Volatiles(model, p, total, activity.get("O2"))


def _trapped(v: Volatile, dissolved, trapping: Trapping, scale) -> tuple[sympy.Expr, Model]:
    """What the pile holds of a species [kg], and how. It stays in the species' balance, whatever it takes and gives back:
    what is handed to and fro is integrated once."""
    unknown = Unknown(
        f"trapped[{v.name}]", "1", follows=True, long_name=f"{v.name} trapped among the cumulates, scaled"
    )
    mass = unknown.symbol * scale
    gain = dissolved * trapping.share * trapping.returned - mass * trapping.release(v.partition_coefficient)
    carried = -dissolved * trapping.share * trapping.melt_rate
    return mass, Model(
        unknowns=(unknown,),
        balances=(
            Balance(v.name, storage=mass),
            Balance(f"trapped {v.name}", mass, gain, scale, "kg", carried),
        ),
        starts=(Start(f"nothing trapped of {v.name}", unknown.symbol),),
    )


@dataclass(frozen=True)
class PhaseState:
    """The unknown of a species, ln of its activity (of p/bar for a gas) and, for a condensate, its moles."""

    unknown: Unknown | None
    activity: sympy.Expr
    moles: sympy.Expr = sympy.S.Zero


def _imposed_state(v: Volatile, T) -> PhaseState:
    """ln(p/bar) of a gas whose fugacity is imposed: that, less its fugacity coefficient's logarithm."""
    return PhaseState(
        None,
        v.ln_fugacity - (v.ln_phi(T, LN_PRESSURE.symbol + sympy.log(BAR)) if v.ln_phi is not None else 0),
    )


def phase_state(v: Volatile, n) -> PhaseState:
    """The unknown of a species, with what follows from it; n: element -> symbol of its moles."""
    if not v.condensed:
        unknown = Unknown(
            f"ln_p[{v.name}]", "1", guess=0.0, step=5.0, long_name=f"ln of {v.name} pressure in bar"
        )
        return PhaseState(unknown, unknown.symbol)
    unknown = Unknown(
        f"s[{v.name}]",
        "1",
        guess=-2.0,
        step=5.0,
        kink=0.0,
        high=1.0,
        long_name=f"complementarity variable of {v.name}",
    )
    s = unknown.symbol
    r = sympy.sqrt(s**2 + 4 * GRAPHITE_WIDTH**2)
    return PhaseState(unknown, -(r - s) / 2, _condensable(v, n) * (r + s) / 2)


def _condensable(v: Volatile, n):
    """Moles that bound a condensate's: exact for one element, else up to as many times as it has elements; smooth."""
    shares = [count / n[e] for e, count in v.composition.items() if e in n]
    return len(shares) / sympy.Add(*shares)


def _atoms(element, gases, bar):
    """Moles of the element for each mole of gas, times the pressure in bar."""
    return sympy.Add(*(v.composition.get(element, 0) * bar[v.name] for v in gases))


def _stored(element, species, amounts):
    """Moles of the element that are not in the gas: dissolved, or in a condensate."""
    outside = {v.name: amounts[v.name][0] if v.condensed else amounts[v.name][1] for v in species}
    return sympy.Add(*(v.composition.get(element, 0) * outside[v.name] / v.molar_mass for v in species))


LN_PRESSURE = Unknown(
    "ln_P", "1", guess=2.0, step=5.0, high=LARGEST_LN_PRESSURE, long_name="ln of the surface pressure in bar"
)


@dataclass(frozen=True)
class _TotalPressure:
    """ln(P/bar): an unknown of its own where something depends on it, so that the equilibria stay linear in ln p."""

    symbol: sympy.Expr
    unknown: Unknown | None = None
    residual: sympy.Expr = sympy.S.Zero


def _total_pressure(real, bar) -> _TotalPressure:
    total = sympy.log(sympy.Add(*bar.values()))
    return (
        _TotalPressure(LN_PRESSURE.symbol, LN_PRESSURE, LN_PRESSURE.symbol - total)
        if real
        else _TotalPressure(total)
    )


def _activities(species, states, around, ln_P):
    """ln of the fugacity in bar of a gas, of the activity of a condensate told at 1 bar, by species."""
    found = {}
    for v in species:
        if v.ln_fugacity is not None:
            found[v.name] = v.ln_fugacity
            continue
        found[v.name] = states[v.name].activity
        if v.ln_phi is not None:
            found[v.name] += v.ln_phi(around.temperature, ln_P + sympy.log(BAR))
        if v.volume:
            found[v.name] += v.volume * BAR * (sympy.exp(ln_P) - 1) / (GAS_CONSTANT * around.temperature)
    return found


def _largest_moles(v: Volatile, n):
    """Moles of the species if it held all of its scarcest element: the scale of its balance."""
    return sympy.Min(*(n[e] / count for e, count in v.composition.items() if e in n))


def affinity(reaction: Reaction, activity: Mapping[str, sympy.Expr]) -> sympy.Expr:
    """ln Q - ln K of a reaction, from the ln of its species' activities."""
    return sympy.Add(*(c * activity[s] for s, c in reaction.stoichiometry.items())) - reaction.ln_K


def told_name(kind: str, species: str) -> str:
    """The name of the parameter of a given "pressure" or "fugacity"."""
    return f"{kind}[{species}]"


def _told(kind, species, value) -> Parameter:
    return Parameter(told_name(kind, species), value, "Pa", f"{kind} of {species} at the start")


def _starts(moles, told, pressures, held, n, states, activity) -> list[Start]:
    """One start per element: its inventory as ln(held/given), or the given pressure or fugacity of one of its species."""
    rows = []
    for e in moles:
        if e in told:
            kind, name, _ = pressures[e]
            found = states[name].activity if kind == "pressure" else activity[name]
            rows.append(Start(f"{kind} of {name}", found - sympy.log(told[e].symbol / BAR)))
        else:
            rows.append(Start(f"inventory of {e}", sympy.log(held[e] / n[e])))
    return rows


def _outputs(species, reactions, states, p, total, mu, amounts, extents, held, activity, graphite):
    real = any(v.ln_phi is not None for v in species)
    for v in species:
        gas, melt = amounts[v.name]
        if v.condensed and v.name == "H2O(l)":
            yield Output("water_mass", gas, "kg", "mass of liquid water")
            yield Output(
                "water_activity",
                sympy.exp(states[v.name].activity),
                "1",
                "activity of water relative to the liquid",
            )
            continue
        if v.condensed:
            yield Output("graphite_mass", gas, "kg", "mass of graphite")
            yield Output(
                "graphite_activity",
                sympy.exp(states[v.name].activity),
                "1",
                "activity of carbon relative to graphite",
            )
            continue
        yield Output("pressure", p[v.name], "Pa", "partial pressure at the surface", "species", v.name)
        yield Output(
            "mixing_ratio", p[v.name] / total, "1", "volume mixing ratio of the gas", "species", v.name
        )
        yield Output("gas_mass", gas, "kg", "mass in the atmosphere", "species", v.name)
        if real:  # of each gas, so that all stand along the same species: 1 where none is known
            phi = sympy.S.One if v.ln_phi is None else sympy.exp(activity[v.name]) * BAR / p[v.name]
            yield Output(
                "fugacity_coefficient", phi, "1", "fugacity over partial pressure", "species", v.name
            )
        yield Output("dissolved_mass", melt, "kg", "mass dissolved in the mantle", "species", v.name)
    yield Output("surface_pressure", total, "Pa", "surface pressure")
    yield Output("mean_molar_mass", mu, "kg/mol", "mean molar mass of the gas")
    if "O2" in activity:
        yield Output("log10_fO2", activity["O2"] / sympy.log(10), "1", "log10 of the oxygen fugacity in bar")
    for reaction in reactions:
        unknown, scale = extents[reaction.text]
        reactants = [(s, c) for s, c in reaction.stoichiometry.items() if c < 0]
        first, count = next((one for one in reactants if one[0] != "O2"), reactants[0])
        mass = -count * next(v.molar_mass for v in species if v.name == first)
        title = "reaction mass: mass of the first reactant lost since the start"
        yield Output("reaction_mass", unknown.symbol * scale * mass, "kg", title, "reaction", reaction.text)
    for e, amount in held.items():
        yield Output("element_moles", amount, "mol", "moles in gas, melt and graphite", "element", e)
    if graphite is not None and all(s in activity for s in graphite.stoichiometry if s != "C(gr)"):
        coefficient = graphite.stoichiometry["C(gr)"]
        others = {s: c for s, c in graphite.stoichiometry.items() if s != "C(gr)"}
        ln_a = (graphite.ln_K - sympy.Add(*(c * activity[s] for s, c in others.items()))) / coefficient
        yield Output("graphite_activity", sympy.exp(ln_a), "1", "activity of carbon relative to graphite")


def _relative(law, arguments):
    """ln fO2 of iron-wuestite for a registered law that takes it as an argument, by the buffer that the law names."""
    if "ln_fO2_IW" not in law.arguments or arguments["ln_fO2"] is None:
        return {}
    return {"ln_fO2_IW": arguments["ln_fO2"] - math.log(10.0) * distance(law.iron_wustite, arguments)}


def _watches(gases, arguments, p):
    for v in gases:
        if v.solubility is None:
            continue
        ranges = v.solubility.ranges
        values = arguments | {"p": p[v.name]}
        if "dIW" in ranges and arguments["ln_fO2"] is not None:
            values["dIW"] = distance(v.solubility.iron_wustite, arguments)
        for argument, (low, high) in ranges.items():
            if argument in values:
                unit = {"T": "K", "dIW": "1"}.get(argument, "Pa")
                label = f"solubility of {v.name}: {v.solubility.name}"
                buffer = (
                    buffer_of(v.solubility.iron_wustite) if argument == "dIW" else ""
                )
                yield Watch(
                    label, argument, values[argument], low, high, unit, v.solubility.reference, buffer
                )
