"""A closed system at given temperature and pressure: gas and pure condensates that hold given elements.

Unknowns: ln(p/bar) of each gas, ln of the gas's amount, and for each condensate one variable s with the smooth
complementarity of `volatiles`. Rows: ln Q = ln K per reaction in fugacities, ln(held/given) per element, ln(sum p / P).
Charge is balanced like an element: ln of the negative over the positive charges, with the given charge on its side.
A gas is ideal, or has the fugacity coefficient of the pure gas at the total pressure (Lewis and Randall).
"""

from __future__ import annotations

from collections.abc import Sequence

import sympy

from ..chemistry.records import CHARGE
from ..constants import BAR
from ..dae.declare.model import Constraint, Model, Output, Parameter, Start, Unknown
from .volatiles import Reaction, Volatile, affinity, phase_state


def closed_system(
    species: Sequence[Volatile], reactions: Sequence[Reaction], elements: Sequence[str], temperature: sympy.Symbol,
    balances: Sequence[str] | None = None, oxygen: Reaction | None = None,
) -> Model:  # fmt: skip
    """Declare the equilibrium of a closed system.

    reactions: of all species, oxygen included. Parameters: temperature [K], pressure [Pa], moles_E [mol] of each
    element. balances: the elements whose amounts are independent (None: all); the others follow from them where the
    species hold them in one ratio only. oxygen: the reaction that makes O2 of the species, where it is not among them.
    Outputs: pressure, gas_moles and mixing_ratio by species, condensate_moles and condensate_activity by
    condensate, fugacity_coefficient of real gases, log10_fO2 where the species have it.
    """
    gases = [v for v in species if not v.condensed]
    totals = {e: Parameter(f"moles_{e}", 1.0, "mol", f"moles of {e}") for e in elements}
    n = {e: parameter.symbol for e, parameter in totals.items() if e != CHARGE}
    pressure = Parameter("pressure", BAR, "Pa", "total pressure")
    amount = Unknown("ln_gas", "1", guess=0.0, step=5.0, long_name="ln of the gas's moles over all atoms")
    states = {v.name: phase_state(v, n) for v in species}
    bar = {v.name: sympy.exp(states[v.name].activity) for v in gases}
    atoms = sympy.Add(*n.values())
    per_bar = (
        atoms * sympy.exp(amount.symbol) * BAR / pressure.symbol
    )  # moles of gas for each bar of partial pressure
    held = {
        e: per_bar * sympy.Add(*(v.composition.get(e, 0) * bar[v.name] for v in gases))
        + sympy.Add(*(v.composition.get(e, 0) * states[v.name].moles for v in species if v.condensed))
        for e in n
    }
    activity = {name: state.activity for name, state in states.items()}
    for v in gases:
        if v.ln_phi is not None:
            activity[v.name] += v.ln_phi(temperature, sympy.log(pressure.symbol))
    rows = [Start(f"moles of {e}", sympy.log(held[e] / n[e])) for e in n if balances is None or e in balances]
    if CHARGE in totals and (balances is None or CHARGE in balances):
        rows.append(Start("charge", _charge(gases, bar, per_bar, totals[CHARGE].symbol)))
    total = sympy.Add(*bar.values())
    return Model(
        "closed system",
        unknowns=(*(s.unknown for s in states.values()), amount),
        parameters=(Parameter(temperature.name, 1000.0, "K", "temperature"), pressure, *totals.values()),
        constraints=(
            *(Constraint(r.text, affinity(r, activity)) for r in reactions),
            Constraint("total pressure", sympy.log(total * BAR / pressure.symbol)),
        ),
        starts=tuple(rows),
        outputs=tuple(_outputs(species, states, bar, total, per_bar, activity, oxygen)),
    )


def _charge(gases, bar, per_bar, electrons):
    """ln of negative over positive charges; electrons: mol that the system has too many, of either sign."""
    negative, positive = (
        per_bar
        * sympy.Add(
            *(
                sign * v.composition[CHARGE] * bar[v.name]
                for v in gases
                if sign * v.composition.get(CHARGE, 0) > 0
            )
        )
        for sign in (1, -1)
    )
    return sympy.log(negative + sympy.Max(-electrons, 0)) - sympy.log(positive + sympy.Max(electrons, 0))


def _outputs(species, states, bar, total, per_bar, activity, oxygen):
    real = any(v.ln_phi is not None for v in species)
    for v in species:
        if v.condensed:
            label = ("condensate", v.name)
            yield Output("condensate_moles", states[v.name].moles, "mol", "moles of the condensate", *label)
            yield Output(
                "condensate_activity",
                sympy.exp(states[v.name].activity),
                "1",
                "activity of the condensate",
                *label,
            )
        else:
            label = ("species", v.name)
            yield Output("pressure", BAR * bar[v.name], "Pa", "partial pressure", *label)
            yield Output("mixing_ratio", bar[v.name] / total, "1", "mole fraction of the gas", *label)
            yield Output("gas_moles", per_bar * bar[v.name], "mol", "moles in the gas", *label)
            if real:
                phi = (
                    sympy.S.One if v.ln_phi is None else sympy.exp(activity[v.name] - states[v.name].activity)
                )
                yield Output("fugacity_coefficient", phi, "1", "fugacity over partial pressure", *label)
    if "O2" not in bar and oxygen is not None:
        activity = activity | {"O2": -affinity(oxygen, activity | {"O2": sympy.S.Zero})}
    if "O2" in activity:
        yield Output("log10_fO2", activity["O2"] / sympy.log(10), "1", "log10 of the oxygen fugacity in bar")
