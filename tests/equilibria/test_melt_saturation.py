"""Saturation in graphite and sulfide at depth, on a made-up column of three cells."""

import io
import json
import math

import numpy as np
import pytest
import xarray
from rich.console import Console

import mocoupled as mo
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.cli.pages.saturation import print_saturation, saturation_table
from mocoupled.closures.registry import find
from mocoupled.equilibria.saturation_laws import State, over_graphite
from mocoupled.errors import InputError
from mocoupled.plots.saturation import draw_saturation

BAR, GPA = 1e5, 1e9
MANTLE = 4e24
HEAD = "law,time (s),cell,cell_pressure (Pa),cell_depth (m),saturation_ratio (1),"
COMPOSITION = {"CO": {"C": 1, "O": 1}, "CO2": {"C": 1, "O": 2}, "S2": {"S": 2}}
MASSES = {"CO": 0.0280101, "CO2": 0.0440095, "S2": 0.06413}


def column(dissolved, cell_pressure=(BAR, 3 * GPA, 30 * GPA), changes=None, species=("CO", "CO2", "S2")):
    """Two times, 1900 K and 1700 K at every depth, IW+1 by Hirschmann 2021 at the surface; two cells of melt.

    dissolved: kg of each species in the mantle.
    """
    changes = {"chemistry.mechanism": "chons", **(changes or {})}
    case = mo.Case.read("earth").replace(changes)
    T = np.array([[1900.0] * 3, [1700.0] * 3])
    iw = [float(find("buffer", "Hirschmann2021")(T=t)) for t in T[:, 0]]
    amounts = [[dissolved.get(s, 0.0) for s in species]] * 2
    return xarray.Dataset(
        {
            "temperature": (("time", "cell"), T),
            "surface_temperature": ("time", T[:, 0]),
            "log10_fO2": ("time", np.array(iw) + 1.0),
            "local_melt_fraction": (("time", "cell"), [[1.0, 0.5, 0.0], [1.0, 0.5, 0.0]]),
            "melt_mass": ("time", [MANTLE, 0.5 * MANTLE]),
            "dissolved_mass": (("time", "species"), amounts),
        },
        coords={
            "time": ("time", [0.0, 3e9], {"units": "s"}),
            "species": list(species),
            "cell_pressure": ("cell", list(cell_pressure), {"units": "Pa"}),
            "cell_radius": ("cell", [6.3710e6, 6.34e6, 5.6e6]),
        },
        attrs={
            "case": case.to_toml(),
            "case_name": "earth",
            "composition": json.dumps(COMPOSITION),
            "molar_masses": json.dumps(MASSES),
            "structure": json.dumps({"mantle_mass_kg": MANTLE, "radius_km": 6371.0}),
        },
    )


def state(T, P, log10_fO2):
    melt = {"SiO2": 0.45, "MgO": 0.38, "FeO": 0.08}
    T, P = np.array([[T]]), np.array([P])
    return State(T, P, np.array([[math.log(10) * log10_fO2]]), melt, read_mechanism("chons"))


def test_gas_over_graphite():
    """C + CO2 = 2 CO: log10 K = 2 x 10.46 - 20.68 at 1000 K (log Kf of JANAF 1998); fO2 leaves the ratio of
    CO^2 and CO2 as it is; the volume of graphite, 5.56 cm3/mol, raises f_CO by exp(V P/RT)."""
    for log10_fO2 in (-20.0, -15.0):
        cold = state(1000.0, BAR, log10_fO2)
        CO, CO2 = (over_graphite(gas, cold)[0, 0] / BAR for gas in ("CO", "CO2"))
        assert math.log10(CO**2 / CO2) == pytest.approx(0.24, abs=0.02)
    low, high = (over_graphite("CO", state(1650.0, P, -9.0))[0, 0] for P in (BAR, 2 * GPA))
    assert math.log(high / low) == pytest.approx(5.560e-6 * (2e9 - 1e5) / (8.314463 * 1650), rel=1e-3)


def test_carbon_monoxide_of_bower():
    """Bower et al. 2022, section 4.4: a fugacity of CO of 8.3 GPa over graphite gives 500 ppmw by Yoshioka et
    al. 2019 (543). The paper names no temperature;
    IW at 2 GPa by Hirschmann 2021 has this fugacity between 2200 and 2300 K."""
    from mocoupled.closures.solubility import solubility_law

    entry = read_mechanism("chons").species["CO"].melt["basalt-Yoshioka2019"]
    law = solubility_law("CO", "basalt-Yoshioka2019", entry)
    assert 1e6 * law(p=8.3 * GPA) == pytest.approx(543, abs=1)
    iw = [float(find("buffer", "Hirschmann2021")(T=T, P=2 * GPA)) for T in (2200.0, 2300.0)]
    cold, hot = (over_graphite("CO", state(T, 2 * GPA, x))[0, 0] for T, x in zip((2200.0, 2300.0), iw))
    assert cold < 8.3 * GPA < hot


def test_holloway_at_the_free_energies_of_nasa():
    """K_I at 1 bar is within 0.06 in log10 over the range that the law states."""
    law = find("graphite_saturation", "Holloway1992")
    gas = find("graphite_saturation", "Holloway1992-gas")
    for T in np.linspace(*law.ranges["T"], 5):
        there = state(T, BAR, -9.0)
        direct = law(T=T, P=BAR, ln_fO2=math.log(10) * -9.0)
        by_gas = gas(p_CO2=over_graphite("CO2", there)[0, 0], T=T, P=BAR)
        assert math.log10(direct / by_gas) == pytest.approx(0.0, abs=0.06)
    # K_I K_II f_O2 at 1673 K, 1 GPa
    ratio = 10 ** (12.3466 + 0.0267 * 9999 / 1673 - 6.24763 - 282.56 / 1673 - 0.119242 * 9000 / 1673 - 9.0)
    expected = 44.01 * ratio / (44.01 * ratio + 36.594)
    assert law(T=1673.0, P=GPA, ln_fO2=math.log(10) * -9.0) == pytest.approx(expected, rel=1e-4)


def test_cells_and_summary():
    run = column({"CO": 2.0e20, "CO2": 4.0e20, "S2": 8e20})
    made = mo.saturation_at_depth(run)
    names = ["Holloway1992-gas", "CO=basalt-Yoshioka2019", "carbon, all", "sulfide=ONeill2021"]
    assert list(made.law.values) == names
    content = made.saturated_mass_fraction[:3, :, :2].values
    assert content[0] + content[1] == pytest.approx(content[2], rel=1e-12)
    carbon = (2e20 / 28.0101 + 4e20 / 44.0095) * 12.0107e-3 / 1e-3 / MANTLE
    assert made.dissolved_mass_fraction[:3, 0].values == pytest.approx([carbon] * 3, rel=1e-4)
    assert made.dissolved_mass_fraction[3].values == pytest.approx([2e-4, 4e-4], rel=1e-3)  # half the melt
    # the surface has the fO2 of the run; at depth the same distance from IW
    assert made.log10_fO2[0, 0].item() == pytest.approx(run.log10_fO2[0].item(), abs=1e-3)
    iw = float(find("buffer", "Hirschmann2021")(T=1900.0, P=3 * GPA))
    assert made.log10_fO2[0, 1].item() == pytest.approx(iw + 1.0, abs=1e-9)
    assert np.isnan(made.saturation_ratio[..., 2]).all()  # solid, and beyond the buffer
    sulfide = find("sulfide_saturation", "ONeill2021")
    expected = 2e-4 / float(sulfide(T=1900.0, P=3 * GPA))
    assert made.saturation_ratio[3, 0, 1].item() == pytest.approx(expected, rel=1e-3)
    for law in range(4):
        ratio = made.saturation_ratio[law].values
        assert made.largest_ratio[law].item() == np.nanmax(ratio)
    assert made.largest_ratio_time[3].item() == 3e9 and made.largest_ratio_depth[3].item() == pytest.approx(
        31e3
    )
    assert made.within_pressures.values.tolist() == [
        [False] * 3, [False, True, False], [False] * 3, [True] * 3
    ]  # fmt: skip
    assert {r["argument"] for r in json.loads(made.attrs["extrapolations"])} == {"T", "P", "MgO"}


def test_first_saturation():
    """The amount of sulfur that saturates the second cell at the second time, and not before."""
    law = find("sulfide_saturation", "ONeill2021")
    amount = 0.5 * MANTLE * 1.01 * float(law(T=1700.0, P=3 * GPA))
    made = mo.saturation_at_depth(column({"S2": amount}), ["sulfide=ONeill2021"])
    assert made.first_time.item() == 3e9 and made.first_depth.item() == pytest.approx(31e3)
    assert made.largest_ratio.item() == pytest.approx(1.01, rel=1e-3)
    never = mo.saturation_at_depth(column({"S2": 0.9 * amount}), ["sulfide=ONeill2021"])
    assert np.isnan(never.first_time.item())


def test_crystals_take_their_share():
    changes = {"volatiles.partition_coefficient": {"CO2": 0.2}}
    plain, shared = (
        mo.saturation_at_depth(column({"CO2": 1e20}, changes=c), ["Holloway1992"]) for c in (None, changes)
    )
    ratio = shared.dissolved_mass_fraction / plain.dissolved_mass_fraction
    assert ratio.values[0] == pytest.approx([1.0, 1 / 1.2], rel=1e-12)


def test_what_is_refused():
    run = column({"CO2": 1e20})
    for laws, message in (
        (["Holloway1993"], "did you mean 'Holloway1992'"),
        (["CO=basalt-Yoshika2019"], "did you mean 'basalt-Yoshioka2019'"),
        (["H2=x"], "known: Holloway1992, Holloway1992-gas, sulfide=LAW"),
        ("Holloway1992", "not a list"),
    ):
        with pytest.raises(InputError, match=message):
            mo.saturation_at_depth(run, laws)
    with pytest.raises(InputError, match="no sulfur"):
        mo.saturation_at_depth(column({}, species=("CO", "CO2")), ["sulfide=ONeill2021"])
    with pytest.raises(InputError, match="a run of a column"):
        mo.saturation_at_depth(run.drop_vars("local_melt_fraction"))


def test_page_table_and_figure():
    made = mo.saturation_at_depth(column({"CO2": 4e20, "S2": 4e22}))
    text = io.StringIO()
    print_saturation(made, Console(file=text, width=200))
    assert "sulfide=ONeill2021" in text.getvalue() and "never" in text.getvalue()
    assert len(saturation_table(made)) == 4 * 2 * 2
    assert len(draw_saturation(made).axes) == 4


def test_a_law_of_an_element_that_does_not_dissolve_says_so():
    """The page at 80 columns, with whole names; the figure says it in the panel."""
    made = mo.saturation_at_depth(column({"CO2": 4e20}))
    silent = json.loads(made.attrs["nothing_dissolved"])
    assert list(silent) == ["sulfide=ONeill2021"] and "no sulfur dissolves" in silent["sulfide=ONeill2021"]
    text = io.StringIO()
    print_saturation(made, Console(file=text, width=80))
    printed = " ".join(text.getvalue().split())
    assert "CO=basalt-Yoshioka2019" in printed and "sulfide=ONeill2021 no sulfur dissolves" in printed
    other = json.loads(made.attrs["dissolved_otherwise"])
    assert list(other) == ["CO=basalt-Yoshioka2019"] and "dissolved as CO2" in printed
    both = mo.saturation_at_depth(column({"CO2": 4e20, "CO": 1e20}))
    assert json.loads(both.attrs["dissolved_otherwise"]) == {}
    words = [t.get_text() for ax in draw_saturation(made).axes for t in ax.texts]
    assert any("nothing dissolved" in word for word in words)


def test_the_command(monkeypatch, tmp_path):
    from click.testing import CliRunner

    from mocoupled.cli.saturation import saturation_command
    from mocoupled.results import output

    monkeypatch.setattr(output, "read_one", lambda path: column({"S2": 4e22}))
    monkeypatch.chdir(tmp_path)
    words = ["run", "--laws", "sulfide=ONeill2021", "-o", "saturation.csv"]
    done = CliRunner(env={"COLUMNS": "100"}).invoke(saturation_command, words, catch_exceptions=False)
    assert done.exit_code == 0
    assert "sulfide=ONeill2021" in done.output and "wrote saturation.csv" in done.output
    assert (tmp_path / "saturation.csv").read_text().startswith(HEAD)
