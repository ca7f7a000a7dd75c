"""The flux of melt out of crystals as two parts by the cells on either side, of light and of dense melt."""

import numpy as np
import pytest

from mocoupled.reservoirs.column_tables import rising_part

ENTROPY = np.linspace(0.0, 1.0, 201)
BUMP = np.clip(ENTROPY - 0.2, 0, 1) ** 2 * np.clip(0.9 - ENTROPY, 0, 1)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_parts_are_monotone(sign):
    """One part never falls with the entropy, the other never rises; both add up to the flux, to rounding."""
    q = np.stack([sign * BUMP, sign * 3 * BUMP])
    rising = rising_part(q)
    falling = q - rising
    assert (np.diff(rising, axis=1) >= 0).all()
    assert (np.diff(falling, axis=1) <= 1e-16).all()
    np.testing.assert_allclose(rising + falling, q, atol=1e-17)


def test_dense_melt_is_the_mirror_of_light_melt():
    """With the sign of the flux the two parts change their places."""
    light, dense = rising_part(BUMP[None]), rising_part(-BUMP[None])
    np.testing.assert_allclose(dense, -(BUMP[None] - light), atol=1e-16)
