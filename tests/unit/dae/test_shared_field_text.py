"""Fields that differ in numbers alone share one generated text, and keep their tables; others do not."""

from dataclasses import replace

import numpy as np

from mocoupled.dae.declare.field import ABOVE, BELOW, FIRST, HERE, Component, Field, Link, profile
from mocoupled.dae.declare.model import Model
from mocoupled.dae.generate import field_text
from mocoupled.dae.leaves.curve_tables import Table, externals
from mocoupled.dae.leaves.external import External


def line(heat, width, warmth, shared=True):
    """A line of 5 cells with heat u^heat from a table, in a column of its own or of the same table."""
    x = np.linspace(0.0, 2.0, 401)

    def table(power):
        rows = np.ones((5, 1, 1))
        return Table(0.0, x[1], rows * x**power, rows * power * x ** (power - 1))

    first = table(heat)
    second = first if shared else table(heat + 1)
    of_heat, of_source = (
        externals(name, t, ["of"])["of"] for name, t in (("heat", first), ("source", second))
    )
    component = Component(
        "u",
        "1",
        "temperature",
        start=np.linspace(0.5, 1.5, 5),
        storage=of_heat(HERE) * profile("width"),
        flux=BELOW - ABOVE,
        source=of_source(HERE),
    )
    edge = External("edge", lambda orders, u: warmth * (u if orders[0] == 0 else 1.0 - orders[0] // 2))
    links = (Link("warm", "edge", edge(FIRST)),)
    return Model("line", field=Field((component,), profiles={"width": np.full(5, width)}), links=links)


def made(monkeypatch, *models):
    """The stencils of models, and how many texts were generated."""
    calls, text = [], field_text._text
    monkeypatch.setattr(field_text, "_generated", type(field_text._generated)())
    monkeypatch.setattr(field_text, "_text", lambda *a: calls.append(1) or text(*a))
    return [field_text.stencil(model, model.field) for model in models], len(calls)


def test_numbers_alone_do_not_generate_again(monkeypatch):
    """Tables, profiles and leaves of the second are those of the second: cubics are exact up to u^3."""
    u = np.array([0.3, 0.7, 1.1, 1.3, 1.9])
    (first, second), texts = made(monkeypatch, line(2, 1.0, 3.0), line(3, 0.5, 5.0))
    assert texts == 1 and first.source == second.source
    for stencil, power, width, warmth in ((first, 2, 1.0, 3.0), (second, 3, 0.5, 5.0)):
        (storage,), (slope,), (source,), *_ = stencil.cells(u)
        np.testing.assert_allclose(storage, width * u**power, rtol=1e-13)
        np.testing.assert_allclose(slope, width * power * u ** (power - 1), rtol=1e-13)
        np.testing.assert_allclose(source, u**power, rtol=1e-13)
        assert stencil.edges([0.3, 0.7, 1.9])[0] == [warmth * 0.3]


def test_what_the_text_depends_on_generates_again(monkeypatch):
    """Two tables in place of one, and another expression."""
    plain, apart = line(2, 1.0, 3.0), line(2, 1.0, 3.0, shared=False)
    (component,) = plain.field.components
    steeper = replace(component, flux=2 * component.flux)
    other = replace(plain, field=replace(plain.field, components=(steeper,)))
    (first, second, third), texts = made(monkeypatch, plain, apart, other)
    assert texts == 3
    u = np.linspace(0.5, 1.5, 5)
    np.testing.assert_allclose(second.cells(u)[2][0], u**3, rtol=1e-13)
    faces = [stencil.faces(u[:-1], u[1:])[0][0] for stencil in (first, third)]
    np.testing.assert_allclose(faces[1], 2 * faces[0], rtol=1e-15)
