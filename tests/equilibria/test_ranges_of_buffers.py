"""Buffers outside their range are reported, and their records are true."""

import json
from io import StringIO

import numpy as np
import pytest
from rich.console import Console

import mocoupled as mo
from mocoupled.cli.pages.case_header import law_block
from mocoupled.closures.law import find
from mocoupled.provenance.calibration import CalibrationWarning

pytestmark = pytest.mark.filterwarnings("ignore::mocoupled.provenance.calibration.CalibrationWarning")


def stretched(state, law):
    """Calibrated ranges that a state left, for a law: {argument: range}."""
    return {
        r["argument"]: r["calibrated"] for r in json.loads(state.attrs["extrapolations"]) if law in r["law"]
    }


def test_buffers_outside_their_range_are_reported(earth):
    """The use of a buffer outside its range of pressure or temperature is reported.

    Fischer2011 is a fit to high pressures; its record says how far it is off at 1 bar. A buffer that ferric
    iron starts with is reported too.
    """
    with pytest.warns(
        CalibrationWarning,
        match="oxygen fugacity: Fischer2011: calibrated for total pressure 1e[+]04 to 1.56e[+]06 bar",
    ):
        state = mo.equilibrium(earth.replace({"redox.buffer": "Fischer2011"}), 2000.0, 0.5)
    assert stretched(state, "Fischer2011") == {"P": [1e9, 156e9]}
    assert "0.7 to 0.8 dex below measured" in law_block(find("buffer", "Fischer2011"))
    quartz = {"redox.buffer": "none", "redox.oxygen_fugacity": "FMQ-2"}
    assert stretched(mo.equilibrium(earth.replace(quartz), 2000.0, 0.5), "Frost1991-QFM") == {
        "T": [673.15, 1473.15]
    }
    iron = mo.equilibrium(earth.replace(quartz | {"redox.ferric_iron": "Sossi2020"}), 2000.0, 0.5)
    assert stretched(iron, "Frost1991-QFM") == {"T": [673.15, 1473.15]}
    fine = earth.replace({"redox.buffer": "Hirschmann2021"})
    assert not stretched(mo.equilibrium(fine, 2000.0, 0.5), "Hirschmann2021")
    assert stretched(
        mo.run(fine.replace(quartz | {"mantle.model": "lumped", "run.end_surface_temperature": "2680 K"})),
        "Frost1991-QFM",
    )


def test_notes_of_the_buffers_are_true():
    """The records state the distance from measured values at 1 bar, to their digits."""

    def less(name, base, T):
        return float(find("buffer", name)(T=T)) - float(find("buffer", base)(T=T))

    for T, low, high in ((1400.0, 0.7, 0.8), (1644.0, 0.65, 0.75), (1000.0, 0.85, 0.95)):
        assert low < -less("Fischer2011", "ONeillPownceby1993", T) < high
    assert [round(-less("Fischer2011", "Hirschmann2021", T), 1) for T in (2000.0, 3000.0)] == [0.6, 0.4]
    assert [
        round(less("ONeillEggins2002", "Hirschmann2021", T), 1) for T in (1200.0, 1660.0, 2000.0, 3000.0)
    ] == [0.8, 0.0, -0.4, -1.0]
    assert [round(less("Frost1991-NNO", "ONeillPownceby1993-NNO", T), 2) for T in (1000.0, 1400.0)] == [
        0.0,
        0.15,
    ]
    assert [round(less("MyersEugster1983-QFM", "ONeill1987-QFM", T), 2) for T in (1000.0, 1400.0)] == [
        0.29,
        0.14,
    ]
    assert all(0.08 < less("Frost1991-QFM", "ONeill1987-QFM", T) < 0.13 for T in (1000.0, 1200.0, 1400.0))
    assert (
        max(abs(less("Frost1991-IW", "Hirschmann2021", T)) for T in np.arange(1000.0, 2001.0, 50.0)) < 0.045
    )


def test_a_law_prints_its_buffer(earth):
    """The buffer of a law is printed by `mocoupled show` and in the pages of the laws."""
    from mocoupled.interior.static_structure import structure
    from mocoupled.planet.chemistry_of_case import resolve

    chemistry = resolve(earth, structure(earth.planet).mantle_mass)
    assert "IW is ONeillEggins2002 at 1 bar" in law_block(chemistry.solubility["H2O"])
    out = StringIO()
    from mocoupled.cli.pages.case_header import describe
    from mocoupled.planet.assembly import assemble_equilibrium

    describe(assemble_equilibrium(earth, 2000.0, 0.5), Console(file=out, width=200), full=True)
    assert "IW is ONeillEggins2002 at 1 bar" in out.getvalue() and "O2" in out.getvalue()
