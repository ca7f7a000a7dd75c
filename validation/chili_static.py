"""The static states of reports/chili.md: the gas of Earth beside PACMAN and LavAtmos3."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

import mocoupled as mo
from mocoupled.chemistry.mechanism import read_mechanism

SPECIES = ("H2O", "CO2", "CO", "H2", "CH4", "O2")
# Of Earth, cold: T [K]; partial pressures of PACMAN and of LavAtmos3 [bar], projectcuisines/chili, 0fd8c783,
# 4002bfe2,
# 1a30f974.
SNAPSHOTS = {
    "tau3": (
        2825.6841,
        {
            "H2O": 2.9533504,
            "CO2": 79.964795,
            "CO": 55.699650,
            "H2": 0.21212821,
            "CH4": 1.902e-10,
            "O2": 0.082976120,
        },
        {"H2O": 2.7718770, "CO2": 80.004444, "CO": 55.601792, "H2": 0.27742199, "O2": 0.058760533},
    ),
    "tau5": (
        1690.4390,
        {
            "H2O": 69.492687,
            "CO2": 120.79082,
            "CO": 13.989626,
            "H2": 2.2648027,
            "CH4": 1.4424e-06,
            "O2": 2.9031956e-07,
        },
        {"H2O": 69.390964, "CO2": 120.89132, "CO": 13.888960, "H2": 2.3658054, "O2": 2.7907808e-07},
    ),
}


def table(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, ["---"] * len(head), *body))


def static() -> str:
    """The gas of Earth at temperature, pressure and elements of PACMAN's snapshots, beside PACMAN and
    LavAtmos3."""
    body, mechanism = [], read_mechanism("volatiles")
    composition = {s: mechanism.species[s].composition for s in SPECIES}
    for name, (T, pacman, lavatmos) in SNAPSHOTS.items():
        moles = {e: sum(p * composition[s].get(e, 0) for s, p in pacman.items()) for e in "HCO"}
        gas = mo.gas_equilibrium(
            temperature=T,
            pressure=sum(pacman.values()) * 1e5,
            moles=moles,
            species=list(SPECIES),
            condensates=(),
        )
        ours = {s: float(gas.pressure.sel(species=s)) / 1e5 for s in SPECIES}
        for who, p in {"ours": ours, "LavAtmos3": lavatmos, "PACMAN": pacman}.items():
            K = [
                np.log10(p[product] / p[educt] / p["O2"] ** 0.5)
                for product, educt in (("CO2", "CO"), ("H2O", "H2"))
            ]
            body.append(
                [
                    f"{name}, {T:.0f} K",
                    who,
                    *(f"{p[s]:.4g}" for s in ("H2O", "CO2", "CO", "H2", "O2")),
                    *(f"{value:.3f}" for value in K),
                ]
            )
    return table(
        [
            "state",
            "of",
            "H2O, bar",
            "CO2",
            "CO",
            "H2",
            "O2",
            "log10 p(CO2)/p(CO)/√p(O2)",
            "log10 p(H2O)/p(H2)/√p(O2)",
        ],
        body,
    )
