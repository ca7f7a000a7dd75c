"""The free-energy oracle: Cantera's minimisers with a proof of every result."""

import math

import cantera as ct
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from support.made_mechanisms import FIVE, GRAPHITE, REFERENCE, TEXT, V, write

from mocoupled.chemistry import (
    cantera_gas,
    cantera_oracle,
    cantera_phases,
    equilibrium_constants,
    stoichiometry,
)
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.constants import BAR
from mocoupled.errors import ConvergenceError, InputError

# ---- the oracle


def gas_of(result):
    gas = {s: n for s, n in result.items() if V.species[s].phase == "gas"}
    return gas, sum(gas.values())


def elements_of(amounts):
    total = {}
    for s, n in amounts.items():
        for e, k in V.species[s].composition.items():
            total[e] = total.get(e, 0.0) + n * k
    return total


def check(result, temperature, pressure, moles, condensate=None):
    """Elements to 1e-9 of each; every quotient of the gas equal to ln K to 1e-8, the oracle's own promise."""
    total = elements_of(result)
    for e, n in moles.items():
        assert total.get(e, 0.0) == pytest.approx(n, rel=1e-9, abs=0.0 if n else 1e-300)
    gas, n = gas_of(result)
    ln = {s: math.log(x / n * pressure / BAR) for s, x in gas.items() if x > 0}
    names = [s for s in ln if s != "O2"] + ([GRAPHITE] if condensate else [])
    for r in stoichiometry.reactions(V, names):
        terms = [(float(c), 0.0 if s == GRAPHITE else ln[s]) for s, c in r.stoichiometry]
        excess = math.fsum(c * x for c, x in terms) - float(
            equilibrium_constants.ln_K_values(V, r, temperature)[0]
        )
        if GRAPHITE in dict(r.stoichiometry) and result[GRAPHITE] == 0:  # excess: -ln of its activity
            assert dict(r.stoichiometry)[GRAPHITE] == 1 and excess >= -1e-8
        else:
            assert abs(excess) <= 1e-8


# Bower et al. 2022, App. E: our model's pressures (bar) at 1388 K without melt, and what Cantera makes of
# their elements
TABLE_E = {
    "tableE_3oc_CH1_dIW-2": ("7.344", "0.411", "186.7", "22.16", "41.05"),
    "tableE_1oc_CH0.1_dIW2": ("0.649", "3.703", "19.80", "239.5", "4.00e-4"),
    "tableE_1oc_CH5_dIW4": ("6.794", "368.5", "3.853", "443.4", "1.7e-5"),
}


@pytest.mark.parametrize("name", TABLE_E)
def test_table_e_with_six_species(name):
    """The elements and pressure of the reference states of Table E, at 1388 K with NASA data: an independent
    run of Cantera with 41 species printed these; 6 species differ from 41 by up to 0.2 %, and digits were
    rounded."""
    case = next(c for c in REFERENCE["cases"] if c["id"] == name)
    pressure = case["P_total_bar"] * BAR
    moles = elements_of(case["p_bar"])
    result = cantera_oracle.minimise_free_energy(V, 1388.0, pressure, moles, condensates=(GRAPHITE,))
    assert result[GRAPHITE] == 0.0
    gas, n = gas_of(result)
    for species, printed in zip(("CO", "CO2", "H2", "H2O", "CH4"), TABLE_E[name], strict=True):
        digits = len(printed.split("e")[0].split(".")[1])
        half = 0.5 * 10.0**-digits * (10.0 ** int(printed.split("e")[1]) if "e" in printed else 1.0)
        assert abs(gas[species] / n * case["P_total_bar"] - float(printed)) <= 0.002 * float(printed) + half
    check(result, 1388.0, pressure, moles)


@pytest.mark.parametrize(
    "case", [c for c in REFERENCE["cases"] if c["graphite"]["saturated"]], ids=lambda c: c["id"]
)
@pytest.mark.parametrize("share", [0.01, 1.0, 50.0])
def test_graphite_states(case, share):
    """Gas in equilibrium with graphite, solved elsewhere to 50 digits: closed up with some graphite, its
    elements must give the gas back, and the graphite. 1e-7: the oracle's 1e-8 RT times the state's
    sensitivity, below 10."""
    gas, n = case["p_bar"], case["P_total_bar"]
    carbon = share * n
    moles = elements_of(gas)
    moles["C"] += carbon
    pressure = n * BAR
    result = cantera_oracle.minimise_free_energy(
        V, case["inputs"]["T_K"], pressure, moles, condensates=(GRAPHITE,)
    )
    assert result[GRAPHITE] == pytest.approx(carbon, rel=1e-7 * max(1.0, 1.0 / share))
    for s, p in gas.items():
        assert result[s] == pytest.approx(p, rel=1e-6)
    check(result, case["inputs"]["T_K"], pressure, moles, GRAPHITE)


def test_bisection_agrees_with_the_multiphase_solver(monkeypatch):
    """Where Cantera's multiphase solver fails the amount of graphite is bisected.

    The answers are the same to 1e-8.
    """
    states = [(1388.0, 1e7, {"H": 2.0, "C": 3.0, "O": 1.0}), (2000.0, 1e5, {"H": 1.0, "C": 1.0, "O": 0.7})]
    direct = [cantera_oracle.minimise_free_energy(V, *s, condensates=(GRAPHITE,)) for s in states]
    monkeypatch.setattr(cantera_oracle, "_mixture", lambda *a: None)
    for state, expected in zip(states, direct, strict=True):
        result = cantera_oracle.minimise_free_energy(V, *state, condensates=(GRAPHITE,))
        assert result == pytest.approx(expected, rel=1e-8)
    dry = cantera_oracle.minimise_free_energy(
        V, 1388.0, 1e7, {"H": 2.0, "C": 0.3, "O": 1.0}, condensates=(GRAPHITE,)
    )
    assert dry[GRAPHITE] == 0.0


def test_graphite_volume(tmp_path):
    """With its volume graphite has mu + V (p - 1 bar), V = 12.0107/2.16 cm3.

    Ln of the quotient moves by that over RT.
    """
    state = (1388.0, 4e8, {"H": 2.0, "C": 4.0, "O": 1.0})
    (r,) = stoichiometry.reactions(V, ["CO", GRAPHITE])
    quotient = []
    for volume in (False, True):
        result = cantera_oracle.minimise_free_energy(
            V, *state, condensates=(GRAPHITE,), condensed_volume=volume
        )
        gas, n = gas_of(result)
        ln = {s: math.log(x / n * state[1] / BAR) for s, x in gas.items()} | {GRAPHITE: 0.0}
        quotient.append(math.fsum(float(c) * ln[s] for s, c in r.stoichiometry))
    assert quotient[0] == pytest.approx(float(equilibrium_constants.ln_K_values(V, r, state[0])[0]), abs=1e-8)
    volume = 12.0107e-3 / 2160.0
    assert quotient[0] - quotient[1] == pytest.approx(
        volume * (state[1] - BAR) / (8.314462618 * state[0]), abs=1e-7
    )


def test_oracle_does_not_care_for_the_datas_pressure(tmp_path):
    """A file of 1-atm data: what Cantera finds must still satisfy our ln K, which is for bar."""
    path = write(tmp_path, TEXT.replace("reference-pressure: 1 bar", "reference-pressure: 1 atm"))
    atm = read_mechanism(path)
    result = cantera_oracle.minimise_free_energy(
        atm, 1500.0, 1e7, {"H": 2.0, "C": 0.5, "O": 1.5}, species=FIVE + ("O2",)
    )
    n = sum(result.values())
    for r in stoichiometry.reactions(atm, FIVE):
        quotient = math.fsum(float(c) * math.log(result[s] / n * 100.0) for s, c in r.stoichiometry)
        assert quotient == pytest.approx(
            float(equilibrium_constants.ln_K_values(atm, r, 1500.0)[0]), abs=1e-8
        )


@given(
    st.floats(900.0, 3500.0),
    st.floats(3.0, 9.0),
    st.tuples(*[st.floats(-4.0, 0.0)] * 3),
    st.sampled_from(["", "H", "C", "O"]),
)
@settings(max_examples=150, deadline=None)
def test_random_closed_systems(temperature, exponent, exponents, absent):
    """Elements and quotients hold at random temperatures, pressures and compositions, with an element absent
    or not. Not where C = O to nine digits: oxygen and carbon are then what rounding leaves of both, and the
    oracle says so."""
    moles = {e: 10.0**x for e, x in zip("HCO", exponents, strict=True)}
    assume(abs(moles["C"] / moles["O"] - 1.0) > 1e-9)
    if absent:
        moles[absent] = 0.0
    pressure = 10.0**exponent
    result = cantera_oracle.minimise_free_energy(V, temperature, pressure, moles, condensates=(GRAPHITE,))
    gas, n = gas_of(result)
    if n:
        check(result, temperature, pressure, moles, GRAPHITE if moles["C"] else None)


@pytest.mark.parametrize(
    "moles, species, condensates, expected",
    [
        ({"H": 4.0, "O": 2.0}, ("H2O",), (), {"H2O": 2.0}),
        ({"C": 3.0}, None, (GRAPHITE,), {GRAPHITE: 3.0}),
        ({"H": 2.0, "C": 0.0, "O": 0.0}, None, (), {"H2": 1.0}),
        ({"C": 2.0, "O": 2.0}, ("CO",), (GRAPHITE,), {"CO": 2.0}),
        ({"C": 3.0, "O": 2.0}, ("CO",), (GRAPHITE,), {"CO": 2.0, GRAPHITE: 1.0}),
        ({"C": 3.0, "H": 2.0}, ("H2", "CO"), (GRAPHITE,), {"H2": 1.0, GRAPHITE: 3.0}),
    ],
)
def test_degenerate_systems(moles, species, condensates, expected):
    """Where the elements leave no freedom nothing is minimised; round-off only."""
    result = cantera_oracle.minimise_free_energy(V, 1500.0, 1e6, moles, species, condensates)
    assert {s: n for s, n in result.items() if n > 1e-9} == pytest.approx(expected, rel=1e-9)


def test_scale_does_not_matter():
    """1e22 mol or 1 mol: the same fractions, to round-off of the solver's scaling, 1e-10."""
    item = cantera_oracle.minimise_free_energy(V, 1388.0, 7.94e7, {"H": 2.0, "C": 0.3, "O": 1.0})
    many = cantera_oracle.minimise_free_energy(V, 1388.0, 7.94e7, {"H": 2e22, "C": 0.3e22, "O": 1e22})
    assert {s: n / 1e22 for s, n in many.items()} == pytest.approx(item, rel=1e-10)


@pytest.mark.parametrize("solver", cantera_gas.GAS_SOLVERS)
def test_each_gas_solver(monkeypatch, solver):
    monkeypatch.setattr(cantera_gas, "GAS_SOLVERS", (solver,))
    state = (1500.0, 1e7, {"H": 2.0, "C": 0.5, "O": 1.5})
    check(cantera_oracle.minimise_free_energy(V, *state), *state)


@pytest.mark.parametrize("condensates", [(), (GRAPHITE,)])
def test_failure_is_an_error_not_a_number(monkeypatch, condensates):
    monkeypatch.setattr(cantera_gas, "GAS_SOLVERS", ())
    monkeypatch.setattr(cantera_oracle, "_mixture", lambda *a: None)
    with pytest.raises(ConvergenceError, match="no equilibrium of H2, H2O"):
        cantera_oracle.minimise_free_energy(
            V, 1500.0, 1e7, {"H": 2.0, "C": 0.5, "O": 1.5}, condensates=condensates
        )


def test_wrong_result_is_not_returned(monkeypatch):
    """A solver that returns without having moved is found out by its chemical potentials."""
    monkeypatch.setattr(ct.Solution, "equilibrate", lambda self, *a, **k: None, raising=False)
    monkeypatch.setattr(cantera_gas, "gas_phase", _still)
    with pytest.raises(ConvergenceError):
        cantera_oracle.minimise_free_energy(V, 1500.0, 1e7, {"H": 2.0, "C": 0.5, "O": 1.5})


def _still(mechanism, names):
    """A gas whose equilibrate does nothing."""

    class Still:
        def __init__(self):
            object.__setattr__(self, "gas", cantera_phases._phase(mechanism, "ideal-gas", names))

        def equilibrate(self, *a, **k):
            pass

        def __getattr__(self, name):
            return getattr(self.gas, name)

        def __setattr__(self, name, value):
            setattr(self.gas, name, value)

    return Still()


@pytest.mark.parametrize(
    "change, said",
    [
        ({"temperature": math.nan}, "temperature = nan K"),
        ({"temperature": 150.0}, "allowed: 200 to 6000 K"),
        ({"temperature": 6500.0, "condensates": (GRAPHITE,)}, "allowed: 200 to 6000 K"),
        ({"pressure": 0.0}, "pressure = 0.0 Pa"),
        ({"pressure": math.nan}, "pressure = nan Pa"),
        ({"pressure": math.inf}, "pressure = inf Pa"),
        ({"moles": {"H": -1.0, "O": 1.0}}, "moles H = -1.0"),
        ({"moles": {"H": math.nan}}, "moles H = nan"),
        ({"moles": {"Xx": 1.0}}, "known element"),
        ({"moles": {}}, "nothing at all"),
        ({"moles": {"H": 0.0}}, "nothing at all"),
        ({"moles": {"N": 1.0, "H": 1.0}}, "contains N"),
        ({"moles": {"C": 1.0}}, "contains C"),
        ({"moles": {"C": 3.0, "O": 1.0}}, "no mixture of the species has these elements"),
        ({"species": ("H2", "CH5")}, "did you mean"),
        ({"species": ("H2", GRAPHITE)}, "condensed, not gas"),
        ({"condensates": ("H2O",)}, "gas, not condensed"),
    ],
)
def test_requests_that_mean_nothing(change, said):
    request = {"temperature": 1500.0, "pressure": 1e6, "moles": {"H": 2.0, "O": 1.0}} | change
    with pytest.raises(InputError) as error:
        cantera_oracle.minimise_free_energy(V, **request)
    assert said in str(error.value)
