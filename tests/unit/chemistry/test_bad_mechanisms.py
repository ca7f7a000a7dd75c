"""Mechanism files with a mistake: an InputError with file, line and what is wrong."""

import ast
import re
from pathlib import Path

import pytest
from support.made_mechanisms import TEXT, write

import mocoupled
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.errors import InputError

# ---- bad files

BAD = {
    "broken bracket": ("composition: {H: 2, O: 1}", "composition: {H: 2, O: 1", "line", "not YAML"),
    "text only": (TEXT, "just a sentence", "mine.yaml", "not a Cantera YAML file"),
    "binary": (TEXT, "a: \x00", "mine.yaml", "not YAML"),
    "no gas": (
        "- name: gas\n  thermo: ideal-gas",
        "- name: air\n  thermo: plasma",
        "no phase of an ideal gas",
        "graphite",
    ),
    "no phases": ("phases:", "stages:", "no phase of an ideal gas"),
    "misspelt phases": (
        "phases:",
        "phase:",
        "line 23",
        "the key 'phase' means nothing here",
        "did you mean 'phases'",
    ),
    "real gas": ("thermo: ideal-gas", "thermo: Redlich-Kwong", "phase 'gas'", "allowed: ideal-gas"),
    "no thermo": (
        "  thermo:\n    model: NASA7",
        "  data:\n    model: NASA7",
        "species 'H2'",
        "'thermo' is missing",
        "line",
    ),
    "misspelt thermo": (
        "  thermo:\n    model: NASA7",
        "  thermos:\n    model: NASA7",
        "species 'H2'",
        "did you mean 'thermo'",
    ),
    "no composition": ("  composition: {C: 1, H: 4}\n", "", "species 'CH4'", "'composition' is missing"),
    "misspelt reference pressure": (
        "    reference-pressure: 1 bar\n",
        "    reference-presure: 1 bar\n",
        "species 'H2'",
        "did you mean 'reference-pressure'",
    ),
    "reference pressure in metres": (
        "reference-pressure: 1 bar",
        "reference-pressure: 1 m",
        "species 'H2'",
        "a unit of length",
    ),
    "reference pressure of zero": (
        "reference-pressure: 1 bar",
        "reference-pressure: 0 bar",
        "species 'H2'",
        "allowed: above 0 Pa",
    ),
    "model": (
        "model: NASA7",
        "model: Einstein",
        "species 'H2'",
        "allowed: NASA7, NASA9, Shomate, constant-cp, piecewise-Gibbs",
    ),
    "another model's data": (
        "model: NASA7",
        "model: constant-cp",
        "species 'H2'",
        "constant-cp data are h0, s0 and cp0",
    ),
    "misspelt model": ("model: NASA7", "model: NASA 7", "did you mean 'NASA7'"),
    "unknown element": (
        "composition: {C: 1, H: 4}",
        "composition: {C: 1, Hh: 4}",
        "species 'CH4'",
        "atomic-weight",
        "line",
    ),
    "half an atom too many": (
        "composition: {C: 1, H: 4}",
        "composition: {C: 1, H: 4.5}",
        "not balanced",
        "1/2 H",
    ),
    "negative atom": (
        "composition: {C: 1, H: 4}",
        "composition: {C: 1, H: -4}",
        "species 'CH4'",
        "numbers > 0",
    ),
    "no atoms": ("composition: {C: 1, H: 4}", "composition: {C: 0, H: 0}", "species 'CH4'", "no atoms"),
    "atoms in words": (
        "composition: {C: 1, H: 4}",
        "composition: {C: one, H: 4}",
        "species 'CH4'",
        "'one' atoms of C",
    ),
    "too few numbers": ("-1.14349933, 0.683010238", "", "mine.yaml"),
    "missing number": ("      -917.935173, 0.683010238]", "      -917.935173]", "mine.yaml", "NASA"),
    "text for a number": ("0.683010238", "much", "mine.yaml", "line"),
    "zones": (
        "temperature-ranges: [200.0, 1000.0, 6000.0]",
        "temperature-ranges: [200.0, 6000.0]",
        "mine.yaml",
    ),
    "zones descend": (
        "temperature-ranges: [200.0, 1000.0, 6000.0]",
        "temperature-ranges: [200.0, 7000.0, 6000.0]",
        "ascend",
    ),
    "mistyped number": ("-917.935173", "-971.935173", "species 'H2'", "jumps by", "mistyped"),
    "missing species": ("species: [H2, H2O,", "species: [H2, NH3, H2O,", "NH3", "line"),
    "species twice": ("  - condensates: [C(gr)]", "  - condensates: [C(gr)]\n  - species: [CO]", "mine.yaml"),
    "nameless": ("- name: CH4\n  comp", "- nam: CH4\n  comp", "no name"),
    "default melt": (
        "default-melt: basalt-Dixon1995",
        "default-melt: basalt-Dixon95",
        "did you mean 'basalt-Dixon1995'",
    ),
    "melt": ("  melt:\n    none: {form: none}", "  melt: none", "species 'O2'", "not a table of laws"),
    "atomic weight": ("atomic-weight: 1.00794", "atomic-weight: light", "elements H", "not an atomic weight"),
    "unbalanced": ("H2 + 1/2 O2 = H2O", "H2 + O2 = H2O", "bower2022 reaction 1", "not balanced", "1 O"),
    "unknown in equation": (
        "CO2 + 2 H2 = CH4 + O2\n",
        "CO2 + 2 H2 = CH5 + O2\n",
        "bower2022 reaction 3",
        "did you mean 'CH4'",
    ),
    "no equation": ("CO + 1/2 O2 = CO2", "CO and O2 make CO2", "not a reaction"),
    "three sides": ("CO + 1/2 O2 = CO2", "CO + 1/2 O2 = CO2 = CO2", "not a reaction"),
    "code in equation": ("CO + 1/2 O2 = CO2", "CO + __import__('os') O2 = CO2", "not a reaction"),
    "zero divisor": ("CO + 1/2 O2 = CO2", "CO + 1/0 O2 = CO2", "not a reaction"),
    "one coefficient": ("log10-K: [6250.8, 4.3207]", "log10-K: [6250.8]", "log10-K", "two finite numbers"),
    "not finite": ("log10-K: [6250.8, 4.3207]", "log10-K: [6250.8, .nan]", "log10-K", "two finite numbers"),
    "no range": ("      T: [1500, 3000]\n", "", "a key is missing", "needed: equation, log10-K, T"),
    "range descends": ("T: [1500, 3000]", "T: [3000, 1500]", "not a range of temperatures"),
    "dependent": ("C(gr) + 1/2 O2 = CO\n", "2 H2 + O2 = 2 H2O\n", "reaction 4", "follows from"),
    "molar mass": ("CH4: 16.04}", "CH4: heavy}", "molar-masses", "CH4"),
    "reserved name": ("  ivtan:", "  nasa7:", "nasa7", "name is reserved"),
    "no reactions": (
        "  ivtan:\n    reference:",
        "  other: {reference: mine}\n  ivtan:\n    reference:",
        "list of reactions",
    ),
    "list of sets": (
        "equilibrium-constants:\n  bower2022:",
        "equilibrium-constants: [1]\nunused:\n  bower2022:",
        "not a table",
    ),
}


@pytest.mark.filterwarnings("ignore:NasaPoly2")  # Cantera's own remark on the same mistake
@pytest.mark.parametrize("name", BAD)
def test_bad_mechanisms(tmp_path, name):
    """One mistake in the shipped file.

    An InputError that names the file and what is wrong, before anything is computed.
    """
    old, new, *said = BAD[name]
    if name == "too few numbers":
        old = TEXT[TEXT.index("    - [2.34433112") : TEXT.index("    - [2.93286579")]
    assert old in TEXT
    path = write(tmp_path, TEXT.replace(old, new, 1))
    with pytest.raises(InputError) as error:
        read_mechanism(path, where="earth.toml [chemistry] mechanism")
    text = str(error.value)
    assert "mine.yaml" in text and "earth.toml" in text
    assert "|" not in text and "***" not in text
    for words in said:
        assert words in text, text


def test_line_numbers_are_right(tmp_path):
    lines = TEXT.splitlines()
    expected = next(k for k, line in enumerate(lines, 1) if line.startswith("- name: CH4"))
    text = TEXT.replace("  composition: {C: 1, H: 4}\n", "")
    with pytest.raises(InputError, match=rf"mine\.yaml line {expected} species 'CH4'"):
        read_mechanism(write(tmp_path, text))


def test_no_text_of_a_file_is_executed():
    """No eval, exec or sympify in the files that read mechanisms."""
    package = Path(mocoupled.__file__).parent
    files = [path.relative_to(package).as_posix() for path in sorted((package / "chemistry").glob("*.py"))]
    files += ["closures/solubility.py", "closures/expressions.py"]
    assert len(files) > 20
    for name in files:
        text = (package / name).read_text(encoding="utf-8")
        called = {n.func for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Call)}
        names = {f.id if isinstance(f, ast.Name) else getattr(f, "attr", "") for f in called}
        assert not names & {"eval", "exec", "sympify", "parse_expr", "nsimplify"}
        assert not re.search(r"\bprint\(", text)
