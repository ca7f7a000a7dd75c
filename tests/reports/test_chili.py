"""CHILI: the shipped cases, the files and the static states that other codes have computed too."""

import csv
import io
import json
import math
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from support.small_run import small_run

import mocoupled as mo
from mocoupled.constants import BAR, YEAR
from mocoupled.dae.declare.model import TIME
from mocoupled.dae.leaves.external import numeric
from mocoupled.errors import InputError
from mocoupled.interior.static_structure import structure
from mocoupled.planet.star_of_case import starlight
from mocoupled.reports import chili, chili_tables
from mocoupled.reports.chili_notes import merged

# of github.com/projectcuisines/chili, intercomparison/README.md (commit 00d98bb5); the last two are appended
HEADER = (
    "t(yr),T_surf(K),T_pot(K),flux_surf(W/m2),flux_OLR(W/m2),flux_ASR(W/m2),phi(vol_frac),fO2_solid(bar),fO2_melt(bar),"
    "thick_surf_bl(m),massC_solid(kg),massC_melt(kg),massC_atm(kg),massH_solid(kg),massH_melt(kg),massH_atm(kg),massO_atm(kg),"
    "p_surf(bar),p_H2O(bar),p_CO2(bar),p_CO(bar),p_H2(bar),p_CH4(bar),p_O2(bar),mmw(kg/mol),R_trans(m),R_solid(m)"
    ",viscosity(Pa.s),phi(mass_frac)"
)
STATIC = "z(m),p_tot(bar),T(K),p_H2O(bar),p_CO2(bar),p_CO(bar),p_H2(bar),p_CH4(bar),p_O2(bar)"
ALL = ("earth", "venus", "trappist1b", "trappist1e", "trappist1alpha")


# ---- the cases


@pytest.mark.parametrize(
    "name, mass, radius",
    [("earth", 5.972e24, 6.371e6), ("venus", 4.867e24, 0.95 * 6.371e6), ("trappist1b", 5.972e24, 6.371e6)],
)
def test_planets_have_the_masses_of_the_protocol(name, mass, radius):
    """Mantle and core together to 1e-4, gravity G M/R^2 to its four digits, the core 0.325 of the mass and
    0.55 of the radius."""
    case = mo.Case.read(f"chili-{name}")
    inside = structure(case.planet)
    core = 4 / 3 * math.pi * inside.core_radius**3 * case.planet.core_density
    assert inside.radius == pytest.approx(radius, rel=1e-12)
    assert inside.mantle_mass + core == pytest.approx(mass, rel=1e-4) and core == pytest.approx(
        0.325 * mass, rel=1e-4
    )
    assert inside.gravity == pytest.approx(6.6743e-11 * mass / radius**2, abs=6e-4)
    assert inside.core_radius == pytest.approx(0.55 * radius)
    modulus = (
        inside.surface_density * inside.gravity / inside.compressibility
    )  # the modulus of the fit to PREM of the case earth
    earth = structure(mo.Case.read("earth").planet)
    assert modulus == pytest.approx(earth.surface_density * earth.gravity / earth.compressibility, rel=1e-4)


@pytest.mark.parametrize(
    "name, luminosity, theirs, orbit, quoted",
    [
        ("earth", -0.1692, -0.170, 1.0, 207.05),
        ("venus", -0.1692, -0.170, 0.723, 396.10),
        ("trappist1b", -2.450, -2.450, 0.01154, 8163.7),
        ("trappist1e", -2.450, -2.450, 0.02925, 1270.7),
        ("trappist1alpha", -3.248, -3.248, 6.75e-4, 379578.0),
    ],
)
def test_starlight_is_that_of_other_participants(name, luminosity, theirs, orbit, quoted):
    """At the start S (1 - A)/4 with the luminosity (log10, Baraffe et al. 2015) of the age next to it in the
    table, and A = 0.1. And the absorbed flux that PACMAN's files have (alpha: PROTEUS', with its cosine), to
    0.1 %, their luminosity turned into that of the table: of the Sun they differ by 0.2 %.
    """
    case = mo.Case.read(f"chili-{name}")
    assert case.atmosphere.radiation == "bands" and case.atmosphere.albedo == 0.1
    absorbed = float(numeric([TIME], 0.9 * starlight(case).mean_insolation)(0.0))
    assert absorbed == pytest.approx(1361.0 * 10**luminosity / orbit**2 * 0.9 / 4, rel=8e-4)
    assert absorbed == pytest.approx(quoted * 10 ** (luminosity - theirs), rel=1e-3)


@pytest.mark.parametrize("name", ALL)
def test_inventories_and_ends(name):
    case = mo.Case.read(f"chili-{name}")
    assert case.volatiles.masses(4e24) == {"H": 4.7e20, "C": 2.73e20}
    assert (
        case.redox.oxygen_fugacity == "IW+4"
        and case.run.after_lid == "open"
        and case.run.end_melt_fraction == 0.03
    )
    to_7_6_Gyr_of_age = {"trappist1alpha": 6.6e9, "trappist1b": 7.55e9, "trappist1e": 7.55e9}
    assert case.run.end_time == pytest.approx(to_7_6_Gyr_of_age.get(name, 1e9) * YEAR)


# ---- the table of a run


@pytest.fixture(scope="module")
def table():
    return chili_tables.evolution_table(small_run())


def test_header_is_that_of_the_protocol(table):
    assert ",".join(table) == HEADER and ",".join(chili_tables.STATIC) == STATIC


def test_elements_are_where_the_run_has_them(table):
    """C and H of crystals, melt and gas are the inventories to 1e-9; oxygen of the gas from its pressures, to
    1e-6."""
    for element, mass in (("H", 4.7e20), ("C", 2.73e20)):
        total = sum(table[f"mass{element}_{where}(kg)"] for where in ("solid", "melt", "atm"))
        np.testing.assert_allclose(total, mass, rtol=1e-9)
    atoms = 2 * table["p_CO2(bar)"] + table["p_CO(bar)"] + table["p_H2O(bar)"] + 2 * table["p_O2(bar)"]
    carbon = table["p_CO2(bar)"] + table["p_CO(bar)"] + table["p_CH4(bar)"]
    ratio = table["massO_atm(kg)"] / 15.9994 / (table["massC_atm(kg)"] / 12.0107)
    np.testing.assert_allclose(ratio, atoms / carbon, rtol=1e-6)


def test_columns_in_their_units(table):
    result = small_run()
    np.testing.assert_allclose(table["t(yr)"], result.time / YEAR, rtol=1e-15)
    np.testing.assert_allclose(table["p_surf(bar)"], result.surface_pressure / BAR, rtol=1e-15)
    np.testing.assert_allclose(
        sum(table[f"p_{s}(bar)"] for s in ("H2O", "CO2", "CO", "H2", "CH4", "O2")),
        table["p_surf(bar)"],
        rtol=1e-12,
    )
    np.testing.assert_allclose(
        table["flux_OLR(W/m2)"] - table["flux_ASR(W/m2)"], table["flux_surf(W/m2)"], rtol=1e-12
    )
    np.testing.assert_allclose(np.log10(table["p_O2(bar)"]), result.log10_fO2, atol=1e-12)
    radius = mo.Case.read("chili-earth").planet.radius
    assert (
        table["R_solid(m)"][0] == pytest.approx(0.55 * radius)
        and 0.7 * radius < table["R_solid(m)"][-1] < radius
    )
    for name in ("fO2_solid(bar)", "thick_surf_bl(m)", "R_trans(m)"):
        assert np.isnan(table[name]).all()


def test_melt_by_volume_is_more_than_by_mass(table):
    """Melt is lighter than its crystals, more so at low pressure, where the last of it is; equal where all is
    molten."""
    volume, mass = table["phi(vol_frac)"], table["phi(mass_frac)"]
    assert volume[0] > 0.96 and np.all(volume >= mass) and np.all(volume - mass < 0.1) and volume[-1] < 0.42


def test_crystals_hold_what_the_partition_coefficient_says():
    """The dissolved mass X (M_melt + k M_solid), shared out by hand."""
    lumped = {
        "atmosphere.radiation": "AbeMatsui1985",
        "planet.equilibrium_temperature": "245.8 K",
        "mantle.model": "lumped",
        "run.end_melt_fraction": 0.3,
        "volatiles.partition_coefficient": {"H2O": 0.01},
    }
    result = mo.run(mo.Case.read("chili-earth").replace(lumped))
    columns = chili_tables.evolution_table(result)
    melt = float(result.melt_mass[-1])
    solid = structure(mo.Case.read("chili-earth").planet).mantle_mass - melt
    dissolved = float(result.dissolved_mass.sel(species="H2O")[-1]) * 2 * 1.00794 / 18.01528
    assert columns["massH_solid(kg)"][-1] == pytest.approx(
        dissolved * 0.01 * solid / (melt + 0.01 * solid), rel=1e-6
    )
    assert np.isnan(columns["phi(vol_frac)"]).all() and np.isfinite(columns["viscosity(Pa.s)"]).all()


def test_a_long_run_is_thinned():
    """First, last and both sides of each milestone stay, rows stay in order, and no file is above the
    limit."""
    time, melt = np.concatenate([[0.0], np.geomspace(1, 1e12, 50_000)]), np.linspace(1.0, 0.03, 50_001)
    rows = chili_tables.chosen_rows(time, melt)
    assert (
        1000 < len(rows) <= chili_tables.ROWS
        and rows[0] == 0
        and rows[-1] == 50_000
        and np.all(np.diff(rows) > 0)
    )
    for level in chili_tables.MILESTONES:
        k = int(np.flatnonzero(melt <= level)[0])
        assert {k - 1, k} <= set(rows.tolist())
    assert (
        len(chili._csv({name: np.full(50_001, -1.123456789e-100) for name in chili_tables.EVOLUTION}, rows))
        < 1_000_000
    )
    np.testing.assert_array_equal(chili_tables.chosen_rows(time[:100], melt[:100]), np.arange(100))


# ---- files


def test_files_of_a_run(tmp_path, table):
    files = {path.name: path for path in chili.export(small_run(), tmp_path)}
    assert set(files) == {
        "evolution-mocoupled-earth-data.csv",
        "evolution-mocoupled-earth-config.toml",
        "evolution-mocoupled-notes.txt",
    }
    assert {path.parent.relative_to(tmp_path).as_posix() for path in files.values()} == {
        "outputs/mocoupled",
        "inputs/mocoupled",
    }
    text = files["evolution-mocoupled-earth-data.csv"].read_text()
    assert text.startswith(HEADER + "\n") and len(text) < 1_000_000
    rows = list(csv.DictReader(io.StringIO(text)))
    for k in (0, -1):
        for name, values in table.items():
            assert float(rows[k][name]) == pytest.approx(values[k], rel=1e-9, nan_ok=True), name
    assert mo.Case.read(files["evolution-mocoupled-earth-config.toml"]) == mo.Case.parse(
        small_run().attrs["case"]
    )
    notes = files["evolution-mocoupled-notes.txt"].read_text()
    for stated in (
        f"mocoupled {mo.__version__}",
        "IW+4 (ONeillEggins2002)",
        "Escape: none",
        "AbeMatsui1985",
        "Stop rule",
        "Dixon1995",
        "4.0311e+24 kg",
        small_run().attrs["mechanism_sha256"],
    ):
        assert stated in notes
    with pytest.raises(InputError, match="already"):
        chili.export(small_run(), tmp_path)
    other = chili.export(small_run(), tmp_path, "venus")
    assert chili.export(small_run(), tmp_path, overwrite=True)
    again = other[-1].read_text()
    assert (
        again.count("==== earth ====")
        == again.count("==== venus ====")
        == again.count("==== all planets ====")
        == 1
    )


def test_notes_are_merged():
    first = merged("", {"all": ["a"], "earth": ["b", "c"]})
    assert merged(first, {"all": ["a"], "earth": ["b", "c"]}) == first
    assert merged(first, {"earth": ["d"]}) == "==== all ====\n- a\n\n==== earth ====\n- d\n"


def test_the_name_follows_case_and_grid():
    def named(case, hydrogen, carbon):
        moles = small_run().element_moles * 1.0
        moles.loc[{"element": "H"}] = hydrogen / 1.00794e-3
        moles.loc[{"element": "C"}] = carbon / 12.0107e-3
        return chili.planet_name(small_run().assign(element_moles=moles).assign_attrs(case_name=case))

    assert named("chili-earth", 4.7e20, 2.73e20) == "earth"
    assert named("chili-venus", 1.6e20, 2.73e20) == "venus-grid-Hlow-Cmid"
    assert named("chili-earth", 1.6e21, 5.44e20) == "earth-grid-Hhigh-Chigh"
    assert named("chili-earth", 1.6e21, 5e20) == "earth"
    assert named("chili-trappist1b", 1.6e20, 2.73e20) == "trappist1b"
    with pytest.raises(InputError, match="not a case of CHILI"):
        named("earth", 1e20, 1e20)
    for bad in ("", "a/b", "../up", "a b", "a--b"):
        with pytest.raises(InputError, match="not a name"):
            chili.planet_name(small_run(), bad)


def test_a_run_without_gas_has_gaps(tmp_path):
    case = mo.Case.read("E1").replace({"mantle.model": "lumped", "volatiles.hydrogen": "0 kg"})
    columns = chili_tables.evolution_table(mo.run(case, output=tmp_path / "run"))
    assert (
        np.isnan(columns["p_H2O(bar)"]).all()
        and np.isnan(columns["massC_atm(kg)"]).all()
        and np.isfinite(columns["T_surf(K)"]).all()
    )
    assert chili.export(mo.read(tmp_path / "run"), tmp_path / "out", "dry")[0].exists()


# ---- static states

ATOMS = {
    "H2O": {"H": 2, "O": 1},
    "CO2": {"C": 1, "O": 2},
    "CO": {"C": 1, "O": 1},
    "H2": {"H": 2},
    "CH4": {"C": 1, "H": 4},
    "O2": {"O": 2},
}
SNAPSHOTS = {  # T [K], and partial pressures in bar: PACMAN's snapshot, LavAtmos3's answer to it
    "tau3-cold": (
        2825.6840553655948,
        {
            "H2O": 2.953350442845895,
            "CO2": 79.96479519950502,
            "CO": 55.699649788585894,
            "H2": 0.21212821384490035,
            "CH4": 1.902e-10,
            "O2": 0.08297611976232722,
        },
        {
            "H2O": 2.7718769569421173,
            "CO2": 80.00444396387246,
            "CO": 55.60179176941063,
            "H2": 0.2774219937022474,
            "CH4": 3.754e-10,
            "O2": 0.058760533312688545,
        },
    ),
    "tau5-cold": (
        1690.4390087077009,
        {
            "H2O": 69.49268683697328,
            "CO2": 120.79081754162976,
            "CO": 13.989625519099981,
            "H2": 2.2648026599625175,
            "CH4": 1.4424e-06,
            "O2": 2.9031955729584087e-07,
        },
        {
            "H2O": 69.39096409555762,
            "CO2": 120.89131586086536,
            "CO": 13.888959660227904,
            "H2": 2.3658054335073664,
            "CH4": 1.4660e-06,
            "O2": 2.790780760273651e-07,
        },
    ),
}


@pytest.mark.parametrize("snapshot", SNAPSHOTS)
def test_static_states_of_earth_agree_with_other_codes(snapshot, tmp_path):
    """Earth, cold: the elements of PACMAN's gas at its T and p (projectcuisines/chili,
    static_model_outputs_csv.csv, commit 0fd8c783) beside PACMAN and LavAtmos3 (outputs/lavatmos3, commits
    4002bfe2 and 1a30f974).

    CO2 and CO to 0.2 % of LavAtmos3 and 1 % of PACMAN. H2 and O2 to 3 % of LavAtmos3, whose tables are others
    (0.01 dex), and to 35 % (2826 K) or 5 % (1690 K) of PACMAN, as these two differ from each other. H2O to
    0.1 % at 1690 K, and to 5 % at 2826 K, where LavAtmos3 has OH and H in its gas."""
    T, pacman, lavatmos = SNAPSHOTS[snapshot]
    hot = T > 2500
    moles = {e: sum(p * ATOMS[s].get(e, 0) for s, p in pacman.items()) for e in ("H", "C", "O")}
    state = mo.gas_equilibrium(
        temperature=T, pressure=sum(pacman.values()) * BAR, moles=moles, species=list(ATOMS), condensates=()
    )
    ours = {s: float(state.pressure.sel(species=s)) / BAR for s in ATOMS}
    for species in ("CO2", "CO"):
        assert ours[species] == pytest.approx(lavatmos[species], rel=2e-3) and ours[species] == pytest.approx(
            pacman[species], rel=1e-2
        )
    for species in ("H2", "O2"):
        assert ours[species] == pytest.approx(lavatmos[species], rel=0.03)
        assert ours[species] == pytest.approx(pacman[species], rel=0.35 if hot else 0.05)
    assert ours["H2O"] == pytest.approx(lavatmos["H2O"], rel=0.05 if hot else 1e-3)
    constants = (
        math.log10(ours["CO2"] / ours["CO"] / ours["O2"] ** 0.5),
        math.log10(ours["H2O"] / ours["H2"] / ours["O2"] ** 0.5),
    )
    assert constants == pytest.approx((0.773, 1.615) if hot else (4.216, 4.743), abs=5e-3)

    data, config, notes = chili.export_static(state, tmp_path, "earth", snapshot)
    assert data.name == f"static-mocoupled-earth-{snapshot}-data.csv" and data.read_text().startswith(
        STATIC + "\n"
    )
    (row,) = csv.DictReader(io.StringIO(data.read_text()))
    assert (
        float(row["z(m)"]) == 0
        and float(row["T(K)"]) == pytest.approx(T, rel=1e-9)
        and float(row["p_CO(bar)"]) == pytest.approx(ours["CO"], rel=1e-9)
    )
    assert "McBride1993" in notes.read_text() and "moles_H" in config.read_text()


def test_an_equilibrium_over_melt_is_static_too():
    state = mo.equilibrium(mo.Case.read("chili-earth"), temperature=2000.0, melt_fraction=0.5)
    columns = chili_tables.static_table(state)
    assert columns["p_tot(bar)"][0] == pytest.approx(float(state.surface_pressure) / BAR)
    assert math.log10(columns["p_O2(bar)"][0]) == pytest.approx(float(state.log10_fO2))
    several = mo.equilibrium(mo.Case.read("chili-earth"), temperature=[1900.0, 2000.0], melt_fraction=0.5)
    with pytest.raises(InputError, match="several"):
        chili_tables.static_table(several)
    for bad in ("tau3", "tau2-hot", "tau3-warm", "../tau3-hot"):
        with pytest.raises(InputError, match="snapshot"):
            chili.export_static(state, "nowhere", "earth", bad)


def test_what_is_no_run_is_refused():
    with pytest.raises(InputError, match="not a run"):
        chili_tables.evolution_table(
            mo.equilibrium(mo.Case.read("earth"), temperature=2000.0, melt_fraction=1.0)
        )
    assert json.loads(small_run().attrs["composition"])["CO2"] == {"C": 1, "O": 2}


def test_a_stored_run_is_exported_by_a_process_that_has_computed_nothing(tmp_path):
    """The melting curves of its case are known, although no planet was assembled before."""
    mo.run(mo.Case.read("E1").replace({"run.end_time": "1 yr", "mantle.cells": 20}), output=tmp_path / "run")
    command = [sys.executable, "-m", "mocoupled", "export", "run", "--format", "chili", "--planet", "x"]
    paths = [str(Path(mo.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
