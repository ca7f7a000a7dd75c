"""Fixtures of equilibria: the case of Earth, silent warnings, mechanisms made of Cantera's data files."""

import json
import warnings

import cantera as ct
import pytest
from support.gas_states import SILICA
from support.grey import grey
from support.made_mechanisms import write


@pytest.fixture(scope="module")
def earth():
    return grey()


@pytest.fixture
def quiet():
    """No warnings in the test."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@pytest.fixture(scope="module")
def mechanism_file(tmp_path_factory):
    """A function: name, gases, condensates, and Cantera's data file of the gases -> the path of a mechanism.

    The reference pressure of every species is 1 bar.
    """
    folder, species_of_file = tmp_path_factory.mktemp("phases"), {}

    def entry(file, name):
        if file not in species_of_file:
            species_of_file[file] = {s.name: s for s in ct.Species.list_from_file(file)}
        data = dict(species_of_file[file][name].input_data)
        return data | {"thermo": dict(data["thermo"]) | {"reference-pressure": "1 bar"}}

    def make(name, gases, condensates=(), file="nasa_gas.yaml"):
        species = [entry(file, s) for s in gases]
        species += [
            entry("nasa_condensed.yaml", s)
            | {"equation-of-state": {"model": "constant-volume", "molar-volume": "1e-20 cm^3/mol"}}
            for s in condensates
        ]
        phases = [{"name": "gas", "thermo": "ideal-gas", "species": list(gases)}]
        phases += [{"name": s, "thermo": "fixed-stoichiometry", "species": [s]} for s in condensates]
        return str(write(folder, json.dumps({"phases": phases, "species": species}), f"{name}.yaml"))

    return make


@pytest.fixture(scope="module")
def silica(mechanism_file):
    """The path of a mechanism: gases of silicon and oxygen, and three phases of SiO2."""
    return mechanism_file("silica", ("O2", "O", "Si", "SiO", "SiO2"), SILICA)
