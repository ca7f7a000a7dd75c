"""Figures: all of them are drawn for every kind of run, with units, captions, marks and the same colours."""

import struct

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from support.synthetic_run import ATTRS, KINDS, drawn, lines, stored, texts

from mocoupled import plots
from mocoupled.plots import view

SIZES = {
    "overview": (1753, 1240),
    "temperature-melt-fraction": (1080, 999),
    "partial-pressures": (1080, 798),
    "reservoirs-H": (1080, 1074),
    "flux": (1080, 984),
}


@pytest.mark.parametrize(
    ("kind", "time_axis"), [*((kind, "log") for kind in KINDS), ("hydrogen and carbon", "linear")]
)
def test_every_figure_of_every_kind_of_run(kind, time_axis, tmp_path):
    result = stored(**KINDS[kind])
    paths = plots.draw(result, tmp_path / "new" / "figures", time_axis=time_axis)
    assert [p.stem for p in paths] == [
        name
        for name in plots.FIGURES
        if (name != "escape" or "escaped_mass" in result)
        # of runs with some: tests/runs/test_condensates_in_runs.py, tests/runs/test_sensitivities_of_runs.py
        and name not in ("condensates", "sensitivities")
        and (kind != "lumped mantle" or name not in ("mantle-profiles", "mantle-melt", "iron", "overturn"))
    ]
    assert sorted(p.name for p in paths[0].parent.iterdir()) == sorted(p.name for p in paths), (
        "no temporary files stay"
    )
    for path in paths:
        content = path.read_bytes()
        assert content[:8] == b"\x89PNG\r\n\x1a\n" and len(content) > 5000
        size = struct.unpack(">II", content[16:24])
        if path.stem in SIZES:
            assert size == SIZES[path.stem]


# those of condensates and of sensitivities need a run with some
@pytest.mark.parametrize(
    "name", [name for name in plots.FIGURES if name not in ("condensates", "sensitivities")]
)
def test_axes_have_units(name):
    for ax in drawn(name, stored()).axes:
        assert ax.get_ylabel().endswith(")") and " (" in ax.get_ylabel()
    last = {"mantle-profiles": "Melt fraction (kg/kg)", "overturn": "Density (kg/m³)"}
    assert drawn(name, stored()).axes[-1].get_xlabel() == last.get(name, "Time (yr)")


@pytest.mark.parametrize("status", ["interrupted", "failed"])
@pytest.mark.parametrize("name", plots.FIGURES)
def test_an_unfinished_run_is_marked(name, status):
    assert f"RUN {status.upper()}" in texts(drawn(name, stored(status=status)))
    assert not any("RUN" in t for t in texts(drawn(name, stored())))


@pytest.mark.parametrize("name", plots.FIGURES)
def test_caption(name):
    assert any(
        "synthetic" in t and "complete" in t and "mocoupled 0.1.0" in t for t in texts(drawn(name, stored()))
    )


@pytest.mark.parametrize("species", [("H2O", "H2"), ("H2O", "H2", "CO2", "CO", "CH4")])
def test_no_number_of_the_overview_touches_another(species):
    """Names and values of the end, as drawn: each text ends before the next one of its line begins."""
    figure = drawn("overview", stored(species=species, graphite=False))
    renderer = FigureCanvasAgg(figure).get_renderer()
    lines = {}
    for text in figure.texts:
        if text.get_fontsize() == 7.0:
            box = text.get_window_extent(renderer)
            lines.setdefault(round(text.get_position()[1], 6), []).append((box.x0, box.x1))
    rows = [sorted(boxes) for boxes in lines.values() if len(boxes) > 1]
    assert len(rows) == 5
    for boxes in rows:
        assert all(end + 2.0 < start for (_, end), (start, _) in zip(boxes, boxes[1:]))
        assert boxes[-1][1] < figure.bbox.width


def test_overview_says_why_it_ended_and_what_was_extrapolated():
    said = texts(drawn("overview", stored()))
    assert ATTRS["title"] in said and ATTRS["end_reason"] in said
    assert any("peridotite-Sossi2022 (T 40 %)" in t for t in said)


def test_colours_are_the_same_in_every_figure():
    species = ("H2O", "X2", "CO", "Y3")
    result = stored(species=species, graphite=False)
    seen = {}
    for name in ("partial-pressures", "mixing-ratios", "overview"):
        for ax in drawn(name, result).axes:
            for label, line in lines(ax).items():
                if label in species:
                    seen.setdefault(label, set()).add((line.get_color(), line.get_linestyle()))
    assert set(seen) == set(species) and all(len(looks) == 1 for looks in seen.values())
    assert len({look for looks in seen.values() for look in looks}) == len(species)
    assert view.prepare(stored(species=species[::-1], graphite=False)).styles == view.prepare(result).styles


def test_a_gas_alone_is_named():
    for name in ("partial-pressures", "mixing-ratios"):
        assert "H₂O" in texts(drawn(name, stored(species=("H2O",))))


def test_overturn_shows_both_states_and_the_verdict():
    """Steps from face to face: a layer keeps its value up to its top. The verdict is whole, its last caveat
    too."""
    verdict = "After an overturn 8 % of the mantle is denser: a made-up sentence. " * 9 + "And the caveat."
    result = stored(basal_layer=verdict)
    height = result.overturned_height.values / 1e3
    figure = drawn("overturn", result)
    assert verdict in " ".join(texts(figure))
    assert figure.axes[0].get_legend_handles_labels()[1] == ["as frozen", "overturned"]
    assert figure.axes[0].get_xlabel() == "Fe# (mol/mol, %)"
    for ax, quantity, scale in zip(figure.axes, ("iron", "density"), (100, 1)):
        for line, state in zip(ax.get_lines(), ("frozen", "overturned")):
            (x, y), values = line.get_data(), result[f"{state}_{quantity}"].values
            np.testing.assert_array_equal(x[::2], scale * values)
            np.testing.assert_array_equal(x[1::2], scale * values)
            np.testing.assert_allclose(0.5 * (y[::2] + y[1::2]), height, rtol=1e-12)
            assert y[0] == 0.0 and (y[1:-1:2] == y[2::2]).all() and (np.diff(y) >= 0).all()
            assert ax.get_ylim() == (0.0, y[-1])


def test_a_run_without_an_overturned_mantle_says_so():
    assert "this run has no overturned mantle" in texts(drawn("overturn", stored(column=False)))
    assert "overturn" not in plots.figures_of(stored(column=False))
