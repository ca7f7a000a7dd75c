"""Minor ticks as one artist, and the PNG of a page: the pixels of matplotlib and of Pillow."""

from __future__ import annotations

import io

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from mocoupled.plots.minor_ticks import draw_minor_ticks
from mocoupled.plots.png_file import png
from mocoupled.plots.settings import plain
from mocoupled.plots.style import INK, save, set_ticks

LIMITS = [
    ((1.0, 1e4), (1e-3, 1e3)),
    ((3.0, 7e9), (2e-3, 5e-2)),
    ((0.0, 4.0), (1.0, 1e2)),
    ((1e-2, 20.0), (0.0, 1.0)),
]


def panel(x: tuple[float, float], y: tuple[float, float], ours: bool) -> np.ndarray:
    """The pixels of a panel with a grid and a curve; a limit of 0 makes an axis linear."""
    with plain():
        figure = Figure(figsize=(3.1, 2.3), facecolor="white")
        ax = figure.add_axes((0.2, 0.2, 0.7, 0.7))
        for axis, limits in ((ax.xaxis, x), (ax.yaxis, y)):
            if limits[0] > 0:
                axis._set_axes_scale("log")
        ax.set(xlim=x, ylim=y)
        ax.plot(x, y, color="#D55E00", linewidth=1.5)
        set_ticks(ax.xaxis, x[0] > 0, x)
        set_ticks(ax.yaxis, y[0] > 0, y)
        ax.tick_params(which="both", direction="in", top=True, right=True, colors=INK)
        ax.grid(True, which="major", color="#E6E6E6", linewidth=0.6)
        ax.set_axisbelow(True)
        if ours:
            draw_minor_ticks(ax)
        drawn = io.BytesIO()
        figure.savefig(drawn, format="rgba", dpi=150)
    return np.frombuffer(drawn.getvalue(), dtype=np.uint8)


@pytest.mark.parametrize(("x", "y"), LIMITS)
def test_minor_ticks_have_the_pixels_of_matplotlib(x: tuple[float, float], y: tuple[float, float]) -> None:
    assert np.array_equal(panel(x, y, True), panel(x, y, False))


def test_there_is_one_artist_a_side_and_no_minor_tick_of_matplotlib() -> None:
    with plain():
        ax = Figure().add_subplot(xscale="log", xlim=(1.0, 1e4))
        set_ticks(ax.xaxis, True, (1.0, 1e4))
        draw_minor_ticks(ax)
    assert [line.get_label() for line in ax.lines] == ["_minor", "_minor"]
    assert len(ax.xaxis.get_minorticklocs()) == 0 and len(ax.lines[0].get_xdata()) > 20


@pytest.mark.parametrize("level", [1, 2, 9])
def test_a_png_has_the_pixels_and_the_texts(level: int) -> None:
    page = np.random.default_rng(1).integers(0, 256, (7, 5, 4), dtype=np.uint8)
    texts = {"Title": "E1: flux", "Software": "mocoupled, Grüße, 水"}
    image = Image.open(io.BytesIO(png(page, 150, texts, level)))
    image.load()
    assert np.array_equal(np.array(image), page)
    assert image.info["Title"] == "E1: flux" and image.info["Software"] == texts["Software"]
    assert image.info["dpi"] == pytest.approx((150, 150), abs=0.02)  # whole dots a metre


def test_a_saved_figure_has_the_pixels_of_savefig(tmp_path) -> None:
    with plain():
        figure = Figure(figsize=(2.03, 1.57), facecolor="white")
        figure.text(0.3, 0.5, "H₂O")
        path = save(figure, tmp_path / "a.png", {"case_name": "E1", "source": "mocoupled 0"})
        figure.savefig(tmp_path / "b.png", dpi=150)
    ours, theirs = (np.array(Image.open(p).convert("RGBA")) for p in (path, tmp_path / "b.png"))
    assert np.array_equal(ours, theirs)
