"""A comparison's Dataset, figure, printed page and files."""

import io
import math
import struct
import sys

import numpy as np
import pytest
from rich.console import Console
from support.places import TESTS

from mocoupled import plots
from mocoupled.cli.pages.comparison import compare_factsage
from mocoupled.comparison import side_by_side as comparing
from mocoupled.comparison.result_dataset import dataset
from mocoupled.constants import BAR
from mocoupled.errors import InputError

EXAMPLES = TESTS / "factsage"


def test_dataset(table_e):
    result = dataset(table_e)
    assert result.pressure.dims == ("record", "solver", "species") and result.pressure.shape == (8, 4, 5)
    assert all(v.attrs["units"] and v.attrs["long_name"] for v in result.data_vars.values())
    entry = result.isel(record=3).sel(solver="full", species="CO")
    assert float(entry.difference) == pytest.approx(
        math.log10(float(entry.pressure) / float(entry.theirs)), rel=1e-12
    )
    assert np.isnan(result.sel(solver="cea").pressure).all() and "FactSage 8.0" not in result.attrs["title"]
    assert np.isnan(
        result.difference.values[
            result.theirs.transpose("record", "species").values[:, None, :].repeat(4, 1) == 0
        ]
    ).all()
    assert result.attrs["method_full"].startswith("41 gases") or "gases of" in result.attrs["method_full"]


def test_figure(table_e, tmp_path):
    result = dataset(table_e)
    (path,) = plots.draw_comparison(result, tmp_path / "new", "appendix-E")
    content = path.read_bytes()
    assert (
        path.name == "appendix-E.png"
        and content[:8] == b"\x89PNG\r\n\x1a\n"
        and struct.unpack(">II", content[16:24]) == (1753, 1240)
    )
    assert [p.name for p in path.parent.iterdir()] == ["appendix-E.png"], "no temporary files stay"
    (pdf,) = plots.draw_comparison(result.isel(record=[0]), tmp_path, "one", "pdf")
    assert pdf.read_bytes().startswith(b"%PDF")
    with pytest.raises(InputError, match="did you mean 'png'"):
        plots.draw_comparison(result, tmp_path, format="pgn")
    with pytest.raises(InputError, match="not a comparison, or it has no records"):
        plots.draw_comparison(result.isel(record=[]), tmp_path)
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match="this is a file"):
        plots.draw_comparison(result, tmp_path / "file")


def test_figure_shows_the_numbers(table_e):
    """Circles are what the table prints, marks what each method computes, the panel below their difference in
    dex."""
    result = dataset(table_e)
    figure = plots.comparison._page(result)
    top, low = figure.axes[:2]
    drawn = {ax: {line.get_label(): line for line in ax.get_lines()} for ax in (top, low)}
    for j, species in enumerate(result.species.values):
        theirs = result.theirs.values[:, j] / BAR
        np.testing.assert_allclose(
            drawn[top][f"theirs {species}"].get_ydata(), theirs[theirs > 0], rtol=1e-12
        )
        for solver in ("ours", "full", "oracle"):
            expected = result.difference.sel(solver=solver, species=species).values
            np.testing.assert_array_equal(drawn[low][f"{solver} {species}"].get_ydata(), expected)
    assert len(drawn[top]["_zero CH4"].get_xdata()) == 3, "printed zeros are marked"
    legend = [t.get_text() for t in figure.texts]
    assert "CH₄" in legend and "printed" in legend and "NASA CEA" not in legend
    assert top.get_ylabel().endswith("(bar)") and low.get_ylabel().endswith("(dex)")


def test_pages_of_a_long_table(table_e, tmp_path):
    import xarray

    long = xarray.concat(
        [dataset(table_e), dataset(table_e[:1])],
        dim="record",
        join="outer",
        data_vars="all",
        combine_attrs="override",
    )
    assert [p.name for p in plots.draw_comparison(long, tmp_path)] == ["comparison.png", "comparison-2.png"]


def test_page_and_files(monkeypatch, tmp_path):
    """What the command prints: every species, the graphite, the reasons, the largest difference; and its
    files."""
    monkeypatch.setitem(sys.modules, "cea", None)
    page = io.StringIO()
    files = compare_factsage(
        [EXAMPLES / "equilib_brackets.txt", "bower2022_appendix_E"], Console(file=page, width=150), tmp_path
    )
    text = page.getvalue()
    assert [f.name for f in files] == [
        "equilib_brackets.png",
        "equilib_brackets-residuals.png",
        "equilib_brackets.csv",
        "bower2022_appendix_E.png",
        "bower2022_appendix_E-residuals.png",
        "bower2022_appendix_E.csv",
    ]
    assert all(f.is_file() for f in files) and len(list(tmp_path.iterdir())) == 6
    for words in (
        "Bower et al. 2022, Appendix E",
        "3oc-C1-IW+0.5, FactSage: 1388 K, 793.669 bar, log10 fO2 -12.2068",
        "known offsets",
        "largest difference",
        "not installed: pip install 'mocoupled[cea]'",
        "C(gr), mol",
        "0.35845",
        "-7.9 %",
        "within 0.03 dex, or as printed",
    ):
        assert words in text, words
    lines = files[5].read_text().splitlines()
    assert lines[0].startswith("record,program,temperature [K],species") and len(lines) == 1 + 8 * 5 * 3
    cells = next(
        line for line in lines if line.startswith("3oc-C1-IW+0.5,FactSage,1388,CO,48.9,0.05,full")
    ).split(",")
    assert float(cells[-1]) == pytest.approx(math.log10(float(cells[-2]) / 48.9), abs=1e-6)


def test_a_bad_table_stops_before_anything_is_computed(monkeypatch, tmp_path):
    monkeypatch.setattr(comparing, "problem", lambda record: pytest.fail("computed"))
    with pytest.raises(InputError, match="no such file"):
        compare_factsage(
            ["bower2022_appendix_E", "nosuch.csv"], Console(file=io.StringIO()), tmp_path / "out"
        )
    assert not (tmp_path / "out").exists()
