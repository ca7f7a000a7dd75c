"""A buffer at a pressure: from a case to the result of an equilibrium."""

import pytest

import mocoupled as mo
from mocoupled.errors import InputError


def test_pressure_of_a_buffer_in_a_case():
    """The option of a case reaches the equations and the result; a budget of oxygen has no buffer."""
    case = mo.Case.read("earth").replace({"redox.buffer": "Hirschmann2021"})
    deep = case.replace({"redox.buffer_pressure": "1 GPa"})
    low, high = (mo.equilibrium(planet, 1650.0, 0.3) for planet in (case, deep))
    expected = deep.redox.imposed.evaluate(1650.0) - case.redox.imposed.evaluate(1650.0)
    assert float(high.log10_fO2 - low.log10_fO2) == pytest.approx(expected, abs=1e-12) and expected > 0.2
    assert high.attrs["oxygen_fugacity"] == "IW+0.5 (Hirschmann2021 at 1 GPa)"
    assert mo.Case.parse(deep.to_toml()) == deep
    for changes, says in (
        ({"redox.buffer": "none", "redox.buffer_pressure": "1 GPa"}, "no published pressure term"),
        ({"redox.buffer_pressure": "1 kg"}, "unit of mass"),
        (
            {
                "redox.oxygen_fugacity": "none",
                "redox.buffer": "none",
                "redox.oxygen": "1e21 kg",
                "redox.buffer_pressure": "1 GPa",
            },
            "no buffer",
        ),
    ):
        with pytest.raises(InputError, match=says):
            case.replace(changes)
