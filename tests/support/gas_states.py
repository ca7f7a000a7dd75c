"""States of gases: closed systems whose every point converges, and pressures of a state."""

import warnings

import mocoupled as mo
from mocoupled.constants import BAR

SILICA = ("SiO2(Lqz)", "SiO2(hqz)", "SiO2(L)")


def bars(state):
    """The partial pressures of a state: {species: bar}."""
    return {str(s): float(state.pressure.sel(species=s)) / BAR for s in state.species.values}


def solved(*arguments, **options):
    """A result whose every point converged, without a warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return solved_with_warnings(*arguments, **options)


def solved_with_warnings(*arguments, **options):
    """A result whose every point converged; warnings are allowed."""
    state = mo.gas_equilibrium(*arguments, **options)
    assert bool(state.converged.all())
    return state
