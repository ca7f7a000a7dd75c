"""The mixing law `fitted` and the table of K_D that is made with it: against an independent program."""

import runpy

import numpy as np
import pytest
from support.places import ROOT

from mocoupled.closures.exchange_coefficient import exchange_at
from mocoupled.lower_mantle.liquid_descent import path
from mocoupled.lower_mantle.phase_diagrams import phase_diagram

# pressure [GPa] -> liquidus [K], onset of the cotectic [K], bridgmanite before it [mol%],
# Fe/(Fe + Mg) of the first bridgmanite, density of melt less that of bridgmanite [kg/m3]; pyrolite
REFERENCE = {
    26.0: (2829.1, 2811.1, 18.32, 0.04518, -305.9),
    52.0: (3583.0, 3531.8, 35.08, 0.03904, -228.3),
    85.0: (4263.0, 4201.5, 38.32, 0.01585, -143.6),
    129.0: (4964.7, 4895.6, 39.90, 0.00491, -104.0),
}


@pytest.mark.parametrize("pressure", REFERENCE)
def test_fitted_against_an_independent_program(pressure):
    """To the digits of the reference, and the 0.2 K and 0.2 kg/m3 that lie between the two programs."""
    liquidus, onset, bridgmanite, iron, contrast = REFERENCE[pressure]
    ours = path("pyrolite", pressure * 1e9, mixing="fitted", until=0.4, step=0.002)
    second = int(np.argmax(ours.present.sum("solid").values == 2))
    first = ours.isel(step=0)
    assert float(first.temperature) == pytest.approx(liquidus, abs=0.3)
    assert float(ours.temperature[second]) == pytest.approx(onset, abs=0.3)
    assert 100 * (1 - float(ours.melt_fraction[second])) == pytest.approx(bridgmanite, abs=0.05)
    assert float(first.iron_fraction.sel(solid="bridgmanite")) == pytest.approx(iron, abs=2e-5)
    solid = float(first.solid_density.sel(solid="bridgmanite"))
    assert float(first.melt_density) - solid == pytest.approx(contrast, abs=0.4)


def test_fitted_takes_its_own_law_for_iron():
    """Cotectic at Fe/(Fe + Mg) = 0.4 and 52 GPa, as an independent program has it."""
    x, T, y, converged = phase_diagram(52e9, "fitted").cotectic(0, 1, 0.4)
    assert converged and float(T) == pytest.approx(3471.6, abs=0.3)
    assert x == pytest.approx([0.2702, 0.4052, 0.3246], abs=2e-4)
    assert y == pytest.approx([0.2904, 0.0937], abs=2e-4)


@pytest.mark.parametrize("reading, pressure", [("fitted", 52e9), ("full", 129e9), ("anchored", 26e9)])
def test_the_stored_table_is_what_its_script_computes(reading, pressure):
    script = runpy.run_path(str(ROOT / "validation" / "exchange_table.py"))
    ours = float(exchange_at(f"FMS-{reading}", pressure))
    assert script["at_onset"](pressure, reading) == pytest.approx(ours, abs=1e-5)
