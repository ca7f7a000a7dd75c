"""Solubility laws of nitrogen by the distance from iron-wuestite: the buffer is that of the law."""

import math

import numpy as np
import pytest

import mocoupled as mo
from mocoupled.chemistry.mechanism import read_mechanism
from mocoupled.closures.law import find
from mocoupled.closures.solubility import solubility_law

FIVE = ("H2", "H2O", "CO", "CO2", "CH4")

# buffers at pressures in GPa: log10 fO2 = -9 at 1900 K is stated relative to each; they differ by 0.8 dex
BUFFERS = (
    ("ONeillEggins2002", 0),
    ("Hirschmann2021", 0),
    ("Hirschmann2021", 2),
    ("Fischer2011", 0),
    ("Frost1991-QFM", 1),
)
STATED = {"absolute": {"redox.oxygen_fugacity": "log10 fO2 = -9"}}
for name, gigapascal in BUFFERS:
    STATED[f"{name} {gigapascal}"] = {
        "redox.buffer": name,
        "redox.buffer_pressure": f"{gigapascal} GPa" if gigapascal else "none",
    }


@pytest.mark.parametrize("law", ["basalt-Libourel2003", "basalt-Dasgupta2022"])
def test_laws_in_distance_from_iron_wustite(law):
    """The dissolved mass is that of the law at the pressure and fugacity of the result, to 1e-10.

    It is the same however the fugacity is stated, to 1e-11: the buffer of the distance is that of the law.
    """
    changes = {
        "redox.buffer": "none",
        "volatiles.nitrogen": "3 ppmw",
        "chemistry.mechanism": "chons",
        "volatiles.solubility.N2": law,
    }
    earth = mo.Case.read("earth").replace(changes | {"chemistry.species": [*FIVE, "N2", "NH3"]})
    states = []
    for how in STATED.values():
        how = dict(how)
        if "redox.oxygen_fugacity" not in how:
            buffer, pressure = (
                find("buffer", how["redox.buffer"]),
                float(how["redox.buffer_pressure"].replace("none", "1e-4").removesuffix(" GPa")),
            )
            how["redox.oxygen_fugacity"] = (
                f"{buffer.family}{-9 - float(buffer(T=1900.0, P=1e9 * pressure)):+.17g}"
            )
        states.append(mo.equilibrium(earth.replace(how), temperature=1900.0, melt_fraction=0.5))
        np.testing.assert_allclose(states[-1].pressure, states[0].pressure, rtol=1e-11)
        np.testing.assert_allclose(states[-1].dissolved_mass, states[0].dissolved_mass, rtol=1e-11)
    p, total = float(states[0].pressure.sel(species="N2")), float(states[0].surface_pressure)
    read = solubility_law("N2", law, read_mechanism("chons").species["N2"].melt[law])
    expected = read(p=p, P=total, T=1900.0, ln_fO2=-9 * math.log(10.0)) * 0.5 * 4.20826122259505e24
    assert float(states[0].dissolved_mass.sel(species="N2")) == pytest.approx(expected, rel=1e-10)
