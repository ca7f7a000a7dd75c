"""The planets and the grid of CHILI, by bands and grey, beside the others; the tables of reports/chili.md.

    python validation/chili.py [-o FILE] [--runs FOLDER] [--jobs N]

-o FILE: the tables are written at the end of this file, in place of those it has; they are always printed.
The runs are stored in FOLDER (default: runs), computed by N processes (default: 1); stored runs are read.
Exit status 1 if a run is not complete, or loses an element by more than 1e-10.
"""

from __future__ import annotations

import argparse
import csv
import json
import warnings
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
import xarray
from chili_runs import OPACITIES, PLANETS, Runs, compute, grid, grid_name
from chili_static import static, table

import mocoupled as mo
from mocoupled.constants import STEFAN_BOLTZMANN_CONSTANT, YEAR
from mocoupled.interior.static_structure import structure
from mocoupled.reports.chili_tables import volume_fraction

MARK = "<!-- tables, written by validation/chili.py -->\n"
PARTICIPANTS = Path(__file__).parent / "published" / "chili.csv"
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
PARTITION = (0.0, 0.005, 0.01, 0.02)  # of H2O between crystals and melt
# Ending of the name of a run -> what it is.
LAWS = {
    "": "bands, column",
    "-lumped": "bands, lumped",
    "-grey": "grey, column, as before",
    "-grey-lumped": "grey, lumped",
}
NEVER = "–"


def time_to(run: xarray.Dataset, melt: np.ndarray, level: float) -> str:
    """Years until the melt fraction (n,) along time has fallen to a level; a dash where it never does."""
    reached = melt <= level * (1 + 1e-6)  # a run that ends at the level ends within its tolerance of it
    if not reached.any():
        return NEVER
    k = int(np.argmax(reached))  # of a melt fraction that rises again, the first time
    return f"{float(np.interp(-level, -melt[k - 1 : k + 1], run.time.values[k - 1 : k + 1])) / YEAR:.3g}"


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
        "flux that leaves, W/m2": at(run.flux.values + absorbed(run, case)),
        "flux absorbed, W/m2": at(absorbed(run, case)),
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


def absorbed(run: xarray.Dataset, case: mo.Case) -> np.ndarray:
    """Starlight that the planet absorbs [W/m2], along time: of the run, or of an equilibrium temperature."""
    if "absorbed_flux" in run:
        return run.absorbed_flux.values
    flux = STEFAN_BOLTZMANN_CONSTANT * case.planet.equilibrium_temperature**4
    return np.full(run.sizes["time"], flux)


def earth(runs: Runs) -> str:
    """Earth beside the window of the participants, and with H2O in the crystals."""
    columns = {}
    for ending, law in LAWS.items():
        run, case = runs[f"chili-earth{ending}"], runs.case(f"chili-earth{ending}")
        columns[f"{law}: 5 % by mass"] = state(run, case, run.melt_fraction.values, 0.05)
        if not ending.endswith("lumped"):
            columns[f"{law}: 5 % by volume"] = state(run, case, volume_fraction(run, case), 0.05)
    body = [
        [row, WINDOW.get(row, ""), *(number(values[row]) for values in columns.values())]
        for row in next(iter(columns.values()))
    ]
    text = [table(["Earth", "window", *columns], body)]
    ours = [runs[f"chili-earth{ending}"] for ending in LAWS]
    warm = [
        [
            f"{t:.0e}",
            WARM[t],
            *(f"{float(np.interp(t * YEAR, r.time, r.surface_temperature)):.0f}" for r in ours),
        ]
        for t in WARM
    ]
    text.append(table(["time, yr", "participants' surface temperature, K", *LAWS.values()], warm))
    body = []
    for name in ("5 % by mass", "5 % by volume"):
        values = columns[f"{LAWS['']}: {name}"]
        temperature, melt = values["surface temperature, K"], values["melt by mass"]
        body += [_with_crystals(name, runs.case("chili-earth"), temperature, melt, D) for D in PARTITION]
    text.append(
        table(["Earth at", "H2O in crystals over melt", "pressure, bar", "H2O, bar", "CO2, bar"], body)
    )
    return "\n\n".join(text)


def number(value: float) -> str:
    """Four digits; a dash for NaN."""
    return f"{value:.4g}" if np.isfinite(value) else NEVER


def _with_crystals(
    name: str, case: mo.Case, temperature: float, melt: float, partition_coefficient: float
) -> list[str]:
    """The row of an equilibrium with H2O in the crystals, at a temperature [K] and a melt fraction."""
    changed = case.replace({"volatiles.partition_coefficient.H2O": partition_coefficient})
    equilibrium = mo.equilibrium(changed, temperature=temperature, melt_fraction=melt)
    p = {s: float(equilibrium.pressure.sel(species=s)) / 1e5 for s in ("H2O", "CO2")}
    total = float(equilibrium.surface_pressure) / 1e5
    return [name, f"{partition_coefficient:g}", f"{total:.0f}", f"{p['H2O']:.0f}", f"{p['CO2']:.1f}"]


def opacities(runs: Runs) -> str:
    """Earth with half and twice the opacity."""
    body = []
    for ending in ("", "-lumped"):
        names = {factor: f"chili-earth-opacity-{factor:g}{ending}" for factor in OPACITIES}
        for factor, name in sorted({**names, 1.0: f"chili-earth{ending}"}.items()):
            run = runs[name]
            melt = run.melt_fraction.values
            times = [time_to(run, melt, level) for level in (0.4, 0.05, 0.03)]
            emitted = float(np.interp(-0.05, -melt, run.outgoing_flux.values))
            body.append([LAWS[ending], f"{factor:g}", *times, f"{emitted:.0f}"])
    return table(
        ["Earth", "opacity times", "40 % melt by mass, yr", "5 %, yr", "3 %, yr", "emitted at 5 %, W/m2"],
        body,
    )


def planets(runs: Runs) -> str:
    """Our runs of the five planets."""
    body = []
    for planet, title in PLANETS.items():
        for ending, law in LAWS.items():
            run, case = runs[f"chili-{planet}{ending}"], runs.case(f"chili-{planet}{ending}")
            light, mass, volume = absorbed(run, case), run.melt_fraction.values, volume_fraction(run, case)
            times = [time_to(run, mass, level) for level in (0.95, 0.4, 0.05)]
            passed = json.loads(run.attrs["passed"])
            plateau = [
                f"{passed[name] / YEAR:.3g}" if name in passed else NEVER
                for name in ("plateau begins", "plateau ends")
            ]
            body.append(
                [
                    title,
                    law,
                    f"{light[0]:.0f}",
                    *times,
                    time_to(run, volume, 0.05),
                    *plateau,
                    *_end(run, light),
                ]
            )
    head = [
        "planet",
        "of",
        "absorbed at the start, W/m2",
        "95 % melt by mass, yr",
        "40 %, yr",
        "5 %, yr",
        "5 % by volume, yr",
        "plateau begins, yr",
        "plateau ends, yr",
        "end, yr",
        "because of",
        "melt by mass",
        "surface, K",
        "emitted, W/m2",
        "absorbed, W/m2",
    ]
    return table(head, body)


def _end(run: xarray.Dataset, light: np.ndarray) -> list[str]:
    """Time, reason, melt, temperature and fluxes at the end of a run."""
    last = run.isel(time=-1)
    return [
        f"{float(last.time) / YEAR:.3g}",
        run.attrs["end_name"],
        f"{float(last.melt_fraction):.3f}",
        f"{float(last.surface_temperature):.0f}",
        f"{float(last.flux) + light[-1]:.0f}",
        f"{light[-1]:.0f}",
    ]


def participants(runs: Runs) -> str:
    """The last row of every submission, and 5 % of melt where that was read, beside the ends of our runs."""
    with PARTICIPANTS.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    body: list[Sequence[str]] = []
    columns = (
        "time_yr",
        "melt_volume",
        "surface_temperature_K",
        "surface_pressure_bar",
        "H2O_bar",
        "CO2_bar",
        "outgoing_W_m2",
        "absorbed_W_m2",
    )
    for planet, theirs in groupby(rows, lambda row: row["planet"]):
        for ending, law in LAWS.items():
            body.append(
                [PLANETS[planet], f"ours: {law}", "end", *_numbers(runs, f"chili-{planet}{ending}"), ""]
            )
        for row in theirs:
            values = [f"{float(row[c]):.4g}" if row[c] else NEVER for c in columns]
            body.append([PLANETS[planet], row["participant"], row["at"], *values, _by_bands(row)])
    head = ["time, yr", "melt by volume", "surface, K", "pressure, bar", "H2O, bar", "CO2, bar"]
    return table(
        ["planet", "of", "at", *head, "emitted, W/m2", "absorbed, W/m2", "our bands there, W/m2"], body
    )


def _by_bands(row: dict[str, str]) -> str:
    """What our bands emit at the temperature, steam and CO2 of a participant's row [W/m2]."""
    pressure = {gas: 1e5 * float(row[f"{gas}_bar"] or 0.0) for gas in ("H2O", "CO2")}
    gases = {gas: value for gas, value in pressure.items() if value > 0.0}
    if not gases:
        return NEVER
    skin = (float(row["absorbed_W_m2"]) / (2.0 * STEFAN_BOLTZMANN_CONSTANT)) ** 0.25
    gravity = structure(mo.Case.read(f"chili-{row['planet']}").planet).gravity
    flux = mo.outgoing_radiation(
        float(row["surface_temperature_K"]),
        gases,
        gravity=gravity,
        stratosphere_temperature=min(max(skin, 150.0), 450.0),
    ).outgoing_flux
    return number(float(flux))


def _numbers(runs: Runs, name: str) -> list[str]:
    """What a submission's last row has, of a run of ours."""
    run, case = runs[name], runs.case(name)
    light, last = absorbed(run, case)[-1], run.isel(time=-1)
    melt = float(volume_fraction(run, case)[-1])
    values = [
        float(last.time) / YEAR,
        melt,
        float(last.surface_temperature),
        float(last.surface_pressure) / 1e5,
        *(float(last.pressure.sel(species=s)) / 1e5 for s in ("H2O", "CO2")),
        float(last.flux) + light,
        light,
    ]
    return [number(value) for value in values]


def points(runs: Runs) -> str:
    """The grid of inventories."""
    endings = ("", "-lumped", "-grey-lumped")
    body = []
    for planet, hydrogen, carbon in grid():
        name = grid_name(planet, hydrogen, carbon)
        cells = []
        for ending in endings:
            run = runs[name + ending]
            last, melt = run.isel(time=-1), run.melt_fraction.values
            cells += [time_to(run, melt, 0.05)]
            if ending != "-grey-lumped":
                cells += [f"{float(last.melt_fraction):.3f}", f"{float(last.surface_temperature):.0f}"]
        total = float(runs[f"{name}-lumped"].surface_pressure[-1]) / 1e5
        body.append([PLANETS[planet], hydrogen, carbon, *cells, f"{total:.0f}"])
    head = []
    for ending in endings:
        head.append(f"5 % by mass, yr: {LAWS[ending]}")
        if ending != "-grey-lumped":
            head += ["melt at the end", "surface at the end, K"]
    return table(["planet", "H", "C", *head, "pressure at the end, bar: bands, lumped"], body)


def main() -> int:
    """Run the planets, print and write the tables; 1 if a run is not good."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "-o", "--output", type=Path, help="write the tables at the end of this file, in place of those it has"
    )
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="where the runs are stored")
    parser.add_argument("--jobs", type=int, default=1, help="processes that compute them")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    runs = compute(chosen.runs, chosen.jobs)
    everyone = runs.everyone()
    drift = max(float(run.element_drift.max()) for run in everyone.values())
    complete = all(run.attrs["status"] == "complete" for run in everyone.values())
    parts = [earth(runs), opacities(runs), planets(runs), participants(runs), points(runs), static()]
    text = "\n\n".join([*parts, f"Largest drift of an element: {drift:.0e}."]) + "\n"
    print(text)
    if chosen.output:
        before = (
            chosen.output.read_text(encoding="utf-8").partition(MARK)[0] if chosen.output.exists() else ""
        )
        chosen.output.write_text(before + MARK + "\n" + text, encoding="utf-8")
    return 0 if complete and drift < 1e-10 else 1


if __name__ == "__main__":
    raise SystemExit(main())
