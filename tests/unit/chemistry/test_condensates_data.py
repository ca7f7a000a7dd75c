"""The substances of condensates.yaml: each joins the phases of Cantera's data at their transitions."""

import re
from itertools import pairwise

import cantera as ct
import pytest
from support.importing_mechanisms import SHIPPED

from mocoupled.chemistry.free_energies import gibbs_value
from mocoupled.equilibria.mechanism_choice import choose_mechanism

SUBSTANCES = {
    s.name: s for s in SHIPPED["condensates"].species.values() if s.phase != "gas" and s.name != "C(gr)"
}


@pytest.fixture(scope="module")
def theirs():
    return {s.name: s for s in ct.Species.list_from_file("nasa_condensed.yaml")}


@pytest.mark.parametrize("name", SUBSTANCES)
def test_zones_are_those_of_the_phases(name, theirs):
    """mu0/RT inside each zone is that of the phase in nasa_condensed.yaml (Cantera's polynomial, 1 bar) to
    1e-9. The phases follow one another without a gap, with equal free energies at each transition (4e-3 is
    the data's jump of FeO at 1000 K, within a phase)."""
    ours = SUBSTANCES[name]
    named = re.search(r"nasa_condensed\.yaml ?(.*?); 1 bar", ours.reference)[1]
    phases = [theirs[n] for n in (named.split(" + ") if named else [name])]
    spans = [(p.thermo.min_temp, p.thermo.max_temp) for p in phases]
    assert [b for _, b in spans[:-1]] == [a for a, _ in spans[1:]]
    assert ours.temperature_range == (spans[0][0], spans[-1][1])
    lowest, *_ = ours.temperature_range
    ends = [lowest, *(high for high, _ in ours.gibbs)]
    for (low, high), (_, row) in zip(pairwise(ends), ours.gibbs, strict=True):
        T = 0.4 * low + 0.6 * high
        phase = next(p for p, (a, b) in zip(phases, spans) if a <= T <= b)
        expected = (phase.thermo.h(T) - T * phase.thermo.s(T)) / (ct.gas_constant * T)
        assert gibbs_value(row, T) == pytest.approx(expected, abs=1e-9, rel=1e-9)
    for (T, below), (_, above) in pairwise(ours.gibbs):
        assert abs(gibbs_value(below, T) - gibbs_value(above, T)) < (4e-3 if T == 1000.0 else 6e-4)


def test_melting_points_of_iron_and_quartz():
    """Heat of fusion of iron 13.8 kJ/mol at 1809 K, from the slopes of mu0/RT of both phases."""
    (_, solid), (_, liquid) = SUBSTANCES["Fe(sl)"].gibbs[-2:]
    T, h = 1809.0, 1e-2

    def enthalpy(row):
        return -8.314462618 * T**2 * (gibbs_value(row, T + h) - gibbs_value(row, T - h)) / (2 * h)

    assert enthalpy(liquid) - enthalpy(solid) == pytest.approx(13.8e3, rel=0.01)


def test_closed_systems_do_not_choose_it():
    """It has the gases of silicates: closed systems without a mechanism take that, as before."""
    assert choose_mechanism(["Fe", "O"]) == "silicates"
