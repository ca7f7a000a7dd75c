"""Keys with a new name: run.continue_past_lid of 0.1 is run.after_lid now, and is still read."""

import cantera as ct
import pytest

from mocoupled.case import Case
from mocoupled.errors import InputError
from mocoupled.schema.element_names import ELEMENTS
from mocoupled.schema.former_keys import former_names
from mocoupled.schema.keys import leaves
from mocoupled.schema.volatiles import Volatiles

OLD, NEW = "run.continue_past_lid", "run.after_lid"


def read(lines):
    return Case.parse(f"[run]\n{lines}\n", name="read").run.after_lid


@pytest.mark.parametrize(("old", "new"), [("true", "open"), ("false", "end")])
def test_the_former_key_of_a_file_is_read(old, new):
    assert read(f"continue_past_lid = {old}") == new
    assert read(f'continue_past_lid = {old}\nafter_lid = "{new}"') == new
    case = Case.parse(f"[run]\ncontinue_past_lid = {old}", name="a")
    assert case == Case.parse(f'[run]\nafter_lid = "{new}"', name="a")
    assert "continue_past_lid" not in case.to_toml() and f'after_lid = "{new}"' in case.to_toml()


@pytest.mark.parametrize(("old", "new"), [("true", "end"), ("true", "closed"), ("false", "open")])
def test_two_keys_that_disagree_are_refused(old, new):
    with pytest.raises(InputError) as error:
        read(f'continue_past_lid = {old}\nafter_lid = "{new}"')
    assert "[run] continue_past_lid" in str(error.value) and f"which is '{new}' here" in str(error.value)
    with pytest.raises(InputError, match=f"--set {OLD}"):
        Case.read("F1").replace({OLD: old, NEW: new}, origin="--set")


@pytest.mark.parametrize("value", ["2", '"perhaps"', "[]", "0.5", "{}"])
def test_a_value_that_is_not_logical(value):
    with pytest.raises(InputError) as error:
        read(f"continue_past_lid = {value}")
    assert "true or false is expected" in str(error.value) and "after_lid = 'open'" in str(error.value)


def test_the_one_named_last_replaces_the_other():
    """Of a case and what changes it; text is taken as on the command line."""
    closed = Case.read("F1").replace({NEW: "closed"})
    assert closed.replace({OLD: "true"}).run.after_lid == "open"
    assert closed.replace({OLD: False}).run.after_lid == "end"
    opened = Case.parse("[run]\ncontinue_past_lid = true", name="a")
    assert opened.replace({NEW: "closed"}).run.after_lid == "closed"
    assert closed.replace({OLD: "true"}).title == Case.read("F1").replace({NEW: "open"}).title
    assert Case.read("F1").replace({OLD: True, NEW: "open"}).run.after_lid == "open"


def test_former_keys_are_not_keys():
    known = {".".join(filter(None, (section, name))) for section, name, *_ in leaves()}
    assert not known & former_names().keys() and set(former_names().values()) <= known


def test_a_symbol_is_the_key_of_its_element():
    case = Case.parse("[volatiles]\nZn = '5 ppmw'\nHe = '1 Zn/H'".replace("1 Zn/H", "1 He/Zn"), name="a")
    assert case.volatiles.masses(1e6) == {"He": pytest.approx(5.0), "Zn": pytest.approx(5.0)}
    changed = case.replace({"volatiles.Zn": "6 kg", "volatiles.helium": "0 kg"})
    assert changed.volatiles.masses(1e6) == {"Zn": 6.0}
    assert Case.parse(changed.to_toml()) == changed and changed.checksum != case.checksum
    with pytest.raises(InputError, match="zinc and Zn are the same element"):
        case.replace({"volatiles.Zn": "6 kg", "volatiles.zinc": "6 kg"})


def test_every_element_but_oxygen_has_a_key():
    """Against Cantera's table of elements; of a case, oxygen alone is in another section.

    Cantera spells aluminum and cesium, calls niobium nobelium, and has Gl for flerovium.
    """
    other = {"aluminum": "aluminium", "cesium": "caesium"}
    theirs = dict(zip(ct.Element.element_symbols, ct.Element.element_names))
    theirs |= {"Nb": "niobium", "Fl": "flerovium"}
    known = {symbol: other.get(name, name) for symbol, name in theirs.items() if symbol not in ("O", "Gl")}
    assert {symbol: name for name, symbol in ELEMENTS.items()} == known and len(known) == 117
    assert [name for name in Volatiles.model_fields if name in ELEMENTS] == list(ELEMENTS)
