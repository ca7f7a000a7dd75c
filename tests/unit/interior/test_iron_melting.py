"""The melting curve of iron against the numbers that its paper prints."""

import pytest

from mocoupled.closures.registry import find


@pytest.mark.parametrize(
    ("pressure", "temperature", "error"),
    [(5.2, 1991.0, 0.1), (98.5, 3712.0, 1.0), (330.0, 6230.0, 20.0)],
)
def test_anzellini(pressure, temperature, error):
    """The anchors of both branches, and the extrapolation to the inner core, 6230 +- 500 K."""
    curve = find("core_melting", "iron-Anzellini2013")
    assert curve.evaluate(P=pressure * 1e9) == pytest.approx(temperature, abs=error)


def test_branches_meet():
    """At the triple point both branches are within 1 K, and the epsilon branch is steeper."""
    curve = find("core_melting", "iron-Anzellini2013")
    below, above = (float(curve.evaluate(P=p * 1e9)) for p in (98.499, 98.501))
    assert below == pytest.approx(above, abs=1.0)
    slopes = [float(curve.evaluate(P=(p + 1) * 1e9) - curve.evaluate(P=p * 1e9)) for p in (97.0, 99.0)]
    assert slopes[1] > slopes[0] > 0
