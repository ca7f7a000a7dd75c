"""A made-up run with smooth numbers, for tests of figures; and readers of what a figure shows."""

import json

import numpy as np
import xarray

from mocoupled import plots
from mocoupled.constants import BAR, YEAR

COMPOSITION = {
    "H2O": {"H": 2, "O": 1},
    "H2": {"H": 2},
    "CO2": {"C": 1, "O": 2},
    "CO": {"C": 1, "O": 1},
    "CH4": {"C": 1, "H": 4},
    "C2H2,acetylene": {"C": 2, "H": 2},
    "C(gr)": {"C": 1},
}


WEIGHT = {"H": 1.008e-3, "C": 12.011e-3, "O": 15.999e-3}


MOLAR_MASS = {s: sum(WEIGHT[e] * n for e, n in atoms.items()) for s, atoms in COMPOSITION.items()}


AREA_PER_GRAVITY = 4 * np.pi * 6.371e6**2 / 10.0


ATTRS = {
    "title": "A synthetic Earth: 3 oceans of hydrogen, C/H = 1 by mass, IW+0.5",
    "case_name": "synthetic",
    "source": "mocoupled 0.1.0",
    "status": "complete",
    "end_name": "surface lid",
    "end_reason": "A surface lid forms: the surface has cooled to 1650 K.",
    "extrapolations": json.dumps(
        [{"law": "solubility of H2O: peridotite-Sossi2022", "argument": "T", "share": 0.4}]
    ),
    "composition": json.dumps(COMPOSITION),
    "molar_masses": json.dumps(MOLAR_MASS),
}


def overturned():
    """A mantle frozen to its last melt, before and after its overturn."""
    height, enriched = np.linspace(5e3, 2.88e6, 30), np.linspace(0.03, 0.4, 30) ** 2 + 0.04
    results = {}
    for state, iron in (("frozen", enriched), ("overturned", enriched[::-1])):
        results[f"{state}_height"] = ("parcel", height, {"units": "m"})
        results[f"{state}_iron"] = ("parcel", iron, {"units": "1"})
        results[f"{state}_density"] = ("parcel", 5600 - 8e-4 * height + 900 * iron, {"units": "kg/m3"})
    return results


def stored(
    species=("H2O", "H2", "CO2", "CO", "CH4", "C2H2,acetylene"),
    times=60,
    graphite=True,
    escape=True,
    column=True,
    **attrs,
):
    """A Dataset like that of `mocoupled.results.trajectories`: smooth numbers that conserve the elements."""
    time = np.concatenate([[0.0], np.geomspace(0.02, 4300.0, max(times - 1, 0))])[:times]
    done = (time / 4300.0) ** 0.6
    T = 2700.0 - 1050.0 * done
    melt = 1.0 / (1.0 + np.exp(-(T - 1800.0) / 90.0))
    results = {
        "surface_temperature": ("time", T, {"units": "K"}),
        "core_mantle_temperature": ("time", 4400.0 + 400.0 * (1 - done), {"units": "K"}),
        "melt_fraction": ("time", melt, {"units": "1"}),
        "flux": ("time", 1.1e6 * (T / 2700.0) ** 4 / (1 + 30 * done), {"units": "W/m^2"}),
        "optical_depth": ("time", 3.5 * (1 + 30 * done) if species else np.zeros(time.size), {"units": "1"}),
        "energy_drift": ("time", 1e-9 * done, {"units": "1"}),
    }
    coords = {"time": ("time", time * YEAR, {"units": "s"})}
    if species:
        share = {
            "H2O": 0.3 * melt**-2.6,
            "H2": 0.4 * melt**-2.4,
            "CO2": 30 * (1 + done),
            "CO": 60 * (1 - 0.5 * done),
        }
        share |= {
            "CH4": 1e-6 * 10 ** (6 * done),
            "C2H2,acetylene": 1e-16 * (1 + done),
            "X2": 1 + done,
            "Y3": 2 + done,
        }
        share |= {s: 1e-3 for s in species if s.startswith("Q")}
        p = np.array([share[s] * np.ones(time.size) for s in species]).T * BAR
        mu = np.array([MOLAR_MASS.get(s, 0.03) for s in species])
        total = p.sum(axis=1)
        mean = (p * mu).sum(axis=1) / total
        gas = AREA_PER_GRAVITY * p * mu / mean[:, None]
        elements = [e for e in "HC" if any(COMPOSITION.get(s, {}).get(e) for s in species)]
        atoms = np.array([[COMPOSITION.get(s, {}).get(e, 0) for e in elements] for s in species])
        contained = np.tile([{"H": 3e23, "C": 4e22}[e] for e in elements], (time.size, 1))
        taken = gas / mu @ atoms
        if escape and "H2" in species:
            lost = 0.05 * contained[:, 0] * done
            contained[:, 0] -= lost
            results["escaped_mass"] = ("time", lost / 2 * MOLAR_MASS["H2"], {"units": "kg"})
        if graphite and "CO" in species:
            mass = 2e20 * np.clip(done - 0.3, 1e-15, None)
            results["graphite_mass"] = ("time", mass, {"units": "kg"})
            results["graphite_activity"] = ("time", np.minimum(1.0, 0.05 + done / 0.3), {"units": "1"})
            taken[:, elements.index("C")] += mass / WEIGHT["C"]
        dissolved = np.zeros_like(p)
        for s, e in ("H2O", "H"), ("CO2", "C"):  # what is nowhere else
            if s in species:
                k, j = species.index(s), elements.index(e)
                dissolved[:, k] = (contained - taken)[:, j] / COMPOSITION[s][e] * MOLAR_MASS[s]
        assert (dissolved >= 0).all()
        moles = dissolved / mu @ atoms + taken
        for name, values, unit in (
            ("pressure", p, "Pa"), ("mixing_ratio", p / total[:, None], "1"), ("gas_mass", gas, "kg"),
            ("dissolved_mass", dissolved, "kg"),
        ):  # fmt: skip
            results[name] = (("time", "species"), values, {"units": unit})
        results["surface_pressure"] = ("time", total, {"units": "Pa"})
        results["mean_molar_mass"] = ("time", mean, {"units": "kg/mol"})
        results["log10_fO2"] = ("time", -5.0 - 4.5 * done, {"units": "1"})
        results["element_moles"] = (("time", "element"), moles, {"units": "mol"})
        coords |= {"species": list(species), "element": elements}
    if column:
        results, pressure = results | overturned(), np.linspace(1e9, 1.35e11, 20)
        coords |= {
            name: ("cell", values, {})
            for name, values in (
                ("cell_pressure", pressure),
                ("cell_solidus", 1400 + 2e-8 * pressure),
                ("cell_liquidus", 1900 + 2e-8 * pressure),
            )
        }
        depth = pressure / 1.35e11
        results["local_melt_fraction"] = (
            ("time", "cell"),
            np.clip(melt[:, None] * 1.3 - 0.3 * depth, 0, 1),
            {"units": "1"},
        )
        results["temperature"] = (("time", "cell"), T[:, None] + 2000 * depth, {"units": "K"})
        for name, value in (
            ("ocean_iron", 0.1 + 0.5 * done),
            ("crystal_iron", 0.03 + 0.2 * done),
            ("pile_iron", 0.03 + 0.04 * done),
        ):
            results[name] = ("time", value, {"units": "1"})
        coords["structure"] = ["akimotoite", "bridgmanite", "pyroxene"]
        results["density_anomaly"] = (
            ("structure", "time"),
            np.outer([1.0, 1.05, 0.7], 300 + 500 * done),
            {"units": "kg/m3"},
        )
        results["rheological_front_pressure"] = ("time", 1.35e11 * melt, {"units": "Pa"})
    return xarray.Dataset(results, coords=coords, attrs=ATTRS | attrs)


KINDS = {
    "hydrogen and carbon": {},
    "hydrogen only": {"species": ("H2O", "H2")},
    "carbon only": {"species": ("CO2", "CO")},
    "one species": {"species": ("H2O",)},
    "no volatiles": {"species": ()},
    "one stored time": {"times": 1},
    "two stored times": {"times": 2},
    "no graphite, no escape": {"graphite": False, "escape": False},
    "lumped mantle": {"column": False},
    "interrupted": {"status": "interrupted", "end_reason": "Stopped by the user at 12 $yr$."},
}


def texts(figure):
    return [t.get_text() for t in figure.texts] + [t.get_text() for ax in figure.axes for t in ax.texts]


def lines(ax):
    return {line.get_label(): line for line in ax.get_lines() if not line.get_label().startswith("_")}


def drawn(name, result, **options):
    return plots.FIGURES[name](result, **options)
