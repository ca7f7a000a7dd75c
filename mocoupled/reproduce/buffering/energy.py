"""The growth of the pile with its heat prescribed, as in the paper, and conserved: table, conclusion."""

from __future__ import annotations

import csv
import io
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from ...cumulates.timed_buffering import ENERGIES, buffering_history
from ...schema.buffering_case import BufferingCase
from ..claims_table import row

if TYPE_CHECKING:
    import xarray

CASES, TIMESCALES = ("earth", "mars"), (1, 10, 100)  # Myr
SOLID = (0.775, 0.9, 0.95, 0.99)
PAPER, CONSERVED = ENERGIES
# Fe#: what the paper's Earth stays below
FORTY = 40
COLUMNS = (
    "case",
    "timescale_Myr",
    "energy",
    *(f"Fe_at_{f:g}" for f in SOLID),
    "melt_returned",
    "latent_heat_MJ_per_kg",
    "sensible_heat_MJ_per_kg",
    "superheat_K",
    "core_K",
)


@cache
def history(case: str, timescale: int, energy: str) -> xarray.Dataset:
    """The growth of a case in a timescale [Myr]; energy: "prescribed" or "conserved"."""
    return buffering_history(case, f"{timescale} Myr", energy=energy)


def at(case: str, timescale: int, energy: str, name: str, solid_fraction: float) -> float:
    """A variable of that growth at a solid fraction."""
    run = history(case, timescale, energy)
    return float(np.interp(solid_fraction, run.solid_fraction, run[name]))


def iron_at(case: str, timescale: int, energy: str, solid_fraction: float) -> float:
    """Fe# of the magma ocean at a solid fraction."""
    return 100 * at(case, timescale, energy, "ocean_iron", solid_fraction)


def least_distance() -> float:
    """Least Fe# of Mars less that of Earth at the same timescale and solid fraction, energy conserved."""
    return min(
        iron_at("mars", tau, CONSERVED, f) - iron_at("earth", tau, CONSERVED, f)
        for tau in TIMESCALES
        for f in np.linspace(0.1, SOLID[-1], 90)
    )


def _line(case: str, timescale: int, energy: str) -> dict[str, str]:
    """COLUMNS of a growth, as text; sensible heat: all that a mantle at the temperature of the core has."""
    values = BufferingCase.read(case).values
    last = SOLID[-1]
    returned = at(case, timescale, energy, "melt_returned", last)
    warm, top = (at(case, timescale, energy, f"{name}_temperature", last) for name in ("interior", "top"))
    core = values["core_temperature"]
    if energy == CONSERVED:
        core = at(case, timescale, energy, "core_mantle_temperature", last)
    iron = {f"Fe_at_{f:g}": f"{iron_at(case, timescale, energy, f):.1f}" for f in SOLID}
    return iron | {
        "case": case,
        "timescale_Myr": f"{timescale}",
        "energy": energy,
        "melt_returned": f"{returned:.3g}",
        "latent_heat_MJ_per_kg": f"{returned * values['latent_heat'] / 1e6:.3g}",
        "sensible_heat_MJ_per_kg": f"{values['heat_capacity'] * values['core_temperature'] / 1e6:.3g}",
        "superheat_K": f"{warm - top:.0f}",
        "core_K": f"{core:.0f}",
    }


@cache
def lines() -> tuple[dict[str, str], ...]:
    """A line of COLUMNS for each case, timescale and energy."""
    return tuple(_line(case, tau, energy) for case in CASES for tau in TIMESCALES for energy in ENERGIES)


def energy_csv() -> str:
    """The lines as CSV."""
    text = io.StringIO()
    table = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows(lines())
    return text.getvalue()


def energy_markdown() -> list[str]:
    """The section on energy: what is compared, its table, the conclusion."""
    head = ("case", "growth in", "heat of the pile", *(f"Fe# at {f:g} solid" for f in SOLID))
    head += ("melt returned, mantles", "its latent heat, MJ/kg", "pile less top, K", "core, K")
    table = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    for line in lines():
        cells = [
            line["case"],
            f"{line['timescale_Myr']} Myr",
            line["energy"],
            *(line[f"Fe_at_{f:g}"] for f in SOLID),
        ]
        cells += [line[n] for n in ("melt_returned", "latent_heat_MJ_per_kg", "superheat_K", "core_K")]
        table.append(row(cells))
    return ["## Who pays for the melts", "", _compared(), "", *table, "", *_conclusion(), ""]


def _compared() -> str:
    return (
        "In the paper the pile stays half-way between its top and a core of constant temperature, whatever "
        "it melts: nobody pays for the latent heat (`prescribed`). With `energy = conserved` the pile has a "
        "potential temperature T_p of its balance, and so has the core: d(M_p c_p a T_p)/dt = -q L M + "
        "Q_core - Q_top + c_p T_top dM_p/dt and M_core c_core dT_core/dt = -Q_core, with the same remelting "
        "q at T_p. a is the mean of exp(alpha g z/c_p) over the pile; Q_core and Q_top pass its boundary "
        "layers by half-space cooling (eq. B1). For a core of infinite heat capacity and infinite "
        "conductance this is the model of the paper."
    )


def _conclusion() -> list[str]:
    """What follows, in plain words, with the numbers of the lines."""
    last, slow = SOLID[-1], TIMESCALES[-1]
    iron = {
        (case, energy): [iron_at(case, tau, energy, last) for tau in TIMESCALES]
        for case in CASES
        for energy in ENERGIES
    }
    spans = {key: f"{min(values):.0f} to {max(values):.0f}" for key, values in iron.items()}
    melt = [at("earth", tau, CONSERVED, "melt_returned", last) for tau in TIMESCALES]
    hot = _line("earth", slow, PAPER)
    survives = max(iron["earth", CONSERVED][1:]) < FORTY
    word = {True: "survives", False: "does not survive"}
    return [
        f"- Remelting is limited by heat. In {slow} Myr the pile of Earth would return "
        f"{hot['melt_returned']} mantle masses of melt where nobody pays: {hot['latent_heat_MJ_per_kg']} MJ "
        "for each kg of mantle, while all sensible heat of a mantle as hot as the core is "
        f"{hot['sensible_heat_MJ_per_kg']} MJ/kg. Where the pile pays, it returns {min(melt):.2g} to "
        f"{max(melt):.2g} mantle masses.",
        f"- From {TIMESCALES[0]} to {slow} Myr, the ocean of Earth then ends at Fe# "
        f"{spans['earth', CONSERVED]} at {100 * last:.0f} % solid, nearly independent of the timescale "
        f"(prescribed: {spans['earth', PAPER]}); that of Mars at {spans['mars', CONSERVED]} (prescribed: "
        f"{spans['mars', PAPER]}).",
        "- An Earth that is buffered at Fe# 26 to 37 where it crystallises in 10 Myr or more "
        f"{word[survives]} the conservation of energy. An Earth with less iron in its ocean than Mars "
        f"{word[least_distance() > 0]} it: at the same timescale and solid fraction the difference is at "
        f"least {least_distance():.1f} Fe#.",
        "- The melting curves are those of the calibrated lens. Those of the column melt at lower "
        "temperatures below 22 GPa: on them the pile of Mars would return more.",
    ]
