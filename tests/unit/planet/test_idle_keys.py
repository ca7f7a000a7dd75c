"""A key that would act on nothing in a run is refused before the run; the same key that acts is not."""

import pytest

import mocoupled as mo
from mocoupled.planet.assembly import assemble
from mocoupled.planet.idle_keys import NEEDS, check_idle_keys

LUMPED = {"mantle.model": "lumped"}
COUPLED = {"cumulates.coupled": True}
BY_ELEMENT = {"escape.law": "ZahnleKasting1986"}

# changes that act -> the change that makes them idle, and what the message says of it
CASES = [
    ({"cumulates.bulk_iron": 0.2, **COUPLED}, {"cumulates.coupled": False}, "cumulates.coupled = true"),
    (
        {"cumulates.viscosity": "1e17 Pa*s", **COUPLED},
        {"cumulates.coupled": False},
        "viscosity = '1e+17 Pa*s'",
    ),
    ({"cumulates.exchange_coefficient": 0.4, **COUPLED}, {"cumulates.coupled": False}, "coefficient = 0.4"),
    ({"cumulates.crystals": "suspended", **COUPLED}, {"cumulates.coupled": False}, "crystals = 'suspended'"),
    ({"cumulates.remelting": False, **COUPLED}, {"cumulates.crystals": "suspended"}, "crystals = 'settle'"),
    ({"cumulates.pile": "column", **COUPLED}, {"cumulates.coupled": False}, "cumulates.coupled = true"),
    (
        {"cumulates.pile": "one-temperature", **COUPLED, **LUMPED},
        {"cumulates.remelting": False},
        "cumulates.remelting = true",
    ),
    (
        {"cumulates.trapped_melt": 0.1, **COUPLED, **LUMPED},
        {"cumulates.crystals": "suspended"},
        "cumulates.crystals = 'settle'",
    ),
    ({"cumulates.mix_iron": False, **COUPLED}, LUMPED, "mix_iron = false: it acts only with mantle.model"),
    ({"cumulates.mix_iron": False, **COUPLED}, {"cumulates.remelting": False}, "cumulates.remelting = true"),
    ({"escape.efficiency": 0.3, **BY_ELEMENT}, {"escape.law": "none"}, "a law in escape.law"),
    ({"escape.recombination_flux": "none", **BY_ELEMENT}, {"escape.law": "none"}, "recombination_flux"),
    ({"chemistry.graphite_pressure": True}, {"chemistry.graphite": False}, "chemistry.graphite = true"),
]


@pytest.mark.parametrize("stated, idle, says", CASES)
def test_a_key_without_effect_is_refused_and_one_with_effect_is_not(stated, idle, says):
    case = mo.Case.read("earth").replace(stated)
    check_idle_keys(case)
    with pytest.raises(mo.InputError) as error:
        check_idle_keys(case.replace(idle))
    message = " ".join(str(error.value).split())
    assert says in message and "here it would act on nothing" in message
    assert message.startswith("earth [")


def test_materials_belong_to_a_planet_with_a_mass():
    with pytest.raises(mo.InputError, match=r"core_material = 'iron': it acts only with planet.mass"):
        check_idle_keys(mo.Case.read("earth").replace({"planet.core_material": "iron"}))
    check_idle_keys(
        mo.Case.read("mars").replace({"planet.mass": "1 M_earth", "planet.core_material": "iron"})
    )


def test_no_shipped_case_states_an_idle_key():
    for name in mo.shipped_cases():
        check_idle_keys(mo.Case.read(name))


def test_each_key_exists():
    """A key that is renamed must not leave the table without a word."""
    case = mo.Case.read("earth").resolved()
    assert all(name in case[section] for section, name in (key.split(".") for key in NEEDS))


def test_an_assembled_planet_is_checked():
    case = mo.Case.read("earth").replace({**LUMPED, "cumulates.mix_iron": False})
    with pytest.raises(mo.InputError, match="mix_iron"):
        assemble(case)
