"""A sweep over the orbit of the earth case as it is shipped, below its star."""

import numpy as np

import mocoupled as mo
from mocoupled.constants import ASTRONOMICAL_UNIT


def test_a_planet_closer_to_its_star_waits(tmp_path):
    """At 0.7 au it absorbs (1/0.7)^2 of the light of 1 au and comes to rest; at 1 au it solidifies."""
    case = mo.Case.read("earth").replace({"mantle.model": "lumped", "mantle.shells": 20, "run.rtol": 1e-4})
    table = mo.sweep(case, {"planet.orbit": ["0.7 au", "1 au"]}, output=tmp_path / "orbit", workers=1)
    np.testing.assert_allclose(table["planet.orbit"], np.array([0.7, 1.0]) * ASTRONOMICAL_UNIT)
    close, far = (mo.read(tmp_path / "orbit" / "cases" / f"{k:06d}") for k in range(2))
    np.testing.assert_allclose(float(close.absorbed_flux[0] / far.absorbed_flux[0]), 0.7**-2, rtol=1e-9)
    assert [run.attrs["end_name"] for run in (close, far)] == ["steady", "surface lid"]
    assert float(table.surface_temperature[0]) == float(close.surface_temperature[-1]) > 1700.0
