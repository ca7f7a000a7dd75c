"""Iron of a cell: its melt and crystals, and the flux of melt between two cells."""

import numpy as np
import pytest
import sympy

from mocoupled.closures.iron_magnesium import exchange
from mocoupled.reservoirs.column_iron import Iron, Side, melt_composition, separated

IRON = Iron(0.1, lambda P: np.full(np.shape(P), 0.3), 700.0, 6e-9)
BULK = Iron(0.1, IRON.exchange, 700.0, 6e-9, density=False)  # iron that does not act on densities


def grown(phi):
    """A flux of melt phi^2 (1 - phi), and its growing and shrinking parts."""
    flux, top = phi**2 * (1 - phi), 4 / 27
    return (flux, top) if phi < 2 / 3 else (top, flux)


def flux(below, above, iron=IRON, contrast=300.0):
    """Heat and iron carried upwards between cells of (melt fraction, composition); L = 1."""
    sides = []
    for phi, c in (above, below):
        X = float(melt_composition(c, phi, 0.3))
        sides.append(Side(*(sympy.Float(x) for x in (*grown(phi), X, exchange(X, 0.3)))))
    fluxes = separated(iron, *sides)
    numbers = {
        "face_solid_density": 4000.0 + contrast,
        "face_melt_density": 4000.0,
        "face_latent_heat": 1.0,
        "face_iron_heat": 0.0,
    }
    at = {sympy.Symbol(name, real=True): value for name, value in numbers.items()}
    return tuple(
        float(sympy.sympify(e).subs(dict(fluxes.definitions)).subs(at)) for e in (fluxes.heat, fluxes.iron)
    )


@pytest.mark.parametrize("phi", [0.0, 1e-6, 0.3, 0.999, 1.0])
@pytest.mark.parametrize("c", [1e-4, 0.1, 0.6, 1 - 1e-9])
@pytest.mark.parametrize("K", [0.05, 0.3, 1.0, 2.0])
def test_melt_and_crystals_add_up(phi, c, K):
    """phi X_l + (1 - phi) X_s = c, with the Fe/Mg of the crystals K times that of the melt, to rounding."""
    X = float(melt_composition(c, phi, K))
    assert 0 < X < 1
    assert phi * X + (1 - phi) * float(exchange(X, K)) == pytest.approx(c, rel=1e-9)


@pytest.mark.parametrize("phi", [0.05, 0.3, 0.5, 0.8, 0.99])
def test_cells_alike_exchange_their_flux(phi):
    """Between two cells alike the flux is that of the cell, and carries its X_l - X_s.

    The rounding takes 5 % at the peak, and less elsewhere.
    """
    heat, iron = flux((phi, 0.1), (phi, 0.1), BULK)
    exact = 300 * phi**2 * (1 - phi)
    assert 0.95 * exact <= heat <= exact
    X = float(melt_composition(0.1, phi, 0.3))
    assert iron == pytest.approx(heat * (X - exchange(X, 0.3)), rel=1e-12)


def test_an_ocean_without_crystals_exchanges_nothing():
    """Its crystals cannot sink, and no melt rises from a cell without melt.

    Nor does any melt sink: 3e-6 of the peak is more than a magma ocean that cools in 10 Myr exchanges.
    """
    assert flux((0.3, 0.1), (1.0, 0.1), BULK)[0] == pytest.approx(0.0, abs=1e-12)
    assert flux((0.0, 0.1), (0.3, 0.1), BULK)[0] == pytest.approx(0.0, abs=1e-12)


def test_the_flux_is_monotone():
    """It grows with the melt below and shrinks with the melt above."""
    phi = np.linspace(0.01, 0.99, 50)
    below = [flux((p, 0.1), (0.5, 0.1), BULK)[0] for p in phi]
    above = [flux((0.5, 0.1), (p, 0.1), BULK)[0] for p in phi]
    assert (np.diff(below) >= -1e-12).all() and (np.diff(above) <= 1e-12).all()


def test_dense_melt_sinks_and_takes_its_iron_along():
    """Iron turns the contrast of 100 kg/m3 of MgSiO3 around in a rich mush: melt then comes from above."""
    light = flux((0.3, 0.1), (0.3, 0.1), contrast=300.0)
    dense = flux((0.3, 0.5), (0.3, 0.5), contrast=100.0)
    assert light[0] > 0 and light[1] > 0
    assert dense[0] < 0 and dense[1] < 0
