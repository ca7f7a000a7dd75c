"""Figures do not depend on the user's settings of matplotlib, and leave them as they are."""

import os
import subprocess
import sys
from pathlib import Path

import matplotlib
import pytest
from support.places import PACKAGE, TESTS
from support.waiting import HANG

import mocoupled as mo
from mocoupled import plots
from mocoupled.plots import settings
from mocoupled.plots.evolution import FIGURES

STORED = TESTS / "stored_0_1" / "complete"
HOSTILE = {
    "text.usetex": True, "font.family": ["Nimbus Nonsense"], "font.size": 31.0, "axes.facecolor": "black",
    "savefig.facecolor": "red", "savefig.dpi": 20, "savefig.bbox": "tight",
    "savefig.transparent": True, "lines.linewidth": 9.0, "axes.grid": True, "axes.spines.top": False,
    "figure.constrained_layout.use": True, "axes.formatter.use_mathtext": True,
    "axes.unicode_minus": False, "xtick.direction": "in", "path.effects": [], "agg.path.chunksize": 100,
    "legend.fontsize": 30, "image.cmap": "gray", "axes.xmargin": 0.4,
}  # fmt: skip
DRAW = (
    "import sys, mocoupled as mo; from mocoupled import plots; plots.draw(mo.read(sys.argv[1]), "
    "sys.argv[2], ['partial-pressures'])"
)


def test_figures_are_those_of_the_clean_settings(tmp_path, monkeypatch):
    result = mo.read(STORED)
    names = ["temperature-melt-fraction", "partial-pressures"]
    clean = [path.read_bytes() for path in plots.draw(result, tmp_path / "clean", names)]
    with matplotlib.rc_context(HOSTILE):
        before = dict(matplotlib.rcParams)
        drawn = [path.read_bytes() for path in plots.draw(result, tmp_path / "hostile", names)]
        assert dict(matplotlib.rcParams) == before  # also after they have been drawn
        with pytest.raises(mo.InputError):
            plots.draw(result, tmp_path, "no such figure")
        with pytest.raises(ZeroDivisionError), settings.plain():
            raise ZeroDivisionError
        assert dict(matplotlib.rcParams) == before
    assert drawn == clean


def test_every_figure_is_made_within_the_settings():
    """Of the code, not of a figure: `Figure` is called in one place, which refuses without the settings."""
    places = [
        path.name
        for path in Path(plots.__file__).parent.glob("*.py")
        if "Figure(" in path.read_text(encoding="utf-8").replace("new_figure(", "").replace("_Figure(", "")
    ]
    assert places == ["settings.py"]
    with pytest.raises(RuntimeError, match="outside of the settings"):
        settings.new_figure(figsize=(1, 1))
    assert FIGURES["partial-pressures"](mo.read(STORED)).get_facecolor() == (1.0, 1.0, 1.0, 1.0)


def test_figures_are_drawn_whatever_file_and_backend_the_user_has(tmp_path):
    """A matplotlibrc that asks for LaTeX, and a backend that does not exist, which keeps matplotlib from
    loading."""
    (tmp_path / "matplotlibrc").write_text(
        "text.usetex: True\nfont.size: 31\nsavefig.dpi: 20\nbackend: NoSuch\nthis is no line\n"
    )
    home = {
        "PYTHONPATH": str(PACKAGE.parent),
        "MATPLOTLIBRC": str(tmp_path / "matplotlibrc"),
        "MPLBACKEND": "NoSuchBackend",
    }
    done = subprocess.run(
        [sys.executable, "-c", DRAW, STORED, tmp_path / "drawn"],
        env=os.environ | home,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=HANG,
    )
    assert done.returncode == 0, done.stderr
    clean = plots.draw(mo.read(STORED), tmp_path / "clean", ["partial-pressures"])
    assert [(tmp_path / "drawn" / path.name).read_bytes() == path.read_bytes() for path in clean] == [True]
