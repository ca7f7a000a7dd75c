"""Closed systems with ions, with condensates that come and go, and with amounts in the only ratio that the
species hold.
"""

import json
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import cantera as ct
import numpy as np
import pytest
from support.made_mechanisms import write

import mocoupled as mo
from mocoupled.chemistry import components
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.chemistry.stoichiometry import formula_matrix
from mocoupled.equilibria.closed_equilibrium import AbsentCondensateWarning
from mocoupled.equilibria.points import UnconvergedWarning
from mocoupled.errors import InputError
from mocoupled.planet.closed_system import standard_potentials

AIR = ("N2", "O2", "NO", "N", "O", "N2+", "O2+", "NO+", "N+", "O+", "e-")
IRON = ("Fe(a)", "FeO(s)", "Fe2O3(s)", "Fe3O4(s)")
SILICA = ("SiO2(Lqz)", "SiO2(hqz)", "SiO2(L)")
RATIO = {"H2": 2, "H": 1}
HYDROGEN = [
    2.34433112,
    7.98052075e-03,
    -1.9478151e-05,
    2.01572094e-08,
    -7.37611761e-12,
    -917.935173,
    0.683010238,
]
ATOM = [2.5, 0, 0, 0, 0, 2.54736599e4, -0.446682853]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A function.

    Species of Cantera's data files, with 1 bar as their reference pressure -> the path of a mechanism.
    """
    folder, read = tmp_path_factory.mktemp("phases"), {}

    def entry(file, name):
        if file not in read:
            read[file] = {s.name: s for s in ct.Species.list_from_file(file)}
        found = dict(read[file][name].input_data)
        return found | {"thermo": dict(found["thermo"]) | {"reference-pressure": "1 bar"}}

    def make(name, gases, condensates=(), file="nasa_gas.yaml"):
        species = [entry(file, s) for s in gases]
        species += [
            entry("nasa_condensed.yaml", s)
            | {"equation-of-state": {"model": "constant-volume", "molar-volume": "1e-20 cm^3/mol"}}
            for s in condensates
        ]
        phases = [{"name": "gas", "thermo": "ideal-gas", "species": list(gases)}]
        phases += [{"name": s, "thermo": "fixed-stoichiometry", "species": [s]} for s in condensates]
        return str(write(folder, json.dumps({"phases": phases, "species": species}), f"{name}.yaml"))

    return make


@pytest.fixture(scope="module")
def plasma(made):
    return made("plasma", ("H", "H2", "H+", "H-", "Electron"))


@pytest.fixture(scope="module")
def iron(made):
    return made("iron", ("O2", "O", "Fe", "FeO"), IRON)


@pytest.fixture(scope="module")
def silica(made):
    return made("silica", ("O2", "O", "Si", "SiO", "SiO2"), SILICA)


def solved(*arguments, **options):
    """A result whose every point converged, without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = mo.gas_equilibrium(*arguments, **options)
    assert bool(found.converged.all())
    return found


# ---- charge


@pytest.mark.parametrize("engine", ["kernel", "cantera"])
def test_hydrogen_is_ionised(plasma, engine):
    """6000 K, 1 Pa: 1.84 % H+, as Cantera's own minimiser has it on the same file (to its tolerance)."""
    gas = ct.Solution(plasma, "gas")
    gas.TPX = 6000.0, 1.0, "H:1"
    gas.equilibrate("TP", rtol=1e-12)
    found = solved(6000.0, 1.0, {"H": 1.0}, condensates=(), mechanism=plasma, engine=engine)
    assert float(found.mixing_ratio.sel(species="H+")) == pytest.approx(0.0184, abs=5e-5)
    np.testing.assert_allclose(found.mixing_ratio, gas[list(found.species.values)].X, rtol=1e-9)


@pytest.mark.parametrize("electrons", [1e-3, -1e-3, 0.0, -0.5, 2.0])
def test_a_prescribed_charge_is_conserved(plasma, electrons):
    found = solved(
        np.array([3000.0, 6000.0]), 1.0, {"H": 1.0, "E": electrons}, condensates=(), mechanism=plasma
    )
    n = {s: found.gas_moles.sel(species=s).values for s in found.species.values}
    np.testing.assert_allclose(n["Electron"] + n["H-"] - n["H+"], electrons, rtol=1e-11, atol=1e-14)
    np.testing.assert_allclose(n["H"] + 2 * n["H2"] + n["H-"] + n["H+"], 1.0, rtol=1e-11)


def test_no_charge_without_ions_to_hold_it(plasma):
    for arguments, problem in (
        ({"moles": {"H": 1.0, "E": 0.1}, "mechanism": "volatiles"}, "no charged gases"),
        ({"moles": {"H": 1.0, "charge": 0.1}, "mechanism": plasma}, "the charge as E"),
        (
            {"moles": {"H": 1.0}, "species": ["H", "H+"], "mechanism": plasma},
            r"nothing balances the charge of H\+",
        ),
        ({"moles": {"H": 1.0, "E": -2.0}, "mechanism": plasma}, "no solution at all"),
    ):
        with pytest.raises(InputError, match=problem):
            mo.gas_equilibrium(6000.0, 1.0, **arguments)


def test_air_to_15000_K(made):
    """Eleven species of air, cold to ionised.

    Neutral to 1e-12 of the ions, and both engines agree to 1e-8.
    """
    found = solved(
        np.linspace(1010.0, 15000.0, 12),
        1e3,
        {"N": 1.6, "O": 0.4},
        condensates=(),
        mechanism=made("air", AIR, file="airNASA9.yaml"),
        engine="both",
    )
    assert float(found.engine_difference.max()) < 1e-8
    ions = found.gas_moles.sel(species=["N2+", "O2+", "NO+", "N+", "O+"]).sum("species")
    np.testing.assert_allclose(found.gas_moles.sel(species="e-"), ions, rtol=1e-12)
    assert float(found.mixing_ratio.sel(species="e-")[-1]) > 0.3


def test_ions_of_an_absent_element_vanish(made):
    path = made("salty", ("H", "H2", "Na", "Na+", "Electron"))
    found = solved(2500.0, 1.0, {"H": 1.0, "Na": np.array([0.0, 1e-3])}, mechanism=path)
    assert found.gas_moles.sel(species=["Na", "Na+", "Electron"]).values[:, 0].tolist() == [0.0, 0.0, 0.0]
    assert float(found.gas_moles.sel(species="Electron")[1]) > 1e-4


def test_a_planet_has_no_ions(plasma, silica):
    case = mo.Case.read("earth").replace({"volatiles.carbon": "0 kg"})
    for changes in (
        {"chemistry.mechanism": plasma},
        {"chemistry.mechanism": plasma, "chemistry.species": ["H2", "H", "H+", "Electron"]},
    ):
        with pytest.raises(InputError, match="is charged"):
            mo.equilibrium(case.replace(changes), temperature=2000.0, melt_fraction=1.0)
    with pytest.raises(InputError, match="it is a condensate"):
        mo.equilibrium(
            case.replace(
                {
                    "chemistry.mechanism": silica,
                    "chemistry.species": ["O2", "SiO2(L)"],
                    "volatiles.hydrogen": "0 kg",
                }
            ),
            temperature=2000.0,
            melt_fraction=1.0,
        )


# ---- condensates


@pytest.mark.parametrize("engine", ["kernel", "cantera"])
def test_a_sweep_crosses_inversion_and_melting(silica, engine):
    """SiO2 with O2 at 1 bar: low quartz to 847 K, high quartz to 1696 K, liquid above.

    Both or one at a shared end.
    """
    T = np.array([400.0, 846.0, 847.0, 848.0, 1500.0, 1695.0, 1696.0, 1697.0, 2500.0, 3000.0])
    found = solved(T, 1e5, {"Si": 1.0, "O": 2.1}, condensates=SILICA, mechanism=silica, engine=engine)
    there = {name: found.condensate_moles.sel(condensate=name).values for name in SILICA}
    single = {0: [0, 1], 1: [3, 4, 5], 2: [7, 8, 9]}
    for k, points in single.items():
        for j, name in enumerate(SILICA):
            assert np.all((there[name][points] > 0.5) == (j == k))
    held = sum(there.values()) + found.gas_moles.sel(species=["Si", "SiO", "SiO2"]).sum("species").values
    np.testing.assert_allclose(held, 1.0, rtol=1e-11)
    assert float(found.condensate_activity.max()) < 1 + 1e-9


def test_one_polymorph_outside_its_range(silica):
    """Only low quartz, at 1000 K: absent, said once, and there is no solution without another species.

    At 700 K it is there.
    """
    with pytest.warns(AbsentCondensateWarning, match=r"SiO2\(Lqz\) 200 to 847 K"):
        found = mo.gas_equilibrium(
            np.array([700.0, 1000.0]), 1e5, {"Si": 1e-3, "O": 2.0}, condensates=SILICA[:1], mechanism=silica
        )
    assert "SiO2(Lqz)" in found.attrs["absent_condensates"]
    assert found.condensate_moles.values[0] == pytest.approx([1e-3, 0.0]) and bool(found.converged.all())


@pytest.mark.parametrize(
    "amount", [{"Fe": 1.0, "O": 1.2}, {"Fe": 1.0, "O": 0.3, "H": 1e-9}, {"Fe": 1e-20, "O": 1.0}]
)
def test_iron_and_its_oxides(made, amount):
    """Solid and liquid iron and oxides, 350 to 4000 K.

    Both engines agree to 1e-8, elements to 1e-11, no supersaturation.
    """
    condensates = (*IRON, "Fe(c)", "Fe(d)", "Fe(L)", "FeO(L)")
    path = made("melts", ("O2", "O", "Fe", "FeO", "H2", "H", "OH", "H2O"), condensates)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AbsentCondensateWarning)  # Fe2O3(s) ends at 2500 K
        found = solved_but(
            np.linspace(350.0, 4000.0, 15),
            1e5,
            amount,
            condensates=condensates,
            mechanism=path,
            engine="both",
        )
    assert float(np.nanmax(found.engine_difference)) < 1e-8 and not np.isnan(found.engine_difference).any()
    assert float(found.condensate_activity.max()) < 1 + 1e-9
    atoms = {
        s: read_mechanism(path).species[s].composition
        for s in (*found.species.values, *found.condensate.values)
    }
    for e, n in amount.items():
        held = sum(atoms[s].get(e, 0) * found.gas_moles.sel(species=s) for s in found.species.values)
        held = held + sum(
            atoms[s].get(e, 0) * found.condensate_moles.sel(condensate=s) for s in found.condensate.values
        )
        np.testing.assert_allclose(held, n, rtol=1e-11)


def solved_but(*arguments, **options):
    found = mo.gas_equilibrium(*arguments, **options)
    assert bool(found.converged.all())
    return found


@pytest.mark.parametrize("engine", ["kernel", "cantera"])
@pytest.mark.parametrize("extra", [{}, {"Fe": 4.0, "O": 5.0 + 1e-13}])
def test_two_oxides_fix_the_oxygen_without_a_gas(iron, engine, extra):
    """FeO beside Fe3O4 at 900 K.

    Log10 fO2 = -21.26 = log10 K of 6 FeO + O2 = 2 Fe3O4 from the file's own free energies.
    """
    found = solved(900.0, 1e5, {"Fe": 4.0, "O": 5.0} | extra, condensates=IRON, mechanism=iron, engine=engine)
    g = {}
    for s in ("O2", "FeO(s)", "Fe3O4(s)"):
        phase = ct.Solution(iron, "gas" if s == "O2" else s)
        phase.TP = 900.0, 1e5
        g[s] = phase.standard_gibbs_RT[phase.species_index(s)]
    expected = (2 * g["Fe3O4(s)"] - 6 * g["FeO(s)"] - g["O2"]) / np.log(10)
    assert float(found.log10_fO2) == pytest.approx(expected, abs=1e-6) and expected == pytest.approx(
        -21.26, abs=0.005
    )
    assert float(found.gas_moles.sum()) == 0.0


def test_oxygen_potential_of_a_trace_of_gas_and_of_none(iron, made):
    """The same with 1e-12 mol of H in the gas; FeO alone does not determine it."""
    wet = made("wet", ("O2", "O", "Fe", "FeO", "H2", "H2O"), IRON)
    found = solved(900.0, 1e5, {"Fe": 4.0, "O": 5.0, "H": 1e-12}, condensates=IRON, mechanism=wet)
    assert float(found.log10_fO2) == pytest.approx(-21.26136, abs=1e-5)
    assert 0 < float(found.gas_moles.sum()) < 1e-12
    assert np.isnan(
        float(solved(900.0, 1e5, {"Fe": 1.0, "O": 1.0}, condensates=IRON, mechanism=iron).log10_fO2)
    )


def test_oxygen_potential_without_the_gas_O2():
    """H2 and H2O alone have the same oxygen fugacity as with O2 among the species; pure H2O has none."""
    with_O2 = solved(1500.0, 1e5, {"H": 3.0, "O": 1.0}, ["H2", "H2O", "O2"])
    without = solved(1500.0, 1e5, {"H": 3.0, "O": 1.0}, ["H2", "H2O"])
    assert float(without.log10_fO2) == pytest.approx(float(with_O2.log10_fO2), abs=1e-9)
    assert np.isnan(float(solved(1500.0, 1e5, {"H": 2.0, "O": 1.0}, ["H2", "H2O"]).log10_fO2))


def test_the_end_of_graphites_data_is_not_the_gass():
    """At 5500 K: nothing to say without carbon.

    With it, graphite (data to 5000 K) is absent, which is said.
    """
    solved(5500.0, 1e5, {"H": 3.0, "O": 1.0}, mechanism="volatiles")
    with pytest.warns(AbsentCondensateWarning, match=r"C\(gr\) 200 to 5000 K"):
        found = mo.gas_equilibrium(5500.0, 1e5, {"H": 3.0, "O": 1.0, "C": 0.1}, mechanism="volatiles")
    assert bool(found.converged) and float(found.condensate_moles[0]) == 0.0
    with pytest.raises(InputError, match="allowed: 200 to 6000 K"):
        mo.gas_equilibrium(6500.0, 1e5, {"H": 3.0, "O": 1.0}, mechanism="volatiles")


# ---- ratios


@pytest.mark.parametrize("engine", ["kernel", "cantera"])
def test_species_that_hold_the_elements_in_one_ratio(engine):
    """O2 and CH4 alone hold H and C as 4:1.

    Solved where the amounts are so, and refused with the reason where not.
    """
    found = solved(
        1500.0,
        1e5,
        {"H": 2.0, "C": 0.5, "O": 3.0},
        ["O2", "CH4"],
        condensates=(),
        mechanism="volatiles",
        engine=engine,
    )
    assert found.gas_moles.sel(species="CH4") == pytest.approx(0.5, rel=1e-12) and found.gas_moles.sel(
        species="O2"
    ) == pytest.approx(1.5, rel=1e-12)
    with pytest.raises(InputError, match="no amounts of CH4, O2 hold these elements"):
        mo.gas_equilibrium(
            1500.0,
            1e5,
            {"H": 2.0, "C": 0.500001, "O": 3.0},
            ["O2", "CH4"],
            condensates=(),
            mechanism="volatiles",
            engine=engine,
        )
    with pytest.warns(UnconvergedWarning, match="2 of 3 points have no solution at all"):
        found = mo.gas_equilibrium(
            1500.0,
            1e5,
            {"H": 2.0, "C": np.array([0.5, 0.6, 0.0]), "O": 3.0},
            ["O2", "CH4"],
            condensates=(),
            mechanism="volatiles",
            engine=engine,
        )
    assert found.converged.values.tolist() == [True, False, False]


@pytest.mark.parametrize("engine", ["kernel", "cantera"])
def test_broken_numbers_of_atoms(tmp_path, engine):
    """H2, H and X = H1.894: mass action of H = X/1.894 and the balance of H, by a plain Newton in ln p(H)."""
    thermo = {"model": "NASA7", "reference-pressure": "1 bar", "temperature-ranges": [200.0, 6000.0]}
    entries = [
        {
            "name": name,
            "composition": {"H": n},
            "thermo": thermo | {"data": [HYDROGEN if name == "H2" else ATOM]},
        }
        for name, n in (*RATIO.items(), ("X", 1.894))
    ]
    text = json.dumps(
        {"phases": [{"name": "gas", "thermo": "ideal-gas", "species": ["H2", "H", "X"]}], "species": entries}
    )
    found = solved(3000.0, 1e4, {"H": 2.0}, mechanism=str(write(tmp_path, text, "frac.yaml")), engine=engine)
    g = {
        s: (
            a[0] * (1 - np.log(3000.0))
            - sum(a[k] * 3000.0**k / (k * (k + 1)) for k in range(1, 5))
            + a[5] / 3000.0
            - a[6]
        )
        for s, a in (("H2", HYDROGEN), ("H", ATOM))
    }
    p = found.pressure / 1e5
    ln = {s: float(np.log(p.sel(species=s))) for s in ("H2", "H", "X")}
    assert ln["H2"] - 2 * ln["H"] == pytest.approx(2 * g["H"] - g["H2"], abs=1e-9)
    assert ln["X"] - 1.894 * ln["H"] == pytest.approx(0.894 * g["H"], abs=1e-9)
    n = found.gas_moles
    assert float(2 * n.sel(species="H2") + n.sel(species="H") + 1.894 * n.sel(species="X")) == pytest.approx(
        2.0, rel=1e-12
    )


# ---- every state has a solution


def test_eleven_elements_at_once():
    """All elements of `chons`, also as an array.

    The generated elimination met a pivot that is zero by structure.
    """
    elements = ("H", "C", "O", "N", "S", "He", "Ne", "Ar", "Kr", "Xe", "Cl")
    found = solved(
        np.linspace(700.0, 3000.0, 100), 1e5, {e: 1.0 + k for k, e in enumerate(elements)}, mechanism="chons"
    )
    np.testing.assert_allclose(found.pressure.sum("species"), 1e5, rtol=1e-12)
    np.testing.assert_allclose(
        found.gas_moles.sel(species=["He", "Ne", "Ar", "Kr", "Xe"]).values[:, 0],
        np.arange(6.0, 11.0),
        rtol=1e-12,
    )


@pytest.mark.parametrize("seed", range(3))
def test_the_components_solve_without_a_guess(seed):
    """`components.equilibrium` alone on 12 states of `hco`, 300 to 5000 K, 1e-10 to 1e5 bar, twelve decades
    of amounts.
    """
    rng = np.random.default_rng(seed)
    mechanism = read_mechanism("hco")
    names = list(mechanism.species)
    _, matrix = formula_matrix(mechanism, names)
    gases = [k for k, s in enumerate(names) if mechanism.species[s].phase == "gas"]
    solid = [k for k in range(len(names)) if k not in gases]
    potentials = standard_potentials(mechanism, names, "ideal")
    for _ in range(12):
        T, ln_P = rng.uniform(300.0, 5000.0), rng.uniform(-10, 5) * np.log(10)
        amounts = 10 ** rng.uniform(-12 * (seed == 0), 0, 3) if seed else rng.integers(1, 5, 3).astype(float)
        amounts /= amounts.sum()
        mu = np.array(potentials(T, 1e5 * np.exp(ln_P)), dtype=float)
        found = components.equilibrium(
            matrix[:, gases], matrix[:, solid], amounts, mu[gases], mu[solid], ln_P
        )
        held = matrix[:, gases] @ found.gas + matrix[:, solid] @ found.condensed
        np.testing.assert_allclose(held, amounts, rtol=1e-10)
        assert found.potentials @ matrix[:, solid[0]] <= mu[solid[0]] + 1e-9


def test_threads_have_phases_of_their_own(monkeypatch):
    """8 threads, engines "cantera" and "both": equal to the serial results to the last bit, though every
    thread sleeps between setting a phase's state and solving it."""
    rng = np.random.default_rng(0)
    states = [
        (T, 10**P, {"H": 2.0, "C": c, "O": 1.0}, e)
        for T, P, c, e in zip(
            rng.uniform(900, 3000, 24),
            rng.uniform(3, 8, 24),
            rng.uniform(0.1, 0.9, 24),
            ["cantera", "both"] * 12,
        )
    ]

    def values(state):
        found = mo.gas_equilibrium(*state[:3], mechanism="volatiles", engine=state[3])
        return np.append(found.pressure.values, found.condensate_moles.values).tobytes()

    serial = [values(s) for s in states]
    solve = ct.Solution.equilibrate
    monkeypatch.setattr(
        ct.Solution, "equilibrate", lambda *a, **k: (time.sleep(1e-3), solve(*a, **k))[1], raising=False
    )
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(values, states)) == serial
