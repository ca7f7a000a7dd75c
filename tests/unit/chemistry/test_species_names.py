"""Names of species: commas inside a name, misspelt names, long lists in a message."""

import pytest
from support.cantera_files import read_quietly
from support.made_mechanisms import write

import mocoupled as mo
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.errors import InputError


def test_a_misspelt_imported_species_does_not_print_them_all(tmp_path):
    path = write(
        tmp_path, "phases: [{name: gas, thermo: ideal-gas, species: [{nasa_gas.yaml/species: [H2, H20]}]}]"
    )
    with pytest.raises(InputError) as error:
        read_mechanism(path)
    text = str(error.value)
    assert "'H20'" in text and "did you mean 'H2" in text and " others" in text and len(text) < 1000


def test_a_long_list_in_a_message_is_cut():
    result = InputError(
        "here", "there is no such name.", "known: " + ", ".join(f"name{k}" for k in range(500))
    )
    left_out = int(str(result).rsplit("... and ", 1)[1].split()[0])
    assert len(str(result)) < 800 and left_out + str(result).count("name") - 1 == 500


ISOMERS = (
    "phases: [{name: gas, thermo: ideal-gas, species: [{nasa_gas.yaml/species: [H2, CH4, "
    "'C2H2,acetylene', 'C2H2,vinylidene']}]}]"
)


@pytest.mark.parametrize(
    "names",
    [
        "H2,C2H2,acetylene,C2H2,vinylidene,CH4",
        "'C2H2,acetylene', \"C2H2,vinylidene\", H2 CH4",
        "C2H2,acetylene",
    ],
)
def test_names_with_commas_on_the_command_line(tmp_path, mocoupled, names):
    """mocoupled gas --species with NASA's names of isomers, as they are or in quotes.

    The pressure assumed is said once.
    """
    path = write(tmp_path, ISOMERS)
    status, out, err = mocoupled(
        "gas",
        "-T",
        "1500",
        "-P",
        "1e5",
        "H=2",
        "C=2",
        "--mechanism",
        path,
        "--condensates",
        "none",
        "--species",
        names,
    )
    if names == "C2H2,acetylene":  # by its name alone the elements have one ratio
        assert "C2H2,acetylene" in out + err and "'acetylene'" not in err
        return
    assert status == 0, err
    header = out.splitlines()[0]
    assert "C2H2,acetylene" in header and "C2H2,vinylidene" in header and "CH4" in header
    assert err.count("1 bar assumed") == 1


@pytest.mark.parametrize(
    "text, names",
    [
        ("H2,H2O", ["H2", "H2O"]),
        ("C2H2,acetylene", ["C2H2,acetylene"]),
        ("C2H2,acetylene,C2H2,vinylidene,H2", ["C2H2,acetylene", "C2H2,vinylidene", "H2"]),
        ("'a,b' , \"c d\",H2", ["a,b", "c d", "H2"]),
        ("C(gr),H2O(l) Al2O3(a,b)", ["C(gr)", "H2O(l)", "Al2O3(a,b)"]),
        ("", []),
    ],
)
def test_names_in_a_text(text, names):
    from mocoupled.schema.species_names import split_names

    assert split_names(text, {"C2H2,acetylene", "C2H2,vinylidene", "H2", "C2H2"}) == names


def test_names_with_commas_in_a_case():
    changes = {
        "chemistry.mechanism": "nasa_gas.yaml",
        "volatiles.solubility.H2O": "none",
        "volatiles.solubility.CO2": "none",
    }
    read_quietly("nasa_gas.yaml")
    for names in (
        "H2, H2O, CO, CO2, C2H2,acetylene",
        "'C2H2,acetylene', H2, H2O, CO, CO2",
        ["H2", "H2O", "CO", "CO2", "C2H2,acetylene"],
    ):
        state = mo.equilibrium(
            mo.Case.read("earth").replace(changes | {"chemistry.species": names}),
            temperature=2000.0,
            melt_fraction=0.5,
        )
        assert "C2H2,acetylene" in state.species.values and bool(state.converged)
