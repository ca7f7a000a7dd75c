"""Opacities as data: the shipped file, an entry beside a species, and what is refused."""

import json

import numpy as np
import pytest
from support.radiation import pressures

from mocoupled.atmosphere.bands.columns import Environment
from mocoupled.atmosphere.bands.data_file import FILE, read, shipped
from mocoupled.atmosphere.bands.emitter import emitter_of
from mocoupled.atmosphere.bands.gas_data import COMPOSITIONS, band_gas
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.errors import InputError

METHANE, ETHANE = {"C": 1, "H": 4}, {"C": 2, "H": 6}


def ethane(entry):
    return band_gas("C2H6", ETHANE, 30.07e-3, entry, "user.yaml line 7 species 'C2H6' bands")


def flux(*gases, bar):
    return emitter_of(list(gases), Environment()).emission(1500.0, pressures(bar)).flux.total


# ---- entries


def test_a_gas_without_data_is_transparent_and_counts():
    """It weighs and dilutes; with steam it takes part in the foreign continuum."""
    helium = band_gas("He", {"He": 1}, 4.0026e-3, None)
    assert helium.transparent
    assert flux(helium, bar={"He": 10.0}) == pytest.approx(5.670374e-8 * 1500.0**4, rel=5e-3)
    water = band_gas("H2O", {"H": 2, "O": 1}, 18.015e-3, None)
    assert not water.transparent
    assert flux(water, helium, bar={"H2O": 10.0, "He": 100.0}) != pytest.approx(
        flux(water, bar={"H2O": 10.0}), rel=1e-2
    )


def test_a_name_of_another_composition_is_not_the_shipped_gas():
    assert not band_gas("CH4", METHANE, 16e-3, None).transparent
    assert band_gas("CH4", ETHANE, 30e-3, None).transparent
    assert band_gas("CH4", METHANE, 16e-3, "transparent").transparent


def test_a_gas_may_absorb_like_another():
    """1 x CH4 with its mass and heat capacity is CH4 without its pairs; less absorbs less."""
    bar = {"C2H6": 1.0}
    fluxes = [flux(ethane({"absorbs-like": {"CH4": share}}), bar=bar) for share in (0.1, 0.3, 1.0)]
    assert fluxes == sorted(fluxes, reverse=True)
    capacity = shipped().heat_capacity["CH4"].tolist()
    like = band_gas("X", ETHANE, 16.04e-3, {"absorbs-like": {"CH4": 1.0}, "heat-capacity": capacity})
    methane = band_gas("CH4", METHANE, 16.04e-3, None)
    assert flux(like, bar={"X": 0.01}) == pytest.approx(flux(methane, bar={"CH4": 0.01}), rel=1e-5)
    assert like.reference == "as 1 x CH4"


def test_a_gas_may_have_its_numbers():
    """The shipped numbers of CH4 as those of a user, its Rayleigh scattering too."""
    table = shipped()
    entry = {
        "lines": table.lines["CH4"].tolist(),
        "rayleigh": table.rayleigh["CH4"].tolist(),
        "heat-capacity": table.heat_capacity["CH4"].tolist(),
        "reference": "a user",
    }
    mine = band_gas("X", ETHANE, 16.04e-3, entry)
    methane = band_gas("CH4", METHANE, 16.04e-3, None)
    assert flux(mine, bar={"X": 0.01}) == pytest.approx(flux(methane, bar={"CH4": 0.01}), rel=1e-5)
    assert mine.reference == "a user"


def test_shared_lines_add_up():
    """CH4 and a gas that absorbs like 2 x CH4: as three times the CH4, where pairs do not count."""
    methane = band_gas("CH4", METHANE, 16.04e-3, {"absorbs-like": {"CH4": 1.0}})
    capacity = shipped().heat_capacity["CH4"].tolist()
    entry = {"absorbs-like": {"CH4": 2.0}, "heat-capacity": capacity}
    like = band_gas("X", METHANE, 16.04e-3, entry)
    both = flux(methane, like, bar={"CH4": 0.01, "X": 0.01})
    alone = band_gas("CH4", METHANE, 16.04e-3, {"absorbs-like": {"CH4": 1.5}})
    assert both == pytest.approx(flux(alone, bar={"CH4": 0.02}), rel=1e-12)


def test_a_gas_named_twice_is_refused():
    methane = band_gas("CH4", METHANE, 16.04e-3, None)
    with pytest.raises(InputError, match="gas CH4: it is named twice"):
        emitter_of([methane, methane], Environment())


LINES = np.full((10, 68), -50.0)


@pytest.mark.parametrize(
    "entry, words",
    [
        ("shiped", ("no opacity has this name", "shipped")),
        ("shipped", ("no gas C2H6", "absorbs-like")),
        (3.0, ("cannot be read",)),
        ({"absorbs-like": {"CH3": 0.3}}, ("no lines of this gas", "CH4")),
        ({"absorbs-like": {"CH4": -0.3}}, ("not a share", "0 to 1000")),
        ({"absorbs-like": {"CH4": "much"}}, ("not a share",)),
        ({"absorbs-like": ["CH4"]}, ("this is no table",)),
        ({"absorb-like": {"CH4": 1}}, ("means nothing here", "absorbs-like")),
        ({"lines": LINES[:9].tolist()}, ("shape (9, 68)", "(10, 68)")),
        ({"lines": (-LINES).tolist()}, ("ln of a cross-section", "below 0")),
        ({"lines": "many"}, ("not a table of numbers",)),
        ({"lines": np.where(LINES < 0, np.nan, 0).tolist()}, ("not finite",)),
        ({"lines": LINES.tolist(), "absorbs-like": {"CH4": 1}}, ("stand twice",)),
        ({"rayleigh": [1e-27] * 16}, ("shape (16,)", "(17,)")),
        ({"rayleigh": [-1e-27] * 17}, ("out of range", "0 to 1e-20")),
        ({"heat-capacity": [1.0, 0, 0, 0]}, ("falls below 5/2",)),
    ],
)
def test_refused_entries(entry, words):
    with pytest.raises(InputError) as error:
        ethane(entry)
    text = str(error.value)
    assert "user.yaml line 7 species 'C2H6' bands" in text
    for word in words:
        assert word in text


MECHANISM = """\
reference-pressure: 1 bar
phases:
- name: gas
  thermo: ideal-gas
  species: [{volatiles.yaml/species: [H2O]}, {species: [CH3F]}]
species:
- name: CH3F
  composition: {C: 1, H: 4}
  thermo: {model: constant-cp, T0: 1000 K, h0: 0 J/mol, s0: 200 J/mol/K, cp0: 40 J/mol/K}
  bands: BANDS
"""


def test_an_entry_in_a_mechanism(tmp_path):
    """Read beside the species; a mistake has file, line and species."""
    path = tmp_path / "mine.yaml"
    text = MECHANISM.replace("{model: constant-cp, T0: 1000 K", "{model: constant-cp, T0: 1000.0 K")
    path.write_text(text.replace("BANDS", "{absorbs-like: {CH4: 0.3}}"))
    assert read_mechanism(path).species["CH3F"].bands == {"absorbs-like": {"CH4": 0.3}}
    path.write_text(text.replace("BANDS", "{absorbs-like: {CH9: 0.3}}"))
    with pytest.raises(InputError, match=r"mine.yaml line 10 species 'CH3F' bands.*CH9"):
        read_mechanism(path)


# ---- the file


def document():
    return json.loads(FILE.read_text(encoding="utf-8"))


def test_shipped_file():
    table = shipped()
    assert table.bands == 17
    assert set(table.rayleigh) == set(table.heat_capacity) == set(COMPOSITIONS)
    assert set(table.lines) == set(COMPOSITIONS) - {"H2", "N2"}
    assert "HITEMP" in table.source


def change(*keys, value):
    def changed(content):
        entry = content
        for key in keys[:-1]:
            entry = entry[key]
        entry[keys[-1]] = value

    return changed


@pytest.mark.parametrize(
    "changed, words",
    [
        (change("line_opacity", "C", "CO2", value=[[1.0]]), ("CO2 lines", "shape (1, 1)")),
        (change("collision_induced", "pairs", "N2-N2", "Tmax", value=-3), ("pair N2-N2 Tmax", "> 0")),
        (change("collision_induced", "pairs", "N2-N2", "Tmin", value=0), ("pair N2-N2 Tmin", "> 0")),
        (change("collision_induced", "pairs", "N2-N2", "Tmin", value=400), ("not above Tmin",)),
        (change("collision_induced", "pairs", "N2-N2", "Tmin", value=140), ("reaches -63.8", "below -70")),
        (change("collision_induced", "pairs", "H2-H2", "D", value=[[90.0] * 17] * 3), ("below -70", "sign")),
        (
            change("collision_induced", "pairs", "H2-H2", "D", value=[[-90.0] * 17]),
            ("H2-H2", "shape (1, 17)"),
        ),
        (change("rayleigh_cm2", "CO", value=[-1e-27] * 17), ("CO rayleigh", "0 to 1e-20")),
        (change("collision_induced", "used_for", "CO/CO", value="CO-CO"), ("no pair 'CO-CO'",)),
        (change("bands_um", value=[[0.3, 0.6], [0.7, 0.9]]), ("do not adjoin",)),
        (change("quantiles_per_band", value=5), ("wrong number",)),
        (lambda content: content.pop("cp_over_R"), ("not a file of opacities", "cp_over_R")),
    ],
)
def test_refused_files(changed, words, tmp_path):
    content = document()
    changed(content)
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(content))
    with pytest.raises(InputError) as error:
        read(path)
    assert "mine.json" in str(error.value)
    for word in words:
        assert word in str(error.value)


def test_a_gas_that_stands_twice_in_the_file_is_refused(tmp_path):
    path = tmp_path / "mine.json"
    text = FILE.read_text(encoding="utf-8")
    path.write_text(text.replace('"CO2":', '"H2O":', 1))
    with pytest.raises(InputError, match="'H2O' stands twice"):
        read(path)
    path.write_text(text[:-40])
    with pytest.raises(InputError, match="not JSON"):
        read(path)
