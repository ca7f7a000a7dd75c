"""Tables of the user that are compared: listings of Equilib, nitrogen, and rows that are wrong."""

import pytest
from support import equilib_text

from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.comparison.factsage import read_table
from mocoupled.comparison.side_by_side import compare
from mocoupled.constants import BAR
from mocoupled.equilibria.mechanism_choice import choose_mechanism
from mocoupled.errors import InputError


def test_a_listing_gives_back_the_numbers_it_was_made_of(tmp_path):
    """Listings made of our own equilibria, printed to 3 to 5 digits: all come back to their rounding (and
    2e-4, for the rounding of the amounts)."""
    path = tmp_path / "run.txt"
    texts = (
        equilib_text.table(1388.0, 794e5, {"H": 3.0, "C": 0.2, "O": 1.4}, {"H2O": 1.0, "H2": 0.5, "CO2": 0.2})
        + equilib_text.table(
            873.0,
            101.325e5,
            {"H": 4.0, "C": 0.8, "O": 1.3},
            {"H2O": 1.0, "CH4": 0.5, "CO": 0.3},
            unit=("atm", 101325.0),
        ),
        equilib_text.brackets(873.0, 116e5, {"H": 10.0, "C": 2.5, "O": 0.5}, "1 H2 + 0.5 CO + 2 CH4"),
    )
    for text in texts:
        path.write_text(text)
        for comparison in compare(read_table(path), mechanism="hco", cea=False):
            assert comparison.state.case is None and comparison.record.table.oxygen == "closed"
            for entry in comparison.entries:
                assert abs(entry.computed["full"] - entry.theirs) <= entry.rounding + 2e-4 * entry.theirs, (
                    entry
                )
            few = {e.species for e in comparison.entries if "ours" in e.computed}
            assert few >= {"H2", "H2O", "CO", "CO2", "CH4"} and abs(comparison.entry("CO").dex("ours")) < 2e-3
            for quantity in comparison.quantities:  # moles and volume of the gas, graphite's activity
                assert abs(quantity.dex("full")) < 1e-3 and abs(quantity.dex("ours")) < 2e-3, quantity


def test_nitrogen_takes_the_mechanism_that_has_it(tmp_path):
    """A table with N2 and NH3 finds a mechanism with nitrogen; the elements come from the columns."""
    assert "N" in {
        e for s in read_mechanism(choose_mechanism("HCON")).species.values() for e in s.composition
    }
    path = tmp_path / "nitrogen.csv"
    path.write_text(
        "temperature [K],pressure [bar],total H [mol],total N [mol],H2 [bar],N2 [bar],NH3 [bar]\n"
        "700,100,3,1,60,20,20\n"
    )
    (comparison,) = compare(read_table(path), cea=False)
    total = sum(comparison.entry(s).computed["full"] for s in ("H2", "N2", "NH3"))
    assert total == pytest.approx(100 * BAR, rel=1e-6)
    with pytest.raises(InputError, match="no shipped mechanism has gases of Xx"):
        choose_mechanism({"H", "Xx"})


def test_wrong_cases_name_their_row(tmp_path):
    head = "temperature [K],melt fraction,volatiles.hydrogen,redox.oxygen_fugacity,{},H2 [bar]\n"
    bad = {
        "planet.gravety": ("10 m/s^2", "gravity"),
        "volatiles.carbon": ("1 C/N", "refers to nitrogen"),
        "redox.buffer": ("ONeilEggins2002", "did you mean"),
        "chemistry.mechanism": ("nosuch", "neither a shipped mechanism nor a file"),
    }
    for key, (value, said) in bad.items():
        path = tmp_path / "wrong.csv"
        path.write_text(head.format(key) + f"1400,0,1 ocean,IW,{value},50\n")
        with pytest.raises(InputError, match=said) as caught:
            compare(read_table(path))
        assert "wrong.csv line 2" in str(caught.value)
    path.write_text("temperature [K],pressure [bar],H2 [bar],H2O [bar]\n20,1,0.5,0.5\n")
    with pytest.raises(InputError, match="wrong.csv line 2.*out of range"):
        compare(read_table(path))
