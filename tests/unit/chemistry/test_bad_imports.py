"""Mistakes in mechanism files with imports or laws: the message names file, line and mistake."""

import pytest
from support.importing_mechanisms import BUILDS_ON, MADE_UP
from support.made_mechanisms import write

import mocoupled as mo
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.chemistry.mechanism_paths import shipped_folder
from mocoupled.errors import InputError

MELT = (
    BUILDS_ON
    + "melt:\n  H2O:\n    mine: {form: power-law, coefficient: 600, exponent: 0.5, unit: ppmw/bar^0.5}\n"
)


BAD = {
    "absent file": (
        BUILDS_ON,
        "chons.yaml/",
        "chonz.yaml/",
        "'chonz.yaml'",
        "neither in its folder nor among the shipped",
        "chons",
    ),
    "absent section": (
        BUILDS_ON,
        "volatiles.yaml/species",
        "volatiles.yaml/specie",
        "line 6 phase 'gas'",
        "no such section",
        "did you mean 'species'",
    ),
    "absent species": (
        BUILDS_ON,
        "[N2, NH3]",
        "[N2, NH4]",
        "line 7 phase 'gas'",
        "'NH4'",
        "did you mean 'NH'",
    ),
    "absent condensate": (
        BUILDS_ON,
        "[C(gr)]",
        "[C(dia)]",
        "line 11 phase 'graphite'",
        "'C(dia)'",
        "known: C(gr)",
    ),
    "absent element": (
        BUILDS_ON,
        "  species:\n  - vol",
        "  elements: [{volatiles.yaml/elements: [H, C, O, Nn]}]\n  species:\n  - vol",
        "line 5 phase 'gas'",
        "'Nn'",
    ),
    "species twice": (BUILDS_ON, "[N2, NH3]", "[N2, NH3, N2]", "N2"),
    "graphite as a gas": (
        BUILDS_ON,
        "[N2, NH3]\n",
        "[N2, NH3]\n  - volatiles.yaml/condensates: all\n",
        "C(gr)",
        "another phase",
    ),
    "element left out": (
        BUILDS_ON,
        "  species:\n  - vol",
        "  elements: [H, C, O]\n  species:\n  - vol",
        "line 3 phase 'gas'",
        "Species 'N2'",
        "give the element",
    ),
    "key of the file": (
        MELT,
        "melt:",
        "melts:",
        "line 12",
        "'melts' means nothing here",
        "did you mean 'melt'",
    ),
    "key with an underscore": (
        BUILDS_ON + "default_melt: {H2O: none}\n",
        "x",
        "x",
        "line 12",
        "did you mean 'default-melt'",
    ),
    "melt is a list": (MELT, "melt:\n  H2O:\n", "melt:\n- H2O:\n", "line 12 melt", "not a table"),
    "melt of a species is text": (
        MELT,
        "  H2O:\n    mine: {form: power-law, coefficient: 600, exponent: 0.5, unit: ppmw/bar^0.5}",
        "  H2O: Mine2024",
        "line 13 melt H2O",
        "not a table of laws",
    ),
    "melt of nobody": (
        MELT,
        "  H2O:\n",
        "  H20:\n",
        "line 13 melt H20",
        "no such species",
        "did you mean 'H2'",
    ),
    "law is there already": (
        MELT,
        "mine:",
        "basalt-Dixon1995:",
        "line 14 melt H2O",
        "already",
        "another name",
    ),
    "unknown form": (
        MELT,
        "power-law",
        "henry",
        "line 14 melt: solubility law 'mine' of H2O",
        "known: power-law, expression",
    ),
    "bad number": (MELT, "600", "plenty", "line 14 melt", "coefficient"),
    "bad unit": (MELT, "ppmw/bar^0.5", "ppmw/bar", "line 14 melt", "with exponent 0.5"),
    "bad formula": (
        MELT,
        "form: power-law, coefficient: 600, exponent: 0.5, unit: ppmw/bar^0.5",
        'form: expression, unit: ppmw, expression: "600*(p/bar"',
        "line 14 melt: solubility law 'mine' of H2O expression column 11",
        "')' is missing",
        "600*(p/bar\n            ^",
    ),
    "formula of an absent species": (
        MELT,
        "form: power-law, coefficient: 600, exponent: 0.5, unit: ppmw/bar^0.5",
        'form: expression, unit: ppmw, expression: "6*p/bar + p_H20/bar"',
        "line 14 melt",
        "it names p_H20",
        "did you mean 'H2'",
    ),
    "unknown default": (
        MELT + "default-melt: {H2O: min}\n",
        "x",
        "x",
        "line 15 default-melt H2O = 'min'",
        "did you mean 'mine'",
    ),
    "default of nobody": (
        MELT + "default-melt: {HO2: mine}\n",
        "x",
        "x",
        "line 15 default-melt HO2",
        "no such species",
    ),
    "formula in a species": (
        MADE_UP,
        "tanh(p/(10*bar))",
        "tan(p)",
        "line 13 species 'Ghost'",
        "'tan' means nothing here",
        "did you mean 'tanh'",
    ),
    "attack in a species": (
        MADE_UP,
        "2e-3*tanh(p/(10*bar))",
        "__import__('os')",
        "line 13 species 'Ghost'",
        "'__import__' means nothing here",
    ),
    "key of a species": (
        MADE_UP,
        "  melt:\n",
        "  Melt:\n",
        "line 12 species 'Ghost' Melt",
        "did you mean 'melt'",
    ),
    "misspelt reference pressure": (
        MADE_UP,
        "reference-pressure: 1 bar, ",
        "reference_pressures: 1 bar, ",
        "line 11 species 'Ghost' thermo",
        "did you mean 'reference-pressure'",
    ),
    "too few numbers": (MADE_UP, "-745.375, 6.0", "-745.375", "mine.yaml"),
    "not YAML": (MADE_UP, "{Xe: 1}", "{Xe: 1", "mine.yaml line", "not YAML"),
}


@pytest.mark.filterwarnings("ignore:NasaPoly2")  # Cantera's own remark on the same mistake
@pytest.mark.parametrize("name", BAD)
def test_bad_files(tmp_path, name):
    """One mistake each: an InputError with file, line and what is wrong.

    No path of this machine beyond the file's name.
    """
    text, old, new, *said = BAD[name]
    assert old in text
    with pytest.raises(InputError) as error:
        read_mechanism(write(tmp_path, text.replace(old, new, 1)), where="earth.toml [chemistry] mechanism")
    message = str(error.value)
    assert "earth.toml" in message and "mine.yaml" in message and str(tmp_path) not in message
    for words in said:
        assert words in message, message


def test_a_file_that_imports_itself(tmp_path):
    with pytest.raises(InputError, match="which is this file"):
        read_mechanism(write(tmp_path, BUILDS_ON, "volatiles.yaml"))


def test_error_inside_an_imported_file(tmp_path):
    """It is named, not the file that imports it."""
    broken = (
        (shipped_folder() / "volatiles.yaml").read_text().replace("composition: {H: 2}", "composition: {H: 2")
    )
    write(tmp_path, broken, "base.yaml")
    with pytest.raises(InputError, match=r"base\.yaml line \d+: this is not YAML"):
        read_mechanism(write(tmp_path, BUILDS_ON.replace("volatiles.yaml", "base.yaml")))
    whole = (shipped_folder() / "volatiles.yaml").read_text()
    lines = whole.replace("coefficient: 534,", "coefficient: many,").splitlines()
    write(tmp_path, "\n".join(lines), "base.yaml")
    number = next(k for k, line in enumerate(lines, 1) if line.strip() == "peridotite-Sossi2022:")
    with pytest.raises(
        InputError,
        match=rf"base\.yaml line {number} species 'H2O': solubility law 'peridotite-Sossi2022' of H2O",
    ):
        read_mechanism(write(tmp_path, BUILDS_ON.replace("volatiles.yaml", "base.yaml")))


def test_the_whole_way_from_a_case(tmp_path):
    """What a user sees: the case, the mechanism, line and law, before anything is computed."""
    write(tmp_path, MADE_UP.replace("10*bar", "10*bars"))
    case = mo.Case.read("earth").replace(
        {"chemistry.mechanism": str(tmp_path / "mine.yaml"), "volatiles.xenon": "1e18 kg"}
    )
    with pytest.raises(InputError) as error:
        mo.run(case)
    message = str(error.value)
    assert message.startswith(
        "earth [chemistry] mechanism: mine.yaml line 13 species 'Ghost': solubility law 'magma-Nobody2030'"
    )
    assert "'bars' means nothing here" in message and "did you mean 'bar'" in message
