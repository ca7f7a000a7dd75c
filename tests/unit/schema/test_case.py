"""Cases: shipped ones read, every wrong input is refused in words, what is written reads back equal."""

import copy
import math
import pickle
import subprocess
import sys
import tomllib
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.places import TESTS

from mocoupled.case import Case, shipped_cases
from mocoupled.constants import YEAR
from mocoupled.errors import InputError
from mocoupled.schema.case_file import FOLDER
from mocoupled.schema.keys import every_key
from mocoupled.schema.quantities import ELEMENTS, SI
from mocoupled.schema.settings import Run

BAD = sorted((TESTS / "bad" / "cases").glob("*.toml"))
EARTH_MANTLE = (
    4.208261222595e24  # kg, Adams-Williamson integral with Earth's numbers; physics of Bower et al. 2022
)


def words(text) -> str:
    """Text on one line, so that a fragment is found however the message was wrapped."""
    return " ".join(str(text).split())


def refused(request, *fragments, **changes) -> str:
    """The message of the InputError that reading (or replacing in a case) must raise."""
    with pytest.raises(InputError) as error:
        request(**changes) if callable(request) else Case.parse(request)
    message = words(error.value)
    for fragment in fragments:
        assert fragment in message
    return message


# --- what is shipped


@pytest.mark.parametrize("name", shipped_cases())
def test_shipped_case_reads_and_round_trips(name, tmp_path):
    case = Case.read(name)
    assert case.name == name
    assert case.title and "\n" not in case.title
    path = tmp_path / "anything.toml"
    path.write_text(case.to_toml(), encoding="utf-8")
    again = Case.read(path)
    assert again == case and again.checksum == case.checksum and again.name == name
    assert again.to_toml() == case.to_toml()


def test_shipped_names_are_unique_and_complete():
    names = Counter()
    for path in FOLDER.glob("*.toml"):
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        names.update(list(document.get("members", [path.stem])))
        names.update([path.stem] if "members" in document else [])
    assert max(names.values()) == 1
    expected = {"earth", "mars", "R", "R0", "L", "F3-C0.1-IW-2", "F10-C5-IW+4", "F7-C5"}
    expected |= {f"{family}{n}" for family in ("E", "F", "WE", "WF") for n in range(1, 11)}
    assert expected <= set(shipped_cases())
    assert len(shipped_cases()) == 16 + 40 + 30 + 36 + 3 + 5


def test_earth():
    earth = Case.read("earth")
    assert earth.volatiles.hydrogen.text == "3 ocean"
    assert earth.volatiles.masses(EARTH_MANTLE) == {"H": 4.65e20, "C": 4.65e20}
    assert (earth.run.initial_surface_temperature, earth.run.end_surface_temperature) == (2700.0, 1650.0)
    assert earth.chemistry.graphite and earth.chemistry.species is None
    assert earth.run.end_time == pytest.approx(1e8 * YEAR) and earth.run.stabilisation == pytest.approx(
        1 / YEAR
    )
    assert earth.source == "earth.toml"


def test_members_of_bower_2022():
    """The matrix of section F.2: hydrogen in oceans of 1.55e20 kg, C/H by mass, log10 fO2 from IW, crystal
    size."""
    e1, f10, we3, grid = (Case.read(name) for name in ("E1", "F10", "WE3", "F10-C0.1-IW-2"))
    assert e1.volatiles.masses(1e24) == {"H": 1.55e20}
    assert (e1.mantle.crystal_size, f10.mantle.crystal_size) == (1e-3, 0.05)
    assert f10.volatiles.masses(1e24)["H"] == pytest.approx(1.55e21, rel=1e-15)
    assert we3.chemistry.species == ("H2O",)
    assert grid.redox.oxygen_fugacity == "IW-2" and grid.volatiles.masses(1e24)["C"] == pytest.approx(1.55e20)
    assert all(Case.read(n).chemistry.thermochemistry == "bower2022" for n in ("E1", "WF1", "F1-C5", "R"))
    large = Case.read("L").escape
    assert (large.law, large.prefactor, large.xuv) == ("Zahnle2019", 1000.0, 40.0)
    assert Case.read("R0").escape.law == "none"
    assert Case.read("bower2022:E1") == e1


def test_mars_has_the_mass_of_mars():
    """6.417e23 kg (Konopliv et al. 2016) to the 0.1 % of the rounded inputs, and about 20 GPa at the core."""
    mars = Case.read("mars").planet
    b, inner, outer = mars.compressibility, mars.core_radius_fraction * mars.radius, mars.radius

    def shells(r):  # the integral of -r^2 exp(b (R - r)) is exp(b (R - r)) times this
        return math.exp(b * (outer - r)) * (r**2 / b + 2 * r / b**2 + 2 / b**3)

    mantle = 4 * math.pi * mars.surface_density * (shells(inner) - shells(outer))
    core = 4 / 3 * math.pi * inner**3 * mars.core_density
    assert mantle + core == pytest.approx(6.417e23, rel=1e-3)
    pressure = mars.surface_density * mars.gravity / b * math.expm1(b * (outer - inner))
    assert pressure == pytest.approx(20.9e9, rel=0.01)
    assert Case.read("mars").volatiles.masses(mantle)["H"] == pytest.approx(
        3 * 1.55e20 * mantle / EARTH_MANTLE, rel=1e-3
    )


# --- every wrong input


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_bad_case_is_refused_in_words(path):
    """One file per rule; its first line has the fragment that the message must hold."""
    expected = path.read_bytes().split(b"\n")[0].decode("utf-8").removeprefix("# expect: ")
    message = refused(lambda: Case.read(path), expected)
    assert path.name in message
    for leak in ("pydantic", "Input should", "validation error", "Field required", "Traceback"):
        assert leak not in message


def test_all_problems_at_once_and_wrapped():
    text = (
        "[planet]\nradius = '3 kg'\ngravitas = 3\n[run]\nrtol = 5\n[volatiles.partition_coefficient]\n"
        "H2O "
        "= -1"
    )
    with pytest.raises(InputError) as error:
        Case.parse(text, "my.toml")
    message = str(error.value)
    assert message.startswith("my.toml: 4 problems.\n")
    assert "unknown key 'gravitas' in [planet]; did you mean 'gravity'?" in message
    assert all(len(line) <= 104 for line in message.splitlines())


def test_caret_under_the_mistake():
    with pytest.raises(InputError) as error:
        Case.parse("[planet]\nradius = 6371 km\n", "my.toml")
    lines = str(error.value).splitlines()
    assert "line 2, column 15" in lines[0]
    assert lines[2].index("^") == lines[1].index("km")
    assert 'radius = "6371 km"' in lines[3]


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ("earht", "did you mean 'earth'?"),
        ("Mars", "did you mean 'mars'?"),
        ("no/such/folder/earth.toml", "did you mean 'earth'?"),
        ("E11", "did you mean 'E1'?"),
        ("bower2022", "choose one. members: E1, E2,"),
        ("bower2022:E12", "no member is called 'E12'."),
        ("bower2022.toml:E1", "did you mean 'E1'?"),
        ("earth:E1", "the file has no [members]."),
        ("", "is not a case"),
        (3, "is not a case"),
        (None, "is not a case"),
        (b"earth", "is not a case"),
        ("a\0b", "cannot be read"),
        ("x" * 5000, "cannot be read"),
    ],
)
def test_no_such_case(request_, said):
    refused(lambda: Case.read(request_), said)


def test_files(tmp_path):
    (tmp_path / "mine.toml").write_text("[volatiles]\nhydrogen = '1 ocean'\n")
    assert Case.read(tmp_path / "mine.toml").name == "mine"
    refused(lambda: Case.read(tmp_path), "this is a directory", "cases in it: mine.toml")
    refused(lambda: Case.read(tmp_path / "mina.toml"), "no such file", "mine.toml'?")
    (tmp_path / "empty.toml").write_bytes(b"")
    refused(lambda: Case.read(tmp_path / "empty.toml"), "the file has no key.")
    (tmp_path / "windows.toml").write_bytes(b"\xef\xbb\xbf[planet]\r\nradius = '1000 km'\r\n")
    assert Case.read(tmp_path / "windows.toml").planet.radius == 1e6


def test_members_of_a_users_file(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        "title = 'set'\n[volatiles]\nhydrogen = '1 ocean'\n[volatiles.solubility]\nH2O = 'a'\nCO2 = 'b'\n"
        "[members.wet]\nvolatiles.hydrogen = '5 ocean'\n'volatiles.solubility.CO2' = 'c'\n"
        "[members.dry]\ntitle = 'no water'\nvolatiles.hydrogen = 0\n[members.odd]\nplanet.weight = 3\n"
    )
    wet, dry = Case.read(f"{path}:wet"), Case.read(f"{path}:dry")
    assert (wet.name, wet.title, dry.title) == ("wet", "set: wet", "no water")
    assert wet.volatiles.masses(1e24) == {"H": 7.75e20} and dry.volatiles.masses(1e24) == {}
    assert wet.volatiles.solubility == {"H2O": "a", "CO2": "c"}
    refused(lambda: Case.read(path), "members: wet, dry, odd", f"{path}:wet")
    refused(lambda: Case.read(f"{path}:wett"), "did you mean 'wet'?")
    refused(lambda: Case.read(f"{path}:odd"), "unknown key 'weight' in [planet]", ":odd")
    path.write_text("[planet]\ngravity = 9\n[members]\nwet = 3\n")
    refused(lambda: Case.read(f"{path}:wet"), "[members] is not a table of cases.")
    path.write_text("title = 'a'\n[members.wet]\ntitle.long = 3\n")
    refused(lambda: Case.read(f"{path}:wet"), "title is a value, not a section")


# --- inventories


def volatiles(**elements):
    return Case.read("E1").replace({f"volatiles.{name}": text for name, text in elements.items()}).volatiles


def test_inventories():
    made = volatiles(
        hydrogen="100 ppmw",
        carbon="0.5 C/H",
        nitrogen="0.1 N/C",
        sulfur="2e20 g",
        helium=3,
        neon="1e-6 kg/kg",
    )
    masses = made.masses(4e24)
    assert masses == pytest.approx(
        {"H": 4e20, "He": 3.0, "C": 2e20, "N": 2e19, "Ne": 4e18, "S": 2e17}, rel=1e-15
    )
    assert (made.carbon.text, made.carbon.unit, made.sulfur.si) == ("0.5 C/H", "C/H", "2e+17 kg")
    assert volatiles(hydrogen="0 kg").masses(1e24) == {}
    assert volatiles(hydrogen="0 kg", carbon="0 C/H").masses(1e24) == {}
    with pytest.raises(InputError, match="mantle_mass"):
        made.masses(float("nan"))
    with pytest.raises(InputError, match="mantle_mass"):
        made.masses(0.0)


def test_equal_inventories_are_equal_however_written():
    assert volatiles(hydrogen="2 ocean") == volatiles(hydrogen="3.1e20 kg")


# --- replace, write, compare


def test_replace_takes_values_and_text():
    case = Case.read("earth")
    changed = case.replace(
        {
            "volatiles.hydrogen": "2 ocean",
            "volatiles.solubility.H2": "none",
            "chemistry.species": "H2O, H2",
            "chemistry.graphite": "false",
            "mantle.shells": "50",
            "run.rtol": "1e-8",
            "run.end_time": "none",
            "redox.buffer": "none",
            "planet.radius": 6e6,
            "title": "other",
        }
    )
    assert changed.volatiles.masses(EARTH_MANTLE) == {"H": 3.1e20, "C": 3.1e20}
    assert (
        changed.volatiles.solubility["H2"] == "none"
        and changed.volatiles.solubility["CO2"] == "basalt-Dixon1995"
    )
    assert changed.chemistry.species == ("H2O", "H2") and changed.chemistry.graphite is False
    assert (changed.mantle.shells, changed.run.rtol, changed.run.end_time) == (50, 1e-8, None)
    assert changed.redox.buffer is None and changed.planet.radius == 6e6 and changed.title == "other"
    assert changed.source == case.source and case == Case.read("earth")
    assert changed.replace({"chemistry.species": "all"}).chemistry.species is None
    assert case.replace({}) == case


def test_replace_names_the_place_of_the_change():
    case = Case.read("earth")
    refused(
        lambda: case.replace({"planet.radius": "3 kg"}, "--set"),
        "--set planet.radius = '3 kg': 'kg' is a unit of mass",
    )
    refused(
        lambda: case.replace({"planet.radios": 3}), "unknown key 'radios' in [planet]; did you mean 'radius'?"
    )
    refused(lambda: case.replace({"planett.radius": 3}), "unknown section [planett]; did you mean [planet]?")
    refused(
        lambda: case.replace({"volatiles.hydrogen": "0 kg"}),
        "earth [volatiles] carbon = '1 C/H': the ratio refers to",
    )
    refused(lambda: case.replace({"title.x": 3}), "title is a value, not a section")
    refused(lambda: case.replace({"planet": 3}), "a table is expected")
    refused(lambda: case.replace({3: 3}), "is not a key")
    refused(lambda: case.replace("planet.radius=3"), "is not a table")
    refused(lambda: case.replace({"": 3}), "unknown key ''")


def test_frozen():
    case = Case.read("E1")
    with pytest.raises(InputError, match="use case.replace"):
        case.planet.radius = 3.0
    with pytest.raises(AttributeError):
        case.planet = None
    with pytest.raises(TypeError):
        case.volatiles.solubility["H2O"] = "none"


def test_case_is_a_value():
    case = Case.read("E1")
    assert pickle.loads(pickle.dumps(case)) == case == copy.deepcopy(case)
    assert pickle.loads(pickle.dumps(case)).source == case.source
    assert len({case, Case.read("E1"), Case.read("E2")}) == 2
    assert (
        repr(case) == "Case('E1', title='1 ocean of H, no C, crystals of 1 mm', source='bower2022.toml:E1')"
    )


def test_checksum_is_of_what_is_computed():
    case = Case.read("E1")
    assert case.replace({"title": "x", "name": "y"}).checksum == case.checksum
    assert case.replace({"volatiles.hydrogen": "1.55e20 kg"}).checksum == case.checksum
    assert case.replace({"run.rtol": 1e-7}).checksum != case.checksum
    assert len(case.checksum) == 64


def test_resolved_has_every_key_with_its_unit():
    resolved = Case.read("earth").resolved()
    for key in every_key():
        value = resolved
        for part in key.name.split("."):
            value = value[part]
        if (
            key.unit not in ("", "1")
            and not key.table
            and value != "none"
            and not key.name.startswith("volatiles")
        ):
            assert value.endswith(f" {key.unit}")
    assert resolved["planet"]["radius"] == "6371000.0 m"
    assert resolved["volatiles"]["hydrogen"] == "4.65e+20 kg" and resolved["volatiles"]["carbon"] == "1.0 C/H"


def test_keys_are_documented():
    found = {key.name: key for key in every_key()}
    assert all(key.description for key in found.values())
    assert found["planet.radius"].unit == "m" and found["planet.radius"].default == "6371 km"
    assert found["run.rtol"].allowed == "from 1e-12 to 0.01"
    assert found["atmosphere.absorption"].unit == "m^2/kg" and found["atmosphere.absorption"].table
    assert (
        found["chemistry.species"].default == "all"
        and found["mantle.closure"].allowed == "'smooth' or 'reference'"
    )
    assert {f"volatiles.{name}" for name in ELEMENTS} <= set(found)


def test_defaults_are_those_of_the_documentation():
    """An empty case computes with the documented values; defaults pass the same checks as input."""
    case = Case.parse("title = 'default'")
    assert case.run == Run() and case.planet.compressibility == 1.1115348931e-7
    assert case.volatiles.masses(1e24) == {} and case.redox.oxygen_fugacity == "IW+0.5"


# --- properties

numbers = {}
for section in Case.parse("title = 'x'").__dict__.values():
    for name, spec in getattr(type(section), "model_fields", {}).items():
        for si in spec.metadata:
            if isinstance(si, SI) and not si.whole:
                inside = st.floats(
                    max(si.low, -1e30),
                    min(si.high, 1e30),
                    exclude_min="low" in si.exclusive,
                    exclude_max="high" in si.exclusive,
                )
                numbers[type(section).__name__.lower() + "." + name] = inside
numbers["planet.radius"], numbers["planet.compressibility"] = st.floats(1e5, 2e7), st.floats(0, 1e-7)
numbers["run.initial_surface_temperature"] = st.floats(2000, 6000)
numbers["run.end_surface_temperature"] = st.floats(200, 1999)
printable = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda text: text.strip())
amounts = st.one_of(
    st.floats(0, 1e30),
    st.floats(0, 1e6).map(lambda x: f"{x!r} ppmw"),
    st.floats(0, 1e6).map(lambda x: f"{x!r} kg"),
)
for name in ("mass", "core_mass_fraction"):
    numbers.pop(f"planet.{name}")  # go without gravity and densities only: test_planet_size.py
numbers.pop("mantle.top_cell")  # goes without stretching only
for name in ("ferric_share", "total_iron", "ferric_partition"):
    numbers.pop(f"redox.{name}")  # go with ferric_iron only: tests/reservoirs/test_ferric_iron.py
tables = {
    "title": st.text(st.characters(exclude_categories=["Cs"])),
    "volatiles.solubility": st.dictionaries(printable, printable, max_size=3),
    "volatiles.initial_pressure": st.dictionaries(
        printable, st.floats(0, 1e12, exclude_min=True), max_size=3
    ),
    "redox.buffer_pressure": st.just(
        "none"
    ),  # goes with a buffer that has a pressure term only: tests/unit/closures/test_redox.py
    "volatiles.initial_fugacity": st.dictionaries(
        printable, st.floats(0, 1e12, exclude_min=True), max_size=3
    ),
    "atmosphere.absorption": st.dictionaries(printable, st.floats(0, 1e3), max_size=3),
    "mantle.shells": st.integers(10, 100000),
    **{f"volatiles.{name}": amounts for name in ELEMENTS},
}


@settings(deadline=None, max_examples=60)
@given(st.fixed_dictionaries({}, optional=numbers | tables))
def test_any_case_round_trips(changes):
    case = Case.parse("title = 'x'").replace(changes)
    again = Case.parse(case.to_toml())
    assert again == case and again.checksum == case.checksum and again.to_toml() == case.to_toml()


@settings(deadline=None, max_examples=300)
@given(
    st.text(max_size=60)
    | st.text(st.sampled_from("[]{}=.\"'#\n abplanetvolatiles0123456789_-\t\\"), max_size=60)
)
def test_any_text_is_a_case_or_an_input_error(text):
    try:
        Case.parse(text)
    except InputError as error:
        assert "pydantic" not in str(error)


toml_values = st.recursive(
    st.text(max_size=12) | st.integers() | st.floats() | st.booleans() | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@settings(deadline=None, max_examples=300)
@given(
    st.dictionaries(
        st.sampled_from([key.name for key in every_key()] + ["planet", "volatiles", "x.y", "run"]),
        toml_values,
        max_size=4,
    )
)
def test_any_value_of_a_key_is_taken_or_an_input_error(changes):
    try:
        Case.parse("title = 'x'").replace(changes)
    except InputError as error:
        assert "Input should" not in str(error) and "pydantic" not in str(error)


@pytest.mark.parametrize(
    "text", ["[" * 5000, "a = " + "[" * 100_000, "a = " + "1" * 5000, "a = " + "{a=" * 3000]
)
def test_monstrous_text(text):
    refused(text, "this is not TOML")


def test_import_leaves_the_heavy_packages_out():
    heavy = ("pint", "sympy", "scipy", "cantera", "numpy", "tomli_w")
    code = f"import sys, mocoupled.case; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "fugacity, kept",
    [
        ("FMQ-1", None),
        ("ΔQFM", None),
        ("NNO+1", None),
        ("log10 fO2 = -9", None),
        ("IW+2", "ONeillEggins2002"),
        ("dIW+2", "ONeillEggins2002"),
    ],
)
def test_an_oxygen_fugacity_of_another_family_takes_the_default_law_of_that_family(fugacity, kept):
    earth = Case.read("earth")
    made = earth.replace({"redox.oxygen_fugacity": fugacity})
    assert earth.redox.buffer == "ONeillEggins2002" and made.redox.buffer == kept
    with pytest.raises(
        InputError,
        match="cannot follow the buffer"
        if "fO2" in fugacity
        else "of the family"
        if kept is None
        else "no such|names|known|law",
    ):
        earth.replace(
            {
                "redox.oxygen_fugacity": fugacity,
                "redox.buffer": "ONeillEggins2002" if kept is None else "nothing",
            }
        )
