"""Volatile balances: published and reference pressures, cold starts, absent elements, separate equations."""

import json

import numpy as np
import pytest
from scipy.optimize import root
from support.places import TESTS

import mocoupled as mo
from mocoupled.constants import BAR
from mocoupled.dae.solve.system import System
from mocoupled.errors import InputError
from mocoupled.planet.assembly import assemble_equilibrium

REFERENCE = json.loads((TESTS / "reference" / "volatile_equilibrium.json").read_text())
OCEAN_MOLES_H = 2 * 7.68894973907177e22


def solved(case, temperature, melt_fraction):
    """The planet, its system and the outputs of its start; outputs with a label are (name, label)."""
    planet = assemble_equilibrium(case, temperature, melt_fraction)
    system = System(planet.model)
    values, _ = system.outputs(system.start().x)
    return (
        planet,
        system,
        {(o.name, o.label) if o.label else o.name: v for o, v in zip(planet.model.outputs, values)},
    )


def pressures(shown):
    return {
        key[1]: value / BAR for key, value in shown.items() if isinstance(key, tuple) and key[0] == "pressure"
    }


def reference_case(inputs):
    carbon = f"{inputs['C_over_H_mass']} C/H" if inputs["C_over_H_mass"] else "0 kg"
    return mo.Case.read("E1").replace(
        {
            "volatiles.hydrogen": f"{inputs['H_oceans']} ocean",
            "volatiles.carbon": carbon,
            "redox.oxygen_fugacity": f"IW{inputs['dIW']:+}",
            "chemistry.thermochemistry": inputs["K_set"],
            "chemistry.graphite": inputs["graphite_allowed"],
        }
    )


@pytest.mark.parametrize("entry", REFERENCE["cases"], ids=lambda e: e["id"])
def test_reference_equilibria(entry):
    """30 states solved independently with 50 digits: 1e-9 relative is required, 2e-13 is met."""
    inputs = entry["inputs"]
    _, _, shown = solved(reference_case(inputs), inputs["T_K"], inputs["melt_fraction"])
    bars = pressures(shown)
    for species, expected in entry["p_bar"].items():
        assert bars.get(species, 0.0) == pytest.approx(expected, rel=1e-9)
    assert shown["surface_pressure"] / BAR == pytest.approx(entry["P_total_bar"], rel=1e-9)
    assert shown["mean_molar_mass"] == pytest.approx(entry["mean_molar_mass_kg_mol"], rel=1e-9)
    assert shown["log10_fO2"] == pytest.approx(entry["log10fO2_bar"], abs=1e-12)
    if entry["graphite"]["saturated"]:
        assert shown["graphite_mass"] == pytest.approx(entry["graphite"]["mass_kg"], rel=1e-9)


@pytest.mark.parametrize("entry", REFERENCE["cases"][::4], ids=lambda e: e["id"])
def test_sensitivities_of_the_reference(entry):
    """d ln p by temperature and fO2 of the reference file, by central differences of our solution.

    With the step h, truncation and rounding stay below 1e-6 of the largest derivative.
    """
    inputs = entry["inputs"]

    def ln_p(**change):
        now = inputs | change
        _, _, shown = solved(reference_case(now), now["T_K"], now["melt_fraction"])
        return {s: np.log(p) for s, p in pressures(shown).items()}

    steps = {"dlnp_dT": ("T_K", 0.05), "dlnp_ddIW": ("dIW", 1e-4)}
    for key, (name, h) in steps.items():
        up, down = ln_p(**{name: inputs[name] + h}), ln_p(**{name: inputs[name] - h})
        largest = max(abs(v) for v in entry[key].values())
        for species, expected in entry[key].items():
            if species in up:
                assert (up[species] - down[species]) / (2 * h) == pytest.approx(expected, abs=1e-6 * largest)


# Bower et al. 2022, Appendix E, "our model": bar, as printed, with half a unit of the last printed place
TABLE_E = [
    ("3 ocean", "1 C/H", "IW-2", {"CO": (7.1, 0.05), "CO2": (0.4, 0.05), "H2": (186, 0.5), "H2O": (23, 0.5),
    "CH4": (42, 0.5)}),
    ("3 ocean", "1 C/H", "IW+0.5", {"CO": (51, 0.5), "CO2": (48, 0.5), "H2": (213, 0.5), "H2O": (460, 0.5),
    "CH4": (22, 0.5)}),
    ("1 ocean", "0.1 C/H", "IW+2", {"CO": (0.7, 0.05), "CO2": (3.7, 0.05), "H2": (20, 0.5), "H2O": (240, 0.5),
    "CH4": (0, 0.05)}),
    ("1 ocean", "5 C/H", "IW+4", {"CO": (7, 0.5), "CO2": (368, 0.5), "H2": (3.7, 0.05), "H2O": (444, 0.5),
    "CH4": (0, 0.05)}),
]  # fmt: skip


@pytest.mark.parametrize("hydrogen, carbon, oxygen, printed", TABLE_E)
def test_appendix_e(hydrogen, carbon, oxygen, printed):
    """All pressures of the table of the paper at 1388 K and no melt, to their rounding.

    By comparison, this is the state of the pressures in the table.
    """
    case = mo.Case.read("F1").replace(
        {"volatiles.hydrogen": hydrogen, "volatiles.carbon": carbon, "redox.oxygen_fugacity": oxygen}
    )
    bars = pressures(solved(case, 1388.0, 0.0)[2])
    for species, (value, half) in printed.items():
        assert abs(bars[species] - value) <= half, species


@pytest.mark.parametrize(
    "carbon, expected", [("0 kg", {"H2": 62, "H2O": 133}), ("5 C/H", {"H2": 102, "H2O": 221})]
)
def test_final_pressures_of_section_3_3(carbon, expected):
    """Section 3.3 of the paper: 1 ocean, fully solid (1388 K); to the rounding of its whole numbers."""
    bars = pressures(solved(mo.Case.read("F1").replace({"volatiles.carbon": carbon}), 1388.0, 0.0)[2])
    for species, value in expected.items():
        assert abs(bars[species] - value) <= 0.5


def box(kind, n, seed=20220801):
    """Random points of the two boxes of conditions: oceans, C/H, dIW, melt fraction, T."""
    rng = np.random.default_rng(seed)
    if kind == "paper":
        points = np.array([rng.uniform(*b, n) for b in ((1, 10), (0, 5), (-2, 4), (0, 1), (1400, 3000))])
        points[1, : n // 20] = 10 ** rng.uniform(-15, -6, n // 20)  # next to no carbon
        points[3, n // 20 : n // 7] = 0.0  # no melt
        for row, (low, high) in enumerate(((1, 10), (0.0, 5), (-2, 4), (0, 1), (1400, 3000))):
            points[row, -30 * (row + 1) : len(points[row]) - 30 * row] = high if row % 2 else max(low, 1e-15)
        points[1] = np.maximum(points[1], 1e-15)
        return points.T
    logs = [10 ** rng.uniform(*b, n) for b in ((-4, 3), (-4, 4))]
    return np.array([*logs, rng.uniform(-8, 8, n), rng.uniform(0, 1, n), rng.uniform(800, 6000, n)]).T


@pytest.mark.parametrize("kind", ["paper", "wide"])
@pytest.mark.parametrize("source, graphite", [("bower2022", False), ("nasa7", True)])
def test_cold_start_converges_everywhere(kind, source, graphite):
    """5 000 random points from the same cold start (every pressure 1 bar) converge to 1e-12."""
    case = mo.Case.read("F3-C1").replace(
        {"chemistry.thermochemistry": source, "chemistry.graphite": graphite}
    )
    system = System(assemble_equilibrium(case, 1650.0, 0.3).model)
    worst = 0.0
    for oceans, ratio, offset, melt, temperature in box(kind, 5_000):
        parameters = system.with_parameters(
            {
                "moles_H": oceans * OCEAN_MOLES_H,
                "moles_C": ratio * oceans * 1.55e20 / 0.0120107,
                "oxygen_fugacity_offset": offset,
                "melt_fraction": melt,
                "temperature": temperature,
            }
        )
        worst = max(worst, system.start(parameters).residual)  # raises where it does not converge
    assert worst < 1e-12


def twin(oceans, ratio, offset, T, melt_fraction):
    """The five-species chemistry in plain numpy on element totals: {species: bar}.

    Physics notes A and B.
    """
    mantle, area_g = 4.20826122259505e24, 4 * np.pi * 6.371e6**2 / 10.0
    mu = {"H2": 0.00201588, "H2O": 0.01801528, "CO": 0.02801, "CO2": 0.04401, "CH4": 0.01604}
    iw = 2 * (-244118 + 115.559 * T - 8.474 * T * np.log(T)) / (np.log(10) * 8.31441 * T) + offset
    k1, k2 = 13152.477779978302 / T - 3.038586383273608, 14467.511400133637 / T - 4.348135473316284
    k3 = -16276 / T - 5.4738
    n_h2, n_c = oceans * 7.68894973907177e22, ratio * oceans * 1.55e20 / 0.0120107

    def gas(u):
        w, c = np.exp(u)
        p = {"H2O": w, "H2": w / 10 ** (k1 + iw / 2), "CO2": c, "CO": c / 10 ** (k2 + iw / 2)}
        return p | {"CH4": 10 ** (k3 - iw) * c * p["H2"] ** 2}

    def balance(u):
        p = gas(u)
        total = sum(p.values())
        mean = sum(p[s] * mu[s] for s in p) / total
        n = {s: area_g * 1e5 * p[s] / mean for s in p}
        water = 534e-6 * np.sqrt(p["H2O"]) * melt_fraction * mantle / mu["H2O"]
        x = 3.8e-7 * p["CO2"] * np.exp(-23 * (p["CO2"] - 1) / (83.15 * T))
        carbonate = 44 * x / (36.6 - 44 * x) * melt_fraction * mantle / mu["CO2"]
        hydrogen = n["H2"] + n["H2O"] + 2 * n["CH4"] + water
        return [np.log(hydrogen / n_h2), np.log((n["CO2"] + n["CO"] + n["CH4"] + carbonate) / n_c)]

    solution = root(balance, [1.0, 1.0], method="lm", options={"xtol": 1e-14, "ftol": 1e-14})
    assert np.abs(solution.fun).max() < 1e-10
    return gas(solution.x)


@pytest.mark.parametrize(
    "point",
    [(1, 0.1, 0.5, 2400.0, 0.8), (3, 1, -2, 1800.0, 0.4), (10, 5, 4, 1500.0, 0.05), (2, 2, 2, 2000.0, 1.0)],
)
def test_twin_in_plain_numpy(point):
    oceans, ratio, offset, T, melt_fraction = point
    case = mo.Case.read("E1").replace(
        {
            "volatiles.hydrogen": f"{oceans} ocean",
            "volatiles.carbon": f"{ratio} C/H",
            "redox.oxygen_fugacity": f"IW{offset:+}",
        }
    )
    bars = pressures(solved(case, T, melt_fraction)[2])
    for species, expected in twin(*point).items():
        assert bars[species] == pytest.approx(expected, rel=1e-8)


def test_spider_initial_state():
    """Check A of the physics notes: the initial pressures of SPIDER are our equilibrium, to 5e-5.

    The state is at 2707.9463 K with 3 oceans and C/H 0.1 (2.999987 and 0.0999965). 5e-5 is the tolerance of
    SPIDER, which has no CH4.
    """
    printed = {"H2": 4.27087847, "H2O": 3.37034361, "CO": 15.5558311, "CO2": 1.84128648}
    case = mo.Case.read("F3-C0.1").replace({"chemistry.species": ["H2", "H2O", "CO", "CO2"]})
    bars = pressures(solved(case, 2707.946307898366, 1.0)[2])
    assert bars == pytest.approx(printed, rel=5e-5)


def test_start_from_pressures_is_the_inverse_of_start_from_inventories():
    case = mo.Case.read("F3-C1")
    _, _, first = solved(case, 2000.0, 0.5)
    p = pressures(first)
    by_pressures = case.replace(
        {
            "volatiles.hydrogen": "0 kg",
            "volatiles.carbon": "0 kg",
            "volatiles.initial_pressure.H2O": f"{p['H2O']!r} bar",
            "volatiles.initial_pressure.CO": f"{p['CO']!r} bar",
        }
    )
    _, _, second = solved(by_pressures, 2000.0, 0.5)
    for key, value in first.items():
        assert second[key] == pytest.approx(value, rel=1e-11, abs=1e-30), key


@pytest.mark.parametrize(
    "changes, problem",
    [
        ({"volatiles.initial_pressure.H2O": "1 bar"}, "given twice"),
        (
            {
                "volatiles.hydrogen": "0 kg",
                "volatiles.carbon": "0 kg",
                "volatiles.initial_pressure.H2O": "1 bar",
                "volatiles.initial_pressure.H2": "1 bar",
            },
            "given twice",
        ),
        ({"volatiles.initial_pressure.XYZ": "1 bar"}, "no species"),
    ],
)
def test_overdetermined_starts_are_refused(changes, problem):
    with pytest.raises(InputError, match=problem):
        assemble_equilibrium(mo.Case.read("F3-C1").replace(changes), 2000.0, 0.5)


def test_no_carbon_is_exactly_the_hydrogen_system():
    """C/H = 0 drops the carbon species; C/H = 1e-9 keeps them: the hydrogen species are the same."""
    case = mo.Case.read("E1")
    none = solved(case, 1800.0, 0.5)[2]
    trace = solved(case.replace({"volatiles.carbon": "1e-9 C/H"}), 1800.0, 0.5)[2]
    assert set(pressures(none)) == {"H2", "H2O"}
    for species, value in pressures(none).items():
        assert pressures(trace)[species] == pytest.approx(value, rel=1e-7)


def test_no_hydrogen_and_melt_fraction_limits():
    case = mo.Case.read("E1").replace({"volatiles.hydrogen": "0 kg", "volatiles.carbon": "1e20 kg"})
    for melt_fraction in (0.0, 1.0):
        planet, _, shown = solved(case, 1800.0, melt_fraction)
        assert set(pressures(shown)) == {"CO", "CO2"}
        carbon = shown["element_moles", "C"] * planet.chemistry.mechanism.atomic_weights["C"]
        assert carbon == pytest.approx(1e20, rel=1e-12)
        assert (shown["dissolved_mass", "CO2"] == 0.0) == (melt_fraction == 0.0)


def test_pure_steam_is_the_weight_of_its_mass():
    """One ocean of pure H2O with no melt: 271.57 bar (physics notes, section 0)."""
    _, _, shown = solved(mo.Case.read("WE1"), 1800.0, 0.0)
    assert shown["surface_pressure"] / BAR == pytest.approx(271.57, abs=0.005)


def test_distribution_coefficient_stores_in_the_solid():
    """With k = 1 the solid stores as much as the melt: the state is that of a fully molten mantle."""
    case = mo.Case.read("E1")
    stored = solved(case.replace({"volatiles.partition_coefficient.H2O": 1.0}), 1800.0, 0.3)[2]
    molten = solved(case, 1800.0, 1.0)[2]
    assert pressures(stored) == pytest.approx(pressures(molten), rel=1e-12)


def test_e1_follows_the_reference_code_at_equal_temperature_and_melt_fraction():
    """Every stored state of the E1 run of SPIDER (100 nodes): pressures at its (T, melt fraction) within 1 %.

    The redox ratio of SPIDER drifts by 0.8 %, which the tolerance must admit.
    """
    path = TESTS / "reference" / "spider_E1.csv"
    rows = np.genfromtxt(path, delimiter=",", names=True)
    system = System(assemble_equilibrium(mo.Case.read("E1"), 2000.0, 0.5).model)
    names = [(o.name, o.label) for o in system.model.outputs]
    columns = {s: names.index(("pressure", s)) for s in ("H2O", "H2")}
    for row in rows:
        p = system.with_parameters(
            {"temperature": row["Tsurf_K"], "melt_fraction": min(row["phi_global"], 1.0)}
        )
        values, _ = system.outputs(system.start(p).x, p)
        for species, column in columns.items():
            assert values[column] / BAR == pytest.approx(row[f"p_{species}_bar"], rel=0.01)
