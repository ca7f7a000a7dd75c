"""The commands mocoupled vapour and mocoupled species."""

import csv

import cantera as ct
import numpy as np
import pytest
import xarray
from click.testing import CliRunner
from support.command_line import words

import mocoupled as mo
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.cli.commands import command_group
from mocoupled.cli.pages.point_tables import point_table
from mocoupled.errors import InputError

MELT = ("SiO2=50", "MgO=40 wt%", "FeO=9wt%", "Na2O=1")


def answer(*arguments):
    """What a command prints, in this process; its error is raised."""
    result = CliRunner().invoke(command_group, arguments, env={"COLUMNS": "100"})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert result.exit_code == 0, result.output
    return result.output


def test_vapour(tmp_path):
    """The table has the numbers of `mo.vapour`, every combination a row, and what they rest on."""
    file = tmp_path / "vapour.csv"
    printed = answer(
        "vapour", *MELT, "-T", "2000,2500", "--oxygen=-5,-4", "--species", "SiO,Na,O2", "-o", str(file)
    )
    with file.open() as stream:
        rows = list(csv.DictReader(stream))
    oxides = {"SiO2": 50.0, "MgO": 40.0, "FeO": 9.0, "Na2O": 1.0}
    assert len(rows) == 4
    for row in rows:
        T, fO2 = float(row["temperature (K)"]), float(row["log10_oxygen_fugacity (1)"])
        state = mo.vapour(oxides, T, fO2, species=["SiO", "Na", "O2"])
        assert float(row["pressure[SiO] (Pa)"]) == pytest.approx(state.pressure.sel(species="SiO").item())
    assert "activities: IMCC-MAGMA" in words(printed) and "mechanism silicates" in words(printed)
    assert "warning: laws outside their calibration: free energy of MgO(L)" in printed


def test_every_column_of_a_table_has_its_unit():
    """Conditions as coordinates and as variables, several labels, and points without coordinates."""
    state = xarray.Dataset(
        {
            "x": (("phase", "species", "T", "point"), np.arange(24.0).reshape(2, 3, 2, 2), {"units": "mol"}),
            "depth": ("point", [1.0, 2.0], {"units": "m"}),
            "name": ((), 5.0, {"units": "K"}),
        },
        coords={
            "T": ("T", [1.0, 2.0], {"units": "K"}),
            "phase": ["gas", "melt"],
            "species": ["H2", "CO", "N2"],
        },
    )
    table = point_table(state, ["T", "point"])
    labels = [f"x[{phase},{gas}] (mol)" for phase in ("gas", "melt") for gas in ("H2", "CO", "N2")]
    assert list(table) == ["T (K)", "point", *labels, "depth (m)"]
    assert table["T (K)"].tolist() == [1.0, 1.0, 2.0, 2.0] and table["point"].tolist() == [0, 1, 0, 1]
    for k in range(4):
        there = state.isel(T=k // 2, point=k % 2)
        assert table["x[melt,CO] (mol)"][k] == float(there.x.sel(phase="melt", species="CO"))
        assert table["depth (m)"][k] == float(there.depth)


def test_vapour_for_a_list_of_buffers(tmp_path):
    """Each buffer a row at each temperature, as by itself; the figure has a panel for each."""
    picture, file = tmp_path / "vapour.png", tmp_path / "vapour.csv"
    answer(
        *("vapour", *MELT, "-T", "2000,2500", "--oxygen", "IW,IW+2,congruent", "--species", "SiO,Na,O2"),
        *("-o", str(picture), "-o", str(file)),
    )
    with file.open() as stream:
        rows = list(csv.DictReader(stream))
    assert [row["oxygen"] for row in rows[:2]] == ["IW", "IW"] and len(rows) == 6
    oxides = {"SiO2": 50.0, "MgO": 40.0, "FeO": 9.0, "Na2O": 1.0}
    for row in rows:
        state = mo.vapour(oxides, float(row["temperature (K)"]), row["oxygen"], species=["SiO", "Na", "O2"])
        assert float(row["log10_fO2 (1)"]) == pytest.approx(state.log10_fO2.item(), rel=1e-12)
    assert picture.read_bytes()[:4] == b"\x89PNG"


def test_vapour_that_is_lost():
    printed = answer("vapour", *MELT, "-T", "2500", "--loss", "0.2", "--species", "SiO,Na,O2,Fe,Mg")
    losses = [line.split()[0] for line in printed.splitlines() if line[:4].strip()[:1].isdigit()]
    assert losses[:11] == ["0", "0.02", "0.04", "0.06", "0.08", "0.1", "0.12", "0.14", "0.16", "0.18", "0.2"]
    assert "largest drift of the balances" in words(printed)


@pytest.mark.parametrize(
    "arguments, message",
    [
        (("vapour", "BSE", "SiO2=3", "-T", "2000"), "'BSE': not of the form OXIDE=WT%"),
        (("vapour", "SiO2=60", "SiO2=40", "-T", "2000"), "SiO2 is given twice"),
        (("vapour", "Bse2", "-T", "2000"), "did you mean 'BSE'"),
        (("vapour", *MELT, "-T", "2000", "--oxygen", "IW,IW"), "it stands twice"),
        (("vapour", *MELT, "-T", "2000", "--species", "Na,O2", "-o", "x.png"), "there is one temperature"),
        (("species", "show", "SiX"), "did you mean"),
        (("species", "copy", "SiO", "--from", "volatiles"), "volatiles does not have it"),
        (("species", "list", "--element", "Zz"), "no species contains it"),
        (("species", "check", "nofile.yaml"), "there is no such file"),
    ],
)
def test_what_is_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        answer(*arguments)


def test_species_are_listed_and_shown():
    listed = answer("species", "list", "--element", "Si")
    assert "silicates: 17 species" in listed and "SiO2(L)" in listed
    shown = words(answer("species", "show", "H2O", "SiO"))
    assert "peridotite-Sossi2022 the default; peridotite" in shown and "-241.82 kJ/mol" in shown
    assert "no law: it does not dissolve" in shown and "300 to 5000 K" in shown


def test_a_copied_file_has_the_data_of_its_source(tmp_path, monkeypatch):
    """To the last digit; it can be used at once, in Cantera too, and its element in a case."""
    monkeypatch.chdir(tmp_path)
    answer("species", "copy", "SiO", "SiO2", "SiH4", "--from", "nasa_gas.yaml", "-o", "silica.yaml")
    with pytest.raises(InputError, match="there is such a file already"):
        answer("species", "copy", "SiO", "-o", "silica.yaml")
    theirs = {s.name: s.input_data["thermo"]["data"] for s in ct.Species.list_from_file("nasa_gas.yaml")}
    mechanism = read_mechanism("silica.yaml")
    for name in ("SiO", "SiO2", "SiH4"):
        assert mechanism.species[name].thermo["data"] == theirs[name]
    assert list(mechanism.species)[:6] == ["H2", "H2O", "CO", "CO2", "CH4", "O2"]
    summary = words(answer("species", "check", "silica.yaml"))
    assert "gases 9: H2" in summary and "elements H, C, O, Si" in summary
    case = mo.Case.read("earth").replace(
        {"chemistry.mechanism": "silica.yaml", "volatiles.silicon": "10 ppmw", "volatiles.carbon": "0 kg"}
    )
    with pytest.warns(mo.OmissionWarning, match="Si of the inventories do not dissolve"):
        state = mo.equilibrium(case, temperature=2400.0, melt_fraction=1.0)
    silicon = state.gas_mass.sel(species=["SiO", "SiO2", "SiH4"])
    masses = {name: mechanism.species[name].molar_mass for name in ("SiO", "SiO2", "SiH4")}
    atoms = sum(float(silicon.sel(species=s)) / m for s, m in masses.items()) * 28.0855e-3
    assert atoms == pytest.approx(10e-6 * 4.2083e24, rel=0.02)


def test_an_element_that_no_shipped_file_has(tmp_path, monkeypatch):
    """Zinc, by a file of the user: all of it is in the gas, as atoms (relative, by rounding alone).

    The file has graphite: a case that is rich in carbon can use it as it is.
    """
    monkeypatch.chdir(tmp_path)
    answer("species", "copy", "Zn", "--from", "nasa_gas.yaml", "-o", "zinc.yaml")
    summary = words(answer("species", "check", "zinc.yaml"))
    assert "elements H, C, O, Zn" in summary and "condensates C(gr)" in summary
    (tmp_path / "zinc.toml").write_text(
        "[volatiles]\nhydrogen = '1 ocean'\ncarbon = '30 C/H'\nZn = '1e20 kg'\n"
        "[redox]\noxygen_fugacity = 'IW-2'\n[chemistry]\nmechanism = 'zinc.yaml'\ngraphite = true\n"
    )
    case = mo.Case.read("zinc.toml")
    with pytest.warns(mo.OmissionWarning):
        state = mo.equilibrium(case, temperature=1700.0, melt_fraction=0.3, zinc=[0.0, 1e20])
    assert state.gas_mass.sel(species="Zn").values == pytest.approx([0.0, 1e20], rel=1e-12)
    assert (state.graphite_mass.values > 1e20).all()


def test_graphite_comes_along_with_gases_of_carbon(tmp_path, monkeypatch):
    """Alone too, where the source has it; not beside gases without carbon."""
    monkeypatch.chdir(tmp_path)
    for names, graphite in ((("CO", "CO2", "O2"), True), (("H2", "H2O", "O2"), False)):
        answer("species", "copy", *names, "--alone", "--from", "chons", "-o", f"{names[0]}.yaml")
        assert ("C(gr)" in read_mechanism(f"{names[0]}.yaml").species) is graphite


def test_a_copied_condensate(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "out.yaml").write_text(
        answer("species", "copy", "SiO2(L)", "SiO", "O2", "--alone", "--from", "silicates")
    )
    mechanism = read_mechanism("out.yaml")
    assert [s.phase for s in mechanism.species.values()] == ["gas", "gas", "condensed"]
    assert mechanism.species["SiO2(L)"].gibbs == read_mechanism("silicates").species["SiO2(L)"].gibbs
    state = mo.vapour({"SiO2": 100.0}, 2500.0, mechanism="out.yaml")
    assert float(state.log10_fO2) == pytest.approx(
        float(mo.vapour({"SiO2": 100.0}, 2500.0).log10_fO2), abs=0.05
    )


def test_core_formation_and_the_case_that_it_leaves(tmp_path):
    """The page has the shares of the elements; the case that is written is that of the library."""
    file, stored, table = tmp_path / "left.toml", tmp_path / "state.nc", tmp_path / "state.csv"
    rock = ("Si=0.9", "Mg=1", "Fe=0.9", "O=3", "H=0.1", "C=0.005")
    state = ("-T", "2600", "--planet-mass", "1 M_earth")
    files = ("-o", str(stored), "-o", str(table))
    printed = answer("planet-equilibrium", *rock, *state, "--case", str(file), *files)
    planet = mo.planet_equilibrium(
        {"Si": 0.9, "Mg": 1, "Fe": 0.9, "O": 3, "H": 0.1, "C": 0.005},
        temperature=2600,
        planet_mass="1 M_earth",
    )
    assert mo.Case.read(file) == mo.case_after_core_formation(planet)
    carbon = next(line for line in printed.splitlines() if line.startswith("C "))
    in_metal, in_silicate, in_gas = map(float, carbon.split()[2:])
    assert in_metal > 90 and in_metal + in_silicate + in_gas == pytest.approx(100, abs=0.01)
    assert f"wrote {stored}" in words(printed) and f"wrote {table}" in words(printed)
    assert "rtol" not in file.read_text() and len(file.read_text().splitlines()) < 40
    with table.open() as stream:
        (row,) = csv.DictReader(stream)
    silicon = planet.mole_fraction.sel(phase="metal", species="Si").item()
    assert float(row["mole_fraction[metal,Si] (1)"]) == pytest.approx(silicon)
    assert float(row["surface_pressure (Pa)"]) == pytest.approx(planet.surface_pressure.item())
    with pytest.raises(InputError, match="has several values"):
        answer("planet-equilibrium", *rock, "-T", "2600,2700", "--case", str(tmp_path / "two.toml"))
