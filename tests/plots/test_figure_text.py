"""Labels in figures: their places, numbers and formulas."""

import numpy as np
import pytest
from support.synthetic_run import drawn, stored

from mocoupled.plots import style


def test_more_names_than_room():
    many = stored(species=("H2O", "H2", "CO2", "CO", *(f"Q{k}" for k in range(2, 42))), graphite=False)
    named = [t.get_text() for t in drawn("partial-pressures", many).axes[0].texts]
    assert len(named) < 30 and any(t.startswith("+ ") and t.endswith(" more") for t in named)


def test_spread_keeps_order_distance_and_bounds():
    wanted = np.sort(np.random.default_rng(1).uniform(0, 1, 12)) ** 3
    placed = style.spread(wanted, 0.05)
    assert (np.diff(placed) > 0.05 - 1e-12).all() and placed[0] >= 0 and placed[-1] <= 1 + 1e-12
    np.testing.assert_allclose(style.spread(np.array([0.1, 0.5, 0.9]), 0.05), [0.1, 0.5, 0.9])


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1650.0, "1650 K"), (0.0294123, "0.02941 K"), (1.35e21, "1.35×10²¹ K"), (-9.5, "−9.5 K"),
        (1e-16, "10⁻¹⁶ K"),
        (0.0, "0 K"), (np.nan, "not a number"), (43210.7, "43211 K"), (-2.5e-5, "−2.5×10⁻⁵ K"),
        (np.inf, "infinite"),
    ],
)  # fmt: skip
def test_numbers_for_people(value, text):
    assert style.number(value, unit=" K") == text


def test_formulas():
    assert [style.formula(s) for s in ("H2O", "C(gr)", "C10H8", "C2H2,acetylene")] == [
        "H₂O",
        "C(gr)",
        "C₁₀H₈",
        "C₂H₂,acetylene",
    ]
