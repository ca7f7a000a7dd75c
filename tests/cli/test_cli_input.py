"""The command line: bad input gets one sentence, exit status 2 and no file."""

import pytest
from support.command_line import DRY, refused
from support.cut_run import small
from support.places import TESTS

import mocoupled as mo
from mocoupled.case import Case
from mocoupled.errors import InputError
from mocoupled.planet.assembly import assemble_equilibrium

BAD = sorted((TESTS / "bad" / "cli").glob("*.toml"))

MECHANISM = """
phases:
- {name: gas, thermo: ideal-gas, elements: [H, O], species: [H2, H2O, O2]}
species:
- name: H2
  composition: {H: 2}
  thermo: {model: NASA7, reference-pressure: 1 bar, temperature-ranges: [200, 1000, 6000], data: [
    [2.34433112, 7.98052075e-03, -1.9478151e-05, 2.01572094e-08, -7.37611761e-12, -917.935173, 0.683010238],
    [2.93286579, 8.26607967e-04, -1.46402335e-07, 1.54100359e-11, -6.88804432e-16, -813.065597, -1.02432887]]}
- name: O2
  composition: {O: 2}
  thermo: {model: Einstein, reference-pressure: 1 bar, h0: 0 J/mol, s0: 205.15 J/mol/K, cp0: 29.4 J/mol/K}
- name: H2O
  composition: {H: 2, O: 1}
"""


# --- bad input


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_bad_case_is_refused(path, mocoupled, empty):
    expected = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# says: ")
    refused(mocoupled("run", path), empty, expected)


def test_bad_file_is_refused(mocoupled, empty, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "bytes.toml").write_bytes(b"title = '\xff'")
    refused(mocoupled("run", "erth"), empty, "there is no such file", "did you mean 'earth'?")
    refused(mocoupled("run", elsewhere), empty, "this is a directory")
    refused(mocoupled("run", elsewhere / "bytes.toml"), empty)
    refused(mocoupled("show", "nowhere.toml"), empty, "there is no such file")
    refused(mocoupled("run", "\udcff.toml"), empty, "not text in UTF-8")


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("volatiles.hydrogen", "not of the form KEY=VALUE"),
        ("=1 ocean", "not of the form KEY=VALUE"),
        ("volatiles.hydrogen=", "does not begin with a number"),
        ("volatiles.hydrogn=1 ocean", "did you mean 'hydrogen'?"),
        ("hydrogen=1 ocean", "it belongs in [volatiles]"),
        ("volatiles.hydrogen=-1 ocean", "an inventory is not negative"),
        ("volatiles.hydrogen=nan", "not a finite number"),
        ("volatiles.hydrogen=1e400", "not a finite number"),
        ("volatiles.hydrogen=true", "does not begin with a number"),
        ("volatiles.hydrogen=1 ocean # a lot", "unit"),
        ("volatiles.hydrogen=1\ncarbon = 2", "unit"),
        ('volatiles.hydrogen="1 ocean"\ncarbon = "1 C/H"', "does not begin with a number"),
        ("volatiles.hydrogen=[1, 2]", "not a number with a unit"),
        ("volatiles.hydrogen=2024-01-01", "number"),
        ("volatiles.hydrogen.x=1", "is a value, not a section"),
        ("chemistry.graphite=perhaps", "true or false"),
        ("chemistry.species=H2O, H2O", "listed more than once"),
        ("run.end_melt_fraction=2", "out of range"),
        ("run.end_surface_temperature=2800 K", "where it starts or above"),
    ],
)
def test_bad_setting_is_refused(setting, says, mocoupled, empty):
    answer = mocoupled("run", "E1", "--set", setting)
    refused(
        answer,
        empty,
        "--set" if "hydrogn" not in setting and not setting.startswith("hydrogen") else "E1",
        says,
    )


def test_melt_fraction_and_temperature_at_which_to_compute():
    case = Case.read("earth")
    for melt_fraction in (-1e-9, 1.0 + 1e-9, float("nan")):
        with pytest.raises(InputError, match="melt_fraction"):
            assemble_equilibrium(case, 1700.0, melt_fraction)
    for temperature in (199.0, 5001.0, float("nan"), float("inf")):  # graphite's data end at 5000 K
        with pytest.raises(InputError, match="temperature"):
            assemble_equilibrium(case, temperature, 0.5)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"[H2, H2O, O2]": "[H2, O2, H2O]"}, "model = 'Einstein': this model cannot be read"),
        ({"model: Einstein, ": "model: NASA7, "}, "the key 'thermo' is missing or empty"),
        (
            {"reference-pressure: 1 bar, temperature": "reference-presure: 1 bar, temperature"},
            "'H2' thermo reference-presure: the key 'reference-presure' means nothing here",
        ),
        ({"phases:": "phase:"}, "did you mean 'phases'"),
        ({"{H: 2, O: 1}": "{H: 2, O: 1"}, "this is not YAML"),
    ],
)
def test_mechanism_whose_species_lack_data(change, says, mocoupled, empty, tmp_path_factory):
    text = MECHANISM
    for old, new in change.items():
        assert old in text
        text = text.replace(old, new)
    path = tmp_path_factory.mktemp("mechanism") / "own.yaml"
    path.write_text(text, encoding="utf-8")
    refused(mocoupled("run", "E1", "--set", f"chemistry.mechanism={path}"), empty, says)


def test_species_without_thermo(mocoupled, empty, tmp_path_factory):
    path = tmp_path_factory.mktemp("mechanism") / "own.yaml"
    path.write_text(MECHANISM.replace(", O2]", "]").replace("- name: O2", "- name: H2O2"), encoding="utf-8")
    refused(mocoupled("run", "E1", "--set", f"chemistry.mechanism={path}"), empty, "own.yaml")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The folder of a small run."""
    place = tmp_path_factory.mktemp("stored") / "run"
    mo.run(small().planet.case, output=place)
    return place


def test_output_folder_that_holds_a_run(mocoupled, empty, folder):
    before = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    refused(mocoupled("run", "E1", "-o", folder), empty, "the folder contains a run already", "--overwrite")
    assert before == {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_output_that_is_no_folder(mocoupled, empty, tmp_path_factory):
    file = tmp_path_factory.mktemp("elsewhere") / "file"
    file.write_text("mine")
    refused(mocoupled("run", "E1", *DRY, "-o", file), empty, "this is a file")
    refused(
        mocoupled("run", "E1", *DRY, "-q", "-o", file / "deep" / "er"), empty, "a part of this path is a file"
    )
    refused(mocoupled("run", "E1", *DRY, "-o", " "), empty, "this is not a path")
    assert file.read_text() == "mine"


def test_plot_of_nothing(mocoupled, empty, folder):
    refused(mocoupled("plot", "nowhere"), empty, "there is no stored run")
    refused(mocoupled("plot", folder / "case.toml"), empty, "not a readable NetCDF file")
    refused(
        mocoupled("plot", folder, "-o", "new", "--figure", "flux", "--figure", "flix"),
        empty,
        "did you mean 'flux'?",
    )
    refused(mocoupled("plot", folder, "-o", "new", "--format", "svg"), empty, "png, pdf")


def test_wrong_use(mocoupled, empty):
    for line in (["rnu"], ["run"], ["run", "E1", "--colour"], ["run", "E1", "E2"], ["plot"]):
        status, _, err = mocoupled(*line)
        assert status == 2 and "Error: " in err
    assert list(empty.iterdir()) == []
