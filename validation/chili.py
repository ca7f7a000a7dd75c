"""The nominal planets of CHILI beside the other models: runs of five planets; writes the tables of validation/reports/chili.md.

    python validation/chili.py [-o FILE] [--runs FOLDER]

-o FILE: the tables are written at the end of this file, in place of those it has; they are printed in any case. The runs
are kept in FOLDER (default: runs), and those that it holds are read. Exit status 1 if a run does not reach 3 % melt, or
loses an element by more than 1e-10.
"""

from __future__ import annotations

import argparse
import json
import warnings
from pathlib import Path

import numpy as np

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
WINDOW = {  # of the submissions: Nicholls et al. 2026, arXiv 2606.24757, and the files of github.com/projectcuisines/chili
    "time, yr": "8e4 to 2e6", "surface pressure, bar": "175 to 570", "H2O, bar": "120 to 470", "CO2, bar": "95 to 190",
    "CO/CO2": "0.03 to 0.2", "H2, bar": "0.9 to 9.6", "surface temperature, K": "1680 to 2050", "carbon in the gas, share": "0.9 or more",
}  # fmt: skip
WARM = {
    1e3: "2761 to 3299",
    1e4: "2051 to 3064",
    1e5: "1690 to 2194",
}  # yr: the participants' surface temperatures [K]
ATOMS = {
    "H2O": {"H": 2, "O": 1},
    "CO2": {"C": 1, "O": 2},
    "CO": {"C": 1, "O": 1},
    "H2": {"H": 2},
    "CH4": {"C": 1, "H": 4},
    "O2": {"O": 2},
}
SNAPSHOTS = {  # of Earth, cold: T [K]; PACMAN's partial pressures and LavAtmos3's answer [bar], projectcuisines/chili, 0fd8c783, 4002bfe2, 1a30f974
    "tau3": (2825.6841, {"H2O": 2.9533504, "CO2": 79.964795, "CO": 55.699650, "H2": 0.21212821, "CH4": 1.902e-10, "O2": 0.082976120},
             {"H2O": 2.7718770, "CO2": 80.004444, "CO": 55.601792, "H2": 0.27742199, "O2": 0.058760533}),
    "tau5": (1690.4390, {"H2O": 69.492687, "CO2": 120.79082, "CO": 13.989626, "H2": 2.2648027, "CH4": 1.4424e-06, "O2": 2.9031956e-07},
             {"H2O": 69.390964, "CO2": 120.89132, "CO": 13.888960, "H2": 2.3658054, "O2": 2.7907808e-07}),
}  # fmt: skip
PARTITION = (0.0, 0.005, 0.01, 0.02)  # of H2O between crystals and melt


def table(head, body) -> str:
    """A table in Markdown."""
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, ["---"] * len(head), *body))


def state(run, case, melt, level) -> dict[str, float]:
    """A run where its melt (along time) has fallen to a level, interpolated."""

    def at(values) -> float:
        return float(np.interp(-level, -melt, values))

    bar = {s: at(run.pressure.sel(species=s).values) / 1e5 for s in ("H2O", "CO2", "CO", "H2")}
    in_gas = shares(run)
    return {
        "time, yr": at(run.time.values) / YEAR,
        "surface temperature, K": at(run.surface_temperature.values),
        "surface pressure, bar": at(run.surface_pressure.values) / 1e5,
        "H2O, bar": bar["H2O"], "CO2, bar": bar["CO2"], "CO, bar": bar["CO"], "CO/CO2": bar["CO"] / bar["CO2"], "H2, bar": bar["H2"],
        "carbon in the gas, share": at(in_gas["C"]), "hydrogen in the gas, share": at(in_gas["H"]),
        "flux that leaves, W/m2": at(run.flux.values) + absorbed(case),
        "melt by mass": at(run.melt_fraction.values), "melt by volume": at(volume_fraction(run, case)),
    }  # fmt: skip


def shares(run) -> dict[str, np.ndarray]:
    """Shares of hydrogen and carbon that are in the gas, along time, of what gas and melt hold."""
    atoms, weight = json.loads(run.attrs["composition"]), json.loads(run.attrs["molar_masses"])
    found = {}
    for element in "HC":
        holders = [s for s in run.species.values if element in atoms[s]]
        gas, melt = (
            sum(atoms[s][element] / weight[s] * mass.sel(species=s).values for s in holders)
            for mass in (run.gas_mass, run.dissolved_mass)
        )
        found[element] = gas / (gas + melt)
    return found


def absorbed(case) -> float:
    """Starlight that the planet absorbs [W/m2]."""
    return 5.670374419e-8 * case.planet.equilibrium_temperature**4


def runs(folder: Path) -> dict[str, tuple]:
    """name -> (run, case) of the five planets, run or read."""
    found = {}
    for name in PLANETS:
        case, place = mo.Case.read(f"chili-{name}"), folder / f"chili-{name}"
        found[name] = (
            (mo.read(place) if (place / "evolution.nc").exists() else mo.run(case, output=place)),
            case,
        )
    return found


def five(found) -> str:
    """The table of the five planets."""
    columns = {}
    for name, (run, case) in found.items():
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


def earth(run, case) -> str:
    """Earth beside the window of the participants, and with H2O in the crystals."""
    places = {"5 % by mass": run.melt_fraction.values, "5 % by volume": volume_fraction(run, case)}
    at = {name: state(run, case, melt, 0.05) for name, melt in places.items()}
    body = [
        [row, WINDOW.get(row, ""), *(f"{one[row]:.4g}" for one in at.values())]
        for row in next(iter(at.values()))
    ]
    text = [table(["Earth", "window", *at], body)]
    warm = [
        [f"{t:.0e}", WARM[t], f"{float(np.interp(t * YEAR, run.time, run.surface_temperature)):.0f}"]
        for t in WARM
    ]
    text.append(table(["time, yr", "participants' surface temperature, K", "ours, K"], warm))
    body = []
    for name, one in at.items():
        for D in PARTITION:
            changed = case.replace({"volatiles.partition_coefficient.H2O": D})
            with_crystals = mo.equilibrium(
                changed, temperature=one["surface temperature, K"], melt_fraction=one["melt by mass"]
            )
            p = {s: float(with_crystals.pressure.sel(species=s)) / 1e5 for s in ("H2O", "CO2")}
            body.append(
                [
                    name,
                    f"{D:g}",
                    f"{float(with_crystals.surface_pressure) / 1e5:.0f}",
                    f"{p['H2O']:.0f}",
                    f"{p['CO2']:.1f}",
                ]
            )
    text.append(
        table(["Earth at", "H2O in crystals over melt", "pressure, bar", "H2O, bar", "CO2, bar"], body)
    )
    return "\n\n".join(text)


def static() -> str:
    """The gas of Earth at the temperature, pressure and elements of PACMAN's snapshots, beside PACMAN and LavAtmos3."""
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
            K = (
                np.log10(p[product] / p[gone] / p["O2"] ** 0.5)
                for product, gone in (("CO2", "CO"), ("H2O", "H2"))
            )
            body.append(
                [
                    f"{name}, {T:.0f} K",
                    who,
                    *(f"{p[s]:.4g}" for s in ("H2O", "CO2", "CO", "H2", "O2")),
                    *(f"{one:.3f}" for one in K),
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
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="where the runs are kept")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    found = runs(asked.runs)
    drift = max(float(run.element_drift.max()) for run, _ in found.values())
    fine = drift < 1e-10 and all(abs(float(run.melt_fraction[-1]) - 0.03) < 1e-6 for run, _ in found.values())
    text = (
        "\n\n".join(
            [earth(*found["earth"]), five(found), static(), f"Largest drift of an element: {drift:.0e}."]
        )
        + "\n"
    )
    print(text)
    if asked.output:
        before = asked.output.read_text(encoding="utf-8").partition(MARK)[0] if asked.output.exists() else ""
        asked.output.write_text(before + MARK + "\n" + text, encoding="utf-8")
    return 0 if fine else 1


if __name__ == "__main__":
    raise SystemExit(main())
