"""Cases: the shipped ones, inventories, changed values, and what is written."""

import copy
import math
import pickle
import subprocess
import sys
import tomllib
from collections import Counter

import pytest
from support.grey import GREY
from support.refused_cases import refused

from mocoupled.case import Case, shipped_cases
from mocoupled.constants import ASTRONOMICAL_UNIT, YEAR
from mocoupled.errors import InputError
from mocoupled.schema.case_file import FOLDER
from mocoupled.schema.element_names import LISTED
from mocoupled.schema.keys import every_key
from mocoupled.schema.settings import Run

EARTH_MANTLE = (
    4.208261222595e24  # kg, Adams-Williamson integral with Earth's numbers; physics of Bower et al. 2022
)


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


# --- inventories


def volatiles(**elements):
    return Case.read("E1").replace({f"volatiles.{name}": text for name, text in elements.items()}).volatiles


def test_inventories():
    created = volatiles(
        hydrogen="100 ppmw",
        carbon="0.5 C/H",
        nitrogen="0.1 N/C",
        sulfur="2e20 g",
        helium=3,
        neon="1e-6 kg/kg",
    )
    masses = created.masses(4e24)
    assert masses == pytest.approx(
        {"H": 4e20, "He": 3.0, "C": 2e20, "N": 2e19, "Ne": 4e18, "S": 2e17}, rel=1e-15
    )
    assert (created.carbon.text, created.carbon.unit, created.sulfur.si) == ("0.5 C/H", "C/H", "2e+17 kg")
    assert volatiles(hydrogen="0 kg").masses(1e24) == {}
    assert volatiles(hydrogen="0 kg", carbon="0 C/H").masses(1e24) == {}
    with pytest.raises(InputError, match="mantle_mass"):
        created.masses(float("nan"))
    with pytest.raises(InputError, match="mantle_mass"):
        created.masses(0.0)


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
            "run.end_time": "5 Myr",
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
    assert (changed.mantle.shells, changed.run.rtol, changed.run.end_time) == (50, 1e-8, 5e6 * YEAR)
    assert changed.replace(GREY | {"run.end_time": "none"}).run.end_time is None
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
            and value not in ("none", "auto", key.default)  # the default of a luminosity is a law
            and not key.name.startswith("volatiles")
        ):
            assert value.endswith(f" {key.unit}")
    assert resolved["planet"]["radius"] == "6371000.0 m"
    assert resolved["volatiles"]["hydrogen"] == "4.65e+20 kg" and resolved["volatiles"]["carbon"] == "1.0 C/H"


@pytest.mark.parametrize("name", sorted(shipped_cases()))
def test_a_short_file_is_the_same_case(name):
    """Keys at their defaults are left out, and nothing else: it is far shorter, and reads back."""
    case = Case.read(name)
    short = case.to_toml(changed=True)
    assert Case.parse(short) == case and len(short) < 0.5 * len(case.to_toml())


def test_keys_are_documented():
    result = {key.name: key for key in every_key()}
    assert all(key.description for key in result.values())
    assert result["planet.radius"].unit == "m" and result["planet.radius"].default == "6371 km"
    assert result["run.rtol"].allowed == "from 1e-12 to 0.01"
    assert result["atmosphere.absorption"].unit == "m^2/kg" and result["atmosphere.absorption"].table
    assert (
        result["chemistry.species"].default == "all"
        and result["mantle.closure"].allowed == "'consistent' or 'reference'"
    )
    assert {f"volatiles.{name}" for name in LISTED} <= set(result)


def test_defaults_are_those_of_the_documentation():
    """An empty case computes with the documented values; defaults pass the same checks as input."""
    case = Case.parse("title = 'default'")
    assert case.run == Run() and case.planet.compressibility == 1.1115348931e-7
    assert case.volatiles.masses(1e24) == {} and case.redox.oxygen_fugacity == "IW+0.5"
    assert (case.atmosphere.radiation, case.atmosphere.albedo) == ("bands", 0.1)
    assert case.planet.equilibrium_temperature is None and case.planet.orbit == ASTRONOMICAL_UNIT
    assert case.star.name == "Sun" and case.star.age == pytest.approx(50e6 * YEAR)


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
    created = earth.replace({"redox.oxygen_fugacity": fugacity})
    assert earth.redox.buffer == "ONeillEggins2002" and created.redox.buffer == kept
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
