"""The five nominal planets of CHILI beside the other models; writes the tables of reports/chili.md.

    python validation/chili.py [-o FILE] [--runs FOLDER]

-o FILE: the tables are written at the end of this file, in place of those it has; they are always printed.
The runs are stored in FOLDER (default: runs); stored runs are read. Exit status 1 if a run does not reach 3 %
melt, or loses an element by more than 1e-10.
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import xarray

import mocoupled as mo
from mocoupled.constants import YEAR
from mocoupled.reports.chili_tables import volume_fraction

PLANETS = {
    "earth": "Earth",
    "venus": "Venus",
    "trappist1e": "TRAPPIST-1 e",
    "trappist1b": "TRAPPIST-1 b",
    "trappist1alpha": "TRAPPIST-1 alpha",
}
MARK = "<!-- tables, written by validation/chili.py -->\n"
# Of the submissions: Nicholls et al. 2026, arXiv 2606.24757, and the files of
# github.com/projectcuisines/chili.
WINDOW = {
    "time, yr": "8e4 to 2e6",
    "surface pressure, bar": "175 to 570",
    "H2O, bar": "120 to 470",
    "CO2, bar": "95 to 190",
    "CO/CO2": "0.03 to 0.2",
    "H2, bar": "0.9 to 9.6",
    "surface temperature, K": "1680 to 2050",
    "carbon in the gas, share": "0.9 or more",
}
# Time [yr] -> surface temperatures of the participants [K].
WARM = {1e3: "2761 to 3299", 1e4: "2051 to 3064", 1e5: "1690 to 2194"}
ATOMS = {
    "H2O": {"H": 2, "O": 1},
    "CO2": {"C": 1, "O": 2},
    "CO": {"C": 1, "O": 1},
    "H2": {"H": 2},
    "CH4": {"C": 1, "H": 4},
    "O2": {"O": 2},
}
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
PARTITION = (0.0, 0.005, 0.01, 0.02)  # of H2O between crystals and melt


def table(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, ["---"] * len(head), *body))


def state(run: xarray.Dataset, case: mo.Case, melt: np.ndarray, level: float) -> dict[str, float]:
    """The state of a run where its melt fraction (n,) along time has fallen to a level, by interpolation."""

    def at(values: np.ndarray) -> float:
        return float(np.interp(-level, -melt, values))

    bar = {s: at(run.pressure.sel(species=s).values) / 1e5 for s in ("H2O", "CO2", "CO", "H2")}
    in_gas = shares(run)
    return {
        "time, yr": at(run.time.values) / YEAR,
        "surface temperature, K": at(run.surface_temperature.values),
        "surface pressure, bar": at(run.surface_pressure.values) / 1e5,
        "H2O, bar": bar["H2O"],
        "CO2, bar": bar["CO2"],
        "CO, bar": bar["CO"],
        "CO/CO2": bar["CO"] / bar["CO2"],
        "H2, bar": bar["H2"],
        "carbon in the gas, share": at(in_gas["C"]),
        "hydrogen in the gas, share": at(in_gas["H"]),
        "flux that leaves, W/m2": at(run.flux.values) + absorbed(case),
        "melt by mass": at(run.melt_fraction.values),
        "melt by volume": at(volume_fraction(run, case)),
    }


def shares(run: xarray.Dataset) -> dict[str, np.ndarray]:
    """Shares of hydrogen and carbon in the gas, of those in gas and melt, along time."""
    atoms, weight = json.loads(run.attrs["composition"]), json.loads(run.attrs["molar_masses"])

    def moles(element: str, mass: xarray.DataArray) -> np.ndarray:
        species = [s for s in run.species.values if element in atoms[s]]
        return sum(atoms[s][element] / weight[s] * mass.sel(species=s).values for s in species)

    of_gas = {}
    for element in "HC":
        gas, melt = moles(element, run.gas_mass), moles(element, run.dissolved_mass)
        of_gas[element] = gas / (gas + melt)
    return of_gas


def absorbed(case: mo.Case) -> float:
    """Starlight that the planet absorbs [W/m2]."""
    return 5.670374419e-8 * case.planet.equilibrium_temperature**4


Planets = dict[str, tuple[xarray.Dataset, mo.Case]]  # name -> run, case


def runs(folder: Path) -> Planets:
    """The runs of the five planets, computed or read from the folder."""
    planets = {}
    for name in PLANETS:
        case, place = mo.Case.read(f"chili-{name}"), folder / f"chili-{name}"
        stored = (place / "evolution.nc").exists()
        planets[name] = (mo.read(place) if stored else mo.run(case, output=place), case)
    return planets


def five(planets: Planets) -> str:
    """The table of the five planets."""
    columns = {}
    for name, (run, case) in planets.items():
        volume = volume_fraction(run, case)
        when = {level: state(run, case, volume, level)["time, yr"] for level in (0.95, 0.4, 0.05)}
        at = state(run, case, run.melt_fraction.values, 0.05)
        columns[name] = {
            "absorbed, W/m2": f"{absorbed(case):.0f}",
            **{f"{100 * level:.0f} % melt by volume, yr": f"{t:.3g}" for level, t in when.items()},
            "5 % melt by mass, yr": f"{at['time, yr']:.3g}",
            "surface temperature there, K": f"{at['surface temperature, K']:.0f}",
            "pressure there, bar": f"{at['surface pressure, bar']:.0f}",
            "H2O, CO2, CO there, bar": f"{at['H2O, bar']:.0f}, {at['CO2, bar']:.1f}, {at['CO, bar']:.2f}",
            "end, yr": f"{float(run.time[-1]) / YEAR:.3g}",
            "surface temperature at the end, K": f"{float(run.surface_temperature[-1]):.0f}",
        }
    return table(
        ["", *(PLANETS[name] for name in columns)],
        [[row, *(column[row] for column in columns.values())] for row in columns["earth"]],
    )


def earth(run: xarray.Dataset, case: mo.Case) -> str:
    """Earth beside the window of the participants, and with H2O in the crystals."""
    places = {"5 % by mass": run.melt_fraction.values, "5 % by volume": volume_fraction(run, case)}
    at = {name: state(run, case, melt, 0.05) for name, melt in places.items()}
    body = [
        [row, WINDOW.get(row, ""), *(f"{values[row]:.4g}" for values in at.values())]
        for row in next(iter(at.values()))
    ]
    text = [table(["Earth", "window", *at], body)]
    warm = [
        [f"{t:.0e}", WARM[t], f"{float(np.interp(t * YEAR, run.time, run.surface_temperature)):.0f}"]
        for t in WARM
    ]
    text.append(table(["time, yr", "participants' surface temperature, K", "ours, K"], warm))
    body = []
    for name, values in at.items():
        temperature, melt = values["surface temperature, K"], values["melt by mass"]
        body += [_with_crystals(name, case, temperature, melt, D) for D in PARTITION]
    text.append(
        table(["Earth at", "H2O in crystals over melt", "pressure, bar", "H2O, bar", "CO2, bar"], body)
    )
    return "\n\n".join(text)


def _with_crystals(
    name: str, case: mo.Case, temperature: float, melt: float, partition_coefficient: float
) -> list[str]:
    """The row of an equilibrium with H2O in the crystals, at a temperature [K] and a melt fraction."""
    changed = case.replace({"volatiles.partition_coefficient.H2O": partition_coefficient})
    equilibrium = mo.equilibrium(changed, temperature=temperature, melt_fraction=melt)
    p = {s: float(equilibrium.pressure.sel(species=s)) / 1e5 for s in ("H2O", "CO2")}
    total = float(equilibrium.surface_pressure) / 1e5
    return [name, f"{partition_coefficient:g}", f"{total:.0f}", f"{p['H2O']:.0f}", f"{p['CO2']:.1f}"]


def static() -> str:
    """The gas of Earth at temperature, pressure and elements of PACMAN's snapshots, beside PACMAN and
    LavAtmos3."""
    body = []
    for name, (T, pacman, lavatmos) in SNAPSHOTS.items():
        moles = {e: sum(p * ATOMS[s].get(e, 0) for s, p in pacman.items()) for e in "HCO"}
        gas = mo.gas_equilibrium(
            temperature=T,
            pressure=sum(pacman.values()) * 1e5,
            moles=moles,
            species=list(ATOMS),
            condensates=(),
        )
        ours = {s: float(gas.pressure.sel(species=s)) / 1e5 for s in ATOMS}
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


def main() -> int:
    """Run the planets, print and write the tables; 1 if a run is not good."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "-o", "--output", type=Path, help="write the tables at the end of this file, in place of those it has"
    )
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="where the runs are stored")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    planets = runs(chosen.runs)
    drift = max(float(run.element_drift.max()) for run, _ in planets.values())
    reached = all(abs(float(run.melt_fraction[-1]) - 0.03) < 1e-6 for run, _ in planets.values())
    parts = [earth(*planets["earth"]), five(planets), static()]
    text = "\n\n".join([*parts, f"Largest drift of an element: {drift:.0e}."]) + "\n"
    print(text)
    if chosen.output:
        before = (
            chosen.output.read_text(encoding="utf-8").partition(MARK)[0] if chosen.output.exists() else ""
        )
        chosen.output.write_text(before + MARK + "\n" + text, encoding="utf-8")
    return 0 if reached and drift < 1e-10 else 1


if __name__ == "__main__":
    raise SystemExit(main())
