"""Runs that radiate by bands: CHILI's planets, the two fluxes, and what is refused."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from support.grey import GREY

import mocoupled as mo
from mocoupled.atmosphere.bands.columns import Environment
from mocoupled.atmosphere.bands.emitter import emitter_of
from mocoupled.chemistry.gases_by_bands import band_gases
from mocoupled.constants import ASTRONOMICAL_UNIT, STEFAN_BOLTZMANN_CONSTANT, YEAR
from mocoupled.planet.assembly import assemble
from mocoupled.runs.plateau import Fluxes

BANDS = {"mantle.model": "lumped", "atmosphere.radiation": "bands"}
BY_BANDS = "radiation: bands"


def time_below(run, melt):
    """Years until the melt fraction has fallen to this."""
    fraction = run.melt_fraction.values
    k = int(np.argmax(fraction < melt))
    assert k > 0
    share = (fraction[k - 1] - melt) / (fraction[k - 1] - fraction[k])
    return float(run.time[k - 1] + share * (run.time[k] - run.time[k - 1])) / YEAR


def share_at(run, milestone):
    """Net over absorbed flux at the stored time of a milestone."""
    state = run.sel(time=json.loads(run.attrs["passed"])[milestone], method="nearest")
    return float(state.flux / state.absorbed_flux)


@pytest.fixture(scope="module")
def earth():
    return mo.run(mo.Case.read("chili-earth").replace(BANDS))


def test_chili_earth(earth):
    """Times to 40 and 5 % of melt by mass: 8.5e4 and 1.20e6 yr with an independent program of the closure in
    this model, within 5 %; PROTEUS has 1.34e6 yr. Grey: 5.5e4 and 4.0e5 yr."""
    assert time_below(earth, 0.40) == pytest.approx(8.5e4, rel=0.05)
    assert time_below(earth, 0.05) == pytest.approx(1.20e6, rel=0.05)
    assert float(earth.time[-1]) / YEAR == pytest.approx(1.54e6, rel=0.05)
    assert float(earth.outgoing_flux[-1]) == pytest.approx(283.0, abs=1.0)


def test_outgoing_and_absorbed_are_two_fluxes(earth):
    """The net flux is their difference; 9/40 of the star's light are absorbed; the energy closes."""
    absorbed = 0.9 * earth.stellar_luminosity / (16.0 * np.pi * ASTRONOMICAL_UNIT**2)
    assert earth.absorbed_flux.values == pytest.approx(absorbed.values, rel=1e-12)
    assert float(earth.absorbed_flux[0]) == pytest.approx(207.4, abs=0.1)
    assert float(earth.absorbed_flux[-1] / earth.absorbed_flux[0]) == pytest.approx(1.003, abs=0.001)
    net = earth.outgoing_flux - earth.absorbed_flux
    assert earth.flux.values == pytest.approx(net.values, rel=1e-9, abs=1e-9)
    assert "optical_depth" not in earth
    assert float(earth.energy_drift.max()) < 1e-10
    assert float(earth.integrator_energy_drift.max()) < 1e-5


def test_every_stored_flux_is_that_of_the_stored_gas(earth):
    """By the emitter at the stored temperature and pressures; the stratosphere follows what is absorbed."""
    chemistry = assemble(mo.Case.read("chili-earth").replace(BANDS)).chemistry
    skins = (earth.absorbed_flux.values / (2.0 * STEFAN_BOLTZMANN_CONSTANT)) ** 0.25
    at = emitter_of(band_gases(chemistry), Environment(9.82))
    pressures = earth.pressure.sel(species=list(at.names)).transpose("time", "species").values
    for k in range(0, earth.sizes["time"], 20):
        expected = at.emission(float(earth.surface_temperature[k]), pressures[k], skins[k]).flux.total
        assert float(earth.outgoing_flux[k]) == pytest.approx(expected, rel=1e-9)


def test_profiles_are_those_of_the_run(earth):
    """The flux of every stored state again, with its stratosphere; what the surface has in equilibrium is the
    gas of the run; the run has no cloud while it is hot, and one at the end."""
    made = mo.profiles(earth, "all")
    assert made.outgoing_flux.values == pytest.approx(earth.outgoing_flux.values, rel=1e-11)
    few = mo.profiles(earth, ["start", "end"], composition="equilibrium")
    ground = few.equilibrium_mixing_ratio.isel(level=0).values
    assert ground == pytest.approx(few.mixing_ratio.isel(level=0).values, rel=1e-9)
    assert np.isnan(few.cloud_height[0]) and 200e3 < float(few.cloud_height[1]) < 300e3


def test_transparent_gases_and_sources_are_stored(earth):
    omitted = json.loads(earth.attrs["left_out"])
    assert ["O2"] in [record["species"] for record in omitted if record["what"] == "opacity"]
    assert "HITEMP" in json.loads(earth.attrs["data"])["opacity of H2O"]


def test_twice_the_opacity_cools_slower(earth):
    """1.81e6 yr to 5 % melt by the same independent program, within 5 %."""
    slow = mo.run(mo.Case.read("chili-earth").replace(BANDS | {"atmosphere.opacity_factor": 2.0}))
    assert time_below(slow, 0.05) == pytest.approx(1.81e6, rel=0.05)


def test_venus_absorbs_more_than_it_can_emit():
    """396 W/m2 without escape: announced, and steady at 1732 K with 0.158 of melt, outgoing = absorbed."""
    run = mo.run(mo.Case.read("chili-venus").replace(BANDS))
    last = run.isel(time=-1)
    assert "396.7 W/m2" in run.attrs["plateau"] and "280.7 W/m2" in run.attrs["plateau"]
    assert run.attrs["end_name"] == "steady" and run.attrs["status"] == "complete"
    for word in ("Steady: absorbed flux above the radiation limit", "397.7 W/m2", "1731.5 K", "upper bound"):
        assert word in run.attrs["end_reason"]
    assert float(last.surface_temperature) == pytest.approx(1732.0, abs=3.0)
    assert float(last.melt_fraction) == pytest.approx(0.158, abs=0.003)
    assert float(last.flux / last.absorbed_flux) == pytest.approx(1e-4, rel=1e-3)
    begins = json.loads(run.attrs["passed"])["plateau begins"]
    assert 0.0 < begins < float(last.time) < 1.5e6 * YEAR
    assert share_at(run, "plateau begins") == pytest.approx(0.01, rel=1e-6)


@pytest.mark.parametrize("rtol", [1e-5, 1e-6, 1e-7])
def test_a_reduced_earth_comes_to_rest_whatever_the_steps(rtol):
    """IW-2: the Sun brightens, so that the net flux falls through zero within one step of the integrator.

    Where that step ends must not decide how the run ends. The net flux is that of rest, 1e-4 of the absorbed
    one; the time follows it to 1e-4 with tolerances from 1e-7 to 1e-5.
    """
    reduced = {"redox.oxygen_fugacity": "IW-2", "run.rtol": rtol}
    run = mo.run(mo.Case.read("earth").replace(BANDS | reduced))
    last = run.isel(time=-1)
    assert run.attrs["end_name"] == "steady" and "208.8 to 215.2 W/m2" in run.attrs["end_reason"]
    assert "do not resolve" in run.attrs["plateau"]
    assert float(last.flux / last.absorbed_flux) == pytest.approx(1e-4, rel=1e-3)
    assert float(last.time) / YEAR == pytest.approx(26.156e6, rel=1e-4)
    assert float(last.surface_temperature) == pytest.approx(1787.2, abs=0.1)


def test_trappist_1_e_waits_until_its_star_has_faded():
    """It begins at 1271 W/m2, above the limit, but is not steady: the star fades, and it solidifies later."""
    run = mo.run(mo.Case.read("chili-trappist1e").replace(BANDS))
    passed = json.loads(run.attrs["passed"])
    assert float(run.absorbed_flux[0]) == pytest.approx(1271.0, rel=1e-3)
    assert "1271 W/m2" in run.attrs["plateau"]
    assert passed["plateau begins"] < 1e6 * YEAR < 1e8 * YEAR < passed["plateau ends"]
    assert run.attrs["end_name"] == "melt fraction"
    assert float(run.time[-1]) > passed["plateau ends"]
    assert float(run.absorbed_flux[-1]) < 285.0
    assert share_at(run, "plateau begins") == pytest.approx(0.01, rel=1e-6)
    assert share_at(run, "plateau ends") == pytest.approx(0.02, rel=1e-6)


def test_a_lava_world_heats_up():
    """TRAPPIST-1 alpha absorbs more than its gas lets out at any temperature: its magma ocean stays."""
    run = mo.run(mo.Case.read("chili-trappist1alpha").replace(BANDS))
    assert run.attrs["end_name"] == "hot edge of the data" and run.attrs["status"] == "complete"
    assert float(run.surface_temperature[-1]) == pytest.approx(3400.0, abs=0.02)
    assert float(run.flux[-1]) < 0.0


def test_a_planet_that_loses_gas_is_not_called_steady():
    """Escape may end the plateau: the run goes on to its end time, and says that it is in equilibrium."""
    changes = {"run.end_time": "3 Myr", "escape.law": "Zahnle2019"}
    run = mo.run(mo.Case.read("chili-venus").replace(BANDS | changes))
    assert run.attrs["end_name"] == "end of time"
    assert "radiative equilibrium" in run.attrs["end_reason"]


def test_a_planet_that_absorbs_nothing():
    """An albedo of 1: the share of the absorbed flux is a number, far from the plateau."""
    dark = Fluxes(net=300.0, absorbed=0.0, surface=2000.0, pressures={})
    assert np.isfinite(dark.share) and dark.share > 1e6
    case = mo.Case.read("chili-earth").replace(BANDS | {"atmosphere.albedo": 1.0, "run.end_time": "1 yr"})
    run = mo.run(case)
    assert run.attrs["end_name"] == "end of time" and (run.absorbed_flux == 0.0).all()


def test_column():
    """40 % of melt in the column of 20 cells: bands over grey 1.5 in time (1.05e5 to 6.8e4 yr with 100)."""
    column = {"mantle.model": "column", "mantle.cells": 20, "run.end_melt_fraction": 0.4}
    case = mo.Case.read("chili-earth").replace(column)
    of_grey = {"atmosphere.radiation": "AbeMatsui1985", "planet.equilibrium_temperature": 245.8}
    grey, bands = mo.run(case.replace(of_grey)), mo.run(case)
    assert 1.4 < float(bands.time[-1] / grey.time[-1]) < 1.65
    assert "outgoing_flux" in bands and "outgoing_flux" not in grey


def test_a_lid_that_closes():
    """Under the lid the gas of a closed system radiates by bands too."""
    changes = {"run.after_lid": "closed", "run.end_time": "6 Myr"}
    run = mo.run(mo.Case.read("earth").replace(BANDS | changes))
    assert float(run.surface_temperature[-1]) < 1640.0
    net = run.outgoing_flux - run.absorbed_flux
    assert run.flux.values == pytest.approx(net.values, rel=1e-9, abs=1e-9)


def test_conditions_outside_the_data_are_recorded_with_their_share():
    """A trace of hydrogen, from 3000 K: its pressure is first below 1000 Pa; the lines end at 2000 K."""
    trace = {"volatiles.hydrogen": "1e13 kg", "volatiles.carbon": "0 kg", "run.end_melt_fraction": 0.8}
    run = mo.run(mo.Case.read("chili-earth").replace(BANDS | trace))
    records = {(r["law"], r["argument"]): r for r in json.loads(run.attrs["extrapolations"])}
    thin, hot = run.surface_pressure.values < 1e3, run.surface_temperature.values > 2000.0
    assert records["radiation: bands", "P"]["share"] == pytest.approx(thin.mean()) and 0 < thin.mean() < 1
    assert records["radiation: bands", "P"]["reached"][0] == float(run.surface_pressure.min())
    assert records["opacity of lines", "T"]["share"] == pytest.approx(hot.mean())
    assert records["opacity of lines", "T"]["calibrated"] == [180.0, 2000.0]
    assert ("opacity of lines", "P") not in records


def test_gravity_and_a_stated_stratosphere_outside_the_comparison_are_recorded():
    """The Moon's 1.61 m/s2 is below 3; 500 K of stratosphere are above 450; both of every stored state."""
    changes = {"mantle.model": "lumped", "atmosphere.stratosphere": "500 K", "run.end_time": "1 yr"}
    run = mo.run(mo.Case.read("moon").replace(changes))
    records = {r["argument"]: r for r in json.loads(run.attrs["extrapolations"]) if r["law"] == BY_BANDS}
    assert records["gravity"]["reached"] == pytest.approx([1.607, 1.607], abs=0.01)
    assert records["gravity"]["calibrated"] == [3.0, 30.0]
    assert records["stratosphere"]["reached"] == [500.0, 500.0]
    assert records["stratosphere"]["calibrated"] == [120.0, 450.0]
    assert all(records[name]["share"] == 1.0 for name in ("gravity", "stratosphere"))


def test_the_default_radiates_by_bands():
    """Of a user's file, and of every shipped case but those of Bower et al. 2022, which are grey at 273 K."""
    plain = mo.Case.parse('[volatiles]\nhydrogen = "1 ocean"')
    assert assemble(plain).laws["radiation"].name == "bands"
    assert plain.planet.equilibrium_temperature is None
    for name in mo.shipped_cases():
        case = mo.Case.read(name)
        grey = (case.atmosphere.radiation, case.planet.equilibrium_temperature)
        of_paper = case.chemistry.thermochemistry == "bower2022"
        assert grey == (("AbeMatsui1985", 273.0) if of_paper else ("bands", None)), name


@pytest.mark.parametrize("albedo", [0.1, "clear-sky"])
def test_a_planet_without_gas(albedo):
    """Its black surface radiates, sigma T^4, and absorbs the light of the star; no column is out of range.

    Time from 2700 to 1650 K: of the heat of the mantle over this flux, as for a grey law without gas.
    """
    bare = {"volatiles.hydrogen": "0 kg", "volatiles.carbon": "0 kg", "mantle.model": "lumped"}
    run = mo.run(mo.Case.read("earth").replace(bare | {"atmosphere.albedo": albedo}))
    black = STEFAN_BOLTZMANN_CONSTANT * run.surface_temperature.values**4
    assert run.outgoing_flux.values == pytest.approx(black, rel=1e-12)
    share = 0.1 if albedo == 0.1 else float(run.albedo[0])
    light = run.stellar_luminosity.values / (16.0 * np.pi * ASTRONOMICAL_UNIT**2)
    assert run.absorbed_flux.values == pytest.approx((1.0 - share) * light, rel=1e-9)
    assert not [r for r in json.loads(run.attrs["extrapolations"]) if "bands" in r["law"]]
    assert run.attrs["end_name"] == "surface lid" and not run.attrs.get("plateau")
    grey = {"atmosphere.radiation": "blackbody", "planet.equilibrium_temperature": "245.8 K"}
    assert float(run.time[-1]) == pytest.approx(
        float(mo.run(mo.Case.read("earth").replace(bare | grey)).time[-1]), rel=1e-4
    )


def test_a_hot_bare_planet_comes_to_rest():
    """At 0.02 au it absorbs 518 kW/m2: its surface rests at the temperature of a black body, 1739 K."""
    bare = {"volatiles.hydrogen": "0 kg", "volatiles.carbon": "0 kg", "planet.orbit": "0.02 au"}
    run = mo.run(mo.Case.read("earth").replace(bare | {"mantle.model": "lumped"}))
    last = run.isel(time=-1)
    assert run.attrs["end_name"] == "steady"
    balance = (float(last.absorbed_flux) / STEFAN_BOLTZMANN_CONSTANT) ** 0.25
    assert balance == pytest.approx(1739.0, abs=1.0)
    assert float(last.surface_temperature) == pytest.approx(balance, rel=1e-4)


def test_folder(tmp_path):
    """The stored run has both fluxes in its Dataset and in its summary."""
    changes = BANDS | {"run.end_melt_fraction": 0.8}
    mo.run(mo.Case.read("chili-earth").replace(changes), output=tmp_path / "run")
    final = json.loads((tmp_path / "run" / "summary.json").read_text())["final"]
    assert final["outgoing_flux_W_m2"] - final["absorbed_flux_W_m2"] == pytest.approx(final["flux_W_m2"])
    assert float(mo.read(tmp_path / "run").outgoing_flux[-1]) == final["outgoing_flux_W_m2"]


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"atmosphere.absorption": {"H2O": 0.1}}, ("absorption", "act on nothing")),
        ({"atmosphere.emissivity": 0.5}, ("emissivity",)),
        ({"atmosphere.albedo": "cloudy"}, ("albedo", "clear-sky", "clouds-Pluriel2019")),
        ({"atmosphere.albedo": 1.5}, ("albedo", "from 0 to 1")),
        ({"planet.equilibrium_temperature": 273.0}, ("belongs to the grey laws", "planet.orbit")),
        ({"run.end_time": "none"}, ("might never end", "end_time")),
        (
            GREY | {"atmosphere.albedo": 0.3},
            ("albedo", "act on nothing", "bands"),
        ),
        (
            {"run.end_surface_temperature": 990.0, "atmosphere.stratosphere": 1000.0},
            ("end_surface_temperature = 990 K", "stratosphere, 1000 K"),
        ),
        ({"atmosphere.opacity_factor": 0.0}, ("opacity_factor", "0.01")),
        (
            GREY | {"atmosphere.opacity_factor": 2.0},
            ("opacity_factor", "act on nothing", "bands"),
        ),
        (
            GREY | {"atmosphere.stratosphere": "200 K"},
            ("stratosphere", "act on nothing"),
        ),
    ],
)
def test_refused(changes, words):
    with pytest.raises(mo.InputError) as error:
        assemble(mo.Case.read("earth").replace(BANDS | changes))
    for word in words:
        assert word in str(error.value)


def test_figures(earth, tmp_path):
    """Both fluxes have their lines, and no panel is empty for want of an optical depth."""
    from mocoupled.plots import draw
    from mocoupled.plots.evolution import FIGURES

    figure = FIGURES["flux"](earth)
    assert {text.get_text() for text in figure.axes[0].texts} == {"absorbed", "net", "outgoing"}
    assert len(figure.axes) == 1
    overview = FIGURES["overview"](earth)
    assert not any("no volatiles" in text.get_text() for ax in overview.axes for text in ax.texts)
    assert draw(earth, tmp_path, ["flux"])[0].stat().st_size > 5000


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="this system does not count memory so")
def test_memory():
    """A process that runs a lumped planet by bands never takes more than 500 MB, libraries included."""
    code = (
        "import mocoupled as mo\n"
        f"changes = {BANDS | {'run.end_melt_fraction': 0.95}!r}\n"
        "mo.run(mo.Case.read('chili-earth').replace(changes))\n"
        "lines = open('/proc/self/status').read().split('\\n')\n"
        "print(next(line for line in lines if line.startswith('VmHWM')).split()[1])\n"
    )
    printed = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert float(printed) < 500e3  # kB
