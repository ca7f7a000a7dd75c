"""What the tests of evolving redox share: the laws of ferric iron, and runs with them."""

import math
from functools import lru_cache

import numpy as np

import mocoupled as mo
from mocoupled.closures.law import find
from support.grey import grey

LN10 = math.log(10.0)


def law(name):
    """A law of ferric iron."""
    return find("ferric_iron", name)


def buffer(name, T):
    """log10 fO2 of a buffer at 1 bar."""
    return float(find("buffer", name)(T=T))


def share(name, T, log10_fO2, **more):
    """Fe3+/Fe by a law at an oxygen fugacity."""
    return 1 / (1 + math.exp(-float(law(name)(T=T, ln_fO2=LN10 * log10_fO2, **more))))


def log10_fO2(name, T, ferric, **more):
    """log10 fO2 at which the law has this share of ferric iron; the law is linear in ln fO2."""
    at_0, at_1 = (float(law(name)(T=T, ln_fO2=x, **more)) for x in (0.0, 1.0))
    return (math.log(ferric / (1 - ferric)) - at_0) / (at_1 - at_0) / LN10


@lru_cache
def lumped_run(name, **changes):
    """The run of a shipped case with a lumped mantle.

    Changes are of [redox]; those of other sections have `__` in place of the dot.
    """
    named = {
        key.replace("__", ".") if "__" in key else f"redox.{key}": value for key, value in changes.items()
    }
    return mo.run(grey(name).replace({"mantle.model": "lumped"} | named))


def iron_law_holds(run, name):
    """The stored share is that of the law at the stored temperature and oxygen fugacity, in every state."""
    L = law(name).evaluate(T=run.surface_temperature.values, ln_fO2=LN10 * run.log10_fO2.values)
    np.testing.assert_allclose(run.ferric_share, 1 / (1 + np.exp(-L)), rtol=1e-9)
