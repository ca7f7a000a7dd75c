"""Closed systems whose species fix the ratio of the elements, and states that are hard to solve."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import cantera as ct
import numpy as np
import pytest
from support.gas_states import solved
from support.made_mechanisms import write

import mocoupled as mo
from mocoupled.chemistry import components
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.chemistry.stoichiometry import formula_matrix
from mocoupled.equilibria.points import UnconvergedWarning
from mocoupled.errors import InputError
from mocoupled.planet.closed_system import standard_potentials

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


# ---- ratios


@pytest.mark.parametrize("engine", ["kernel", "cantera"])
def test_species_with_a_fixed_ratio_of_elements(engine):
    """O2 and CH4 alone contain H and C as 4:1.

    Amounts in this ratio are solved; others are refused with the reason.
    """
    state = solved(
        1500.0,
        1e5,
        {"H": 2.0, "C": 0.5, "O": 3.0},
        ["O2", "CH4"],
        condensates=(),
        mechanism="volatiles",
        engine=engine,
    )
    assert state.gas_moles.sel(species="CH4") == pytest.approx(0.5, rel=1e-12) and state.gas_moles.sel(
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
        state = mo.gas_equilibrium(
            1500.0,
            1e5,
            {"H": 2.0, "C": np.array([0.5, 0.6, 0.0]), "O": 3.0},
            ["O2", "CH4"],
            condensates=(),
            mechanism="volatiles",
            engine=engine,
        )
    assert state.converged.values.tolist() == [True, False, False]


@pytest.mark.parametrize("engine", ["kernel", "cantera"])
def test_fractional_numbers_of_atoms(tmp_path, engine):
    """H2, H and X = H1.894: mass action of H = X/1.894, and the balance of H.

    Both are checked with the polynomials of H2 and H.
    """
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
    state = solved(3000.0, 1e4, {"H": 2.0}, mechanism=str(write(tmp_path, text, "frac.yaml")), engine=engine)
    g = {
        s: (
            a[0] * (1 - np.log(3000.0))
            - sum(a[k] * 3000.0**k / (k * (k + 1)) for k in range(1, 5))
            + a[5] / 3000.0
            - a[6]
        )
        for s, a in (("H2", HYDROGEN), ("H", ATOM))
    }
    p = state.pressure / 1e5
    ln = {s: float(np.log(p.sel(species=s))) for s in ("H2", "H", "X")}
    assert ln["H2"] - 2 * ln["H"] == pytest.approx(2 * g["H"] - g["H2"], abs=1e-9)
    assert ln["X"] - 1.894 * ln["H"] == pytest.approx(0.894 * g["H"], abs=1e-9)
    n = state.gas_moles
    assert float(2 * n.sel(species="H2") + n.sel(species="H") + 1.894 * n.sel(species="X")) == pytest.approx(
        2.0, rel=1e-12
    )


# ---- every state has a solution


def test_eleven_elements_at_once():
    """All elements of `chons`, also as an array.

    The generated elimination met a pivot that is zero by structure.
    """
    elements = ("H", "C", "O", "N", "S", "He", "Ne", "Ar", "Kr", "Xe", "Cl")
    state = solved(
        np.linspace(700.0, 3000.0, 100), 1e5, {e: 1.0 + k for k, e in enumerate(elements)}, mechanism="chons"
    )
    np.testing.assert_allclose(state.pressure.sum("species"), 1e5, rtol=1e-12)
    np.testing.assert_allclose(
        state.gas_moles.sel(species=["He", "Ne", "Ar", "Kr", "Xe"]).values[:, 0],
        np.arange(6.0, 11.0),
        rtol=1e-12,
    )


@pytest.mark.parametrize("seed", range(3))
def test_the_components_solve_without_a_guess(seed):
    """`components.equilibrium` alone solves 12 states of `hco`.

    300 to 5000 K, 1e-10 to 1e5 bar, amounts over twelve decades.
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
        solution = components.equilibrium(
            matrix[:, gases], matrix[:, solid], amounts, mu[gases], mu[solid], ln_P
        )
        totals = matrix[:, gases] @ solution.gas + matrix[:, solid] @ solution.condensed
        np.testing.assert_allclose(totals, amounts, rtol=1e-10)
        assert solution.potentials @ matrix[:, solid[0]] <= mu[solid[0]] + 1e-9


def test_every_thread_has_separate_phases(monkeypatch):
    """8 threads, engines "cantera" and "both": equal to the serial results to the last bit.

    Every thread sleeps between setting the state of a phase and solving it.
    """
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
        result = mo.gas_equilibrium(*state[:3], mechanism="volatiles", engine=state[3])
        return np.append(result.pressure.values, result.condensate_moles.values).tobytes()

    serial = [values(s) for s in states]
    solve = ct.Solution.equilibrate
    monkeypatch.setattr(
        ct.Solution, "equilibrate", lambda *a, **k: (time.sleep(1e-3), solve(*a, **k))[1], raising=False
    )
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(values, states)) == serial
