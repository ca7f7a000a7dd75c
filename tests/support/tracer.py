"""A column whose cells carry a tracer beside the entropy: the second component that no planet has yet."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mocoupled.dae.declare.field import Component, Field, Link, places, profile
from mocoupled.dae.declare.model import Model
from mocoupled.planet.assembly import Planet

MIXED = 1e14  # kg/s


def with_tracer(planet: Planet) -> Planet:
    """The planet with a tracer in every cell, mixed through every face (MIXED), 1 below mid-depth."""
    model, field = planet.model, planet.model.field
    assert field is not None
    (old,) = field.places
    entropy, tracer = places("entropy", "tracer")
    names = {
        getattr(old, word): getattr(entropy, word)
        for word in ("here", "above", "below", "first", "second", "last")
    }
    (heat,) = field.components
    changed = replace(heat, storage=heat.storage.xreplace(names), flux=heat.flux.xreplace(names))
    start = np.where(np.arange(field.cells) < field.cells // 2, 0.0, 1.0)
    mass = profile("cell_mass")
    added = Component(
        "tracer",
        "kg/kg",
        "mass fraction of the tracer",
        start=start,
        storage=mass * tracer.here,
        flux=-MIXED * (tracer.above - tracer.below),
        scale=1e-3,
    )
    return replace(planet, model=_renamed(model, field, (changed, added), names))


def _renamed(model: Model, field: Field, components: tuple[Component, ...], names: dict) -> Model:
    """The model with these components, the symbols of the only one replaced, and a link to the tracer."""
    both = replace(
        field,
        components=components,
        definitions=tuple((symbol, e.xreplace(names)) for symbol, e in field.definitions),
        outputs=tuple(replace(o, expression=o.expression.xreplace(names)) for o in field.outputs),
    )
    links = [replace(link, expression=link.expression.xreplace(names)) for link in model.links]
    (_, tracer) = places(*(component.name for component in components))
    links.append(Link("tracer_mass", "total", profile("cell_mass") * tracer.here, "kg", "mass of the tracer"))
    inflows = tuple(replace(inflow, component="entropy") for inflow in model.inflows)
    return replace(model, field=both, links=tuple(links), inflows=inflows)
