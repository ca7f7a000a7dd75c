"""Closed systems with ions: charge is conserved like an element."""

import cantera as ct
import numpy as np
import pytest
from support.gas_states import solved

import mocoupled as mo
from mocoupled.errors import InputError

AIR = ("N2", "O2", "NO", "N", "O", "N2+", "O2+", "NO+", "N+", "O+", "e-")


@pytest.fixture(scope="module")
def plasma(mechanism_file):
    """The path of a mechanism: hydrogen, its ions, and electrons."""
    return mechanism_file("plasma", ("H", "H2", "H+", "H-", "Electron"))


@pytest.mark.parametrize("engine", ["kernel", "cantera"])
def test_hydrogen_is_ionised(plasma, engine):
    """6000 K, 1 Pa: 1.84 % H+, as by the minimiser of Cantera on the same file (to its tolerance)."""
    gas = ct.Solution(plasma, "gas")
    gas.TPX = 6000.0, 1.0, "H:1"
    gas.equilibrate("TP", rtol=1e-12)
    state = solved(6000.0, 1.0, {"H": 1.0}, condensates=(), mechanism=plasma, engine=engine)
    assert float(state.mixing_ratio.sel(species="H+")) == pytest.approx(0.0184, abs=5e-5)
    np.testing.assert_allclose(state.mixing_ratio, gas[list(state.species.values)].X, rtol=1e-9)


@pytest.mark.parametrize("electrons", [1e-3, -1e-3, 0.0, -0.5, 2.0])
def test_a_prescribed_charge_is_conserved(plasma, electrons):
    state = solved(
        np.array([3000.0, 6000.0]), 1.0, {"H": 1.0, "E": electrons}, condensates=(), mechanism=plasma
    )
    n = {s: state.gas_moles.sel(species=s).values for s in state.species.values}
    np.testing.assert_allclose(n["Electron"] + n["H-"] - n["H+"], electrons, rtol=1e-11, atol=1e-14)
    np.testing.assert_allclose(n["H"] + 2 * n["H2"] + n["H-"] + n["H+"], 1.0, rtol=1e-11)


def test_no_charge_without_ions(plasma):
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


def test_air_to_15000_K(mechanism_file):
    """Eleven species of air, cold to ionised.

    The charge is zero to 1e-12 of the ions, and both engines agree to 1e-8.
    """
    state = solved(
        np.linspace(1010.0, 15000.0, 12),
        1e3,
        {"N": 1.6, "O": 0.4},
        condensates=(),
        mechanism=mechanism_file("air", AIR, file="airNASA9.yaml"),
        engine="both",
    )
    assert float(state.engine_difference.max()) < 1e-8
    ions = state.gas_moles.sel(species=["N2+", "O2+", "NO+", "N+", "O+"]).sum("species")
    np.testing.assert_allclose(state.gas_moles.sel(species="e-"), ions, rtol=1e-12)
    assert float(state.mixing_ratio.sel(species="e-")[-1]) > 0.3


def test_ions_of_an_absent_element_vanish(mechanism_file):
    path = mechanism_file("salty", ("H", "H2", "Na", "Na+", "Electron"))
    state = solved(2500.0, 1.0, {"H": 1.0, "Na": np.array([0.0, 1e-3])}, mechanism=path)
    assert state.gas_moles.sel(species=["Na", "Na+", "Electron"]).values[:, 0].tolist() == [0.0, 0.0, 0.0]
    assert float(state.gas_moles.sel(species="Electron")[1]) > 1e-4


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
