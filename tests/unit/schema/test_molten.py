"""run.initial_surface_temperature = "molten": how it is read, written and refused."""

import pytest

from mocoupled.case import Case
from mocoupled.errors import InputError
from mocoupled.schema.keys import every_key

EARTH = Case.read("earth")
KEY = "run.initial_surface_temperature"


def test_molten_is_read_and_written():
    """As text, in any case of letters; the file reads back to an equal case."""
    case = EARTH.replace({KEY: "Molten"})
    assert case.run.initial_surface_temperature is None
    assert 'initial_surface_temperature = "molten"' in case.to_toml()
    assert Case.parse(case.to_toml()) == case
    assert case.replace({KEY: "2500 K"}).run.initial_surface_temperature == 2500.0


def test_other_words_are_refused():
    """The message names the word that is allowed."""
    with pytest.raises(InputError, match="or 'molten'"):
        EARTH.replace({KEY: "9000 K"})
    with pytest.raises(InputError, match="none"):
        EARTH.replace({KEY: "none"})


def test_the_word_stands_in_the_list_of_keys():
    """For `mocoupled show` and the documentation."""
    (key,) = (key for key in every_key() if key.name == KEY)
    assert key.allowed == "from 200 to 6000 K, or 'molten'"
    assert key.default == 2700.0
